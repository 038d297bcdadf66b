"""Suites, and other points that a search starts from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from ..db import reading
from ..domain.geo import GridPoint
from ..domain.roles import Role
from ..errors import BadInput
from ..models import Authority, Suite
from ..wiring import wired
from .accounts import SignedIn


@dataclass(frozen=True, kw_only=True)
class Origin:
    """Where a search starts."""

    name: str
    suite: str | None
    postcode: str
    point: GridPoint
    authority_code: str
    note: str | None = None

    def as_json(self) -> dict[str, Any]:
        """For the command line and the API."""
        return {
            "name": self.name,
            "suite": self.suite,
            "postcode": self.postcode,
            "easting": self.point.easting,
            "northing": self.point.northing,
            "authority_code": self.authority_code or None,
            "note": self.note,
        }


def origin_of(suite_slug: str | None, postcode: str | None) -> Origin:
    """The point of a suite, or of any postcode.

    Raises:
        BadInput: neither or both are given, there is no such suite, or the postcode cannot be found.
    """
    if (suite_slug is None) == (postcode is None):
        raise BadInput("origin", public="Give either --suite or --postcode, one of the two.")
    if postcode is not None:
        found = wired().postcodes.find(postcode)
        return Origin(
            name=found.postcode,
            suite=None,
            postcode=found.postcode,
            point=found.point,
            authority_code=found.authority_code or "",
            note=found.note,
        )
    with reading() as connection:
        columns = (
            Suite.slug,
            Suite.name,
            Suite.postcode,
            Suite.easting,
            Suite.northing,
            Suite.authority_code,
        )
        suite = connection.execute(select(*columns).where(Suite.slug == suite_slug)).first()
    if suite is None:
        raise BadInput("suite", public=f"There is no suite {suite_slug}. seeds/suites.csv has the names.")
    return Origin(
        name=suite.name,
        suite=suite.slug,
        postcode=suite.postcode,
        point=GridPoint(suite.easting, suite.northing),
        authority_code=suite.authority_code,
    )


@dataclass(frozen=True, kw_only=True)
class SuiteLine:
    """One custody suite."""

    id: int
    slug: str
    name: str
    force: str
    authority_code: str


def suites(*, force: str | None = None) -> list[SuiteLine]:
    """Every suite, or every suite of one force, by name."""
    columns = [getattr(Suite, name) for name in SuiteLine.__dataclass_fields__]
    wanted = select(*columns).order_by(Suite.name, Suite.id)
    if force is not None:
        wanted = wanted.where(Suite.force == force)
    with reading() as connection:
        return [SuiteLine(**row) for row in connection.execute(wanted).mappings()]


def authority_code(code: str | None) -> str | None:
    """The code of an authority, once it is known to be one; None stays None.

    Raises:
        BadInput: there is no such authority.
    """
    if code is None:
        return None
    with reading() as connection:
        if connection.scalar(select(Authority.code).where(Authority.code == code)) is None:
            raise BadInput(
                "authority", field="looked_after_by", public=f"There is no authority {code[:12]}. Give its ONS code."
            )
    return code


def organisations(admin: SignedIn) -> list[tuple[str, str]]:
    """Where an administrator may put somebody: "suite:…", "force:…" or "authority:…", and how a page names it."""
    with reading() as connection:
        suites = select(Suite.slug, Suite.name).where(Suite.force == admin.force).order_by(Suite.name)
        forces = select(Suite.force).distinct().order_by(Suite.force)
        authorities = select(Authority.code, Authority.name).order_by(Authority.name)
        if admin.role is Role.FORCE_ADMIN:
            forces = forces.where(Suite.force == admin.force)
        if admin.role is Role.AUTHORITY_ADMIN:
            return [(f"authority:{admin.authority_code}", str(admin.authority_name))]
        found = [(f"suite:{row.slug}", row.name) for row in connection.execute(suites)]
        found += [(f"force:{force}", f"{force}, the whole force") for force in connection.scalars(forces)]
        if admin.role is Role.OPERATOR:
            found = [("", "none (an inspector, an operator)"), *found]
            found += [(f"authority:{row.code}", row.name) for row in connection.execute(authorities)]
        return found
