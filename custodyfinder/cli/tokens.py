"""`flask --app wsgi tokens …`"""

from __future__ import annotations

import json

import click
from flask.cli import AppGroup

from .. import clock
from ..domain.scopes import Scope
from ..domain.wording import utc
from ..services import tokens
from .base import OneLine, says_why

BY = "command line"

tokens_group = AppGroup("tokens", help="Programs of forces and authorities that may call the API.")


@tokens_group.command("add", cls=OneLine)
@click.argument("name")
@click.option("--force", metavar="NAME", help="The police force whose program it is, as seeds/suites.csv has it.")
@click.option("--authority", "authority_code", metavar="CODE", help="Or the authority whose program it is.")
@click.option(
    "--scope",
    "scopes",
    type=click.Choice([scope.value for scope in Scope]),
    multiple=True,
    help="What it may do. May be repeated; give no more than it needs.",
)
@click.option("--days", type=int, required=True, help=f"How long it is good for, at most {tokens.LONGEST_DAYS}.")
@says_why
def tokens_add(name: str, force: str | None, authority_code: str | None, scopes: tuple[str, ...], days: int) -> None:
    """Issue a token. It is printed once and kept nowhere.

    \b
    Examples:
      flask --app wsgi tokens add duty-system --authority E09000014 --scope beds:write --days 90
      flask --app wsgi tokens add custody-system --force "Metropolitan Police" \\
            --scope searches:write --scope records:write --days 366
    """
    issued = tokens.add(
        name,
        force=force,
        authority_code=authority_code,
        scopes=[Scope(scope) for scope in scopes],
        days=days,
        by=BY,
        now=clock.now(),
    )
    click.echo(f"Token {issued.id} for {name}. Keep it now: it is not shown again.", err=True)
    click.echo(issued.text)


@tokens_group.command("list", cls=OneLine)
@click.option("--json", "as_json", is_flag=True, help="JSON, times in UTC.")
@says_why
def tokens_list(as_json: bool) -> None:
    """Every token, with when it was last used. The tokens themselves are not known.

    Example: flask --app wsgi tokens list
    """
    now = clock.now()
    everything = [_line_as_json(line, good=line.is_good(now)) for line in tokens.everything()]
    if as_json:
        click.echo(json.dumps(everything, ensure_ascii=False, indent=1))
        return
    for line in everything:
        used = f"last used {line['last_used_at']}" if line["last_used_at"] else "never used"
        state = f"good until {line['expires_at']}" if line["good"] else "no longer good"
        click.echo(f"{line['id']:4}  {line['name']:20} {line['force'] or line['authority_code']}: {state}; {used}")


def _line_as_json(line: tokens.TokenLine, *, good: bool) -> dict[str, object]:
    return {
        "id": line.id,
        "name": line.name,
        "force": line.force,
        "authority_code": line.authority_code,
        "scopes": [scope.value for scope in line.scopes],
        "created_at": utc(line.created_at),
        "created_by": line.created_by,
        "expires_at": utc(line.expires_at),
        "revoked_at": line.revoked_at and utc(line.revoked_at),
        "last_used_at": line.last_used_at and utc(line.last_used_at),
        "good": good,
    }


@tokens_group.command("revoke", cls=OneLine)
@click.argument("token_id", type=click.IntRange(1, 2**63 - 1), metavar="ID")
@says_why
def tokens_revoke(token_id: int) -> None:
    """End a token now; `tokens list` has the numbers.

    Example: flask --app wsgi tokens revoke 3
    """
    tokens.revoke(token_id, by=BY, now=clock.now())
    click.echo(f"Revoked token {token_id}.")
