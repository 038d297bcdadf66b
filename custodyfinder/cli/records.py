"""`flask --app wsgi records …`"""

from __future__ import annotations

import json

import click
from flask.cli import AppGroup

from ..services import certificates
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
