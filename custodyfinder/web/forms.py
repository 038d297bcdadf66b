"""What the forms ask, and what they say when an answer cannot be used."""

from __future__ import annotations

from typing import Any

from flask_wtf import FlaskForm
from govuk_frontend_wtf.wtforms_widgets import (
    GovPasswordInput,
    GovSelect,
    GovSubmitInput,
    GovTextInput,
)
from wtforms import (
    PasswordField,
    SelectField,
    StringField,
    SubmitField,
    TextAreaField,
)
from wtforms.validators import DataRequired, ValidationError

from ..domain.needs import RefusalReason
from ..domain.roles import Organisation, Role
from ..services import people


def strip(value: str | None) -> str:
    """What was typed, without the spaces around it."""
    return (value or "").strip()


class SignInForm(FlaskForm):
    """Username and password."""

    username = StringField("Username", [DataRequired("Enter your username")], filters=[strip], widget=GovTextInput())
    password = PasswordField("Password", [DataRequired("Enter your password")], widget=GovPasswordInput())
    submit = SubmitField("Sign in", widget=GovSubmitInput())


class CodeForm(FlaskForm):
    """The second factor."""

    code = StringField(
        "Code",
        [DataRequired("Enter the code")],
        filters=[strip],
        widget=GovTextInput(),
    )
    submit = SubmitField("Go on", widget=GovSubmitInput())


class SetUpForm(FlaskForm):
    """A new account, or one that is started afresh."""

    username = StringField("Username", [DataRequired("Enter your username")], filters=[strip], widget=GovTextInput())
    code = StringField(
        "Code that your administrator gave you",
        [DataRequired("Enter the code")],
        description="Four times four letters and digits. It is good for three days, once.",
        filters=[strip],
        widget=GovTextInput(),
    )
    password = PasswordField(
        "New password",
        [DataRequired("Choose a password")],
        description="12 characters or more. Three words that have nothing to do with each other are good.",
        widget=GovPasswordInput(),
    )
    submit = SubmitField("Set up", widget=GovSubmitInput())


class RefuseForm(FlaskForm):
    """Why the authority says no: each reason is a button that sends the form."""

    reason = StringField()
    words = TextAreaField(
        "In your own words. No names and nothing that tells who the child is. 200 characters at most.",
        filters=[strip],
    )

    def validate_reason(self, field: Any) -> None:
        """One has to be chosen."""
        if field.data not in list(RefusalReason):
            raise ValidationError("Choose a reason")


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


class GiveForm(FlaskForm):
    """To whom, for how long, and why."""

    inspector = SelectField("Inspector", validate_choice=False, widget=GovSelect())
    days = StringField(
        "For how many days", [DataRequired("Enter a number of days")], filters=[strip], widget=GovTextInput()
    )
    why = StringField(
        "Why",
        [DataRequired("Say why")],
        description="Such as: inspection of custody in November. No names.",
        filters=[strip],
        widget=GovTextInput(),
    )
    submit = SubmitField("Give the record to read", widget=GovSubmitInput())
