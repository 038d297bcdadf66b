"""Who may do what, and to whose: the one table that the pages and the API enforce and the README shows."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum, StrEnum


class Role(StrEnum):
    """What a person is. A person has one, in one organisation."""

    CUSTODY_OFFICER = "custody_officer"
    CUSTODY_INSPECTOR = "custody_inspector"
    FORCE_ADMIN = "force_admin"
    DUTY_OFFICER = "duty_officer"
    MANAGER = "manager"
    AUTHORITY_ADMIN = "authority_admin"
    INSPECTOR = "inspector"
    OPERATOR = "operator"

    @property
    def label(self) -> str:
        """As a page says it."""
        return _LABELS[self]

    @property
    def of(self) -> Organisation:
        """The kind of organisation that has such people."""
        return _OF[self]

    @property
    def shares_a_terminal(self) -> bool:
        """Whether the screen is everybody's: a duty officer and a manager on call have a phone of their own."""
        return self is not Role.DUTY_OFFICER


class Organisation(StrEnum):
    """The kinds of organisation that people belong to."""

    FORCE = "police force"
    AUTHORITY = "local authority"
    INSPECTORATE = "inspectorate"
    OPERATOR = "operator"


_LABELS = {
    Role.CUSTODY_OFFICER: "Custody officer",
    Role.CUSTODY_INSPECTOR: "Custody inspector",
    Role.FORCE_ADMIN: "Force administrator",
    Role.DUTY_OFFICER: "Duty officer",
    Role.MANAGER: "Authority manager",
    Role.AUTHORITY_ADMIN: "Authority administrator",
    Role.INSPECTOR: "Inspector",
    Role.OPERATOR: "Operator",
}

_OF = {
    Role.CUSTODY_OFFICER: Organisation.FORCE,
    Role.CUSTODY_INSPECTOR: Organisation.FORCE,
    Role.FORCE_ADMIN: Organisation.FORCE,
    Role.DUTY_OFFICER: Organisation.AUTHORITY,
    Role.MANAGER: Organisation.AUTHORITY,
    Role.AUTHORITY_ADMIN: Organisation.AUTHORITY,
    Role.INSPECTOR: Organisation.INSPECTORATE,
    Role.OPERATOR: Organisation.OPERATOR,
}


class Reach(StrEnum):
    """Whose things a permission is about."""

    SUITE = "own suite"
    FORCE = "own force"
    AUTHORITY = "own authority"
    GIVEN = "what was given"
    ADMINS = "administrators, inspectors"
    ALL = "all"


class Permission(Enum):
    """What somebody may do; the value is the line of the README's table."""

    ASK = "Open a record, look for a bed, ask, ring, withdraw, hand over"
    READ_RECORD = "Read a child's record, its log, its certificate"
    END_RECORD = "Record how it ended, issue the certificate, reopen"
    OVERRULE = "Sign for what the record contradicts"
    GIVE_RECORD = "Give a record to an inspector to read; see who has looked"
    RETURNS = "Download the returns: a line for each child"
    FIGURES = "See figures"
    ANSWER = "See what is asked; accept, refuse, record an arrival"
    REPORT_BEDS = "Report beds, take places out of service"
    RING = "See who is on duty, with numbers to ring"
    KEEP_ROTA = "Keep contacts, rota, steps and the choice of texts"
    KEEP_PEOPLE = "Add people, close accounts, start one afresh"


TABLE: Mapping[Permission, Mapping[Role, Reach]] = {
    Permission.ASK: {Role.CUSTODY_OFFICER: Reach.SUITE},
    Permission.READ_RECORD: {
        Role.CUSTODY_OFFICER: Reach.SUITE,
        Role.CUSTODY_INSPECTOR: Reach.FORCE,
        Role.INSPECTOR: Reach.GIVEN,
    },
    Permission.END_RECORD: {Role.CUSTODY_OFFICER: Reach.SUITE, Role.CUSTODY_INSPECTOR: Reach.FORCE},
    Permission.OVERRULE: {Role.CUSTODY_INSPECTOR: Reach.FORCE},
    Permission.GIVE_RECORD: {Role.CUSTODY_INSPECTOR: Reach.FORCE},
    Permission.RETURNS: {Role.CUSTODY_INSPECTOR: Reach.FORCE},
    Permission.FIGURES: {
        Role.CUSTODY_INSPECTOR: Reach.FORCE,
        Role.MANAGER: Reach.AUTHORITY,  # small counts kept back
        Role.INSPECTOR: Reach.ALL,
    },
    Permission.ANSWER: {Role.DUTY_OFFICER: Reach.AUTHORITY},
    Permission.REPORT_BEDS: {Role.DUTY_OFFICER: Reach.AUTHORITY},
    Permission.RING: {
        Role.CUSTODY_OFFICER: Reach.ALL,
        Role.CUSTODY_INSPECTOR: Reach.ALL,
        Role.DUTY_OFFICER: Reach.ALL,
        Role.MANAGER: Reach.ALL,
    },
    Permission.KEEP_ROTA: {Role.MANAGER: Reach.AUTHORITY},
    Permission.KEEP_PEOPLE: {
        Role.FORCE_ADMIN: Reach.FORCE,
        Role.AUTHORITY_ADMIN: Reach.AUTHORITY,
        Role.OPERATOR: Reach.ADMINS,
    },
}
"""A permission that is not here, or a role that is not in its line, is refused."""


def may(role: Role, permission: Permission) -> bool:
    """Whether somebody of this role may do this to anything at all."""
    return role in TABLE[permission]


ADDS: Mapping[Role, tuple[Role, ...]] = {
    Role.FORCE_ADMIN: (Role.CUSTODY_OFFICER, Role.CUSTODY_INSPECTOR, Role.FORCE_ADMIN),
    Role.AUTHORITY_ADMIN: (Role.DUTY_OFFICER, Role.MANAGER, Role.AUTHORITY_ADMIN),
    Role.OPERATOR: (Role.FORCE_ADMIN, Role.AUTHORITY_ADMIN, Role.INSPECTOR, Role.OPERATOR),
}
"""Whose accounts an administrator keeps. The operator sees to administrators and reads no record."""


def markdown() -> str:
    """The table, for the README."""
    heads = " | ".join(role.label for role in Role)
    lines = [f"| | {heads} |", "| --- " * (len(Role) + 1) + "|"]
    for permission, row in TABLE.items():
        cells = " | ".join(row[role].value if role in row else "" for role in Role)
        lines.append(f"| {permission.value} | {cells} |")
    return "\n".join(lines)
