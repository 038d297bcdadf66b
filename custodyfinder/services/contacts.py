"""An authority's contacts: who they are, and whether their phones may be texted.

Only a mobile that was confirmed, by a code texted back from it, is ever asked for a bed. One phone
may be shared: a code, STOP and START hold for every contact with that number.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Select, exists, func, select, update
from sqlalchemy.orm import InstrumentedAttribute, Session

from ..db import reading, transaction
from ..domain import wording
from ..domain.escalation import Target
from ..errors import BadInput, Conflict, NotFound
from ..models import AuditEvent, Authority, Contact, RotaOverride, TextKind, TextMessage, WeeklyShift
from . import audit, oncall, outbox, phones

CODE_GOOD_FOR = timedelta(hours=24)
CODES_AN_HOUR = 3
"""To one number, whoever on whichever list has it: a stranger must not be woken over and over by us."""

MOST_TRIES = 5
"""A code that was guessed at so often is good no longer."""


@dataclass(frozen=True, kw_only=True)
class ContactLine:
    """One contact, for the manager's page."""

    id: int
    name: str
    role: str
    mobile: str | None
    landline: str | None
    is_fallback: bool
    is_manager: bool
    why_not: str | None
    """Why they cannot be texted; None if they can."""
    check_sent_at: datetime | None


def of_authority(authority_code: str) -> list[ContactLine]:
    """Everybody on an authority's list, the fallback and the manager first."""
    with reading() as connection, Session(bind=connection) as session:
        people = session.scalars(
            _present(authority_code).order_by(Contact.is_fallback.desc(), Contact.is_manager.desc(), Contact.name)
        )
        return [
            ContactLine(
                id=each.id,
                name=each.name,
                role=each.role,
                mobile=each.mobile,
                landline=each.landline,
                is_fallback=each.is_fallback,
                is_manager=each.is_manager,
                why_not=oncall.why_not(each),
                check_sent_at=each.check_sent_at,
            )
            for each in people
        ]


@dataclass(frozen=True, kw_only=True)
class Given:
    """What a manager types of a contact; numbers as they are typed, "" for none."""

    name: str
    role: str
    mobile: str
    landline: str


def add(given: Given, *, authority_code: str, by: str, now: datetime) -> int:
    """Put somebody on an authority's list; the first is its fallback. Return the contact's id.

    Raises:
        BadInput: a name, role or number cannot be used; `field` says which.
    """
    values = _checked(given)
    with transaction() as session:
        there = _in_turn(session, authority_code)
        _refuse_a_taken_name(given.name, there)
        first = not any(each.is_fallback for each in there)
        opted_out = _opted_out(session, values["mobile"])
        contact = Contact(authority_code=authority_code, is_fallback=first, opted_out_at=opted_out, **values)
        session.add(contact)
        session.flush()
        audit.record(session, by, "contact added", f"contact:{contact.id}", at=now)
        return contact.id


def change(contact_id: int, given: Given, *, authority_code: str, by: str, now: datetime) -> None:
    """Change a contact. Another mobile has to be confirmed anew.

    Raises:
        BadInput: as `add`.
        NotFound: there is no such contact of this authority.
    """
    values = _checked(given)
    with transaction() as session:
        there = _in_turn(session, authority_code)
        contact = _one(session, contact_id, authority_code)
        _refuse_a_taken_name(given.name, [each for each in there if each is not contact])
        if values["mobile"] != contact.mobile:
            contact.verified_at = contact.check_code = contact.check_sent_at = None
            contact.opted_out_at = _opted_out(session, values["mobile"])
        for name, value in values.items():
            setattr(contact, name, value)
        audit.record(session, by, "contact changed", f"contact:{contact_id}", at=now)


def remove(contact_id: int, *, authority_code: str, by: str, now: datetime) -> None:
    """Take a contact off the list. What they did stays on the record.

    Raises:
        Conflict: the fallback is always there, and who is on the rota is needed: another comes first.
        NotFound: there is no such contact of this authority.
    """
    with transaction() as session:
        contact = _one(session, contact_id, authority_code)
        if contact.is_fallback:
            raise Conflict(
                f"contact {contact_id} is the fallback",
                public="The fallback is always there. Make somebody else the fallback first.",
            )
        on_rota = exists().where(WeeklyShift.contact_id == contact_id)
        coming = exists().where(RotaOverride.contact_id == contact_id, RotaOverride.ends_at > now)
        if session.scalar(select(on_rota | coming)):
            raise Conflict(
                f"contact {contact_id} is on the rota",
                public=f"{contact.name} is on the rota. Take their shifts and overrides out first.",
            )
        contact.removed_at = now
        contact.is_manager = False
        audit.record(session, by, "contact removed", f"contact:{contact_id}", at=now)


def make_fallback(contact_id: int, *, authority_code: str, by: str, now: datetime) -> None:
    """Make a contact the one that is always there, in place of whoever is.

    Raises:
        NotFound: there is no such contact of this authority.
    """
    _choose(Contact.is_fallback, contact_id, authority_code, "fallback chosen", by, now)


def make_manager(contact_id: int, *, authority_code: str, by: str, now: datetime) -> None:
    """Make a contact the one who is told of gaps, opt-outs and silence, in place of whoever is.

    Raises:
        NotFound: there is no such contact of this authority.
    """
    _choose(Contact.is_manager, contact_id, authority_code, "manager chosen", by, now)


def _choose(
    column: InstrumentedAttribute[bool], contact_id: int, authority_code: str, action: str, by: str, now: datetime
) -> None:
    with transaction() as session:
        _in_turn(session, authority_code)
        contact = _one(session, contact_id, authority_code)
        of_theirs = update(Contact).where(Contact.authority_code == authority_code)
        session.execute(of_theirs.where(column).values({column: False}))
        setattr(contact, column.key, True)
        audit.record(session, by, action, _subject(contact_id), at=now)


# --- confirming a phone: what its holder texts is worked in the caller's transaction ----------


def send_check(contact_id: int, *, authority_code: str, by: str, now: datetime) -> None:
    """Text a code to a contact's mobile, to be texted back within 24 hours.

    Raises:
        Conflict: they have no mobile, have confirmed it, have opted out, or were sent three codes within the hour.
        NotFound: there is no such contact of this authority.
    """
    with transaction() as session:
        contact = _one(session, contact_id, authority_code)
        if contact.mobile is None:
            raise Conflict("no mobile", public=f"{contact.name} has no mobile. Add one first.")
        if contact.verified_at is not None:
            raise Conflict("confirmed", public=f"{contact.name} has confirmed the number already.")
        if contact.opted_out_at is not None:
            raise Conflict("opted out", public="This phone has opted out of texts. START from it brings it back.")
        if _codes_lately(session, contact.mobile, now) >= CODES_AN_HOUR:
            raise Conflict("codes", public="Three codes were sent to this number within the hour. Wait, or check it.")
        contact.check_code = f"{secrets.randbelow(1_000_000):06}"
        contact.check_sent_at = now
        outbox.promise(
            session,
            kind=TextKind.NOTICE,
            to=contact.mobile,
            body=wording.check_phone(_authority_name(session, authority_code), contact.check_code),
            request_id=None,
            now=now,
        )
        audit.record(session, by, "code sent", _subject(contact_id), at=now)


WRONG_CODE = "wrong code"


def _codes_lately(session: Session, number: str, now: datetime) -> int:
    # By the number: taking the contact off the list and putting it on again must not start the count anew.
    # A number that nobody has confirmed is sent no other notice of this kind.
    lately = select(func.count(TextMessage.id)).where(
        TextMessage.to_number == number,
        TextMessage.promised_at > now - timedelta(hours=1),
        TextMessage.kind == TextKind.NOTICE,
        TextMessage.request_id.is_(None),
    )
    return session.scalar(lately) or 0


def _wrong_codes(session: Session, contact_id: int, *, since: datetime) -> int:
    lately = select(func.count(AuditEvent.id)).where(
        AuditEvent.subject == _subject(contact_id), AuditEvent.action == WRONG_CODE, AuditEvent.at >= since
    )
    return session.scalar(lately) or 0


def confirm(session: Session, number: str, code: str, *, now: datetime) -> str | None:
    """A code came from a phone: mark it as confirmed. Return the answer; None if the code is not right."""
    since = now - CODE_GOOD_FOR
    waiting = [each for each in _with(session, number) if each.check_code and (each.check_sent_at or since) > since]
    right = [contact for contact in waiting if contact.check_code == code]
    if not right:
        for contact in waiting:
            before = _wrong_codes(session, contact.id, since=contact.check_sent_at or now)
            audit.record(session, f"contact:{contact.id}", WRONG_CODE, _subject(contact.id), at=now)
            if before + 1 >= MOST_TRIES:
                contact.check_code = None
        return None
    # The phone is the same for whoever shares it: it has shown that it is in the right hands.
    for contact in _with(session, number):
        if contact.verified_at is None:
            contact.verified_at = now
            audit.record(session, f"contact:{contact.id}", "number confirmed", _subject(contact.id), at=now)
        contact.check_code = None
    return wording.phone_checked(_authority_name(session, right[0].authority_code))


def stop(session: Session, number: str, *, now: datetime) -> None:
    """A phone has opted out of texts: mark it, and tell its authorities' managers. A second time changes nothing."""
    told: set[str] = set()
    for contact in _with(session, number):
        if contact.opted_out_at is not None:
            continue
        contact.opted_out_at = now
        session.flush()
        audit.record(session, f"contact:{contact.id}", "opted out of texts", _subject(contact.id), at=now)
        if contact.authority_code in told:  # of the same phone, by another name
            continue
        told.add(contact.authority_code)
        for manager in oncall.whom(session, contact.authority_code, Target.MANAGER, now=now):
            if manager.mobile is not None and manager.mobile != number and oncall.why_not(manager) is None:
                outbox.promise(
                    session,
                    kind=TextKind.NOTICE,
                    to=manager.mobile,
                    body=wording.opted_out_notice(_authority_name(session, contact.authority_code), contact.role),
                    request_id=None,
                    now=now,
                )


def start(session: Session, number: str, *, now: datetime) -> str | None:
    """A phone that had opted out is back. Return the answer; None if it had not."""
    back = [contact for contact in _with(session, number) if contact.opted_out_at is not None]
    for contact in back:
        contact.opted_out_at = None
        audit.record(session, f"contact:{contact.id}", "takes texts again", _subject(contact.id), at=now)
    return wording.brought_back(_authority_name(session, back[0].authority_code)) if back else None


# --- what they share ------------------------------------------------------------------------


def _with(session: Session, number: str) -> list[Contact]:
    return list(
        session.scalars(
            select(Contact)
            .where(Contact.mobile == number, Contact.removed_at.is_(None))
            .order_by(Contact.id)
            .with_for_update()
        )
    )


def _present(authority_code: str) -> Select[*tuple[Contact]]:
    return select(Contact).where(Contact.authority_code == authority_code, Contact.removed_at.is_(None))


def _one(session: Session, contact_id: int, authority_code: str) -> Contact:
    contact = session.scalar(_present(authority_code).where(Contact.id == contact_id).with_for_update())
    if contact is None:
        raise NotFound(f"no contact {contact_id} of {authority_code}")
    return contact


def _in_turn(session: Session, authority_code: str) -> list[Contact]:
    """Everybody on the list, which nobody else changes before this transaction ends."""
    session.get_one(Authority, authority_code, with_for_update={"key_share": True})
    return list(session.scalars(_present(authority_code).order_by(Contact.id)))


def _opted_out(session: Session, number: str | None) -> datetime | None:
    """When this phone sent STOP, if it has not been back since."""
    return session.scalar(
        select(func.max(Contact.opted_out_at)).where(Contact.mobile == number, Contact.removed_at.is_(None))
    )


def _authority_name(session: Session, code: str) -> str:
    return session.scalars(select(Authority.name).where(Authority.code == code)).one()


def _subject(contact_id: int) -> str:
    return f"contact:{contact_id}"


def _checked(given: Given) -> dict[str, str | None]:
    name, role = " ".join(given.name.split()), " ".join(given.role.split())
    for field, value in (("name", name), ("role", role)):
        if not value:
            raise BadInput(field, field=field, public=f"Enter the {field} of the contact.")
        if len(value) > 80:
            raise BadInput(field, field=field, public="Use 80 characters or fewer.")
    mobile = phones.mobile(given.mobile) if given.mobile.strip() else None
    landline = phones.number(given.landline, field="landline") if given.landline.strip() else None
    if mobile is None and landline is None:
        raise BadInput("numbers", field="mobile", public="Enter a mobile or a landline: somebody has to be reached.")
    return {"name": name, "role": role, "mobile": mobile, "landline": landline}


def _refuse_a_taken_name(name: str, there: list[Contact]) -> None:
    # Small and capital letters alike, as the CSV of the rota reads names.
    if " ".join(name.split()).casefold() in {each.name.casefold() for each in there}:
        public = "Another contact here has this name. The rota needs names that differ."
        raise BadInput("name", field="name", public=public)
