"""A request that nobody answers climbs, and a search goes on by itself; with steps of 20 seconds."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from .conftest import demonstration
from .test_whole_line import ask_first, find_places, open_text, sign_in


@pytest.fixture(scope="module")
def hurried(tmp_path_factory: pytest.TempPathFactory, postcode_index: Path) -> Iterator[str]:
    """A demonstration whose chain takes a minute."""
    with demonstration(tmp_path_factory.mktemp("hurried"), postcode_index, HOLD_MINUTES="1") as address:
        yield address


def test_a_request_that_nobody_answers_climbs_and_ends_loudly_with_a_number_to_ring(
    hurried: str, desk: Page, phone: Page
) -> None:
    sign_in(desk, hurried, "Custody officer, Wood Green")
    find_places(desk)
    reference = ask_first(desk)
    progress = desk.locator("#progress")
    expect(progress).to_contain_text("on duty: text sent", timeout=15_000)
    expect(progress).to_contain_text("Whoever is next in line is asked at")

    expect(progress).to_contain_text("Service manager, manager: text sent", timeout=60_000)
    phone.goto(f"{hurried}/handset/")
    expect(phone.locator("body")).to_contain_text("No answer yet. Bed needed")

    expect(desk.get_by_role("heading", name="Nobody has answered: ring now")).to_be_visible(timeout=60_000)
    expect(progress).to_contain_text(re.compile(r"020 7946 0\d{3}"))
    desk.get_by_label("In a few words").fill("rang out twice")
    desk.get_by_role("button", name="No answer", exact=True).click()
    expect(progress).to_contain_text("no answer. “rang out twice”")
    desk.get_by_role("button", name="They accept the child").click()
    expect(desk.get_by_role("heading", name=re.compile("Accepted by"))).to_be_visible()
    desk.get_by_role("button", name="The child has arrived").click()
    expect(progress).to_contain_text("The child arrived")
    assert reference


def test_a_search_goes_on_by_itself_after_a_refusal(hurried: str, desk: Page, phone: Page) -> None:
    sign_in(desk, hurried, "Custody officer, Wood Green")
    find_places(desk)
    desk.get_by_text("Let the search keep going by itself").click()
    desk.get_by_role("button", name="Start asking").click()
    asked = desk.locator("[data-follow] li")
    expect(asked).to_have_count(1, timeout=15_000)
    first = asked.first.get_by_role("link").inner_text()
    desk.goto(desk.url)
    desk.locator("[data-follow] li a").first.click()
    reference = desk.get_by_role("heading", level=1).inner_text().split()[1]

    open_text(phone, hurried, reference)
    phone.get_by_role("button", name=re.compile("REFUSE", re.IGNORECASE)).first.click()
    desk.get_by_role("link", name=re.compile("Places for")).click()

    expect(asked).to_have_count(2, timeout=20_000)
    expect(asked.first).not_to_contain_text(first)
    expect(asked.last).to_contain_text("refused")
    desk.get_by_role("button", name="Stop asking").click()
    expect(desk.locator("[data-follow]")).to_contain_text("The search was stopped by officer.wood-green")
