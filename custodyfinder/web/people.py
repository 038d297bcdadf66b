"""An administrator's page: the people of the organisation."""

from __future__ import annotations

from flask import Blueprint, flash, g, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm
from govuk_frontend_wtf.wtforms_widgets import GovSelect, GovSubmitInput, GovTextInput
from wtforms import SelectField, StringField, SubmitField
from wtforms.validators import DataRequired, ValidationError

from .. import clock
from ..domain.roles import ADDS, Organisation, Role
from ..errors import BadInput
from ..services import people, reference
from .forms import strip
from .record_forms import EmptyForm

bp = Blueprint("people", __name__, url_prefix="/people")


class PersonForm(FlaskForm):
    """Somebody new."""

    username = StringField(
        "Username",
        [DataRequired("Enter a username")],
        description="Such as r.khan, or the address that they sign in with at work",
        filters=[strip],
        widget=GovTextInput(),
    )
    name = StringField(
        "Name as colleagues see it", [DataRequired("Enter a name")], filters=[strip], widget=GovTextInput()
    )
    role = SelectField("Role", validate_choice=False, widget=GovSelect())
    where = SelectField("Custody suite or organisation", validate_choice=False, widget=GovSelect())
    submit = SubmitField("Add", widget=GovSubmitInput())

    def offer(self, roles: tuple[Role, ...], where: list[tuple[str, str]]) -> None:
        """What may be chosen by this administrator."""
        self.role.choices = [(role.value, role.label) for role in roles]
        self.where.choices = where

    def validate_role(self, field: SelectField) -> None:
        """Of the list."""
        if field.data not in {value for value, *_ in field.choices or ()}:
            raise ValidationError("Choose one of the roles in the list")

    def new_person(self) -> people.NewPerson:
        """What was said. A place that the role has no use for is left aside."""
        role, kind, _, key = Role(self.role.data), *str(self.where.data).partition(":")
        wanted = {
            "suite_slug": key if role is Role.CUSTODY_OFFICER and kind == "suite" else None,
            "force": key if role.of is Organisation.FORCE and kind == "force" else None,
            "authority_code": key if kind == "authority" else None,
        }
        return people.NewPerson(username=self.username.data or "", name=self.name.data or "", role=role, **wanted)


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
    flash("The account is closed, and signed out everywhere.")
    return redirect(url_for(".show"), 303)


@bp.post("/<int:person_id>/start-afresh")
def start_afresh(person_id: int) -> ResponseReturnValue:
    """For a forgotten password or a lost phone: a new code to set the account up with."""
    code = people.start_afresh(person_id, admin=g.person, now=clock.now())
    name = next(account.name for account in people.of_admin(g.person) if account.id == person_id)
    return _show(PersonForm(formdata=None), code=code, code_for=name)
