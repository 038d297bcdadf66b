"""`flask tokens …`: issuing, listing and revoking the tokens of programs."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask

from custodyfinder.domain.scopes import Scope
from custodyfinder.models import ApiToken, AuditEvent
from custodyfinder.services import tokens

from .conftest import NIGHT
from .test_cli import run
from .world import HARINGEY, World

ADD = ("tokens", "add", "duty-system", "--authority", HARINGEY, "--scope", "beds:write", "--days", "90")


def test_a_token_is_printed_once_and_kept_as_a_hash(app: Flask, world: World) -> None:
    done = run(app, *ADD)

    assert done.exit_code == 0
    text = done.stdout.strip()
    (kept,) = world.rows(ApiToken)
    assert kept.token_hash == hashlib.sha256(text.encode()).hexdigest()
    assert text not in done.stderr + run(app, "tokens", "list").stdout + run(app, "tokens", "list", "--json").stdout
    assert (kept.authority_code, kept.force, kept.scopes) == (HARINGEY, None, ["beds:write"])
    assert kept.expires_at - kept.created_at == timedelta(days=90)


def test_no_two_tokens_are_alike(app: Flask, world: World) -> None:
    assert run(app, *ADD).stdout != run(app, *ADD).stdout


def test_a_token_of_a_force_names_the_force_as_its_suites_do(app: Flask, world: World) -> None:
    add = ("tokens", "add", "custody-system", "--scope", "records:read", "--days", "366", "--force")

    assert run(app, *add, "Metropolitan Police").exit_code == 0
    assert run(app, *add, "The Met").exit_code == 2
    assert [token.force for token in world.rows(ApiToken)] == ["Metropolitan Police"]


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("x", "--authority", HARINGEY, "--scope", "beds:write", "--days", "9"), "Name the program"),
        (("A Person", "--authority", HARINGEY, "--scope", "beds:write", "--days", "9"), "Name the program"),
        (("duty", "--scope", "beds:write", "--days", "9"), "either a force or an authority"),
        (
            ("duty", "--authority", HARINGEY, "--force", "Metropolitan Police", "--scope", "beds:write", "--days", "9"),
            "either a force or an authority",
        ),
        (("duty", "--authority", "E00000000", "--scope", "beds:write", "--days", "9"), "There is no authority"),
        (("duty", "--authority", HARINGEY, "--days", "9"), "at least one scope"),
        (("duty", "--authority", HARINGEY, "--scope", "everything", "--days", "9"), "is not one of"),
        (("duty", "--authority", HARINGEY, "--scope", "records:read", "--days", "9"), "is for a program of a force"),
        (("duty", "--force", "Metropolitan Police", "--scope", "beds:write", "--days", "9"), "of an authority, not of"),
        (("duty", "--authority", HARINGEY, "--scope", "beds:write", "--days", "0"), "1 to 366 days"),
        (("duty", "--authority", HARINGEY, "--scope", "beds:write", "--days", "367"), "1 to 366 days"),
        (("duty", "--authority", HARINGEY, "--scope", "beds:write"), "--days"),
    ],
)
def test_a_token_that_cannot_be_is_one_line_and_status_2(
    app: Flask, world: World, words: tuple[str, ...], says: str
) -> None:
    done = run(app, "tokens", "add", *words)

    assert done.exit_code == 2
    assert says in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
    assert done.stdout == ""
    assert world.count(ApiToken, AuditEvent) == (0, 0)


def test_the_list_says_what_each_token_may_do_and_when_it_was_last_used(app: Flask, world: World) -> None:
    text = run(app, *ADD).stdout.strip()
    run(app, "tokens", "add", "old-system", "--authority", HARINGEY, "--scope", "requests:read", "--days", "1")
    now = datetime.now(UTC).replace(microsecond=0)
    tokens.note_use(tokens.client_of(text, now=now), now=now)

    listed = json.loads(run(app, "tokens", "list", "--json").stdout)

    assert [line["name"] for line in listed] == ["duty-system", "old-system"]
    assert [line["last_used_at"] for line in listed] == [f"{now:%Y-%m-%dT%H:%M:%SZ}", None]
    assert [line["scopes"] for line in listed] == [["beds:write"], ["requests:read"]]
    assert [line["good"] for line in listed] == [True, True]
    in_words = run(app, "tokens", "list").stdout
    assert f"duty-system          {HARINGEY}: good until" in in_words
    assert "never used" in in_words


def test_a_revoked_token_is_good_for_nothing_and_stays_in_the_list(app: Flask, world: World) -> None:
    text = run(app, *ADD).stdout.strip()

    done = run(app, "tokens", "revoke", "1")
    again = run(app, "tokens", "revoke", "1")

    assert (done.exit_code, done.stdout, again.exit_code) == (0, "Revoked token 1.\n", 0)
    with pytest.raises(tokens.TokenRefused):
        tokens.client_of(text, now=datetime.now(UTC))
    assert "no longer good" in run(app, "tokens", "list").stdout
    assert [event.action for event in world.rows(AuditEvent)] == ["token added", "token revoked"]


@pytest.mark.parametrize("number", ["7", "0", str(2**63), "one"])
def test_revoking_what_is_not_there_is_one_line_and_status_2(app: Flask, world: World, number: str) -> None:
    done = run(app, "tokens", "revoke", number)

    assert done.exit_code == 2
    assert len(done.stderr.strip().splitlines()) == 1


def test_audit_lines_of_tokens_have_codes_only(world: World) -> None:
    issued = tokens.add(
        "duty-system",
        force=None,
        authority_code=HARINGEY,
        scopes=[Scope.BEDS_WRITE, Scope.REFERENCE_READ],
        days=30,
        by="command line",
        now=NIGHT,
    )

    (line,) = world.rows(AuditEvent)
    assert (line.actor, line.action, line.subject) == ("command line", "token added", f"token:{issued.id}")
    assert line.details == {"scopes": ["reference:read", "beds:write"], "days": 30}
