"""Who may read a record besides the force, and who has looked at it: the custody inspector's page."""

from __future__ import annotations

from flask import Blueprint, g, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from .. import clock
from ..errors import BadInput
from ..services import detentions, grants, looking
from .access import suites_for
from .forms import GiveForm

bp = Blueprint("given", __name__, url_prefix="/records")


@bp.route("/<string:reference>/readers", methods=["GET", "POST"])
def show(reference: str) -> ResponseReturnValue:
    """Give the record to an inspector; who may read it; who has looked."""
    form = GiveForm()
    form.inspector.choices = grants.inspectors()
    if form.validate_on_submit():
        try:
            grants.give(
                reference,
                form.inspector.data or "",
                days=_days(form.days.data or ""),
                why=form.why.data or "",
                suites=suites_for(reference),
                by=g.person.username,
                now=clock.now(),
            )
        except BadInput as error:
            getattr(form, error.field or "inspector").errors = [error.public]
        else:
            return redirect(url_for(".show", reference=reference), 303)
    detention = detentions.show(reference, suites=suites_for(reference))
    now = clock.now()
    return render_template(
        "record/readers.html",
        detention=detention,
        clock=detention.clock(now),
        form=form,
        grants=grants.of_record(detention.id, now=now),
        looks=looking.of_record(detention.id),
    ), 422 if form.errors else 200


def _days(typed: str) -> int:
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 4 else 0


@bp.post("/<string:reference>/readers/<int:grant_id>/take-back")
def take_back(reference: str, grant_id: int) -> ResponseReturnValue:
    """From now on they may read it no longer."""
    grants.take_back(reference, grant_id, suites=suites_for(reference), by=g.person.username, now=clock.now())
    return redirect(url_for(".show", reference=reference), 303)
