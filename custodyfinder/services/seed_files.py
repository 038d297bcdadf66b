"""Reading a seed file: UTF-8 CSV with a header, each row knowing where it stands."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ..errors import BadInput, BadSeed
from . import phones


@dataclass(frozen=True)
class Row:
    """One line of a seed file, that knows where it stands."""

    file: str
    line: int
    fields: dict[str, str]

    def wrong(self, field: str, why: str) -> BadSeed:
        """The error that names this file, line and field."""
        return BadSeed(self.file, self.line, field, why)

    def text(self, field: str, *, most: int = 120) -> str:
        """A value that has to be there."""
        value = self.fields[field].strip()
        if not value:
            raise self.wrong(field, "is empty")
        if len(value) > most:
            raise self.wrong(field, f"has more than {most} characters")
        return value

    def number(self, field: str, least: int, most: int) -> int:
        """A whole number within bounds."""
        value = self.fields[field].strip()
        if re.fullmatch(r"[0-9]{1,4}", value) is None or not least <= int(value) <= most:
            raise self.wrong(field, f"must be a whole number from {least} to {most}, not {value!r}")
        return int(value)

    def one_of(self, field: str, allowed: list[str]) -> str:
        """A value of a closed list."""
        value = self.fields[field].strip()
        if value not in allowed:
            raise self.wrong(field, f"must be one of {', '.join(repr(each) for each in allowed)}, not {value!r}")
        return value

    def known(self, field: str, known: set[str], what: str) -> str:
        """A key of another file."""
        value = self.text(field)
        if value not in known:
            raise self.wrong(field, f"{value!r} is not a known {what}")
        return value

    def clock(self, field: str) -> int | None:
        """A London time as minutes after midnight; empty is None."""
        value = self.fields[field].strip()
        if not value:
            return None
        if re.fullmatch(r"([01][0-9]|2[0-3]):[0-5][0-9]", value) is None:
            raise self.wrong(field, f"must be a time such as 18:00, not {value!r}")
        return int(value[:2]) * 60 + int(value[3:])

    def phone(self, field: str) -> str:
        """A British number in E.164."""
        value = self.text(field, most=16)
        try:
            return phones.number(value, field=field)
        except BadInput as error:
            raise self.wrong(field, error.public) from None


def read(path: Path, columns: tuple[str, ...]) -> list[Row]:
    """The rows of one seed file.

    Raises:
        BadSeed: the file is not UTF-8 CSV with exactly these columns, or a row has too few or too many values.
    """
    try:
        with path.open(encoding="utf-8", newline="") as file:
            reader = csv.DictReader(file, strict=True)
            if tuple(reader.fieldnames or ()) != columns:
                raise BadSeed(path.name, 1, "header", f"must be {','.join(columns)}")
            return list(_rows(path.name, reader))
    except FileNotFoundError:
        raise BadSeed(path.name, 0, "file", "is not there") from None
    except UnicodeDecodeError:
        raise BadSeed(path.name, 0, "file", "is not UTF-8 text") from None
    except csv.Error as error:
        raise BadSeed(path.name, reader.line_num, "row", str(error)) from None


def _rows(name: str, reader: csv.DictReader[str]) -> Iterator[Row]:
    for fields in reader:
        if None in fields or None in fields.values():
            raise BadSeed(name, reader.line_num, "row", "has too few or too many values")
        yield Row(name, reader.line_num, fields)
