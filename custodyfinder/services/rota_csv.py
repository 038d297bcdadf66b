"""The weekly rota as CSV, out and in: day, starts, ends, contact. Checked whole before a row is written."""

from __future__ import annotations

import csv
import io
import re
from datetime import datetime

from sqlalchemy import select

from ..db import reading
from ..domain.csv_text import csv_text
from ..domain.rota import Day, Shift
from ..errors import BadInput
from ..models import Contact
from . import rota

COLUMNS = ("day", "starts", "ends", "contact")
DAYS = {Day(number): name.capitalize().replace("_", " ") for number, name in enumerate(Day.__members__)}
_DAY_OF = {name.lower(): day for day, name in DAYS.items()}
_TIME = re.compile(r"([01]?[0-9]|2[0-3]):([0-5][0-9])")


class BadRota(BadInput):
    """A CSV that cannot be taken; `.wrong` has a sentence for each line that has to be mended."""

    def __init__(self, wrong: list[str]) -> None:
        super().__init__("rota csv", field="file", public=f"Nothing was changed. {wrong[0]}")
        self.wrong = wrong


def export(authority_code: str) -> str:
    """The week as it stands."""
    week = (
        (DAYS[each.day], clock(each.starts), clock(each.ends), each.contact) for each in rota.shifts_of(authority_code)
    )
    return csv_text([COLUMNS, *week])


def load(content: bytes, *, authority_code: str, by: str, now: datetime) -> int:
    """Replace the weekly rota by what the file says. Return how many shifts there are now.

    Raises:
        BadRota: names every line that is wrong, and what to do; nothing is written then.
    """
    rows = _rows(content)
    with reading() as connection:
        contacts = {
            row.name.casefold(): row.id
            for row in connection.execute(
                select(Contact.id, Contact.name).where(
                    Contact.authority_code == authority_code, Contact.removed_at.is_(None)
                )
            )
        }
    wrong: list[str] = []
    shifts: list[Shift] = []
    lines: list[int] = []
    for line, row in rows:
        found = _shift(line, row, contacts)
        if isinstance(found, str):
            wrong.append(found)
        else:
            shifts.append(found)
            lines.append(line)
    if not wrong and (pair := rota.overlap(shifts)) is not None:
        wrong.append(f"Lines {lines[pair[0]]} and {lines[pair[1]]}: one contact is on duty twice at one time.")
    if wrong:
        raise BadRota(wrong)
    rota.set_shifts(shifts, authority_code=authority_code, by=by, now=now)
    return len(shifts)


def clock(minutes: int) -> str:
    """ "17:00"."""
    return f"{minutes // 60:02}:{minutes % 60:02}"


def _rows(content: bytes) -> list[tuple[int, list[str]]]:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise BadRota(["The file is not UTF-8 text. Save it as CSV (UTF-8)."]) from None
    if "\0" in text:
        raise BadRota(["The file is not a CSV file."])
    reader = csv.reader(io.StringIO(text, newline=""))
    try:
        rows = [(reader.line_num, [value.strip() for value in row]) for row in reader]
    except csv.Error:
        raise BadRota([f"Line {reader.line_num} cannot be read. Check its quotation marks."]) from None
    rows = [(line, row) for line, row in rows if any(row)]
    if not rows or tuple(value.lower() for value in rows[0][1]) != COLUMNS:
        raise BadRota([f"The first line must be {','.join(COLUMNS)}"])
    if len(rows) - 1 > rota.MOST_SHIFTS:
        raise BadRota([f"A rota has {rota.MOST_SHIFTS} shifts at most; this file has {len(rows) - 1}."])
    return rows[1:]


def _shift(line: int, row: list[str], contacts: dict[str, int]) -> Shift | str:
    """The shift of one line, or what is wrong with it."""
    if len(row) != len(COLUMNS):
        return f"Line {line}: give four values: {', '.join(COLUMNS)}."
    day, starts, ends, name = row
    if day.lower() not in _DAY_OF:
        return f"Line {line}: the day must be Monday to Sunday, or Bank holiday, not {day[:20]!r}."
    times = []
    for column, value in (("start", starts), ("end", ends)):
        if value == "24:00" and column == "end":
            value = "00:00"
        found = _TIME.fullmatch(value)
        if found is None:
            return f"Line {line}: the {column} must be a time such as 17:00, not {value[:20]!r}."
        times.append(int(found[1]) * 60 + int(found[2]))
    contact = contacts.get(name.casefold()) or contacts.get(name.removeprefix("'").casefold())
    if contact is None:
        return f"Line {line}: {name[:80]!r} is not a contact here. Add the contact first, or mend the name."
    return Shift(contact, _DAY_OF[day.lower()], times[0], times[1])
