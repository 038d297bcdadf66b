"""An administrator's page: the people of the organisation."""

from __future__ import annotations

from flask import Blueprint, flash, g, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from .. import clock
from ..domain.roles import ADDS
from ..domain.wording import pages
from ..errors import BadInput
from ..services import people, reference
from .forms import PersonForm
from .record_forms import EmptyForm

bp = Blueprint("people", __name__, url_prefix="/people")


@bp.get("")
def show() -> ResponseReturnValue:
    """Everybody whose account one keeps."""
    return _show(PersonForm(formdata=None))


def _show(form: PersonForm, *, code: str | None = None, code_for: str = "") -> ResponseReturnValue:
    form.offer(ADDS[g.person.role], reference.organisations(g.person))
    accounts = people.of_admin(g.person)
    return render_template(
        "people/show.html",
        form=form,
        accounts=accounts,
        code=code,
        code_for=code_for,
        empty=EmptyForm(formdata=None),
    ), 422 if form.errors else 200


@bp.post("")
def add() -> ResponseReturnValue:
    """Add somebody; the page shows the code to hand over, this once."""
    form = PersonForm()
    form.offer(ADDS[g.person.role], reference.organisations(g.person))
    if form.validate():
        try:
            code = people.add(form.new_person(), admin=g.person, now=clock.now())
        except BadInput as error:
            field = {"username": form.username, "name": form.name, "role": form.role}.get(error.field or "", form.where)
            field.errors = [error.public]
        else:
            return _show(PersonForm(formdata=None), code=code, code_for=form.name.data or "")
    return _show(form)


@bp.post("/<int:person_id>/close")
def close(person_id: int) -> ResponseReturnValue:
    """Close an account. Its sessions end at once."""
    people.close(person_id, admin=g.person, now=clock.now())
    flash(pages.ACCOUNT_CLOSED)
    return redirect(url_for(".show"), 303)


@bp.post("/<int:person_id>/start-afresh")
def start_afresh(person_id: int) -> ResponseReturnValue:
    """For a forgotten password or a lost phone: a new code to set the account up with."""
    code = people.start_afresh(person_id, admin=g.person, now=clock.now())
    name = next(account.name for account in people.of_admin(g.person) if account.id == person_id)
    return _show(PersonForm(formdata=None), code=code, code_for=name)
