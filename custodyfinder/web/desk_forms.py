"""The forms of the custody officer's pages, besides that for a child: a call, a search that keeps going."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from flask_wtf import FlaskForm
from govuk_frontend_wtf.wtforms_widgets import GovRadioInput, GovSubmitInput
from wtforms import DateField, RadioField, SelectChoice, StringField, SubmitField, TimeField
from wtforms.validators import AnyOf, InputRequired, Length

from ..domain import court
from ..domain.needs import RefusalReason
from ..errors import BadInput
from ..models import CallOutcome

_LONDON = ZoneInfo("Europe/London")


class _Day(DateField):
    def process_formdata(self, valuelist: list[str]) -> None:
        """As DateField, in words that say what to do."""
        try:
            super().process_formdata(valuelist)
        except ValueError:
            raise ValueError("Enter the day of the court, such as 2026-11-24") from None


class _Time(TimeField):
    def process_formdata(self, valuelist: list[str]) -> None:
        """As TimeField, in words that say what to do."""
        try:
            super().process_formdata(valuelist)
        except ValueError:
            raise ValueError("Enter the time of the court, such as 10:00") from None


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
    day = _Day("Day", validators=[InputRequired("Enter the day of the court")])
    time = _Time("Time", validators=[InputRequired("Enter the time of the court, such as 10:00")])
    submit = SubmitField("Start asking", widget=GovSubmitInput())

    @classmethod
    def proposing(cls, court_at: datetime, now: datetime) -> SearchForm:
        """The form with the court of the record filled in; with the next likely sitting where that is past."""
        sits = (court_at if court_at > now else court.next_sitting(now)).astimezone(_LONDON)
        return cls(formdata=None, day=sits.date(), time=sits.time())

    def until(self) -> datetime:
        """When the court sits, in UTC."""
        return datetime.combine(self.day.data, self.time.data, _LONDON).astimezone(UTC)

    def put_error(self, error: BadInput) -> None:
        """Show what the service says, at the field that it speaks of."""
        field = self.at_once if error.field == "at_once" else self.time
        field.errors = [error.public]


class CallForm(FlaskForm):
    """A call to the authority. The button that is pressed says what came of it."""

    said = StringField(validators=[AnyOf(list(CallOutcome), message="Choose what was said")])
    reason = StringField(
        default=RefusalReason.NOT_GIVEN.value, validators=[AnyOf(list(RefusalReason), message="Choose a reason")]
    )
    words = StringField(validators=[Length(max=200, message="Use 200 characters or fewer")], default="")
