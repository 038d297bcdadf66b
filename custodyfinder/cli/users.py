"""`flask --app wsgi users …`"""

from __future__ import annotations

import json

import click
from flask.cli import AppGroup

from .. import clock
from ..services import accounts
from .base import OneLine, says_why

users = AppGroup("users", help="Who may sign in.")


@users.command("add", cls=OneLine)
@click.argument("username")
@click.option("--name", required=True, help="As others see it: a role or a person.")
@click.option("--suite", "suite_slug", metavar="SLUG", help="Makes a custody officer of this suite.")
@click.option("--authority", "authority_code", metavar="CODE", help="Makes a duty officer of this authority.")
@click.option("--manager", is_flag=True, help="With --authority: its manager, who keeps contacts and rota.")
@click.option("--inspector", is_flag=True, help="With --suite: an inspector, who sees every suite of its force.")
@click.password_option(help="Asked for; never give it as an argument.", prompt_required=True)
@says_why
def users_add(
    username: str,
    name: str,
    suite_slug: str | None,
    authority_code: str | None,
    manager: bool,
    inspector: bool,
    password: str,
) -> None:
    """Add somebody.

    Example: flask --app wsgi users add r.khan --name "R. Khan" --suite wood-green
    """
    accounts.add(
        username.strip().lower(),
        name,
        password,
        suite_slug=suite_slug,
        authority_code=authority_code,
        manager=manager,
        inspector=inspector,
        now=clock.now(),
    )
    click.echo(f"Added {username}.")


@users.command("list", cls=OneLine)
@click.option("--json", "as_json", is_flag=True)
@says_why
def users_list(as_json: bool) -> None:
    """Everybody who may sign in.

    Example: flask --app wsgi users list
    """
    everybody = [
        {
            "username": person.username,
            "name": person.name,
            "role": person.role.value,
            "suite": person.suite_name,
            "authority": person.authority_name,
        }
        for person in accounts.everybody()
    ]
    if as_json:
        click.echo(json.dumps(everybody, ensure_ascii=False, indent=1))
        return
    for person in everybody:
        click.echo(f"{person['username']:40} {person['role']:16} {person['suite'] or person['authority']}")


@users.command("disable", cls=OneLine)
@click.argument("username")
@says_why
def users_disable(username: str) -> None:
    """Close somebody's account.

    Example: flask --app wsgi users disable r.khan
    """
    accounts.disable(username, now=clock.now())
    click.echo(f"Disabled {username}.")
