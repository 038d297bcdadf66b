"""The list of places explains itself, and two or three are compared side by side."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient

from custodyfinder.domain.geo import METRES_PER_MILE
from custodyfinder.domain.needs import Need, Sex
from custodyfinder.domain.suitability import need_bits
from custodyfinder.models import Place
from custodyfinder.services import requests

from ..conftest import NIGHT
from ..world import CAMDEN, WOOD_GREEN, World
from .reading import answer_page, words
from .test_every_page import check


@pytest.fixture
def night(world: World) -> World:
    """Three places, one nearer with a count of two days ago."""
    world.place(name="House Tern", easting=east(5), needs_met=1)
    world.place(name="House Wren", easting=east(1), confirmed_at=NIGHT - timedelta(days=2, hours=1))
    world.place(name="House Crane", easting=east(9), authority_code=CAMDEN, confirmed_at=None)
    return world


def east(miles: float) -> int:
    return WOOD_GREEN[0] + round(miles * METRES_PER_MILE)


def page_of(officer: FlaskClient, reference: str, path: str = "") -> tuple[str, str]:
    answer = officer.get(f"/desk/detentions/{reference}{path}")
    page = answer.get_data(as_text=True)
    check(page)
    assert not re.search(r"<style|\sstyle=|<script>", page)
    return page, words(answer)


def options(page: str) -> list[str]:
    return re.findall(r'<li class="cf-option.*?<div class="cf-option__do">', page, re.DOTALL)


def test_the_best_option_says_why_and_no_other_does(night: World, officer: FlaskClient) -> None:
    page, text = page_of(officer, night.detention())

    assert "Best: House Wren is 4.0 miles nearer, but its bed count was last confirmed 2 days ago." in text
    assert ["Best:" in option for option in options(page)] == [True, False, False]


def test_each_option_has_a_bar_to_one_scale_with_the_words_beside_and_a_key_once(
    night: World, officer: FlaskClient
) -> None:
    page, text = page_of(officer, night.detention())

    bars = [re.findall(r'width="([\d.]+)" height="\d+" fill="url\(#cost-(\d)\)"', option) for option in options(page)]
    assert [[int(which) for _, which in bar] for bar in bars] == [[0], [0, 1], [0, 1, 2]]
    lengths = [sum(float(width) for width, _ in bar) for bar in bars]
    minutes = [int(found) for found in re.findall(r"(\d+) minutes in all", text)]
    assert lengths == sorted(lengths)
    assert max(lengths) == pytest.approx(318, abs=0.3)
    assert [length / lengths[-1] for length in lengths] == pytest.approx([m / minutes[-1] for m in minutes], abs=0.02)
    assert page.count('<pattern id="cost-') == 3
    assert page.count("drive</span>") == page.count("age of the bed count</span>") == 1
    assert all('<svg class="cf-cost__bar"' in option and 'aria-hidden="true"' in option for option in options(page))


@pytest.mark.parametrize(
    ("confirmed", "mark", "said"),
    [
        (NIGHT, r"/>\s*</svg>", "confirmed just now: fresh"),
        (NIGHT - timedelta(hours=5), r' fill="#fff"/><path d="M8 1A', "confirmed 5 hours ago: ageing"),
        (NIGHT - timedelta(hours=9), r' fill="#fff"/>\s*</svg>', "confirmed 9 hours ago: stale, ring to confirm"),
        (None, r' fill="#fff"/><path d="M3 3L', "never confirmed: ring to confirm"),
    ],
)
def test_freshness_is_a_shape_and_a_word(
    world: World, officer: FlaskClient, confirmed: Any, mark: str, said: str
) -> None:
    world.place(confirmed_at=confirmed)

    page, text = page_of(officer, world.detention())

    assert re.search(r'cf-fresh__mark" [^>]*><circle cx="8" cy="8" r="7"' + mark, page)
    assert said in text


def test_what_was_left_out_is_grouped_with_counts_and_the_ranks_are_in_order(
    night: World, officer: FlaskClient
) -> None:
    night.place(name="House Full", beds_free=0)
    night.place(name="House Full Too", beds_free=0, easting=east(2))
    night.place(name="House Young", age_max=12, beds_free=0, out_of_service="boiler")

    page, text = page_of(officer, night.detention())

    assert "Not this child's age (1) House Young (Haringey), 0.6 miles: Takes ages 10 to 12. Also: Out of" in text
    assert "No bed free (2) House Full (Haringey), 0.6 miles. House Full Too (Haringey), 2.0 miles." in text
    assert re.findall(r'cf-option__rank" aria-hidden="true">(\d+)<', page) == ["1", "2", "3"]


def test_what_would_change_the_list_is_said_below_it_and_first_where_nothing_suits(
    world: World, officer: FlaskClient
) -> None:
    world.place(name="House Steps", needs_not_met=need_bits([Need.STEP_FREE]), easting=east(6))
    reference = world.detention(needs=frozenset([Need.STEP_FREE]))

    page, text = page_of(officer, reference)

    assert "No place suits" in text
    assert "Ring the authority to ask first, Haringey : Emergency Duty Team, 020 7946 0100" in text
    assert "Its duty to accept a request for non-secure accommodation" in text
    sentence = "1 more if step-free access were not needed: House Steps, 6.0 miles."
    assert text.index("What would change this") < text.index(sentence) < text.index("ruled out, and why")
    world.place(name="House Level")
    page, text = page_of(officer, reference)
    assert '<details class="govuk-details" id="what-would-change">' in page
    assert text.index("House Level") < text.index(sentence) < text.index("ruled out, and why")


def test_where_nothing_would_change_an_empty_list_that_is_said(world: World, officer: FlaskClient) -> None:
    world.place(beds_free=0)

    assert "No place would be gained by giving up anything" in page_of(officer, world.detention())[1]


def test_where_secure_is_asked_for_in_vain_non_secure_is_named(world: World, officer: FlaskClient) -> None:
    world.place(name="House Tern", easting=east(6))

    text = page_of(officer, world.detention(secure=True, age=15))[1]

    assert "Ask it for non-secure accommodation too" in text
    assert "1 more if secure were not needed: House Tern, 6.0 miles." in text


# --- side by side -----------------------------------------------------------------------------------


def test_three_places_are_compared_side_by_side_each_with_its_button(night: World, officer: FlaskClient) -> None:
    reference = night.detention(needs=frozenset([Need.STEP_FREE]), sex=Sex.MALE, home_postcode="N17 0AD")

    page, _ = page_of(officer, reference, "/compare?place=3&place=1&place=2")

    assert re.findall(r'scope="col"[^>]*>(.*?)<', page) == ["House Tern", "House Wren", "House Crane"]
    rows = dict(re.findall(r'<th scope="row"[^>]*>(.*?)</th>(.*?)</tr>', page, re.DOTALL))
    assert list(rows) == [
        *("Distance", "By car", "From home", "Beds free", "Authority", "Kind", "Admits", "Step-free access"),
        *("Counts against it", "In all"),
    ]
    assert all(row.count("<td") == 3 for row in rows.values())
    assert rows["Step-free access"].count("not said") == 2
    assert "never confirmed: " in rows["Beds free"]
    assert "nothing" in rows["Counts against it"]
    assert page.count("Ask for this bed") == 3
    assert f'action="/desk/detentions/{reference}/places/3/ask"' in page
    assert "Fictional Row" not in page


TWO_OR_THREE = "Choose two or three places to compare."
NOT_THERE = "A place that you chose is not in the list any more. Choose again."


def test_a_choice_that_cannot_be_compared_is_said_in_one_sentence_and_stays_ticked(
    night: World, officer: FlaskClient
) -> None:
    night.change(Place, 2, beds_free=0)
    reference = night.detention()
    for query, said in (
        ("", TWO_OR_THREE),
        ("place=1", TWO_OR_THREE),
        ("place=1&place=1", TWO_OR_THREE),
        ("place=1&place=2&place=3&place=4", TWO_OR_THREE),
        ("place=1&place=99", NOT_THERE),
        (f"place=1&place={10**30}", NOT_THERE),
        ("place=1&place=x", NOT_THERE),
        ("place=1&place=2", "House Wren does not suit any more. No bed is free now. Choose another."),
    ):
        answer = officer.get(f"/desk/detentions/{reference}/compare?{query}")

        page = answer.get_data(as_text=True)
        check(page)
        assert answer.status_code == 422
        assert words(answer).count(said) == 1
        ticked = {"1", "3"} & set(re.findall(r"place=(\d+)", query))
        assert page.count('form="compare" checked') == len(ticked)


def test_a_place_is_compared_whatever_its_rank(world: World, officer: FlaskClient) -> None:
    for number in range(22):
        world.place(easting=east(number))

    _, text = page_of(officer, world.detention(), "/compare?place=22&place=1")

    assert "Example House 22" in text


def test_one_option_has_nothing_to_be_compared_with(world: World, officer: FlaskClient) -> None:
    world.place()

    assert 'name="place"' not in page_of(officer, world.detention())[0]


def test_a_bed_that_was_accepted_leaves_no_button_side_by_side(night: World, officer: FlaskClient) -> None:
    reference = night.detention()
    request = night.ask(2, detention=reference)
    requests.accept(request, **answer_page(request))

    page, text = page_of(officer, reference, "/compare?place=1&place=3")

    assert "This child has a bed" in text
    assert "Ask for this bed" not in page
