"""`flask --app wsgi records …`"""

from __future__ import annotations

import json

import click
from flask.cli import AppGroup

from .. import clock
from ..services import certificates, retention
from .base import OneLine, says_why

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
