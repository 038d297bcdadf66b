"""What the tables share: keys, JSON, closed lists."""

from __future__ import annotations

from enum import StrEnum

from sqlalchemy import JSON, BigInteger, CheckConstraint, Integer
from sqlalchemy.dialects import postgresql

Key = Integer().with_variant(BigInteger(), "postgresql")
Json = JSON().with_variant(postgresql.JSONB(), "postgresql")
JsonOrNull = JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")
"""Where None is no value, and not the JSON value `null`."""


def one_of(column: str, values: type[StrEnum]) -> CheckConstraint:
    """A VARCHAR column that only takes the values of a closed list."""
    listed = ", ".join(f"'{value}'" for value in values)
    return CheckConstraint(f"{column} IN ({listed})", name=f"{column}_listed")
