"""Signing in by an identity provider: its subject is bound to one account, for good."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select

from ..db import transaction
from ..gateways.identity import Identity
from ..models import Person
from . import audit
from .signing_in import SignInFailed, enter


def enter_identity(identity: Identity, *, origin: str, now: datetime) -> str:
    """Begin a session for whom the provider named. Return its token.

    The first time, by the username that an administrator added; from then on by the provider's subject, so that a
    name which is given to somebody else one day opens nothing. The second factor is the provider's.

    Raises:
        SignInFailed: unknown, closed, or the username is bound to somebody else.
    """
    with transaction() as session:
        theirs = (Person.oidc_issuer == identity.issuer) & (Person.oidc_subject == identity.subject)
        person = session.scalar(select(Person).where(theirs).with_for_update())
        if person is None:
            person = session.scalar(select(Person).where(Person.username == identity.username).with_for_update())
            if person is None or person.oidc_subject is not None or person.disabled_at is not None:
                raise SignInFailed("the provider named nobody who may sign in")
            person.oidc_issuer, person.oidc_subject = identity.issuer, identity.subject
            audit.record(session, person.username, "identity bound", f"person:{person.id}", at=now)
        if person.disabled_at is not None:
            raise SignInFailed(f"person {person.id} is closed")
        return enter(session, person, "identity provider", origin=origin, now=now)
