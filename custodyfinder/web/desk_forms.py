"""The forms of the custody officer's pages, besides that for a child: a call, a search that keeps going."""

from __future__ import annotations

from datetime import datetime

from flask_wtf import FlaskForm
from govuk_frontend_wtf.wtforms_widgets import GovRadioInput, GovSubmitInput
from wtforms import RadioField, SelectChoice, StringField, SubmitField
from wtforms.validators import AnyOf, InputRequired, Length

from ..domain import court
from ..domain.needs import RefusalReason
from ..errors import BadInput
from ..models import CallOutcome
from . import instants


class SearchForm(FlaskForm):
    """How a search keeps going, and until when."""

    at_once = RadioField(
        "How many places are asked at a time?",
        choices=[
            SelectChoice("1", "One at a time, the best first"),
            SelectChoice("3", "Three at once: the first to accept gets the child, the others are told"),
        ],
        default="1",
        widget=GovRadioInput(),
        validators=[InputRequired("Choose one at a time or three at once")],
    )
    until_day, until_time = instants.day_field(), instants.time_field()
    submit = SubmitField("Start asking", widget=GovSubmitInput())

    @classmethod
    def proposing(cls, court_at: datetime, now: datetime) -> SearchForm:
        """The form with the court of the record filled in; with the next likely sitting where that is past."""
        form = cls(formdata=None)
        instants.propose(form, "until", court_at if court_at > now else court.next_sitting(now), time_too=True)
        return form

    def until(self) -> datetime | None:
        """When the court sits, in UTC; None where it cannot be read: the form then has an error."""
        return instants.read(self, "until", "the court")

    def put_error(self, error: BadInput) -> None:
        """Show what the service says, at the field that it speaks of."""
        instants.put_error(self.at_once if error.field == "at_once" else self.until_time, error.public)


class CallForm(FlaskForm):
    """A call to the authority. The button that is pressed says what came of it."""

    said = StringField(validators=[AnyOf(list(CallOutcome), message="Choose what was said")])
    reason = StringField(
        default=RefusalReason.NOT_GIVEN.value, validators=[AnyOf(list(RefusalReason), message="Choose a reason")]
    )
    words = StringField(validators=[Length(max=200, message="Use 200 characters or fewer")], default="")
