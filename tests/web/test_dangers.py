"""The usual dangers of the web, for every page: other hosts, proxies, cookies, headers, forged forms."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask, g
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from custodyfinder.config import PROJECT
from custodyfinder.db import Base, db
from custodyfinder.domain.roles import TABLE, Permission
from custodyfinder.services import suite_board
from custodyfinder.web.access import RULES, Who

from ..services.ending import not_moved, record, refuse
from ..world import World
from .conftest import Beside, SignIn
from .test_roles import OWN

HTTPS = "https://custodyfinder.example.org"
ELSEWHERE = "evil.example"


def addresses(app: Flask) -> Iterator[tuple[str, str, str]]:
    """Endpoint, method and an address of every page."""
    for rule in app.url_map.iter_rules():
        address = re.sub(r"<int:\w+>", "1", re.sub(r"<string:\w+>", "X", rule.rule))
        for method in sorted((rule.methods or set()) - {"HEAD"}):
            yield rule.endpoint, method, address.replace("<path:filename>", "app.css")


def said(answer: TestResponse) -> str:
    """All of an answer: headers and page."""
    return f"{answer.headers}{answer.get_data(as_text=True)}"


# --- whose host -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "host",
    [
        ELSEWHERE,
        f"{ELSEWHERE}:5000",
        f"127.0.0.1.{ELSEWHERE}",
        f"127.0.0.1@{ELSEWHERE}",
        f"127.0.0.1,{ELSEWHERE}",
        f"{ELSEWHERE}/127.0.0.1",
        "[::1",
        "",
    ],
)
@pytest.mark.parametrize("page", ["/", "/sign-in", "/desk", "/static/app.css", "/desk/", "/nowhere"])
def test_a_host_that_is_not_ours_is_refused_and_not_repeated(officer: FlaskClient, page: str, host: str) -> None:
    answer = officer.get(page, headers={"Host": host})

    assert answer.status_code == 400
    assert ELSEWHERE not in said(answer)


def test_every_page_but_those_for_machines_is_refused_under_another_host(app: Flask, sign_in: SignIn) -> None:
    client = sign_in("officer.wood-green")
    for endpoint, method, address in addresses(app):
        answer = client.open(address, method=method, buffered=True, headers={"Host": ELSEWHERE})
        machines = endpoint.startswith(("health.", "hooks."))
        assert (answer.status_code == 400) is not machines, endpoint


def test_whoever_watches_the_machines_may_ask_them_by_any_name(app: Flask, sign_in: SignIn) -> None:
    client = app.test_client()

    assert client.get("/healthz", headers={"Host": "10.0.0.7:8000"}).status_code == 200
    assert client.get("/readyz", headers={"Host": "10.0.0.7:8000"}).status_code == 503  # no delivery process here


def test_only_the_name_of_public_url_is_ours_and_no_longer_loopback(beside: Beside) -> None:
    client = beside(public_url=f"{HTTPS}:8443/").test_client()

    assert client.get("/sign-in", headers={"Host": "custodyfinder.example.org:8443"}).status_code == 200
    assert client.get("/sign-in", headers={"Host": "CustodyFinder.example.org"}).status_code == 200
    assert client.get("/sign-in", headers={"Host": "localhost"}).status_code == 400
    assert client.get("/sign-in", headers={"Host": "example.org"}).status_code == 400


def test_no_page_and_no_redirect_repeats_the_host_or_what_stands_for_it(app: Flask, sign_in: SignIn) -> None:
    client = sign_in("officer.wood-green")
    claims = {
        "Host": "LocalHost:64999",
        "X-Forwarded-Host": ELSEWHERE,
        "X-Forwarded-Proto": "gopher",
        "X-Forwarded-Prefix": f"/{ELSEWHERE}",
        "Forwarded": f"host={ELSEWHERE}",
    }
    for _, method, address in addresses(app):
        _not_repeated(client.open(address, method=method, headers=claims, buffered=True))
    for odd in ("", "/desk/", "/static//app.css", "//evil.example/desk", "/desk//detentions/new", "/nowhere"):
        answer = client.get("/", headers=claims, environ_overrides={"PATH_INFO": odd}, buffered=True)
        assert answer.status_code == 404, odd
        _not_repeated(answer)


def _not_repeated(answer: TestResponse) -> None:
    for claimed in ("64999", "localhost", ELSEWHERE, "gopher"):
        assert claimed not in said(answer).lower(), (answer.request.path, claimed)


# --- proxies --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("proxies", "origin"), [(0, "10.9.9.9"), (1, "203.0.113.3"), (2, "203.0.113.2"), (4, "10.9.9.9")]
)
def test_what_stands_for_the_client_is_believed_of_as_many_proxies_as_there_are(
    beside: Beside, proxies: int, origin: str
) -> None:
    claims = {"X-Forwarded-For": "203.0.113.1, 203.0.113.2, 203.0.113.3"}
    with beside(proxies=proxies).test_client() as client:
        client.get("/sign-in", headers=claims, environ_overrides={"REMOTE_ADDR": "10.9.9.9"})

        assert g.origin == origin


# --- the cookie -----------------------------------------------------------------------------------


def cookie(app: Flask, base: str) -> list[str]:
    app.config["WTF_CSRF_ENABLED"] = True
    (only,) = app.test_client().get("/sign-in", base_url=base).headers.getlist("Set-Cookie")
    name, *rest = only.split("; ")
    return [name.split("=")[0], *sorted(rest)]


def test_on_https_the_cookie_is_one_that_only_this_origin_can_set(beside: Beside) -> None:
    assert cookie(beside(public_url=HTTPS), HTTPS) == ["__Host-session", "HttpOnly", "Path=/", "SameSite=Lax", "Secure"]


def test_on_http_the_cookie_is_as_strict_as_a_browser_takes_it_there(app: Flask, sign_in: SignIn) -> None:
    assert cookie(app, "http://127.0.0.1:5000") == ["session", "HttpOnly", "Path=/", "SameSite=Lax"]


# --- headers --------------------------------------------------------------------------------------


def hold(answer: TestResponse, *, https: bool = False) -> None:
    """What every answer says."""
    headers = answer.headers
    policy = dict(part.split(" ", 1) for part in headers["Content-Security-Policy"].split("; "))
    assert policy.pop("frame-ancestors") == "'none'"
    if answer.mimetype == "application/pdf":
        assert policy == {}
    else:
        assert policy.pop("default-src") == policy.pop("base-uri") == "'none'"
        assert set(policy.values()) == {"'self'"}
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["Cross-Origin-Opener-Policy"] == headers["Cross-Origin-Resource-Policy"] == "same-origin"
    unused = headers["Permissions-Policy"]
    for feature in ("camera", "geolocation", "microphone", "payment", "usb", "display-capture", "serial"):
        assert f"{feature}=()" in unused
    assert re.fullmatch(r"[a-z-]+=\(\)(, [a-z-]+=\(\))*", unused)
    assert ("Strict-Transport-Security" in headers) is https
    static = answer.request.path.startswith("/static/") and answer.status_code < 400
    assert (headers.get("Cache-Control") == "no-store") is not static
    for name in ("Content-Security-Policy", "Cache-Control", "X-Content-Type-Options"):
        assert len(headers.getlist(name)) <= 1


def test_every_page_says_to_everybody_what_may_run_frame_keep_and_hear_of_it(app: Flask, sign_in: SignIn) -> None:
    clients = [app.test_client(), *(sign_in(name) for name in ("officer.wood-green", "manager.haringey", "operator"))]
    for client in clients:
        for _, method, address in addresses(app):
            hold(client.open(address, method=method, buffered=True))


def test_on_https_every_page_says_that_it_stays_there(beside: Beside) -> None:
    app = beside(public_url=HTTPS)
    client = app.test_client()
    for _, method, address in addresses(app):
        hold(client.open(address, method=method, buffered=True, base_url=HTTPS), https=True)


def test_errors_files_and_papers_say_so_too(
    world: World, officer: FlaskClient, inspector: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    reference = world.detention()
    refuse(world.ask(world.place(), detention=reference))
    record(world, reference, not_moved())
    paper = officer.get(f"/records/{reference}/certificate-pdf")
    assert paper.mimetype == "application/pdf"
    monkeypatch.setattr(suite_board, "of_suite", lambda **_: 1 / 0)
    for answer, status in (
        (paper, 200),
        (inspector.get("/figures/children-by-month/csv"), 200),
        (officer.get("/static/nothing.css"), 404),
        (officer.get("/nowhere"), 404),
        (officer.delete("/desk"), 405),
        (officer.get("/people"), 403),
        (officer.get("/desk", headers={"Host": ELSEWHERE}), 400),
        (officer.post("/desk/detentions/new", data={"age": "x" * 70_000}), 413),
        (officer.get("/desk"), 500),
    ):
        assert answer.status_code == status
        hold(answer)


# --- nothing inline, nothing from elsewhere -------------------------------------------------------


OURS = sorted(
    path
    for folder in ("templates", "static")
    for path in (PROJECT / folder).rglob("*")
    if path.suffix in (".html", ".js", ".css", ".svg") and "govuk-frontend" not in path.parts
)


def test_no_template_holds_a_script_a_style_or_an_event_of_its_own() -> None:
    inline = re.compile(
        r"<script(?![^>]*\bsrc=)|<style\b|\sstyle\s*=|[\"']style[\"']\s*:|\son[a-z]+\s*=\s*[\"']|javascript:|srcdoc",
        re.IGNORECASE,
    )
    for path in OURS:
        if path.suffix in (".html", ".svg"):
            assert inline.findall(path.read_text(encoding="utf-8")) == [], path


def test_nothing_of_ours_comes_from_another_origin() -> None:
    elsewhere = re.compile(
        r"(?:https?:)?//(?!www\.w3\.org/)[a-z0-9-]+\.[a-z]|@import|\burl\(\s*[\"']?(?:https?:|//)", re.I
    )
    for path in OURS:
        assert elsewhere.findall(path.read_text(encoding="utf-8")) == [], path


def test_no_page_as_it_is_drawn_holds_a_script_a_style_or_an_event_of_its_own(app: Flask, sign_in: SignIn) -> None:
    inline = re.compile(
        r"<script(?![^>]*\bsrc=\"/static/)|<style\b|<[^>]*\s(?:style|on[a-z]+)=|(?:src|action)=\"https?:", re.I
    )
    clients = [app.test_client(), *(sign_in(name) for name in OWN.values())]
    for client in clients:
        for _, method, address in addresses(app):
            answer = client.open(address, method=method, buffered=True)
            if answer.mimetype == "text/html":
                assert inline.findall(answer.get_data(as_text=True)) == [], address


# --- forged forms ---------------------------------------------------------------------------------


def everything() -> dict[str, Any]:
    """Every row of every table."""
    with Session(db.engine) as session:
        return {
            table.name: sorted(map(repr, session.execute(select(table)).all()))
            for table in Base.metadata.tables.values()
        }


def test_a_form_that_no_page_of_ours_gave_is_refused_everywhere_and_writes_nothing(
    app: Flask, world: World, sign_in: SignIn
) -> None:
    world.ask(world.place())
    clients = {name: sign_in(name) for name in OWN.values()}
    app.config["WTF_CSRF_ENABLED"] = True
    before = everything()

    tried = 0
    for endpoint, method, address in addresses(app):
        if method != "POST" or RULES[endpoint] is Who.TOKEN:
            continue  # a program sends no cookie that a page could borrow: tests/web/api holds that none is looked at
        rule = RULES[endpoint]
        allowed = [OWN[role] for role in TABLE[rule]] if isinstance(rule, Permission) else list(OWN.values())
        for username in allowed:
            for forged in ({}, {"csrf_token": "x"}):
                status = clients[username].post(address, data=forged).status_code
                assert status == (403 if rule is Who.TWILIO else 400), (address, username)
                tried += 1

    assert tried > 100
    assert everything() == before


def test_a_token_of_another_session_is_of_no_use(app: Flask, world: World, sign_in: SignIn) -> None:
    officer, other = sign_in("officer.wood-green"), sign_in("officer.kentish-town")
    app.config["WTF_CSRF_ENABLED"] = True
    reference = world.detention()
    place = world.place()
    theirs, own = token(other), token(officer)
    address = f"/desk/detentions/{reference}/places/{place}/ask"

    assert officer.post(address, data={"csrf_token": theirs}).status_code == 400
    g.pop("csrf_token")
    assert officer.post(address, data={"csrf_token": own}).status_code == 303


def token(client: FlaskClient) -> str:
    """The token of a form of this client's. The context of the test's application outlives a request, and keeps one."""
    g.pop("csrf_token", None)
    page = client.get("/account").get_data(as_text=True)
    return str(re.findall(r'name="csrf_token"[^>]*value="([^"]+)"', page)[0])
