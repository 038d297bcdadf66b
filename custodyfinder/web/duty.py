"""The duty officer's pages: requests to answer, beds to report. Made for a phone."""

from __future__ import annotations

import re
from typing import Any

from flask import Blueprint, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from .. import clock
from ..domain.needs import RefusalReason
from ..errors import BadInput
from ..services import beds, boards, requests
from .access import authority_of_officer
from .forms import RefuseForm

bp = Blueprint("duty", __name__, url_prefix="/duty")

CHANNEL = "page"
INCOMPLETE = "The page was incomplete. Go back, reload it and type the numbers again."


@bp.get("")
def board() -> ResponseReturnValue:
    """What waits for an answer, and the beds."""
    return _board()


def _board(*, typed: dict[str, str] | None = None, errors: dict[str, str] | None = None) -> str:
    code = authority_of_officer()
    return render_template(
        "duty/board.html",
        requests=boards.requests_of_authority(code, now=clock.now()),
        places=beds.of_authority(code),
        typed=typed or {},
        errors=errors or {},
        saved="saved" in request.args,
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


@bp.post("/beds")
def report_beds() -> ResponseReturnValue:
    """Every count of the authority in one press: all are stored, or none."""
    typed = request.form.to_dict()
    errors: dict[str, str] = {}
    counts = {
        place.id: count
        for place in beds.of_authority(authority_of_officer())
        if (count := _count(place, typed, errors)) is not None
    }
    if not errors:
        try:
            if not counts:
                raise BadInput("no counts", public=INCOMPLETE)
            beds.report(counts, **_who())
        except beds.BedsChanged as error:
            # What was typed stays; the held beds are shown as they are now.
            free = {name: value for name, value in typed.items() if name.startswith("free-")}
            return _board(typed=free, errors={str(error.place_id): error.public}), error.status
        except BadInput as error:
            if error.field is None:
                raise
            errors[error.field] = error.public
        else:
            return redirect(url_for(".board", saved=1), 303)
    return _board(typed=typed, errors=errors), 422


def _count(place: beds.PlaceBeds, typed: dict[str, str], errors: dict[str, str]) -> beds.Count | None:
    """What was typed for one place; None with an error noted, or where the page did not have the place yet."""
    free, held = typed.get(f"free-{place.id}"), typed.get(f"held-{place.id}", "")
    if free is None:
        return None
    if not re.fullmatch(r"[0-9]{1,4}", free.strip()):
        errors[str(place.id)] = f"Beds free at {place.name} must be a whole number from 0 to {place.beds_total}."
        return None
    if not re.fullmatch(r"[0-9]{1,4}", held):
        raise BadInput("held", public=INCOMPLETE)
    return beds.Count(free=int(free), held=int(held))
