"""`flask --app wsgi records …`"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click
from flask.cli import AppGroup

from .. import clock
from ..domain.sheet import Sheet, long_csv, table_csv
from ..printing import sheet_pdf
from ..services import certificates, disclosure, retention
from .base import OneLine, Refusal, says_why

C = TypeVar("C", bound=Callable[..., Any])

records = AppGroup("records", help="The records of detentions.")


@records.command("check", cls=OneLine)
@click.argument("digest", required=False)
@click.option("--json", "as_json", is_flag=True)
@says_why
def records_check(digest: str | None, as_json: bool) -> None:
    """Tell whether certificates are as they were issued: all of them, or the one with this DIGEST.

    The digest stands on the certificate; its first eight characters are enough. Exit status 2 if one is not.

    \b
    Examples:
      flask --app wsgi records check
      flask --app wsgi records check 3f9a01c2
    """
    found = certificates.check(digest)
    broken = [each for each in found if not each.intact]
    if as_json:
        click.echo(json.dumps([each.as_json() for each in found], indent=1))
    elif digest is not None:
        for each in found:
            click.echo(each.sentence)
    else:
        for each in broken:
            click.echo(each.sentence)
        click.echo(f"{len(found)} certificates checked, {len(broken)} not as issued.")
    if broken:
        raise SystemExit(2)


def _about_one_child(command: C) -> C:
    """What both questions take."""
    file = click.Path(dir_okay=False, path_type=Path)
    for option in (
        click.option("--why", help="The justification, kept in the audit trail."),
        click.option("--pdf", "pdf_file", type=file, help="Write a PDF there."),
        click.option("--csv", "csv_file", type=file, help="Write CSV there."),
        click.option("--suite", "suite_slug", metavar="SLUG", required=True, help="The custody suite."),
        click.argument("custody_record", metavar="CUSTODY_RECORD_NUMBER"),
    ):
        command = option(command)
    return command


@records.command("held", cls=OneLine)
@_about_one_child
@says_why
def records_held(
    custody_record: str, suite_slug: str, csv_file: Path | None, pdf_file: Path | None, why: str | None
) -> None:
    """What do you hold on this child? Every row about the detention, and its log, as CSV unless a file is named.

    Phone numbers of contacts, areas to avoid and other children are left out. Asking is noted in the audit trail.

    \b
    Examples:
      flask --app wsgi records held 01YE/4711/26 --suite wood-green
      flask --app wsgi records held 01YE/4711/26 --suite wood-green --pdf held.pdf --why "asked by the child"
    """
    sheet = disclosure.held(custody_record, suite_slug=suite_slug, by="command line", why=why, now=clock.now())
    _hand_out(sheet, long_csv(sheet), csv_file, pdf_file)


@records.command("looked", cls=OneLine)
@_about_one_child
@says_why
def records_looked(
    custody_record: str, suite_slug: str, csv_file: Path | None, pdf_file: Path | None, why: str | None
) -> None:
    """Who has looked at this child's record or changed it: when, from where and why. As CSV unless a file is named.

    Asking is noted in the audit trail.

    \b
    Examples:
      flask --app wsgi records looked 01YE/4711/26 --suite wood-green
      flask --app wsgi records looked 01YE/4711/26 --suite wood-green --csv looked.csv --pdf looked.pdf
    """
    sheet = disclosure.looked(custody_record, suite_slug=suite_slug, by="command line", why=why, now=clock.now())
    _hand_out(sheet, table_csv(sheet.parts[0]), csv_file, pdf_file)


def _hand_out(sheet: Sheet, csv: str, csv_file: Path | None, pdf_file: Path | None) -> None:
    if csv_file is None and pdf_file is None:
        click.echo(csv, nl=False)
    if csv_file is not None:
        _write(csv_file, csv.encode())
    if pdf_file is not None:
        _write(pdf_file, sheet_pdf(sheet))


def _write(file: Path, content: bytes) -> None:
    try:
        file.touch(mode=0o600)  # for nobody but its owner, unless it is there already
        file.write_bytes(content)
    except OSError as error:
        raise Refusal(f"{file} could not be written: {error.strerror}") from None


@records.command("expire", cls=OneLine)
@click.option("--dry-run", is_flag=True, help="Say what would be done, and do nothing.")
@click.option("--json", "as_json", is_flag=True)
@says_why
def records_expire(dry_run: bool, as_json: bool) -> None:
    """Carry out the schedule of retention: empty, remove, and reduce to figures what has been kept long enough.

    The delivery process does it once a day. Safe to run at any time, many at once, and again after it was killed.
    What is still going on is left alone, and the figures stay as they are.

    \b
    Examples:
      flask --app wsgi records expire --dry-run
      flask --app wsgi records expire --json
    """
    now = clock.now()
    found = retention.due(now=now) if dry_run else retention.expire(by="command line", now=now)
    if as_json:
        answer = [{"kind": each.kind, "then": each.fate.value, "counts": each.counts} for each in found]
        click.echo(json.dumps({"dry_run": dry_run, "kinds": answer}, indent=1))
        return
    if dry_run:
        click.echo("Nothing was changed. A run now would do this:")
    for each in found:
        click.echo(each.sentence)
