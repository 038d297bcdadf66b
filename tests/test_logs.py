"""One line of the log is one thing that happened."""

from __future__ import annotations

import io
import logging
from collections.abc import Iterator

import pytest

from custodyfinder import create_app
from custodyfinder.config import Settings
from custodyfinder.db import db
from custodyfinder.logs import OneLine, escaped, keep_to_one_line

FORGED = "x\n2026-11-24 ERROR forged\r\x1b[2K\u202e\u2028"


@pytest.fixture
def written() -> Iterator[io.StringIO]:
    """What a plain handler writes of our log."""
    out = io.StringIO()
    handler = logging.StreamHandler(out)
    handler.setFormatter(logging.Formatter("%(levelname)s %(message)s"))
    logger = logging.getLogger("custodyfinder.some.module")
    logger.addHandler(handler)
    before = logging.getLogRecordFactory()
    keep_to_one_line()
    yield out
    logging.setLogRecordFactory(before)
    logger.removeHandler(handler)


def test_what_was_typed_stays_on_its_line_with_its_escapes_spelt_out(written: io.StringIO) -> None:
    logging.getLogger("custodyfinder.some.module").warning("no such record: %s", FORGED)

    assert written.getvalue() == ("WARNING no such record: x\\n2026-11-24 ERROR forged\\r\\x1b[2K\\u202e\\u2028\n")


def test_no_line_of_a_traceback_begins_where_a_line_of_the_log_does(written: io.StringIO) -> None:
    try:
        raise ValueError(FORGED)
    except ValueError:
        logging.getLogger("custodyfinder.some.module").exception("a bug with %s", FORGED)

    first, *rest = written.getvalue().splitlines()
    assert first.startswith("ERROR a bug with x\\n2026")
    assert len(rest) > 3
    assert all(line.startswith("  ") for line in rest)
    assert "\x1b" not in written.getvalue()


def test_the_log_of_others_is_left_alone() -> None:
    record = OneLine("werkzeug", logging.INFO, "x.py", 1, "\x1b[31m%s\x1b[0m", ("red",), None)

    assert record.getMessage() == "\x1b[31mred\x1b[0m"


def test_every_application_keeps_to_it(settings: Settings) -> None:
    logging.setLogRecordFactory(logging.LogRecord)

    app = create_app(settings)
    with app.app_context():
        db.engine.dispose()

    assert logging.getLogRecordFactory() is OneLine


def test_what_can_be_printed_is_left_as_it_is() -> None:
    assert escaped("Siân, 3 beds — “ok” 👩 C:\\new") == "Siân, 3 beds — “ok” 👩 C:\\new"
