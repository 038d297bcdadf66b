"""Who may open which page. Closed by default: what is not in the table is refused."""

from __future__ import annotations

from enum import Enum
from urllib.parse import urlsplit

from flask import Flask, abort, g, redirect, request, session, url_for
from flask.typing import ResponseReturnValue

from ..config import LOOPBACK
from ..errors import NotAllowed, NotFound
from ..models import Role
from ..services import accounts
from ..services.accounts import SignedIn
from ..wiring import wired


class Who(Enum):
    """Whom a page is for, besides the roles."""

    EVERYBODY = "everybody"
    SIGNED_IN = "anybody who is signed in"
    TWILIO = "Twilio, by signature"
    TOKEN = "a program, by its token"  # noqa: S105 - `web.api.calls` says which call needs what of it


RECORD = frozenset({Role.CUSTODY_OFFICER, Role.INSPECTOR})
"""Who may open a child's record: at their own suite, or any suite of their force."""

FIGURES = frozenset({Role.INSPECTOR, Role.MANAGER})
"""Who may see figures: an inspector of the force, a manager of the authority with small counts kept back."""

RULES: dict[str, Who | Role | frozenset[Role]] = {
    "static": Who.EVERYBODY,
    "health.healthz": Who.EVERYBODY,
    "health.readyz": Who.EVERYBODY,
    "start.home": Who.EVERYBODY,
    "start.sign_in": Who.EVERYBODY,
    "start.sign_in_demo": Who.EVERYBODY,  # 404 unless this is the demonstration
    "start.sign_out": Who.SIGNED_IN,
    "hooks.message": Who.TWILIO,
    "hooks.status": Who.TWILIO,
    "desk.board": Role.CUSTODY_OFFICER,
    "desk.new_detention": Role.CUSTODY_OFFICER,
    "desk.results": Role.CUSTODY_OFFICER,
    "desk.ask": Role.CUSTODY_OFFICER,
    "desk.show_request": Role.CUSTODY_OFFICER,
    "desk.progress": Role.CUSTODY_OFFICER,
    "desk.withdraw": Role.CUSTODY_OFFICER,
    "desk.asked": Role.CUSTODY_OFFICER,
    "desk.start_search": Role.CUSTODY_OFFICER,
    "desk.stop_search": Role.CUSTODY_OFFICER,
    "desk.record_call": Role.CUSTODY_OFFICER,
    "desk.record_arrival": Role.CUSTODY_OFFICER,
    "record.board": RECORD,
    "record.take_over": Role.CUSTODY_OFFICER,
    "record.show": RECORD,
    "record.log": RECORD,
    "record.record_call": Role.CUSTODY_OFFICER,
    "record.ask_for_non_secure": Role.CUSTODY_OFFICER,
    "record.end": RECORD,
    "record.reopen": RECORD,
    "certificate.show": RECORD,
    "certificate.as_pdf": RECORD,
    "duty.board": Role.DUTY_OFFICER,
    "duty.accept": Role.DUTY_OFFICER,
    "duty.refuse": Role.DUTY_OFFICER,
    "duty.report_beds": Role.DUTY_OFFICER,
    "duty.confirm_beds": Role.DUTY_OFFICER,
    "duty.take_out": Role.DUTY_OFFICER,
    "duty.put_back": Role.DUTY_OFFICER,
    "duty.record_arrival": Role.DUTY_OFFICER,
    "rota.now": Who.SIGNED_IN,
    "rota.manage": Role.MANAGER,
    "rota.add_contact": Role.MANAGER,
    "rota.change_contact": Role.MANAGER,
    "rota.remove_contact": Role.MANAGER,
    "rota.send_check": Role.MANAGER,
    "rota.make_fallback": Role.MANAGER,
    "rota.make_manager": Role.MANAGER,
    "rota.add_shift": Role.MANAGER,
    "rota.remove_shift": Role.MANAGER,
    "rota.export_csv": Role.MANAGER,
    "rota.import_csv": Role.MANAGER,
    "rota.add_override": Role.MANAGER,
    "rota.remove_override": Role.MANAGER,
    "rota.set_policy": Role.MANAGER,
    "rota.set_texting": Role.MANAGER,
    "figures.show": FIGURES,
    "figures.table_csv": FIGURES,
    "figures.returns_csv": Role.INSPECTOR,  # a line for each child: for whoever may see records
    "api.suites": Who.TOKEN,
    "api.authorities": Who.TOKEN,
    "api.places": Who.TOKEN,
    "api.report_beds": Who.TOKEN,
    "api.search_places": Who.TOKEN,
    "api.open_detention": Who.TOKEN,
    "api.show_detention": Who.TOKEN,
    "api.ask": Who.TOKEN,
    "api.requests_of_authority": Who.TOKEN,
    "api.show_request": Who.TOKEN,
    "api.accept": Who.TOKEN,
    "api.refuse": Who.TOKEN,
    "api.withdraw": Who.TOKEN,
    "api.openapi": Who.TOKEN,  # the description, for whoever asks
}

LARGEST_KEY = 2**63 - 1
"""The largest number that a column of either database takes."""

HOME = {
    Role.CUSTODY_OFFICER: "desk.board",
    Role.DUTY_OFFICER: "duty.board",
    Role.MANAGER: "rota.manage",
    Role.INSPECTOR: "record.board",
}
"""The first page of each role."""


def init_app(app: Flask) -> None:
    """Put the guard before every request."""
    app.before_request(guard)


def guard() -> ResponseReturnValue | None:
    """Let through what the table allows. Not signed in: to the sign-in page, and back."""
    g.person = None
    if wired().settings.demo and not _from_this_machine():
        abort(403)  # anybody may be anybody in the demonstration: it answers its own machine only
    endpoint = request.endpoint
    if endpoint is None:
        return None  # no such page: Flask's own 404
    rule = RULES.get(endpoint)
    if rule is None:
        abort(403)
    if rule is Who.TWILIO or endpoint == "static":
        return None
    _refuse_what_no_column_takes()
    if rule is Who.TOKEN:
        return None  # a session opens nothing there, and is not looked at
    g.person = _person_of_session()
    if rule is Who.EVERYBODY:
        return None
    if g.person is None:
        back = request.path if request.method == "GET" else None
        return redirect(url_for("start.sign_in", next=back), 303)
    allowed = {rule} if isinstance(rule, Role) else rule
    if not isinstance(allowed, Who) and g.person.role not in allowed:
        raise NotAllowed(f"person {g.person.id} asked for {endpoint}")
    return None


def _from_this_machine() -> bool:
    # The name as well as the address: a name of somebody else's may be made to point here.
    return request.remote_addr in LOOPBACK and urlsplit(f"//{request.host}").hostname in LOOPBACK


def _refuse_what_no_column_takes() -> None:
    # No page of ours sends these. A database answers them with an error of its own.
    for part in (request.view_args or {}).values():
        if ("\0" in part) if isinstance(part, str) else (part > LARGEST_KEY):
            raise NotFound("an address that names nothing")
    if any("\0" in value for _, value in request.form.items(multi=True)):
        abort(400)


def _person_of_session() -> SignedIn | None:
    if "person" not in session:
        return None
    try:
        return accounts.person(session["person"])
    except NotFound:  # disabled since
        session.clear()
        return None


def suite_of_officer() -> int:
    """The suite of the custody officer who is signed in."""
    suite_id = g.person.suite_id
    assert isinstance(suite_id, int)  # noqa: S101 - the guard has checked the role; the database ties the suite to it
    return suite_id


def suites_of_person() -> frozenset[int]:
    """The suites whose records the custody officer or inspector who is signed in may see."""
    return accounts.suites_of(g.person)


def authority_of_officer() -> str:
    """The authority of the duty officer or manager who is signed in."""
    code = g.person.authority_code
    assert isinstance(code, str)  # noqa: S101 - as above
    return code
