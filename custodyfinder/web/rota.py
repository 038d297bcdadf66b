"""Who is on duty: for everybody; and an authority's contacts, rota, overrides and policy, for its manager."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from flask import Blueprint, Response, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from .. import clock
from ..domain import escalation
from ..domain.escalation import Policy, Step
from ..domain.rota import Day, Shift
from ..domain.wording import pages
from ..errors import BadInput, Conflict
from ..services import contacts, on_duty, policies, rota, rota_csv
from .access import authority_of_officer

bp = Blueprint("rota", __name__, url_prefix="/rota")

LARGEST_FILE = 64 * 1024


@bp.get("")
def now() -> ResponseReturnValue:
    """Who is on now and who is next, for every authority."""
    return render_template("rota/now.html", lines=on_duty.overview(now=clock.now()))


@bp.get("/manage")
def manage() -> ResponseReturnValue:
    """One authority's whole rota on one page."""
    return _manage()


def _manage(
    *, errors: dict[str, str] | None = None, wrong_lines: list[str] | None = None, part: str = ""
) -> ResponseReturnValue:
    code, at = authority_of_officer(), clock.now()
    texted, counts_wanted_at = policies.texting(code)
    page = render_template(
        "rota/manage.html",
        contacts=contacts.of_authority(code),
        shifts=rota.shifts_of(code),
        overrides=rota.overrides_of(code, now=at),
        problems=rota.problems(code, now=at),
        policy=policies.show(code),
        history=policies.history(code),
        texted=texted,
        counts_wanted_at=None if counts_wanted_at is None else rota_csv.clock(counts_wanted_at),
        days=rota_csv.DAYS,
        wall=rota_csv.clock,
        targets=pages.TARGETS,
        most_steps=escalation.MOST_STEPS,
        typed=request.form if part else {},
        part=part,
        errors=errors or {},
        wrong_lines=wrong_lines or [],
        saved="saved" in request.args,
    )
    return page, 422 if errors else 200


def _do(part: str, work: Callable[[], object]) -> ResponseReturnValue:
    """Do what a form of the page asks; show what cannot be at that form, with everything that was typed."""
    try:
        work()
    except rota_csv.BadRota as error:
        return _manage(errors={"file": error.public}, wrong_lines=error.wrong, part=part)
    except BadInput as error:
        return _manage(errors={error.field or part: error.public}, part=part)
    except Conflict as error:
        return _manage(errors={part: error.public}, part=part)
    return redirect(url_for(".manage", saved=1) + f"#{part.split('-')[0]}", 303)


def _who() -> dict[str, Any]:
    return {"authority_code": authority_of_officer(), "by": g.person.username, "now": clock.now()}


# --- contacts -------------------------------------------------------------------------------


def _given() -> contacts.Given:
    form = request.form
    return contacts.Given(**{name: form.get(name, "") for name in ("name", "role", "mobile", "landline")})


@bp.post("/contacts")
def add_contact() -> ResponseReturnValue:
    """Put somebody on the list."""
    return _do("contacts", lambda: contacts.add(_given(), **_who()))


@bp.post("/contacts/<int:contact_id>")
def change_contact(contact_id: int) -> ResponseReturnValue:
    """Change a name, a role or a number."""
    return _do(f"contacts-{contact_id}", lambda: contacts.change(contact_id, _given(), **_who()))


@bp.post("/contacts/<int:contact_id>/remove")
def remove_contact(contact_id: int) -> ResponseReturnValue:
    """Take somebody off the list."""
    return _do(f"contacts-{contact_id}", lambda: contacts.remove(contact_id, **_who()))


@bp.post("/contacts/<int:contact_id>/check")
def send_check(contact_id: int) -> ResponseReturnValue:
    """Text a code, to be texted back."""
    return _do(f"contacts-{contact_id}", lambda: contacts.send_check(contact_id, **_who()))


@bp.post("/contacts/<int:contact_id>/fallback")
def make_fallback(contact_id: int) -> ResponseReturnValue:
    """This one is always there."""
    return _do(f"contacts-{contact_id}", lambda: contacts.make_fallback(contact_id, **_who()))


@bp.post("/contacts/<int:contact_id>/manager")
def make_manager(contact_id: int) -> ResponseReturnValue:
    """This one is told of gaps, opt-outs and silence."""
    return _do(f"contacts-{contact_id}", lambda: contacts.make_manager(contact_id, **_who()))


# --- the week -------------------------------------------------------------------------------


@bp.post("/shifts")
def add_shift() -> ResponseReturnValue:
    """Put somebody on duty every week."""

    def add() -> None:
        day = request.form.get("day", "")
        if day not in [str(int(each)) for each in Day]:
            raise BadInput("day", field="day", public=pages.DAY_MISSING)
        shift = Shift(_contact(), Day(int(day)), _minutes("starts"), _minutes("ends"))
        rota.add_shift(shift, **_who())

    return _do("week", add)


@bp.post("/shifts/<int:shift_id>/remove")
def remove_shift(shift_id: int) -> ResponseReturnValue:
    """Take a shift out."""
    return _do("week", lambda: rota.remove_shift(shift_id, **_who()))


@bp.get("/csv")
def export_csv() -> ResponseReturnValue:
    """The week as CSV."""
    return Response(
        rota_csv.export(authority_of_officer()),
        mimetype="text/csv",
        headers={"Content-Disposition": "attachment; filename=rota.csv"},
    )


@bp.post("/csv")
def import_csv() -> ResponseReturnValue:
    """The week from CSV: all of it, or nothing."""

    def load() -> None:
        file = request.files.get("file")
        content = file.read(LARGEST_FILE) if file else b""
        if not content:
            raise rota_csv.BadRota([pages.FILE_MISSING])
        rota_csv.load(content, **_who())

    return _do("week", load)


@bp.post("/overrides")
def add_override() -> ResponseReturnValue:
    """Somebody else, for one time."""

    def add() -> None:
        starts, ends = _wall("starts"), _wall("ends")
        rota.add_override(_contact(), starts=starts, ends=ends, **_who())

    return _do("overrides", add)


@bp.post("/overrides/<int:override_id>/remove")
def remove_override(override_id: int) -> ResponseReturnValue:
    """As the week has it, after all."""
    return _do("overrides", lambda: rota.remove_override(override_id, **_who()))


def _contact() -> int:
    value = request.form.get("contact", "")
    if not re.fullmatch(r"[0-9]{1,15}", value):
        raise BadInput("contact", field="contact", public=pages.CONTACT_MISSING)
    return int(value)


def _minutes(field: str) -> int:
    found = re.fullmatch(r"([01][0-9]|2[0-3]):([0-5][0-9])", request.form.get(field, "").strip())
    if found is None:
        raise BadInput(field, field=field, public=pages.TIME_NEEDED)
    return int(found[1]) * 60 + int(found[2])


def _wall(field: str) -> datetime:
    day, time = (request.form.get(f"{field}_{part}", "").strip() for part in ("day", "time"))
    try:
        return datetime.strptime(f"{day} {time}", "%Y-%m-%d %H:%M")  # noqa: DTZ007 - of the wall in London
    except ValueError:
        raise BadInput(field, field=f"{field}_day", public=pages.DAY_AND_TIME_NEEDED) from None


# --- policy ---------------------------------------------------------------------------------


@bp.post("/policy")
def set_policy() -> ResponseReturnValue:
    """Whom a request asks, and when."""

    def put() -> None:
        steps = []
        for number in range(1, escalation.MOST_STEPS + 1):
            targets = tuple(request.form.getlist(f"who_{number}"))
            after = request.form.get(f"after_{number}", "").strip()
            if targets or after:
                steps.append(Step(_after(after), targets))
        gives_up = _after(request.form.get("gives_up", "").strip())
        policies.set_policy(
            authority_of_officer(), Policy(0, tuple(steps), gives_up), by=g.person.username, now=clock.now()
        )

    return _do("policy", put)


def _after(typed: str) -> timedelta:
    if not re.fullmatch(r"[0-9]{1,3}", typed):
        raise BadInput("minutes", field="policy", public=pages.MINUTES_NEEDED)
    return timedelta(minutes=int(typed))


@bp.post("/texting")
def set_texting() -> ResponseReturnValue:
    """Texted or rung; and when counts are asked for."""

    def put() -> None:
        texted, counts = _one_of("texted", "yes", "no"), _one_of("counts", "ask", "never")
        policies.set_texting(
            authority_of_officer(),
            texted=texted == "yes",
            counts_wanted_at=_minutes("counts_at") if counts == "ask" else None,
            by=g.person.username,
            now=clock.now(),
        )

    return _do("texting", put)


def _one_of(field: str, *allowed: str) -> str:
    value = request.form.get(field, "")
    if value not in allowed:
        raise BadInput(field, field=field, public=pages.ONE_OF_TWO_NEEDED)
    return value
