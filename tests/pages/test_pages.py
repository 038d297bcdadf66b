"""What holds for every page, in every state in which it can be met, on the screens and papers that people have."""

from __future__ import annotations

import re
from collections.abc import Mapping

import pytest

from custodyfinder.web.access import FOLLOWS

from ..web.test_every_page import check
from .conftest import Found
from .sites import Site
from .states import STATES, State
from .visiting import NARROW, WIDE, ZOOMED
from .weights import Weight, read

every_state = pytest.mark.parametrize("state", STATES, ids=[state.name for state in STATES])

OURS = [state for state in STATES if not state.path.startswith("/handset")]
each_of_ours = pytest.mark.parametrize("state", OURS, ids=[state.name for state in OURS])
"""The handset is the far end of the wire, and no page of the program."""


@every_state
def test_each_page_is_met_as_its_state_says(visit: Found, state: State) -> None:
    assert visit(state).status == state.status


@every_state
def test_axe_finds_nothing_on_a_wide_screen(visit: Found, state: State) -> None:
    assert visit(state).violations[WIDE] == []


@every_state
def test_axe_finds_nothing_on_a_phone(visit: Found, state: State) -> None:
    assert visit(state).violations[NARROW] == []


@every_state
@pytest.mark.parametrize("width", [NARROW, ZOOMED])
def test_nothing_is_wider_than_a_phone_or_than_a_screen_at_400_per_cent(visit: Found, state: State, width: int) -> None:
    assert visit(state).overflow[width] <= 0


@every_state
def test_nothing_of_a_page_reaches_into_what_follows_it(visit: Found, state: State) -> None:
    assert visit(state).below_main == {WIDE: 0, NARROW: 0}


@every_state
def test_whatever_has_the_focus_shows_it(visit: Found, state: State) -> None:
    assert visit(state).unseen_focus == []


@every_state
def test_nothing_moves_for_who_wants_no_motion(visit: Found, state: State) -> None:
    assert visit(state).moving == 0


@each_of_ours
def test_paper_has_what_is_said_and_not_the_furniture_of_the_screen(visit: Found, state: State) -> None:
    found = visit(state)
    assert found.printed == ""
    assert found.overflow[0] <= 0


@every_state
def test_no_page_asks_anybody_else_for_anything_or_makes_the_browser_complain(visit: Found, state: State) -> None:
    found = visit(state)
    assert (found.elsewhere, found.complaints) == ([], [])


@every_state
def test_every_page_is_there_without_script(visit: Found, state: State) -> None:
    found = visit(state)
    status, heading = found.without_script
    assert status == found.status
    assert heading != "" or "<h1" not in found.html


@each_of_ours
def test_the_html_is_valid_and_its_parts_know_each_other(visit: Found, state: State) -> None:
    html = visit(state).html
    check(html)
    posts = re.findall(r'<form[^>]*method="post".*?</form>', html, re.DOTALL)
    assert all('name="csrf_token"' in form for form in posts)


@each_of_ours
def test_an_error_stands_in_the_summary_and_leads_to_its_input(visit: Found, state: State) -> None:
    html = visit(state).html
    assert ("govuk-error-summary" in html) is (state.status == 422)
    for target in re.findall(r"govuk-error-summary__list.*?</ul>", html, re.DOTALL):
        for name in re.findall(r'href="#([^"]+)"', target):
            assert re.search(
                rf'<(input|select|textarea|button|div|ol|fieldset|h2)[^>]* id="{re.escape(name)}"', html
            ), name


@every_state
def test_no_page_grows_by_a_third_unseen(visit: Found, state: State) -> None:
    found, before = visit(state), read()[state.name]
    advice = f"{state.name} grew. If it should: `make weights`, and look at the difference"
    assert len(found.html.encode()) <= before.html_bytes * 4 / 3, advice
    assert found.bytes <= before.all_bytes * 4 / 3, advice
    assert found.requests <= before.requests, advice


def test_the_table_of_weights_has_these_pages_and_no_others() -> None:
    assert list(read()) == [state.name for state in STATES]
    assert all(isinstance(weight, Weight) for weight in read().values())


def test_no_page_is_missing_from_these_states(sites: Mapping[str, Site]) -> None:
    """By the routes: whatever answers a GET with a page has a state. Files, redirects and fragments are none."""
    met, wanted = set(), set()
    for name, site in sites.items():
        adapter = site.app.url_map.bind("127.0.0.1")
        met |= {
            adapter.match(site.path(state.path).split("?")[0])[0]
            for state in STATES
            if state.site == name and state.status != 404 and state.form is None and "/handset" not in state.path
        }
        wanted |= {
            rule.endpoint
            for rule in site.app.url_map.iter_rules()
            if "GET" in (rule.methods or ()) and not _is_no_page(rule.endpoint)
        }
    assert wanted - met == set()


def _is_no_page(endpoint: str) -> bool:
    """Fragments, files, programs' answers and what only leads on."""
    files = ("static", "certificate.as_pdf", "figures.table_csv", "figures.returns_csv", "rota.export_csv")
    return endpoint in FOLLOWS or endpoint in files or endpoint.startswith(("api.", "health.", "oidc."))
