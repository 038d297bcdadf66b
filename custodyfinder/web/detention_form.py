"""The form that opens a record, in the order of the Act: one child charged and refused bail; no names."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from typing import Any

from flask_wtf import FlaskForm
from govuk_frontend_wtf.wtforms_widgets import (
    GovCheckboxInput,
    GovRadioInput,
    GovSelect,
    GovSubmitInput,
    GovTextArea,
    GovTextInput,
)
from wtforms import (
    BooleanField,
    Field,
    RadioField,
    SelectChoice,
    SelectField,
    StringField,
    SubmitField,
    TextAreaField,
)
from wtforms.validators import DataRequired, Length, ValidationError

from ..domain import court
from ..domain.needs import Need, Sex
from ..domain.record import GROUNDS_OFFERED, Answer, BailGround, Ethnicity, Regime, Risk
from ..errors import BadInput
from ..services.charges import Charge, check_charge, custody_record_number
from ..services.enquiries import Enquiry, check_age
from ..wiring import wired
from . import instants
from .forms import strip

KM_PER_MILE = 1.609344
AREAS = 3
MOST_MILES = 62
"""The service takes up to 100 km."""

ANSWERS = [(answer.value, answer.label) for answer in Answer]


def _check(rule: Callable[[], object]) -> None:
    """A rule of the service as a rule of the form, in the service's words."""
    try:
        rule()
    except BadInput as error:
        raise ValidationError(error.public) from None


def _text(label: str, hint: str = "", most: int = 200) -> Field:
    return StringField(
        label,
        [Length(max=most, message=f"Use {most} characters or fewer")],
        description=hint,
        filters=[strip],
        widget=GovTextInput(),
    )


def _answer(label: str) -> Field:
    # Drawn by the page as a row of a table: a dozen of the usual radio groups would be three screens long.
    return RadioField(label, choices=[SelectChoice(*each) for each in ANSWERS], default=Answer.NOT_KNOWN.value)


class _Questions(FlaskForm):
    """What is asked as yes, no or not known."""

    adult_told = _answer("An appropriate adult has been told")


for _risk in Risk:
    setattr(_Questions, f"risk_{_risk}", _answer(_risk.label))
for _need in Need:
    setattr(_Questions, f"need_{_need}", _answer(_need.label))


class DetentionForm(_Questions):
    """One child who was charged and refused bail."""

    regime = RadioField(
        "Why is the child held?",
        choices=[SelectChoice(regime.value, regime.label) for regime in Regime],
        default=Regime.CHARGED.value,
        widget=GovRadioInput(),
    )
    custody_record = _text("Custody record number", "The force's own number, such as 01YE/4711/26. Never a name.", 40)
    arrived_day, arrived_time = instants.day_field(), instants.time_field()
    charged_day, charged_time = instants.day_field(), instants.time_field()
    bail_refused_day, bail_refused_time = instants.day_field(), instants.time_field()
    court_day, court_time = instants.day_field(), instants.time_field()
    bail_ground = SelectField(
        "Why was bail refused? (PACE 1984 s.38(1))",
        choices=[
            SelectChoice("", "Choose a ground"),
            *(SelectChoice(each.value, each.label) for each in GROUNDS_OFFERED),
        ],
        validate_choice=False,
        widget=GovSelect(),
    )
    age = StringField(
        "Age",
        [DataRequired("Enter the child's age, 10 to 17")],
        description="10 to 17. If they may be under 18, enter 17.",
        filters=[strip],
        widget=GovTextInput(),
    )
    sex = RadioField(
        "Sex",
        choices=[SelectChoice(Sex.FEMALE.value, "Girl"), SelectChoice(Sex.MALE.value, "Boy")],
        validate_choice=False,
        widget=GovRadioInput(),
    )
    ethnicity = SelectField(
        "Ethnicity, as the child says it (optional)",
        choices=[SelectChoice("", "Not asked"), *(SelectChoice(each.value, each.label) for each in Ethnicity)],
        validate_choice=False,
        widget=GovSelect(),
        description="For equality monitoring only. It never counts in the search.",
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
    secure_reasons = TextAreaField(
        "Why would other accommodation not protect the public from serious harm from this child?",
        [Length(max=500, message="Use 500 characters or fewer")],
        description="In your own words. The authority and the court may see them. No names.",
        filters=[strip],
        widget=GovTextArea(),
    )
    other_would_do = RadioField(
        "Would non-secure accommodation do as well?",
        choices=[SelectChoice("no", "No"), SelectChoice("yes", "Yes")],
        validate_choice=False,
        widget=GovRadioInput(),
    )
    approved = BooleanField(
        "Under 13 and secure: the Secretary of State has approved it", widget=GovCheckboxInput(), description=""
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
    avoid_1, miles_1 = _text("Postcode", most=20), _text("Miles to keep away", most=10)
    avoid_2, miles_2 = _text("Postcode", most=20), _text("Miles to keep away", most=10)
    avoid_3, miles_3 = _text("Postcode", most=20), _text("Miles to keep away", most=10)
    avoid_geojson = TextAreaField(
        "Areas drawn on a map (GeoJSON)",
        [Length(max=40_000, message="Use 40,000 characters or fewer")],
        filters=[strip],
        widget=GovTextArea(),
    )
    keep_apart = _text(
        "Keep apart from",
        "References of other children's records here, such as K7R4-M4P, with commas between.",
    )
    submit = SubmitField("Find a bed", widget=GovSubmitInput())

    def propose(self, now: datetime) -> None:
        """Fill in what is likely: today, and the next sitting of a court."""
        for name in ("arrived", "charged", "bail_refused"):
            instants.propose(self, name, now, time_too=False)
        instants.propose(self, "court", court.next_sitting(now), time_too=True)

    def offer_authorities(self, authorities: list[tuple[str, str]]) -> None:
        """Fill the list of authorities: pairs of code and name."""
        choices = [("", "No authority, or not known"), *authorities]
        self.looked_after_by.choices = [SelectChoice(code, name) for code, name in choices]

    def out_of_scope(self) -> Regime | None:
        """The regime, where it is another than this program is for."""
        regime = Regime(self.regime.data) if self.regime.data in list(Regime) else None
        return None if regime in (None, Regime.CHARGED) else regime

    def needs_table(self) -> list[Field]:
        """The fields that are drawn as rows, in order."""
        return [self[f"need_{need}"] for need in Need]

    def risks_table(self) -> list[Field]:
        """As `needs_table`."""
        return [self.adult_told, *(self[f"risk_{risk}"] for risk in Risk)]

    def validate_custody_record(self, field: Any) -> None:
        """One that looks like one."""
        _check(lambda: custody_record_number(field.data))

    def validate_bail_ground(self, field: Any) -> None:
        """One of the list has to be chosen."""
        if field.data not in list(GROUNDS_OFFERED):
            raise ValidationError("Choose the ground on which bail was refused")

    def validate_ethnicity(self, field: Any) -> None:
        """One of the list, or none."""
        if field.data and field.data not in list(Ethnicity):
            raise ValidationError("Choose from the list, or leave it as not asked")

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

    def read(self, now: datetime) -> tuple[Enquiry, Charge] | None:
        """What was said, for the service; None with every error shown where something cannot be used."""
        fine = self.validate_on_submit()
        times = {
            name: instants.read(self, name, what, required=name != "arrived")
            for name, what in (
                ("arrived", "the arrival at the station"),
                ("charged", "the charge"),
                ("bail_refused", "the refusal of bail"),
                ("court", "the court"),
            )
        }
        charged, refused, sits = times["charged"], times["bail_refused"], times["court"]
        if not fine or self.errors or charged is None or refused is None or sits is None:
            return None
        try:
            enquiry = self._enquiry()
        except BadInput as error:
            self.put_error(error)
            return None
        charge = Charge(
            custody_record=self.custody_record.data,
            arrived_at=times["arrived"],
            charged_at=charged,
            bail_refused_at=refused,
            court_at=sits,
            bail_ground=BailGround(self.bail_ground.data),
            appropriate_adult=Answer(self.adult_told.data),
            risks={risk: Answer(self[f"risk_{risk}"].data) for risk in Risk},
            needs_no=frozenset(need for need in Need if self[f"need_{need}"].data == Answer.NO),
            ethnicity=Ethnicity(self.ethnicity.data) if self.ethnicity.data else None,
            secure_reasons=self.secure_reasons.data,
            other_would_do={"yes": True, "no": False}.get(self.other_would_do.data or ""),
        )
        faults = check_charge(enquiry, charge, now=now)
        for fault in faults:
            self.put_error(BadInput(fault.field, field=fault.field, public=fault.sentence))
        return None if faults else (enquiry, charge)

    def _enquiry(self) -> Enquiry:
        references = re.split(r"[\s,;]+", self.keep_apart.data.upper())
        return Enquiry(
            age=int(self.age.data),
            sex=Sex(self.sex.data),
            secure=self.kind.data == "secure",
            approved_under_13=self.approved.data,
            needs=frozenset(need for need in Need if self[f"need_{need}"].data == Answer.YES),
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
        name = error.field or "age"
        if name in ("arrived", "charged", "bail_refused", "court"):
            name = f"{name}_time"
        instants.put_error(self[{"avoid": "avoid_1"}.get(name, name)], error.public)
