"""What holds for all pages, templates and vendored files."""

from __future__ import annotations

import hashlib
import re

import html5lib
from flask import Flask
from flask.testing import FlaskClient

from custodyfinder.config import PROJECT

from ..world import World


def every_page(world: World, officer: FlaskClient, duty: FlaskClient, manager: FlaskClient) -> list[str]:
    """Every page that answers a GET, as its reader sees it."""
    reference = world.detention()
    request = world.ask(world.place(), detention=reference)
    world.place(beds_free=0)
    pair = f"place={world.place()}&place={world.place()}"
    return [
        client.get(address).get_data(as_text=True)
        for client, address in (
            (duty.application.test_client(), "/sign-in"),
            (officer, "/desk"),
            (officer, "/desk/detentions/new"),
            (officer, f"/desk/detentions/{reference}"),
            (officer, f"/desk/detentions/{reference}/compare?{pair}"),
            (officer, f"/desk/requests/{request}"),
            (officer, "/nowhere"),
            (duty, "/duty"),
            (duty, f"/duty/requests/{request}/accept"),
            (duty, f"/duty/requests/{request}/refuse"),
            (duty, "/duty/places/1/out-of-service"),
            (officer, "/rota"),
            (manager, "/rota/manage"),
        )
    ]


def check(page: str) -> None:
    """What every page keeps to."""
    html5lib.HTMLParser(strict=True).parse(page)
    (heading,) = re.findall(r"<h1[^>]*>(.*?)</h1>", page, re.DOTALL)
    error = "Error: " if "govuk-error-summary" in page else ""
    assert f"<title>{error}{heading} - custodyfinder</title>" in page
    ids = re.findall(r'\sid="([^"]+)"', page)
    assert len(ids) == len(set(ids))
    for target in re.findall(r'(?:href="#|for="|aria-describedby=")([^"]+)"', page):
        assert set(target.split()) <= set(ids)


def test_every_page_is_valid_html_with_one_h1_that_begins_its_title_and_a_token_in_every_form(
    app: Flask, world: World, officer: FlaskClient, duty: FlaskClient, manager: FlaskClient
) -> None:
    app.config["WTF_CSRF_ENABLED"] = True
    for page in every_page(world, officer, duty, manager):
        check(page)
        posts = re.findall(r'<form[^>]*method="post".*?</form>', page, re.DOTALL)
        assert all('name="csrf_token"' in form for form in posts)


def test_a_page_with_errors_is_valid_and_each_error_leads_to_its_input(
    world: World, officer: FlaskClient, duty: FlaskClient, manager: FlaskClient
) -> None:
    reference = world.detention()
    request = world.ask(world.place(), detention=reference)
    half = {"sex": "", "age": "9", "miles_2": "2", "home_postcode": "BT1 5GS", "avoid_geojson": "x" * 40_001}
    for answer in (
        officer.post("/desk/detentions/new", data=half),
        officer.post("/desk/detentions/new", data={"age": "15", "sex": "male", "kind": "secure", "avoid_1": "N22 6XH"}),
        duty.post("/duty/beds", data={"free-1": "4000", "seen-1": "1+1"}),
        duty.post(f"/duty/requests/{request}/refuse"),
        duty.post("/duty/places/1/out-of-service", data={"reason": "x", "day": "soon"}),
        officer.post(f"/desk/requests/{request}/calls", data={"said": "", "words": "busy"}),
        officer.post(f"/desk/detentions/{reference}/search", data={"at_once": "1", "until_day": "soon"}),
        manager.post("/rota/contacts", data={"name": "", "role": "EDT", "mobile": "1", "landline": ""}),
        manager.post("/rota/contacts/1", data={"name": "", "role": "EDT", "mobile": "1", "landline": ""}),
        manager.post("/rota/contacts/2/remove"),
        manager.post("/rota/shifts", data={"day": "1", "starts": "late", "ends": "", "contact": "1"}),
        manager.post("/rota/csv"),
        manager.post("/rota/overrides", data={"contact": "1", "starts_day": "soon"}),
        manager.post("/rota/policy", data={"gives_up": "never"}),
        manager.post("/rota/texting", data={"counts": "ask", "counts_at": "late"}),
        duty.application.test_client().post("/sign-in"),
    ):
        page = answer.get_data(as_text=True)
        assert answer.status_code == 422
        assert "govuk-error-summary" in page
        check(page)


def test_where_texts_are_sent_no_page_says_that_they_are_not(
    world: World, officer: FlaskClient, duty: FlaskClient, manager: FlaskClient
) -> None:
    assert all("Texts are not being sent" not in page for page in every_page(world, officer, duty, manager))


def test_templates_use_every_macro_they_import() -> None:
    for path in (PROJECT / "templates").rglob("*.html"):
        source = path.read_text(encoding="utf-8")
        for names in re.findall(r"{% from .* import (.*) %}", source):
            for name in names.split(","):
                assert source.count(name.strip()) > 1, f"{path.name} imports {name} and does not use it"


def test_no_block_of_the_style_sheet_is_left_open() -> None:
    """One brace that a merge lost put the whole page of figures into the style for paper."""
    css = (PROJECT / "static" / "app.css").read_text(encoding="utf-8")
    depth = 0
    for line in css.splitlines():
        assert depth == 0 or not line.startswith((".", "@")), f"in an open block: {line}"
        depth += line.count("{") - line.count("}")
    assert depth == 0


def test_vendored_files_are_as_they_came() -> None:
    sums = list((PROJECT / "static").rglob("SHA256SUMS"))
    assert {path.parent.parent.name for path in sums} == {"govuk-frontend", "dejavu"}
    for path in sums:
        for line in path.read_text(encoding="ascii").splitlines():
            expected, name = line.split()
            assert hashlib.sha256((path.parent / name).read_bytes()).hexdigest() == expected

    folder = PROJECT / "static" / "govuk-frontend" / "6.6.0"
    css = (folder / "govuk-frontend.min.css").read_text(encoding="utf-8")
    assert "@font-face" not in css
    assert "GDS Transport" not in css
    assert "url(" not in css
