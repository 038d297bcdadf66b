"""What the forms ask, and what they say when an answer cannot be used."""

from __future__ import annotations

from typing import Any

from flask_wtf import FlaskForm
from govuk_frontend_wtf.wtforms_widgets import (
    GovPasswordInput,
    GovSubmitInput,
    GovTextInput,
)
from wtforms import (
    PasswordField,
    StringField,
    SubmitField,
    TextAreaField,
)
from wtforms.validators import DataRequired, ValidationError

from ..domain.needs import RefusalReason


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
