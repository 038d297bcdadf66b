"""The duty officer's pages: requests to answer, beds to report. Made for a phone."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask import Blueprint, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from .. import clock
from ..domain.needs import RefusalReason
from ..errors import BadInput
from ..services import arrivals, bed_reports, boards, requests
from . import looking
from .access import authority_of_officer
from .forms import RefuseForm

bp = Blueprint("duty", __name__, url_prefix="/duty")

CHANNEL = "page"
LONDON = ZoneInfo("Europe/London")
SAVED = {
    "counts": "Saved: your bed counts are confirmed.",
    "out": "Saved: the place is out of service. No child is sent there until it is put back.",
    "back": "Saved: the place is back in service. Check its count.",
}
INCOMPLETE = "The page was incomplete. Go back, reload it and type the numbers again."


@bp.get("")
def board() -> ResponseReturnValue:
    """What waits for an answer, and the beds."""
    return _board()


def _board(
    *, typed: dict[str, str] | None = None, errors: dict[str, str] | None = None, open_place: int | None = None
) -> str:
    code = authority_of_officer()
    waiting = boards.requests_of_authority(code, now=clock.now())
    looking.shown(requests=[view.id for view in waiting])
    return render_template(
        "duty/board.html",
        requests=waiting,
        places=bed_reports.of_authority(code),
        typed=typed or {},
        errors=errors or {},
        saved=SAVED.get(request.args.get("saved", "")),
        open_place=open_place,
    )


@bp.post("/requests/<int:request_id>/accept")
def accept(request_id: int) -> ResponseReturnValue:
    """Take the child."""
    requests.accept(request_id, **_who())
    return redirect(url_for(".board"), 303)


@bp.route("/requests/<int:request_id>/refuse", methods=["GET", "POST"])
def refuse(request_id: int) -> ResponseReturnValue:
    """Say no, and why."""
    form = RefuseForm()
    view = boards.request_for_authority(request_id, authority_code=authority_of_officer())
    if form.validate_on_submit():
        try:
            requests.refuse(request_id, reason=RefusalReason(form.reason.data), words=form.words.data, **_who())
        except BadInput as error:
            form.words.errors = [error.public]
        else:
            return redirect(url_for(".board"), 303)
    return render_template("duty/refuse.html", form=form, view=view), 422 if form.errors else 200


def _who() -> dict[str, Any]:
    return {
        "authority_code": authority_of_officer(),
        "by": g.person.username,
        "channel": CHANNEL,
        "now": clock.now(),
    }


@bp.post("/requests/<int:request_id>/arrived")
def record_arrival(request_id: int) -> ResponseReturnValue:
    """The child is there."""
    arrivals.record(request_id, authority_code=authority_of_officer(), by=g.person.username, now=clock.now())
    return redirect(url_for(".board"), 303)


@bp.post("/beds")
def report_beds() -> ResponseReturnValue:
    """Every count of the authority in one press: all are stored, or none."""
    typed = request.form.to_dict()
    errors: dict[str, str] = {}
    counts = {
        place.id: count
        for place in bed_reports.of_authority(authority_of_officer())
        if (count := _count(place, typed, errors)) is not None
    }
    if not errors:
        try:
            if not counts:
                raise BadInput("no counts", public=INCOMPLETE)
            bed_reports.report(counts, **_who())
        except bed_reports.BedsChanged as error:
            # What was typed stays; the beds that were seen are those of now.
            free = {name: value for name, value in typed.items() if name.startswith("free-")}
            return _board(typed=free, errors={str(error.place_id): error.public}), error.status
        except BadInput as error:
            if error.field is None:
                raise
            errors[error.field] = error.public
        else:
            return redirect(url_for(".board", saved="counts"), 303)
    return _board(typed=typed, errors=errors), 422


@bp.post("/beds/confirm")
def confirm_beds() -> ResponseReturnValue:
    """Every count is right as it stands: one press."""
    seen = {
        int(place[1]): _seen(value)
        for name, value in request.form.items()
        if (place := re.fullmatch(r"seen-([0-9]{1,15})", name))
    }
    try:
        if not seen:
            raise BadInput("no places", public=INCOMPLETE)
        bed_reports.confirm_all(seen, **_who())
    except bed_reports.BedsChanged as error:
        return _board(errors={str(error.place_id): error.public}), error.status
    return redirect(url_for(".board", saved="counts"), 303)


def _seen(value: str) -> bed_reports.Seen:
    """From the page's hidden field: beds free, a plus, beds held."""
    if not (found := re.fullmatch(r"([0-9]{1,4})\+([0-9]{1,4})", value)):
        raise BadInput("seen", public=INCOMPLETE)
    return bed_reports.Seen(free=int(found[1]), held=int(found[2]))


@bp.post("/places/<int:place_id>/out-of-service")
def take_out(place_id: int) -> ResponseReturnValue:
    """No child can come here for a while, and why."""
    typed = request.form.to_dict()
    try:
        bed_reports.set_out_of_service(
            place_id,
            reason=typed.get("reason", ""),
            until=_until(typed),
            authority_code=authority_of_officer(),
            by=g.person.username,
            now=clock.now(),
        )
    except BadInput as error:
        errors = {f"{error.field}-{place_id}": error.public}
        return _board(typed=typed, errors=errors, open_place=place_id), 422
    return redirect(url_for(".board", saved="out"), 303)


@bp.post("/places/<int:place_id>/back")
def put_back(place_id: int) -> ResponseReturnValue:
    """A place can take children again."""
    bed_reports.put_back(place_id, authority_code=authority_of_officer(), by=g.person.username, now=clock.now())
    return redirect(url_for(".board", saved="back"), 303)


def _until(typed: dict[str, str]) -> datetime | None:
    """Day and time of London as typed, in UTC; None where neither was."""
    day, time = typed.get("day", "").strip(), typed.get("time", "").strip()
    if not day and not time:
        return None
    try:
        wall = datetime.fromisoformat(f"{day}T{time or '12:00'}")
    except ValueError:
        raise BadInput(
            "until", field="until", public="Enter a day such as 2026-11-25 and a time such as 08:00."
        ) from None
    return wall.replace(tzinfo=LONDON).astimezone(UTC)


def _count(place: bed_reports.PlaceBeds, typed: dict[str, str], errors: dict[str, str]) -> bed_reports.Count | None:
    """What was typed for one place; None with an error noted, or where the page did not have the place yet."""
    free, seen = typed.get(f"free-{place.id}"), typed.get(f"seen-{place.id}", "")
    if free is None:
        return None
    if not re.fullmatch(r"[0-9]{1,4}", free.strip()):
        errors[str(place.id)] = f"Beds free at {place.name} must be a whole number from 0 to {place.beds_total}."
        return None
    return bed_reports.Count(free=int(free), seen=_seen(seen))
