"""The custody officer's pages: a child, the places, a request."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from .. import clock
from ..domain import comparing
from ..domain.needs import RefusalReason
from ..domain.ranking import Option
from ..domain.wording import pages
from ..errors import BadInput
from ..models import CallOutcome
from ..services import (
    arrivals,
    asking,
    boards,
    calls,
    detentions,
    enquiries,
    maps,
    requests,
    search,
    searches,
    standing,
    suite_board,
    telling,
)
from ..services import progress as progress_of
from . import looking
from .access import suite_of_officer
from .desk_forms import CallForm, SearchForm
from .desk_results import explain, place_ids
from .detention_form import DetentionForm

bp = Blueprint("desk", __name__, url_prefix="/desk")


@bp.get("")
def board() -> ResponseReturnValue:
    """Every child at this suite: who needs the officer, and whose court is next."""
    return render_template("desk/board.html", board=_board())


@bp.get("/children")
def children() -> ResponseReturnValue:
    """The part of that page which moves."""
    return render_template("desk/_children.html", board=_board())


def _board() -> suite_board.SuiteBoard:
    found = suite_board.of_suite(suite_of_officer(), now=clock.now())
    looking.shown(references=found.references)
    return found


@bp.route("/detentions/new", methods=["GET", "POST"])
def new_detention() -> ResponseReturnValue:
    """Open the record of one child."""
    form, now = DetentionForm(), clock.now()
    form.offer_authorities(boards.authorities())
    if not form.is_submitted():
        form.propose(now)
        return render_template("desk/new_detention.html", form=form)
    if regime := form.out_of_scope():
        detentions.note_out_of_scope(regime, suite_id=suite_of_officer(), by=g.person.username, now=now)
        return render_template("desk/out_of_scope.html", regime=regime)
    if said := form.read(now):
        try:
            reference = detentions.open_detention(*said, suite_id=suite_of_officer(), by=g.person.username, now=now)
        except BadInput as error:
            form.put_error(error)
        else:
            if note := form.home_note():
                flash(pages.home_note(note))
            return redirect(url_for(".results", reference=reference), 303)
    return render_template("desk/new_detention.html", form=form), 422


@bp.get("/detentions/<string:reference>")
def results(reference: str) -> ResponseReturnValue:
    """The places for this child, ranked now, and what has been asked."""
    return _results(reference)


@bp.get("/detentions/<string:reference>/compare")
def compare(reference: str) -> ResponseReturnValue:
    """Two or three of the places side by side; the list again where others were chosen."""
    detention, now = detentions.show(reference, suites=[suite_of_officer()]), clock.now()
    child = enquiries.child_in(detention.id, now=now)
    chosen = place_ids(request.args.getlist("place"))
    try:
        options = search.compare(chosen, child, at=now)
    except BadInput as error:
        return _results(reference, chosen=chosen, fault=error.public)
    return render_template(
        "desk/compare.html",
        detention=detention,
        clock=detention.clock(now),
        columns=comparing.columns(child, options),
        **_asked(reference),
    )


def _results(
    reference: str, *, form: SearchForm | None = None, chosen: Collection[int] = (), fault: str | None = None
) -> ResponseReturnValue:
    detention = detentions.show(reference, suites=[suite_of_officer()])
    now = clock.now()
    child = enquiries.child_in(detention.id, now=now)
    ranking = search.find(child, at=now)
    searches.keep(detention.id, ranking, by=g.person.username, now=now)
    return render_template(
        "desk/results.html",
        detention=detention,
        clock=detention.clock(now),
        told=telling.of_detention(detention.id, now=now),
        ranking=ranking,
        explained=explain(ranking, child, at=now, until=max(detention.court_at, now)),
        map=maps.of_search(child, ranking, suite_name=g.person.suite_name, home_district=detention.home_district),
        search_form=form or SearchForm.proposing(detention.court_at, now),
        chosen=chosen,
        errors=form.errors if form else {"places": [fault]} if fault else {},
        **_asked(reference),
    ), 422 if form or fault else 200


def _asked(reference: str) -> dict[str, Any]:
    return {
        "reference": reference,
        "asked": boards.requests_of_detention(reference, suite_id=suite_of_officer()),
        "standing": standing.latest(reference, suite_id=suite_of_officer()),
    }


@bp.get("/detentions/<string:reference>/asked")
def asked(reference: str) -> ResponseReturnValue:
    """The part of that page which moves: who has been asked, and whether the search goes on."""
    detentions.show(reference, suites=[suite_of_officer()])
    return render_template("desk/_asked.html", **_asked(reference))


@bp.post("/detentions/<string:reference>/search")
def start_search(reference: str) -> ResponseReturnValue:
    """Ask one place after the other, without anybody pressing anything."""
    form = SearchForm()
    fine, until = form.validate_on_submit(), form.until()
    if fine and until is not None:
        try:
            standing.start(
                reference,
                suite_id=suite_of_officer(),
                at_once=int(form.at_once.data),
                until=until,
                by=g.person.username,
                now=clock.now(),
            )
        except BadInput as error:
            form.put_error(error)
        else:
            return redirect(url_for(".results", reference=reference), 303)
    return _results(reference, form=form)


@bp.post("/detentions/<string:reference>/search/stop")
def stop_search(reference: str) -> ResponseReturnValue:
    """Ask nobody else; those who are being asked are told."""
    standing.stop(reference, suite_id=suite_of_officer(), by=g.person.username, now=clock.now())
    return redirect(url_for(".results", reference=reference), 303)


@bp.post("/detentions/<string:reference>/places/<int:place_id>/ask")
def ask(reference: str, place_id: int) -> ResponseReturnValue:
    """Hold a bed and text the authority; then the request's page."""
    request_id = asking.ask(
        reference,
        place_id,
        suite_id=suite_of_officer(),
        by=g.person.username,
        shown=_as_ranked(reference, place_id),
        now=clock.now(),
    )
    return redirect(url_for(".show_request", request_id=request_id), 303)


def _as_ranked(reference: str, place_id: int) -> Option | None:
    """The place as it stands in the ranking now: kept with the request."""
    detention = detentions.show(reference, suites=[suite_of_officer()])
    now = clock.now()
    return search.option_of(place_id, enquiries.child_in(detention.id, now=now), at=now)


@bp.get("/requests/<int:request_id>")
def show_request(request_id: int) -> ResponseReturnValue:
    """How one request stands. The page moves by itself while it is open."""
    return render_template("desk/request.html", form=CallForm(), **_request(request_id))


def _request(request_id: int) -> dict[str, Any]:
    suite_id, now = suite_of_officer(), clock.now()
    view = boards.request_for_suite(request_id, suite_id=suite_id)
    detention = detentions.show(view.detention_reference, suites=[suite_id])
    return {
        "view": view,
        "done": progress_of.of_request(request_id, suite_id=suite_id, now=now),
        "detention": detention,
        "clock": detention.clock(now),
    }


@bp.get("/requests/<int:request_id>/progress")
def progress(request_id: int) -> ResponseReturnValue:
    """The part of that page which moves."""
    return render_template("desk/_progress.html", **_request(request_id))


@bp.post("/requests/<int:request_id>/calls")
def record_call(request_id: int) -> ResponseReturnValue:
    """The officer rang: one press says what was said."""
    form = CallForm()
    if form.validate_on_submit():
        try:
            settled = calls.record(
                request_id,
                said=CallOutcome(form.said.data),
                words=form.words.data,
                reason=RefusalReason(form.reason.data),
                suite_id=suite_of_officer(),
                by=g.person.username,
                now=clock.now(),
            )
        except BadInput as error:
            form.words.errors = [error.public]
        else:
            return redirect(url_for(".show_request", request_id=settled), 303)
    return render_template("desk/request.html", form=form, **_request(request_id)), 422


@bp.post("/requests/<int:request_id>/arrived")
def record_arrival(request_id: int) -> ResponseReturnValue:
    """The child is there."""
    arrivals.record(request_id, suite_id=suite_of_officer(), by=g.person.username, now=clock.now())
    return redirect(url_for(".show_request", request_id=request_id), 303)


@bp.post("/requests/<int:request_id>/withdraw")
def withdraw(request_id: int) -> ResponseReturnValue:
    """Take a request back."""
    requests.withdraw(request_id, suite_id=suite_of_officer(), by=g.person.username, now=clock.now())
    return redirect(url_for(".show_request", request_id=request_id), 303)
