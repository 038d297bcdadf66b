"""Programs that may call the API: their tokens. Shown once, kept as a hash, of one organisation, for a year at most."""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from ..db import reading, transaction
from ..domain.scopes import Organisation, Scope
from ..errors import BadInput, CustodyfinderError
from ..models import ApiToken, Authority, Suite
from . import audit

LONGEST_DAYS = 366
USE_NOTED_EVERY = timedelta(minutes=1)

_TOKEN = re.compile(r"cf_[A-Za-z0-9_-]{43}")
_NAME = re.compile(r"[a-z0-9][a-z0-9.-]{0,38}[a-z0-9]")


class TokenRefused(CustodyfinderError):
    """Missing, unknown, expired or revoked: one answer, so that nobody learns which."""

    status = 401
    public = "Send a token that is good now, as the header `Authorization: Bearer cf_…`."


@dataclass(frozen=True, kw_only=True)
class Client:
    """The program behind a token."""

    id: int
    name: str
    force: str | None
    authority_code: str | None
    scopes: frozenset[Scope]
    last_used_at: datetime | None

    @property
    def organisation(self) -> Organisation:
        """Whose program it is."""
        return Organisation.AUTHORITY if self.force is None else Organisation.FORCE

    @property
    def actor(self) -> str:
        """How records and audit lines name it: "duty-system (token 3)"."""
        return f"{self.name} (token {self.id})"


@dataclass(frozen=True, kw_only=True)
class Issued:
    """A new token. `text` exists nowhere else."""

    id: int
    text: str


@dataclass(frozen=True, kw_only=True)
class TokenLine:
    """One token in the list."""

    id: int
    name: str
    force: str | None
    authority_code: str | None
    scopes: tuple[Scope, ...]
    created_at: datetime
    created_by: str
    expires_at: datetime
    revoked_at: datetime | None
    last_used_at: datetime | None
    """To the minute."""

    def is_good(self, now: datetime) -> bool:
        """Whether it opens anything at this moment."""
        return self.revoked_at is None and now < self.expires_at


def add(
    name: str,
    *,
    force: str | None,
    authority_code: str | None,
    scopes: Collection[Scope],
    days: int,
    by: str,
    now: datetime,
) -> Issued:
    """Issue a token to a program of one force or one authority, good for `days` days.

    Raises:
        BadInput: an odd name, neither or both of force and authority, an unknown one, no scope, one that is
            of no use to that kind of organisation, or more than 366 days.
    """
    if not _NAME.fullmatch(name):
        raise BadInput(
            "token name",
            public="Name the program in 2 to 40 small letters, digits, dots and hyphens, such as duty-system.",
        )
    if (force is None) == (authority_code is None):
        raise BadInput("token organisation", public="Give either a force or an authority, one of the two.")
    if not 1 <= days <= LONGEST_DAYS:
        raise BadInput("token days", public=f"A token is good for 1 to {LONGEST_DAYS} days.")
    _check_scopes(scopes, Organisation.AUTHORITY if force is None else Organisation.FORCE)
    text = f"cf_{secrets.token_urlsafe(32)}"
    with transaction() as session:
        _check_known(session, force, authority_code)
        token = ApiToken(
            name=name,
            force=force,
            authority_code=authority_code,
            scopes=[scope.value for scope in Scope if scope in scopes],
            token_hash=_hash(text),
            created_at=now,
            created_by=by,
            expires_at=now + timedelta(days=days),
        )
        session.add(token)
        session.flush()
        audit.record(session, by, "token added", f"token:{token.id}", at=now, scopes=token.scopes, days=days)
        return Issued(id=token.id, text=text)


def _check_scopes(scopes: Collection[Scope], organisation: Organisation) -> None:
    if not scopes:
        raise BadInput("token scopes", public="Give at least one scope.")
    for scope in scopes:
        if organisation not in scope.held_by:
            holder = " or ".join(sorted(scope.held_by))
            article = "an" if organisation is Organisation.AUTHORITY else "a"
            raise BadInput(
                "token scopes",
                public=f"The scope {scope.value} is for a program of {'an' if holder == 'authority' else 'a'} {holder},"
                f" not of {article} {organisation.value}.",
            )


def _check_known(session: Session, force: str | None, authority_code: str | None) -> None:
    if force is not None and session.scalar(select(Suite.id).where(Suite.force == force).limit(1)) is None:
        raise BadInput("force", public=f"There is no force {force[:40]}. Write it as `seeds/suites.csv` has it.")
    if authority_code is not None and session.get(Authority, authority_code) is None:
        raise BadInput("authority", public=f"There is no authority {authority_code[:12]}. Give its ONS code.")


def everything() -> list[TokenLine]:
    """Every token that was ever issued, latest last."""
    columns = [getattr(ApiToken, name) for name in TokenLine.__dataclass_fields__]
    with reading() as connection:
        rows = connection.execute(select(*columns).order_by(ApiToken.id)).mappings()
        return [TokenLine(**dict(row) | {"scopes": tuple(Scope(scope) for scope in row["scopes"])}) for row in rows]


def revoke(token_id: int, *, by: str, now: datetime) -> None:
    """End a token now. Revoking it again changes nothing.

    Raises:
        BadInput: there is no such token.
    """
    with transaction() as session:
        token = session.get(ApiToken, token_id)
        if token is None:
            raise BadInput("token", public=f"There is no token {token_id}. `tokens list` shows every token.")
        if token.revoked_at is None:
            token.revoked_at = now
            audit.record(session, by, "token revoked", f"token:{token_id}", at=now)


def client_of(text: str, *, now: datetime) -> Client:
    """The program whose token this is.

    It is found by its hash: how long that takes says nothing of any other token.

    Raises:
        TokenRefused: nobody's, expired or revoked.
    """
    if not _TOKEN.fullmatch(text):
        raise TokenRefused("not a token")
    columns = [getattr(ApiToken, name) for name in Client.__dataclass_fields__]
    with reading() as connection:
        row = (
            connection.execute(
                select(*columns).where(
                    ApiToken.token_hash == _hash(text), ApiToken.revoked_at.is_(None), ApiToken.expires_at > now
                )
            )
            .mappings()
            .first()
        )
    if row is None:
        raise TokenRefused("a token that is not good")
    known = dict(row)
    return Client(**known | {"scopes": frozenset(Scope(scope) for scope in known["scopes"])})


def note_use(client: Client, *, now: datetime) -> None:
    """Remember when a program last called, to the minute: a call a second must not be a write a second."""
    if client.last_used_at is not None and now - client.last_used_at < USE_NOTED_EVERY:
        return
    with transaction() as session:
        session.execute(update(ApiToken).where(ApiToken.id == client.id).values(last_used_at=now))


def _hash(text: str) -> str:
    # 256 bits by chance need no slow hash: there is nothing to guess.
    return hashlib.sha256(text.encode("ascii")).hexdigest()
