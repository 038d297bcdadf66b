"""The page of the figures, its drawings and its files."""

from __future__ import annotations

import csv
import io
import re
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from custodyfinder.config import PROJECT
from custodyfinder.domain.figure_tables import RETURN_COLUMNS
from custodyfinder.models import Suite

from ..figuring import EVENING, child, moved, not_moved, refused
from ..world import CAMDEN, World
from .conftest import SignIn
from .reading import words
from .test_every_page import check

DOCUMENTED = (PROJECT / "docs" / "figures.md").read_text(encoding="utf-8")


@pytest.fixture
def inspector(app: Flask, sign_in: SignIn) -> FlaskClient:
    """An inspector of the Metropolitan Police, at the figures."""
    return sign_in("inspector.met")


@pytest.fixture
def week(world: World) -> World:
    """Last week: one child of Haringey moved, seven not for want of a secure bed, one of Camden's after a refusal."""
    before = EVENING - timedelta(days=7)
    place = world.place(beds_total=20, beds_free=20)
    moved(world, child(world, charged_at=before), place, at=before)
    for _ in range(7):
        not_moved(world, child(world, charged_at=before, secure=True))
    refused(world, child(world, charged_at=before, home=CAMDEN), place, at=before)
    return world


def lines(client: FlaskClient, address: str) -> list[list[str]]:
    """The cells of a CSV file."""
    answer = client.get(address)
    assert answer.status_code == 200, answer.get_data(as_text=True)
    assert answer.mimetype == "text/csv"
    assert answer.headers["Content-Disposition"].startswith("attachment; filename=")
    return list(csv.reader(io.StringIO(answer.get_data(as_text=True))))


def tables_on(page: str) -> list[str]:
    """The addresses of the files of a page."""
    return [address.replace("&amp;", "&") for address in re.findall(r'href="(/figures/[a-z-]+/csv[^"]*)"', page)]


def test_the_figures_are_for_inspectors_and_managers(
    sign_in: SignIn, inspector: FlaskClient, manager: FlaskClient, officer: FlaskClient, duty: FlaskClient
) -> None:
    for address in ("/figures", "/figures/times-by-month/csv"):
        assert [client.get(address).status_code for client in (inspector, manager)] == [200, 200]
        assert [client.get(address).status_code for client in (officer, duty)] == [403, 403]


def test_only_who_may_see_records_gets_a_line_for_each_child(
    inspector: FlaskClient, manager: FlaskClient, officer: FlaskClient, duty: FlaskClient
) -> None:
    answers = [client.get("/figures/returns-csv").status_code for client in (inspector, manager, officer, duty)]

    assert answers == [200, 403, 403, 403]
    assert "returns-csv" not in manager.get("/figures").get_data(as_text=True)


def test_the_header_leads_there_for_those_roles_only(
    inspector: FlaskClient, manager: FlaskClient, officer: FlaskClient, duty: FlaskClient
) -> None:
    pages = [client.get("/rota").get_data(as_text=True) for client in (inspector, manager, officer, duty)]

    assert ['href="/figures"' in page for page in pages] == [True, True, False, False]


def test_the_page_is_valid_html_with_a_table_for_each_drawing(
    week: World, inspector: FlaskClient, manager: FlaskClient
) -> None:
    for client in (inspector, manager):
        page = client.get("/figures").get_data(as_text=True)
        check(page)
        drawings = page.split('<figure class="cf-figure">')[1:]
        assert len(drawings) == page.count('role="img"') == 3
        assert all(drawing.index("<svg") < drawing.index("<table") for drawing in drawings)


def test_no_drawing_needs_a_script_a_style_or_another_origin(week: World, inspector: FlaskClient) -> None:
    page = inspector.get("/figures").get_data(as_text=True)

    assert not re.search(r'<script>|<style|\sstyle="|(?:src|href)="https?:', page)


def test_each_part_of_a_drawing_has_a_pattern_of_its_own_and_each_bar_its_number(
    week: World, inspector: FlaskClient
) -> None:
    page = inspector.get("/figures").get_data(as_text=True)
    (chart,) = re.findall(r'<svg class="cf-chart"[^>]*aria-labelledby="children-title".*?</svg>', page, re.DOTALL)

    assert set(re.findall(r'fill="url\(#(children-\d)\)" stroke', chart)) == {"children-0", "children-1"}
    assert re.findall(r'font-size="14">([^<]*)<', chart)[-2:] == ["Nov 2026", "9"]


def test_each_outline_of_the_map_says_its_number(week: World, inspector: FlaskClient) -> None:
    page = inspector.get("/figures").get_data(as_text=True)

    assert "<title>Haringey: 7 nights</title>" in page
    assert "<title>Camden: 1 night</title>" in page
    assert "<title>Barnet: 0 nights</title>" in page
    (haringey,) = re.findall(r'fill="url\(#map-(\w+)\)"[^>]*><title>Haringey', page)
    assert haringey == "2"


def test_a_manager_sees_the_own_authority_on_the_map_and_no_others_number(week: World, manager: FlaskClient) -> None:
    page = manager.get("/figures").get_data(as_text=True)

    assert "<title>Haringey: 7 nights</title>" in page
    assert "<title>Camden: not in these figures</title>" in page


def test_no_small_count_is_on_a_managers_page_or_in_a_managers_files(week: World, manager: FlaskClient) -> None:
    page = manager.get("/figures").get_data(as_text=True)
    cells = re.findall(r'govuk-table__cell--numeric">([^<]*)<', page)
    cells += re.findall(r'font-size="14">([^<]*)<', page)[1::2]
    for address in tables_on(page):
        keys = 2 if "unmet-need-by-authority" in address else 1
        cells += [cell for line in lines(manager, address)[1:] for cell in line[keys:]]

    assert "[c]" in cells
    assert "8" in cells
    assert {cell for cell in cells if not cell.isdigit()} == {"[c]"}
    assert not {cell for cell in cells if cell.isdigit() and int(cell) < 5}


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("from=soon", "Enter each month as year and month, such as 2026-04."),
        ("from=2026-11&to=2026-10", "The last month must not be before the first."),
        ("from=2020-01&to=2026-10", "Choose 36 months or fewer."),
        ("suite=nowhere", "There is no such custody suite here."),
    ],
)
def test_what_cannot_be_gets_one_plain_sentence(inspector: FlaskClient, query: str, sentence: str) -> None:
    for address in ("/figures", "/figures/children-by-month/csv", "/figures/returns-csv"):
        answer = inspector.get(f"{address}?{query}")

        assert answer.status_code == 422
        assert sentence in words(answer)


def test_a_manager_chooses_whole_years_only(manager: FlaskClient) -> None:
    assert manager.get("/figures?from=2026-04&to=2026-10").status_code == 422
    assert manager.get("/figures?from=2025-04&to=2026-03").status_code == 200
    assert 'href="/figures?from=2025-04&amp;to=2026-03"' in manager.get("/figures").get_data(as_text=True)


def test_the_columns_of_every_file_are_those_of_the_document(week: World, inspector: FlaskClient) -> None:
    files = tables_on(inspector.get("/figures").get_data(as_text=True))
    named = [re.sub(r"/figures/([a-z-]+)/csv.*", r"\1", address) for address in files]

    assert set(named) == set(re.findall(r"^\| `([a-z-]+)` \|", DOCUMENTED, re.MULTILINE)) - {"returns"}
    for name, address in [*zip(named, files, strict=True), ("returns", "/figures/returns-csv")]:
        (columns,) = re.findall(rf"^\| `{name}` \| (.*) \|$", DOCUMENTED, re.MULTILINE)
        assert lines(inspector, address)[0] == re.findall(r"`([a-z0-9_]+)`", columns), name


def test_a_file_has_the_rows_of_the_table_and_the_total(week: World, inspector: FlaskClient) -> None:
    found = lines(inspector, "/figures/unmet-need-by-authority/csv")

    assert found[1:] == [
        ["Camden", CAMDEN, "1", "0", "1"],
        ["Haringey", "E09000014", "7", "7", "0"],
        ["Total", "", "8", "7", "1"],
    ]


def test_the_returns_have_a_line_for_each_child_and_no_reference(week: World, inspector: FlaskClient) -> None:
    found = lines(inspector, "/figures/returns-csv?from=2026-11&to=2026-11&suite=wood-green")

    assert found[0] == list(RETURN_COLUMNS)
    assert len(found) == 10
    assert not re.search(r"[A-Z0-9]{4}-[A-Z0-9]{3}|01YE", str(found))


def test_a_name_that_a_spreadsheet_would_run_is_only_text(week: World, inspector: FlaskClient) -> None:
    week.change(Suite, week.suite_id, name='=HYPERLINK("https://evil.example")')

    assert lines(inspector, "/figures/children-by-suite/csv")[1][0] == '\'=HYPERLINK("https://evil.example")'


def test_an_unknown_table_is_not_there(inspector: FlaskClient, manager: FlaskClient) -> None:
    assert inspector.get("/figures/nothing/csv").status_code == 404
    assert inspector.get("/figures/children-by-month-and-suite/csv").status_code == 200
    assert manager.get("/figures/children-by-month-and-suite/csv").status_code == 404


def test_without_any_child_the_page_is_whole(inspector: FlaskClient, manager: FlaskClient) -> None:
    for client in (inspector, manager):
        check(client.get("/figures").get_data(as_text=True))
