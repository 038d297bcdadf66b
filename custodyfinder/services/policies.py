"""An authority's escalation policy: versions that are added, never changed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from ..db import reading, transaction
from ..domain import escalation
from ..domain.escalation import Policy
from ..errors import BadInput, Conflict
from ..models import Authority, Contact, EscalationPolicy
from ..wiring import wired
from . import audit


def current(session: Session, authority_code: str, *, hold_for: timedelta) -> Policy:
    """The policy in force: the latest version, or the default."""
    kept = session.scalar(
        select(EscalationPolicy)
        .where(EscalationPolicy.authority_code == authority_code)
        .order_by(EscalationPolicy.version.desc())
        .limit(1)
    )
    return escalation.default(hold_for) if kept is None else escalation.from_json(kept.policy)


def show(authority_code: str) -> Policy:
    """The policy in force, for the page."""
    with reading() as connection, Session(bind=connection) as session:
        return current(session, authority_code, hold_for=wired().settings.hold_for)


@dataclass(frozen=True, kw_only=True)
class Version:
    """A policy that was put in force, and by whom."""

    version: int
    policy: Policy
    made_by: str
    made_at: datetime
    names: dict[str, str]
    """Of the contacts that its steps name, by target; those who have left since, too."""


def history(authority_code: str) -> list[Version]:
    """Every policy that an authority has chosen, the latest first."""
    with reading() as connection, Session(bind=connection) as session:
        kept = session.scalars(
            select(EscalationPolicy)
            .where(EscalationPolicy.authority_code == authority_code)
            .order_by(EscalationPolicy.version.desc())
        ).all()
        people = session.execute(select(Contact.id, Contact.name).where(Contact.authority_code == authority_code))
        names = {f"contact:{row.id}": row.name for row in people}
        return [
            Version(
                version=each.version,
                policy=escalation.from_json(each.policy),
                made_by=each.made_by,
                made_at=each.made_at,
                names=names,
            )
            for each in kept
        ]


def set_policy(authority_code: str, policy: Policy, *, by: str, now: datetime) -> int:
    """Put another policy in force, for requests that are made from now on. Return its version.

    Raises:
        BadInput: it would leave somebody waiting, or names somebody who is not a contact of this authority.
        Conflict: somebody else is setting it at this moment.
    """
    escalation.check(policy)
    try:
        with transaction() as session:
            _check_contacts(session, authority_code, policy)
            latest = session.scalar(
                select(EscalationPolicy.version)
                .where(EscalationPolicy.authority_code == authority_code)
                .order_by(EscalationPolicy.version.desc())
                .limit(1)
            )
            version = (latest or 0) + 1
            session.add(
                EscalationPolicy(
                    authority_code=authority_code,
                    version=version,
                    policy=escalation.as_json(replace(policy, version=version)),
                    made_by=by,
                    made_at=now,
                )
            )
            audit.record(session, by, "policy set", f"authority:{authority_code}", at=now, version=version)
            return version
    except IntegrityError:
        raise Conflict("policy version") from None


def _check_contacts(session: Session, authority_code: str, policy: Policy) -> None:
    named = {
        contact
        for step in policy.steps
        for target in step.targets
        if (contact := escalation.contact_of(target)) is not None
    }
    there = set(
        session.scalars(
            select(Contact.id).where(
                Contact.id.in_(named), Contact.authority_code == authority_code, Contact.removed_at.is_(None)
            )
        )
    )
    if named - there:
        raise BadInput("policy contact", field="steps", public="A step names somebody who is not a contact here.")


def set_texting(authority_code: str, *, texted: bool, counts_wanted_at: int | None, by: str, now: datetime) -> None:
    """Whether requests are texted to an authority or it is rung, and when it is asked for its counts.

    Args:
        counts_wanted_at: Minutes after midnight in London; None: never.
    """
    with transaction() as session:
        authority = session.get_one(Authority, authority_code, with_for_update=True)
        authority.texted, authority.counts_wanted_at = texted, counts_wanted_at
        audit.record(
            session,
            by,
            "texting set",
            f"authority:{authority_code}",
            at=now,
            texted=texted,
            counts_wanted_at=counts_wanted_at,
        )


def texting(authority_code: str) -> tuple[bool, int | None]:
    """As `set_texting` took them."""
    with reading() as connection:
        row = connection.execute(
            select(Authority.texted, Authority.counts_wanted_at).where(Authority.code == authority_code)
        ).one()
        return row.texted, row.counts_wanted_at
