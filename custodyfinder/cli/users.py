"""`flask --app wsgi users …`"""

from __future__ import annotations

import json

import click
from flask.cli import AppGroup

from .. import clock
from ..domain.roles import Role
from ..errors import BadInput
from ..services import accounts, people
from .base import OneLine, says_why

users = AppGroup("users", help="Who may sign in.")


@users.command("add", cls=OneLine)
@click.argument("username")
@click.option("--name", required=True, help="As others see it: a role or a person.")
@click.option("--suite", "suite_slug", metavar="SLUG", help="Makes a custody officer of this suite.")
@click.option("--force", metavar="NAME", help="Makes the administrator of this force.")
@click.option("--authority", "authority_code", metavar="CODE", help="Makes a duty officer of this authority.")
@click.option("--role", type=click.Choice([role.value for role in Role]), help="Another role of the organisation.")
@click.password_option(help="Asked for; never give it as an argument.", prompt_required=True)
@says_why
def users_add(
    username: str,
    name: str,
    suite_slug: str | None,
    force: str | None,
    authority_code: str | None,
    role: str | None,
    password: str,
) -> None:
    """Add somebody. They set up their second factor when they first sign in.

    \b
    Examples:
      flask --app wsgi users add r.khan --name "R. Khan" --suite wood-green
      flask --app wsgi users add a.shah --name "A. Shah" --force "Metropolitan Police" --role custody_inspector
      flask --app wsgi users add edt.admin --name "EDT office" --authority E09000014 --role authority_admin
      flask --app wsgi users add operator --name "Operator" --role operator
    """
    usual = {suite_slug: Role.CUSTODY_OFFICER, force: Role.FORCE_ADMIN, authority_code: Role.DUTY_OFFICER}
    chosen = role or next((each for key, each in usual.items() if key), None)
    if chosen is None:
        raise BadInput("person", public="Give a suite, a force or an authority, or a --role that needs none of them.")
    new = people.NewPerson(
        username=username,
        name=name,
        role=Role(chosen),
        suite_slug=suite_slug,
        force=force,
        authority_code=authority_code,
    )
    people.add_with_password(new, password, now=clock.now())
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
            "force": person.force,
            "authority": person.authority_name,
        }
        for person in accounts.everybody()
    ]
    if as_json:
        click.echo(json.dumps(everybody, ensure_ascii=False, indent=1))
        return
    for person in everybody:
        of = person["suite"] or person["force"] or person["authority"] or ""
        click.echo(f"{person['username']:40} {person['role']:18} {of}")


@users.command("disable", cls=OneLine)
@click.argument("username")
@says_why
def users_disable(username: str) -> None:
    """Close somebody's account.

    Example: flask --app wsgi users disable r.khan
    """
    people.close_by_command(username, now=clock.now())
    click.echo(f"Disabled {username}.")
