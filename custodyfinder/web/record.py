"""A record's own pages: what is on it, its log, how it ended, handing it over. For officers and inspectors."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, g, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from .. import clock
from ..domain.needs import RefusalReason
from ..domain.roles import TABLE, Permission, Reach
from ..domain.wording import pages
from ..errors import BadInput
from ..models import CallOutcome
from ..services import boards, calls, detentions, grants, handover, outcomes, record_log, telling
from . import looking
from .access import suite_of_officer, suites_for, suites_of_person
from .record_forms import AuthorityCallForm, EmptyForm, EndForm

bp = Blueprint("record", __name__, url_prefix="/records")


@bp.get("")
def board() -> ResponseReturnValue:
    """The records that go on, and those that ended lately: of the suite, of the force; or those that were given."""
    suites, now = suites_of_person(), clock.now()
    if TABLE[Permission.READ_RECORD].get(g.person.role) is Reach.GIVEN:
        return render_template("record/given_to_me.html", given=grants.given_to(g.person, now=now))
    records, ended = handover.open_records(suites, now=now), handover.ended_records(suites, now=now)
    looking.shown(references=[*(each.reference for each in records), *(each.reference for each in ended)])
    return render_template("record/board.html", records=records, ended=ended)


@bp.route("/handover", methods=["GET", "POST"])
def take_over() -> ResponseReturnValue:
    """At the change of shift: what is open, and one press to take it over."""
    if EmptyForm().validate_on_submit():
        number = handover.take_over(suite_of_officer(), by=g.person.username, now=clock.now())
        flash(pages.taken_over(number))
        return redirect(url_for(".take_over"), 303)
    records = handover.open_records([suite_of_officer()], now=clock.now())
    looking.shown(references=[record.reference for record in records])
    return render_template("record/handover.html", records=records)


@bp.get("/<string:reference>")
def show(reference: str) -> ResponseReturnValue:
    """Everything on one record."""
    return _show(reference, AuthorityCallForm(formdata=None))


def _show(reference: str, form: AuthorityCallForm) -> ResponseReturnValue:
    now = clock.now()
    detention = detentions.show(reference, suites=suites_for(reference))
    form.offer_authorities(boards.authorities(), detention.responsible_code)
    return render_template(
        "record/show.html",
        detention=detention,
        clock=detention.clock(now),
        told=telling.of_detention(detention.id, now=now),
        asked=boards.requests_of_detention(reference, suite_id=detention.suite_id),
        form=form,
        certificate=outcomes.has_certificate(detention.id),
    ), 422 if form.errors else 200


@bp.get("/<string:reference>/log")
def log(reference: str) -> ResponseReturnValue:
    """Everything that was done and said, in order."""
    suites = suites_for(reference)
    detention = detentions.show(reference, suites=suites)
    return render_template(
        "record/log.html",
        detention=detention,
        clock=detention.clock(clock.now()),
        lines=record_log.of_record(reference, suites=suites),
    )


@bp.post("/<string:reference>/calls")
def record_call(reference: str) -> ResponseReturnValue:
    """The officer rang an authority, about no place of its list."""
    form = AuthorityCallForm()
    form.offer_authorities(boards.authorities(), "")
    if form.validate_on_submit():
        try:
            calls.record_with_authority(
                reference,
                authority_code=form.authority.data,
                secure=form.secure.data == "yes",
                said=CallOutcome(form.said.data),
                words=form.words.data.strip(),
                reason=RefusalReason(form.reason.data),
                suite_id=suite_of_officer(),
                by=g.person.username,
                now=clock.now(),
            )
        except BadInput as error:
            field = form.authority if error.field == "authority" else form.words
            field.errors = [error.public]
        else:
            return redirect(url_for(".show", reference=reference), 303)
    return _show(reference, form)


@bp.post("/<string:reference>/non-secure")
def ask_for_non_secure(reference: str) -> ResponseReturnValue:
    """Secure was refused, and other accommodation would do after all."""
    detentions.ask_for_non_secure(reference, suite_id=suite_of_officer(), by=g.person.username, now=clock.now())
    return redirect(url_for("desk.results", reference=reference), 303)


@bp.route("/<string:reference>/end", methods=["GET", "POST"])
def end(reference: str) -> ResponseReturnValue:
    """How it ended; where the child was not moved, the certificate."""
    form, now = EndForm(), clock.now()
    if not form.is_submitted():
        form.propose(now)
        return _end(reference, form)
    if ended := form.read():
        try:
            digest = outcomes.record(
                reference,
                ended,
                suites=suites_for(reference),
                by=g.person.username,
                may_override=_is_inspector(),
                now=now,
            )
        except BadInput as error:
            form.put_error(error)
        except outcomes.Contradicted as refusal:
            return _end(reference, form, against=refusal.against), refusal.status
        else:
            return redirect(url_for("certificate.show" if digest else ".show", reference=reference), 303)
    return _end(reference, form), 422


def _end(reference: str, form: EndForm, **more: Any) -> str:
    detention = detentions.show(reference, suites=suites_for(reference))
    return render_template(
        "record/end.html",
        detention=detention,
        clock=detention.clock(clock.now()),
        form=form,
        inspector=_is_inspector(),
        **more,
    )


def _is_inspector() -> bool:
    return bool(g.person.may(Permission.OVERRULE))


@bp.post("/<string:reference>/reopen")
def reopen(reference: str) -> ResponseReturnValue:
    """The outcome was recorded by mistake."""
    outcomes.reopen(reference, suites=suites_for(reference), by=g.person.username, now=clock.now())
    return redirect(url_for(".show", reference=reference), 303)
