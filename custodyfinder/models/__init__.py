"""Tables and constraints; no decisions.

A rule the database can keep is a constraint here first and Python second.
"""

from .access import ApiToken, IdempotencyKey
from .asking import (
    GOING_ON,
    OPEN,
    BedRequest,
    Call,
    CallOutcome,
    Placement,
    RequestState,
    SearchEnd,
    StandingSearch,
    StepTaken,
)
from .detention import Certificate, Detention, Outcome, SearchKept, Told
from .places import ABLE_NOW, BAND_M, BedReport, Kind, Place
from .records import AuditEvent, AuditHead, Heartbeat, Once
from .reference import COUNTS_WANTED_AT, Authority, Person, Suite
from .rota import Contact, EscalationPolicy, RotaOverride, WeeklyShift
from .sessions import KeptForm, RecordGrant, RecoveryCode, SignInSession, SignInTry
from .texts import (
    FATE_UNKNOWN,
    NOT_FOLLOWED_UP,
    SENDING,
    UNSENT,
    UNWORKED,
    CarrierState,
    IncomingText,
    Receipt,
    TextKind,
    TextMessage,
    TextState,
)

__all__ = [
    "ABLE_NOW",
    "BAND_M",
    "COUNTS_WANTED_AT",
    "FATE_UNKNOWN",
    "GOING_ON",
    "NOT_FOLLOWED_UP",
    "OPEN",
    "SENDING",
    "UNSENT",
    "UNWORKED",
    "ApiToken",
    "AuditEvent",
    "AuditHead",
    "Authority",
    "BedReport",
    "BedRequest",
    "Call",
    "CallOutcome",
    "CarrierState",
    "Certificate",
    "Contact",
    "Detention",
    "EscalationPolicy",
    "Heartbeat",
    "IdempotencyKey",
    "IncomingText",
    "KeptForm",
    "Kind",
    "Once",
    "Outcome",
    "Person",
    "Place",
    "Placement",
    "Receipt",
    "RecordGrant",
    "RecoveryCode",
    "RequestState",
    "RotaOverride",
    "SearchEnd",
    "SearchKept",
    "SignInSession",
    "SignInTry",
    "StandingSearch",
    "StepTaken",
    "Suite",
    "TextKind",
    "TextMessage",
    "TextState",
    "Told",
    "WeeklyShift",
]
