"""The forms of a record's pages: how it ended, a call to an authority."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import TypeVar

from flask_wtf import FlaskForm
from govuk_frontend_wtf.wtforms_widgets import GovRadioInput, GovSelect, GovSubmitInput, GovTextArea, GovTextInput
from wtforms import RadioField, SelectChoice, SelectField, StringField, SubmitField, TextAreaField
from wtforms.validators import AnyOf, Length

from ..domain.needs import RefusalReason
from ..domain.record import (
    OUTCOMES_OFFERED,
    CertificateGround,
    Impracticable,
    OutcomeKind,
    Rank,
    Transport,
)
from ..errors import BadInput
from ..models import CallOutcome
from ..services.outcomes import Ended
from . import instants
from .forms import strip

_SHORT = Length(max=500, message="Use 500 characters or fewer")


def _radio(label: str, choices: list[SelectChoice], hint: str = "") -> RadioField:
    return RadioField(label, choices=choices, validate_choice=False, widget=GovRadioInput(), description=hint)


class EmptyForm(FlaskForm):
    """A press and nothing else: it carries the token."""


class EndForm(FlaskForm):
    """How a child's time after charge ended."""

    kind = _radio("How did it end?", [SelectChoice(each.value, each.label) for each in OUTCOMES_OFFERED])
    occurred_day, occurred_time = instants.day_field(), instants.time_field()
    transport = _radio("Who took the child there?", [SelectChoice(each.value, each.label) for each in Transport])
    arrived_day, arrived_time = instants.day_field(), instants.time_field()
    ground = _radio(
        "On which ground was the child not moved?",
        [SelectChoice(each.value, f"{each.label} ({each.paragraph})") for each in CertificateGround],
    )
    impracticable = _radio(
        "What made it impracticable?",
        [SelectChoice(each.value, each.label) for each in Impracticable],
        "Only transport and travel can: not the child's behaviour, the offence, the lack of secure accommodation, "
        "or the hour (Code C Note 16D). The last needs an inspector's words.",
    )
    circumstances = TextAreaField(
        "The circumstances, for the court",
        [_SHORT],
        description="In your own words. No names and no address.",
        filters=[strip],
        widget=GovTextArea(),
    )
    inspector = StringField(
        "Supervising officer's number",
        description="Inspector rank or above supervises (Code C 16.7).",
        filters=[strip],
        widget=GovTextInput(),
    )
    inspector_rank = SelectField(
        "Their rank",
        choices=[SelectChoice("", "Choose a rank"), *(SelectChoice(each.value, each.label) for each in Rank)],
        validate_choice=False,
        widget=GovSelect(),
    )
    override_words = TextAreaField(
        "As inspector: why the certificate is right although the record says otherwise",
        [_SHORT],
        description="Stands on the certificate and on the log. Leave empty where nothing speaks against it.",
        filters=[strip],
        widget=GovTextArea(),
    )
    submit = SubmitField("Record how it ended", widget=GovSubmitInput())

    def propose(self, now: datetime) -> None:
        """Today, and no time: that has to be said."""
        for name in ("occurred", "arrived"):
            instants.propose(self, name, now, time_too=False)

    def read(self) -> Ended | None:
        """What was said, for the service; None with every error shown."""
        fine = self.validate_on_submit()
        kind = OutcomeKind(self.kind.data) if self.kind.data in list(OUTCOMES_OFFERED) else None
        if kind is None:
            instants.put_error(self.kind, "Choose how it ended")
        at = instants.read(self, "occurred", "that")
        moved, stayed = kind is OutcomeKind.TRANSFERRED, kind is OutcomeKind.NOT_TRANSFERRED
        arrived = instants.read(self, "arrived", "the arrival", required=False) if moved else None
        if not fine or self.errors or kind is None or at is None:
            return None
        ground = _chosen(CertificateGround, self.ground.data) if stayed else None
        return Ended(
            kind=kind,
            occurred_at=at,
            arrived_at=arrived,
            transport=_chosen(Transport, self.transport.data) if moved else None,
            ground=ground,
            # What was chosen for the other ground is not hidden from the officer, and does not count.
            impracticable=_chosen(Impracticable, self.impracticable.data)
            if ground is CertificateGround.IMPRACTICABLE
            else None,
            circumstances=self.circumstances.data if stayed else "",
            inspector=self.inspector.data if stayed else "",
            inspector_rank=_chosen(Rank, self.inspector_rank.data) if stayed else None,
            override_words=self.override_words.data or "",
        )

    def put_error(self, error: BadInput) -> None:
        """Show a service's refusal at the field that it is about."""
        name = error.field or "kind"
        if name in ("occurred", "arrived"):
            name = f"{name}_time"
        instants.put_error(self[name], error.public)


E = TypeVar("E", bound=StrEnum)


def _chosen(kind: type[E], value: str | None) -> E | None:
    return kind(value) if value in list(kind) else None


class AuthorityCallForm(FlaskForm):
    """A call to an authority that is about no place of its list. The button that is pressed says what came of it."""

    authority = SelectField("Which authority did you ring?", validate_choice=False, widget=GovSelect())
    secure = StringField(default="no", validators=[AnyOf(["yes", "no"], message="Say what you asked for")])
    said = StringField(validators=[AnyOf(list(CallOutcome), message="Choose what was said")])
    reason = StringField(
        default=RefusalReason.NOT_GIVEN.value, validators=[AnyOf(list(RefusalReason), message="Choose a reason")]
    )
    words = StringField(validators=[Length(max=200, message="Use 200 characters or fewer")], default="")

    def offer_authorities(self, authorities: list[tuple[str, str]], first: str) -> None:
        """Fill the list; the authority to ask first is proposed."""
        self.authority.choices = [SelectChoice(code, name) for code, name in authorities]
        if not self.authority.data:
            self.authority.data = first
