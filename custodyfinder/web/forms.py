"""What the forms ask, and what they say when an answer cannot be used."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from flask_wtf import FlaskForm
from govuk_frontend_wtf.wtforms_widgets import (
    GovCheckboxesInput,
    GovCheckboxInput,
    GovPasswordInput,
    GovRadioInput,
    GovSelect,
    GovSubmitInput,
    GovTextArea,
    GovTextInput,
)
from wtforms import (
    BooleanField,
    Field,
    PasswordField,
    RadioField,
    SelectChoice,
    SelectField,
    SelectMultipleField,
    StringField,
    SubmitField,
    TextAreaField,
)
from wtforms.validators import DataRequired, Length, ValidationError

from ..domain.needs import Need, RefusalReason, Sex
from ..errors import BadInput
from ..services.detentions import Enquiry, check_age
from ..wiring import wired

KM_PER_MILE = 1.609344
AREAS = 3
MOST_MILES = 62
"""The service takes up to 100 km."""


def _strip(value: str | None) -> str:
    return (value or "").strip()


def _check(rule: Callable[[], object]) -> None:
    """A rule of the service as a rule of the form, in the service's words."""
    try:
        rule()
    except BadInput as error:
        raise ValidationError(error.public) from None


class SignInForm(FlaskForm):
    """Username and password."""

    username = StringField("Username", [DataRequired("Enter your username")], filters=[_strip], widget=GovTextInput())
    password = PasswordField("Password", [DataRequired("Enter your password")], widget=GovPasswordInput())
    submit = SubmitField("Sign in", widget=GovSubmitInput())


def _text(label: str, hint: str = "", most: int = 200) -> Field:
    return StringField(
        label,
        [Length(max=most, message=f"Use {most} characters or fewer")],
        description=hint,
        filters=[_strip],
        widget=GovTextInput(),
    )


class DetentionForm(FlaskForm):
    """One child who was charged and refused bail: what the search needs, and nothing that names them."""

    age = StringField(
        "Age",
        [DataRequired("Enter the child's age, 10 to 17")],
        description="10 to 17. If they may be under 18, enter 17.",
        filters=[_strip],
        widget=GovTextInput(),
    )
    sex = RadioField(
        "Sex",
        choices=[SelectChoice(Sex.FEMALE.value, "Girl"), SelectChoice(Sex.MALE.value, "Boy")],
        validate_choice=False,
        widget=GovRadioInput(),
    )
    kind = RadioField(
        "What are you asking for?",
        choices=[
            SelectChoice("non-secure", "Non-secure accommodation"),
            SelectChoice("secure", "Secure accommodation"),
        ],
        default="non-secure",
        widget=GovRadioInput(),
        description="Secure only at 12 or over, and only where no other accommodation would protect the public "
        "from serious harm from this child (PACE 1984 s.38(6)).",
    )
    approved = BooleanField(
        "Under 13 and secure: the Secretary of State has approved it", widget=GovCheckboxInput(), description=""
    )
    needs = SelectMultipleField(
        "What does the child need?",
        choices=[SelectChoice(need.value, need.label) for need in Need],
        widget=GovCheckboxesInput(),
        description="Leave out what you do not know.",
    )
    home_postcode = _text(
        "Home postcode",
        "Tells which authority to ask first. Only its first half, the district, is kept.",
        most=20,
    )
    looked_after_by = SelectField(
        "Looked after by",
        validate_choice=False,  # the service says it in plainer words
        widget=GovSelect(),
        description="If an authority looks after the child, it is the one to ask first.",
    )
    avoid_1 = _text("Postcode", most=20)
    avoid_2 = _text("Postcode", most=20)
    avoid_3 = _text("Postcode", most=20)
    miles_1 = _text("Miles to keep away", most=10)
    miles_2 = _text("Miles to keep away", most=10)
    miles_3 = _text("Miles to keep away", most=10)
    avoid_geojson = TextAreaField(
        "Areas drawn on a map (GeoJSON)",
        [Length(max=40_000, message="Use 40,000 characters or fewer")],
        filters=[_strip],
        widget=GovTextArea(),
    )
    keep_apart = _text(
        "Keep apart from",
        "References of other children's records here, such as K7R4-M4P, with commas between.",
    )
    submit = SubmitField("Find a bed", widget=GovSubmitInput())

    def offer_authorities(self, authorities: list[tuple[str, str]]) -> None:
        """Fill the list of authorities: pairs of code and name."""
        choices = [("", "No authority, or not known"), *authorities]
        self.looked_after_by.choices = [SelectChoice(code, name) for code, name in choices]

    def validate_age(self, field: Any) -> None:
        """A whole number, and a child's."""
        if not re.fullmatch(r"[0-9]{1,3}", field.data):
            raise ValidationError("Age must be a whole number from 10 to 17")
        _check(lambda: check_age(int(field.data)))

    def validate_home_postcode(self, field: Any) -> None:
        """One that can be found; here as well as in the service, so that every error shows at once."""
        if field.data:
            _check(lambda: wired().postcodes.find(field.data))

    def validate_sex(self, field: Any) -> None:
        """One of the two has to be chosen."""
        if field.data not in list(Sex):
            raise ValidationError("Choose girl or boy")

    def areas(self) -> tuple[tuple[str, float], ...]:
        """The circles to avoid: postcode and kilometres.

        Raises:
            BadInput: a row is half filled in, or a postcode cannot be found; `field` says which.
        """
        found = []
        for number in range(1, AREAS + 1):
            postcode, miles = self[f"avoid_{number}"], self[f"miles_{number}"]
            if not postcode.data and not miles.data:
                continue
            if not postcode.data:
                raise BadInput(
                    "area", field=postcode.name, public="Enter the postcode to keep away from, or clear the miles."
                )
            if not re.fullmatch(r"[0-9]{1,3}(\.[0-9]{1,2})?", miles.data) or not 0 < float(miles.data) <= MOST_MILES:
                raise BadInput(
                    "area",
                    field=miles.name,
                    public=f"Enter how many miles to keep away, above 0 and up to {MOST_MILES}, such as 1.5.",
                )
            try:
                wired().postcodes.find(postcode.data)
            except BadInput as error:
                error.field = postcode.name
                raise
            found.append((postcode.data, float(miles.data) * KM_PER_MILE))
        return tuple(found)

    def enquiry(self) -> Enquiry:
        """What was said, for the service.

        Raises:
            BadInput: an area to avoid cannot be used.
        """
        references = re.split(r"[\s,;]+", self.keep_apart.data.upper())
        return Enquiry(
            age=int(self.age.data),
            sex=Sex(self.sex.data),
            secure=self.kind.data == "secure",
            approved_under_13=self.approved.data,
            needs=frozenset(Need(need) for need in self.needs.data),
            home_postcode=self.home_postcode.data or None,
            looked_after_by=self.looked_after_by.data or None,
            avoid=self.areas(),
            avoid_geojson=self.avoid_geojson.data or None,
            keep_apart=frozenset(reference for reference in references if reference),
        )

    def home_note(self) -> str | None:
        """What to tell the officer of the home postcode: in Scotland, say, or no longer in use."""
        return wired().postcodes.find(self.home_postcode.data).note if self.home_postcode.data else None

    def put_error(self, error: BadInput) -> None:
        """Show a service's refusal at the field that it is about."""
        name = {None: "age", "avoid": "avoid_1"}.get(error.field, error.field)
        field = self[name]
        field.errors = [*field.errors, error.public]


class RefuseForm(FlaskForm):
    """Why the authority says no."""

    reason = RadioField(
        "Why can you not take the child?",
        choices=[
            SelectChoice(reason.value, reason.label)
            for reason in RefusalReason
            if reason is not RefusalReason.NOT_GIVEN
        ],
        validate_choice=False,
        widget=GovRadioInput(),
    )
    words = TextAreaField(
        "Anything to add",
        description="No names and nothing that tells who the child is. 200 characters at most.",
        filters=[_strip],
        widget=GovTextArea(),
    )
    submit = SubmitField("Refuse", widget=GovSubmitInput())

    def validate_reason(self, field: Any) -> None:
        """One has to be chosen."""
        if field.data not in list(RefusalReason):
            raise ValidationError("Choose a reason")
