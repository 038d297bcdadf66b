"""Every state in which a page can be met. That no page is missing here is a test's business."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ..world import PASSWORD

OFFICER, DUTY, MANAGER = "officer.wood-green", "duty.haringey", "manager.haringey"
INSPECTOR, ADMIN = "inspector.met", "admin.met"


@dataclass(frozen=True)
class State:
    """A page as somebody meets it."""

    name: str
    """Also the file name of its picture."""
    who: str | None
    path: str
    """With what the site names in braces."""
    site: str = "usual"
    form: Mapping[str, str] | None = None
    """What is posted to get there."""
    status: int = 200
    before: tuple[tuple[str, Mapping[str, str]], ...] = field(default=())
    """Posts that come first, in the same session."""


PASSWORD_TYPED = ("/sign-in", {"username": OFFICER, "password": PASSWORD})
ENROLLED = ("/sign-in", {"username": "manager.camden", "password": PASSWORD})
WRONG = {"code": "000000"}
HALF_TYPED = ("/account/keep", {"cf-address": "/desk/detentions/new", "age": "15", "sex": "male"})

STATES = (
    # --- before anybody is signed in
    State("start", None, "/", "demonstration"),
    State("sign-in", None, "/sign-in"),
    State("sign-in-wrong", None, "/sign-in", form={"username": "officer", "password": "wrong"}, status=422),
    State("sign-in-empty", None, "/sign-in", form={"username": ""}, status=422),
    State("set-up", None, "/set-up"),
    State("set-up-wrong", None, "/set-up", form={"username": "r.khan", "code": "x"}, status=422),
    State("second-factor", None, "/sign-in/second-factor", before=(PASSWORD_TYPED,)),
    State(
        "second-factor-wrong", None, "/sign-in/second-factor", form={"code": "1"}, status=422, before=(PASSWORD_TYPED,)
    ),
    State("code", None, "/sign-in/code", before=(ENROLLED,)),
    State("code-recovery", None, "/sign-in/code?recovery=1", before=(ENROLLED,)),
    State("code-wrong", None, "/sign-in/code", form=WRONG, status=422, before=(ENROLLED,)),
    State("not-there", OFFICER, "/nowhere", status=404),
    State("not-allowed", DUTY, "/desk", status=403),
    State("handset", None, "/handset/", "demonstration"),
    State("handset-phone", None, "/handset/phones/+447700900014", "demonstration"),
    # --- the booking desk
    State("board", OFFICER, "/desk"),
    State("board-empty", OFFICER, "/desk", "empty"),
    State("board-rough", OFFICER, "/desk", "rough"),
    State("form", OFFICER, "/desk/detentions/new"),
    State(
        "form-errors", OFFICER, "/desk/detentions/new", form={"age": "9", "kind": "secure", "avoid_1": "x"}, status=422
    ),
    State("out-of-scope", OFFICER, "/desk/detentions/new", form={"regime": "warrant"}),
    State("results", OFFICER, "/desk/detentions/{new}"),
    State("results-waiting", OFFICER, "/desk/detentions/{of_open}"),
    State("results-accepted", OFFICER, "/desk/detentions/{of_accepted}"),
    State("results-ended", OFFICER, "/desk/detentions/{ended}"),
    State("results-searching", OFFICER, "/desk/detentions/{searching}"),
    State("results-nobody-left", OFFICER, "/desk/detentions/{exhausted}"),
    State("results-forty", OFFICER, "/desk/detentions/{new}", "rough"),
    State("results-many-needs", OFFICER, "/desk/detentions/{needy}", "rough"),
    State("results-none-at-all", "officer.kentish-town", "/desk/detentions/{new}", "empty"),
    State("results-bad-search", OFFICER, "/desk/detentions/{new}/search", form={"until_day": "soon"}, status=422),
    State("compare", OFFICER, "/desk/detentions/{new}/compare?place={place}&place={other}"),
    State("compare-three", OFFICER, "/desk/detentions/{new}/compare?place=1&place=2&place=3", "rough"),
    State("compare-one", OFFICER, "/desk/detentions/{new}/compare?place={place}", status=422),
    State("request-open", OFFICER, "/desk/requests/{delivered}"),
    State("request-ring", OFFICER, "/desk/requests/{ring}"),
    State("request-refused", OFFICER, "/desk/requests/{refused}"),
    State("request-accepted", OFFICER, "/desk/requests/{accepted}"),
    State("request-expired", OFFICER, "/desk/requests/{expired}"),
    State("request-withdrawn", OFFICER, "/desk/requests/{withdrawn}"),
    State("request-rough", OFFICER, "/desk/requests/{open}", "rough"),
    State("request-no-twilio", OFFICER, "/desk/requests/{open}", "without-twilio"),
    State("request-bad-call", OFFICER, "/desk/requests/{open}/calls", form={"said": "", "words": "busy"}, status=422),
    # --- records
    State("records", OFFICER, "/records"),
    State("records-empty", OFFICER, "/records", "empty"),
    State("records-of-a-force", INSPECTOR, "/records"),
    State("records-given", "inspectorate", "/records"),
    State("record", OFFICER, "/records/{of_refused}"),
    State("record-certified", INSPECTOR, "/records/{certified}"),
    State("log", OFFICER, "/records/{of_accepted}/log"),
    State("end", OFFICER, "/records/{new}/end"),
    State("end-wrong", OFFICER, "/records/{new}/end", form={"kind": "not_transferred"}, status=422),
    State("end-ended", OFFICER, "/records/{ended}/end"),
    State("certificate", OFFICER, "/records/{certified}/certificate"),
    State("readers", INSPECTOR, "/records/{certified}/readers"),
    State("readers-wrong", INSPECTOR, "/records/{certified}/readers", form={"days": "x"}, status=422),
    State("handover", OFFICER, "/records/handover"),
    State("handover-empty", OFFICER, "/records/handover", "empty"),
    # --- the duty officer's phone
    State("duty", DUTY, "/duty"),
    State("duty-empty", DUTY, "/duty", "empty"),
    State("duty-rough", DUTY, "/duty", "rough"),
    State("duty-wrong", DUTY, "/duty/beds", form={"free-1": "4000", "seen-1": "1+1"}, status=422),
    State("duty-accept", DUTY, "/duty/requests/{open}/accept"),
    State("duty-refuse", DUTY, "/duty/requests/{open}/refuse"),
    State("duty-refuse-late", "duty.camden", "/duty/requests/{withdrawn}/refuse"),
    State("duty-out-of-service", DUTY, "/duty/places/{place}/out-of-service"),
    State(
        "duty-out-of-service-wrong",
        DUTY,
        "/duty/places/{place}/out-of-service",
        form={"reason": "x", "day": "soon"},
        status=422,
    ),
    # --- rotas, figures, people, one's account
    State("rota", OFFICER, "/rota"),
    State("rota-rough", MANAGER, "/rota", "rough"),
    State("rota-manage", MANAGER, "/rota/manage"),
    State("rota-wrong", MANAGER, "/rota/overrides", form={"contact": "1", "starts_day": "soon"}, status=422),
    State("rota-bad-file", MANAGER, "/rota/csv", form={}, status=422),
    State("figures", INSPECTOR, "/figures"),
    State("figures-of-an-authority", MANAGER, "/figures"),
    State("people", ADMIN, "/people"),
    State("people-wrong", ADMIN, "/people", form={"username": ""}, status=422),
    State("people-of-an-authority", "admin.haringey", "/people"),
    State("people-operator", "operator", "/people"),
    State("account", OFFICER, "/account"),
    State("account-codes", OFFICER, "/account/recovery-codes", form={}),
    State("account-kept", OFFICER, "/account/kept", before=(HALF_TYPED,)),
)
