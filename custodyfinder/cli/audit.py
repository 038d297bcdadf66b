"""`flask --app wsgi audit …`"""

from __future__ import annotations

import json

import click
from flask.cli import AppGroup

from ..domain.audit_chain import Head
from ..services import audit_trail
from .base import OneLine, says_why

audit = AppGroup("audit", help="The audit trail.")


@audit.command("verify", cls=OneLine)
@click.option("--anchor", metavar='"SEQ DIGEST"', help="A head that was noted outside: is it a part still?")
@click.option("--json", "as_json", is_flag=True)
@says_why
def audit_verify(anchor: str | None, as_json: bool) -> None:
    """Compute the chain of audit lines anew. Exit status 2 if it is broken, and the first broken line by number.

    \b
    Examples:
      flask --app wsgi audit verify
      flask --app wsgi audit verify --json
      flask --app wsgi audit verify --anchor "1204 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
    """
    found = audit_trail.verify(
        anchor=None if anchor is None else Head.read(anchor),
        progress=lambda lines: click.echo(f"{lines} lines checked", err=True),
    )
    if as_json:
        click.echo(json.dumps(found.as_json(), indent=1))
    elif found.fault is not None:
        click.echo(found.fault.sentence)
    elif found.head is not None:
        click.echo(f"{found.lines} lines, none changed. Head: {found.head.last_id} {found.head.digest}")
    if found.fault is not None:
        raise SystemExit(2)
