"""The duty officer's pages: requests to answer, beds to report. Made for a phone."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask import Blueprint, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response as BaseResponse

from .. import clock
from ..domain.needs import RefusalReason
from ..errors import BadInput
from ..models import RequestState
from ..services import arrivals, bed_reports, boards, out_of_service, requests
from ..services.endings import AlreadyEnded, Ending
from . import looking
from .access import authority_of_officer
from .forms import RefuseForm

bp = Blueprint("duty", __name__, url_prefix="/duty")

CHANNEL = "page"
LONDON = ZoneInfo("Europe/London")


@bp.get("")
def board() -> ResponseReturnValue:
    """What waits for an answer, and the beds."""
    return _board()


def _board(*, typed: dict[str, str] | None = None, errors: dict[str, str] | None = None) -> str:
    code = authority_of_officer()
    views = boards.requests_of_authority(code, now=clock.now())
    looking.shown(requests=[view.id for view in views])
    coming = [view for view in views if view.state is RequestState.ACCEPTED and view.arrived_at is None]
    return render_template(
        "duty/board.html",
        waiting=[view for view in views if view.state is RequestState.OPEN],
        coming=coming,
        ended=[view for view in views if view.state is not RequestState.OPEN and view not in coming],
        places=bed_reports.of_authority(code),
        typed=typed or {},
        errors=errors or {},
        saved=request.args.get("saved"),
    )


def _to_board(saved: str) -> BaseResponse:
    """Back to the first page, which says what was done."""
    return redirect(url_for(".board", saved=saved), 303)


# --- answering ------------------------------------------------------------------------------


@bp.route("/requests/<int:request_id>/accept", methods=["GET", "POST"])
def accept(request_id: int) -> ResponseReturnValue:
    """Take the child: what that means, and then the press that does it."""
    view = boards.request_for_authority(request_id, authority_code=authority_of_officer())
    if request.method == "POST":
        try:
            requests.accept(request_id, **_who())
        except AlreadyEnded as error:
            return _ended(error.ending), error.status
        return _to_board("accepted")
    if view.state is not RequestState.OPEN:
        return _ended(requests.ending(request_id, authority_code=authority_of_officer()))
    return render_template("duty/accept.html", view=view)


@bp.route("/requests/<int:request_id>/refuse", methods=["GET", "POST"])
def refuse(request_id: int) -> ResponseReturnValue:
    """Say no: each reason is a button."""
    form = RefuseForm()
    view = boards.request_for_authority(request_id, authority_code=authority_of_officer())
    if form.validate_on_submit():
        try:
            requests.refuse(request_id, reason=RefusalReason(form.reason.data), words=form.words.data, **_who())
        except AlreadyEnded as error:
            return _ended(error.ending), error.status
        except BadInput as error:
            form.words.errors = [error.public]
        else:
            return _to_board("refused")
    if view.state is not RequestState.OPEN:
        return _ended(requests.ending(request_id, authority_code=authority_of_officer()))
    return render_template("duty/refuse.html", form=form, view=view), 422 if form.errors else 200


def _ended(ending: Ending) -> str:
    """The page was stale, or the thumb pressed twice: what is true now, and the way on."""
    view = boards.request_for_authority(ending.request_id, authority_code=authority_of_officer())
    return render_template("duty/ended.html", ending=ending, view=view)


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
    return _to_board("arrived")


# --- beds -----------------------------------------------------------------------------------


@bp.post("/beds")
def report_beds() -> ResponseReturnValue:
    """Every count of the authority in one press: all are stored, or none."""
    typed = request.form.to_dict()
    counts, errors = _counts(typed)
    if errors:
        return _board(typed=typed, errors=errors), 422
    try:
        if not counts:
            raise bed_reports.Incomplete("no counts")
        bed_reports.report(counts, **_who())
    except bed_reports.BedsChanged as error:
        # What was typed stays; the beds that were seen are those of now.
        free = {name: value for name, value in typed.items() if name.startswith("free-")}
        return _board(typed=free, errors={str(error.place_id): error.public}), error.status
    except BadInput as error:
        if error.field is None:
            raise
        return _board(typed=typed, errors={error.field: error.public}), 422
    return _to_board("counts")


def _counts(typed: dict[str, str]) -> tuple[dict[int, bed_reports.Count], dict[str, str]]:
    """What was typed for each place, and what cannot be used. A place that the page did not have yet is left out."""
    counts, errors = {}, {}
    for place in bed_reports.of_authority(authority_of_officer()):
        free = typed.get(f"free-{place.id}")
        if free is None:
            continue
        try:
            counts[place.id] = bed_reports.Count.read(free, seen=typed.get(f"seen-{place.id}", ""), place=place)
        except BadInput as error:
            if error.field is None:
                raise
            errors[error.field] = error.public
    return counts, errors


@bp.post("/beds/confirm")
def confirm_beds() -> ResponseReturnValue:
    """Every count is right as it stands: one press."""
    seen = {
        int(place[1]): bed_reports.Seen.read(value)
        for name, value in request.form.items()
        if (place := re.fullmatch(r"seen-([0-9]{1,15})", name))
    }
    try:
        if not seen:
            raise bed_reports.Incomplete("no places")
        bed_reports.confirm_all(seen, **_who())
    except bed_reports.BedsChanged as error:
        return _board(errors={str(error.place_id): error.public}), error.status
    return _to_board("counts")


# --- out of service -------------------------------------------------------------------------


@bp.route("/places/<int:place_id>/out-of-service", methods=["GET", "POST"])
def take_out(place_id: int) -> ResponseReturnValue:
    """No child can come here for a while, and why."""
    typed, errors = request.form.to_dict(), {}
    place = bed_reports.of_place(place_id, authority_code=authority_of_officer())
    if request.method == "POST":
        try:
            out_of_service.take_out(
                place_id,
                reason=typed.get("reason", ""),
                until=_until(typed),
                authority_code=authority_of_officer(),
                by=g.person.username,
                now=clock.now(),
            )
        except BadInput as error:
            errors[error.field] = error.public
        else:
            return _to_board("out")
    return render_template("duty/out_of_service.html", place=place, typed=typed, errors=errors), 422 if errors else 200


@bp.post("/places/<int:place_id>/back")
def put_back(place_id: int) -> ResponseReturnValue:
    """A place can take children again."""
    out_of_service.put_back(place_id, authority_code=authority_of_officer(), by=g.person.username, now=clock.now())
    return _to_board("back")


def _until(typed: dict[str, str]) -> datetime | None:
    """Day and time of London as typed, in UTC; None where neither was."""
    day, time = typed.get("day", "").strip(), typed.get("time", "").strip()
    if not day and not time:
        return None
    try:
        wall = datetime.fromisoformat(f"{day}T{time or '12:00'}")
    except ValueError:
        raise out_of_service.NoSuchDay("until", field="until") from None
    return wall.replace(tzinfo=LONDON).astimezone(UTC)
