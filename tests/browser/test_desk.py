"""The booking desk: by keyboard alone, with the line down, and with an answer that comes by itself."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Page, expect

from .conftest import demonstration
from .test_whole_line import ask_first, fill_in_charge, find_places, open_text, sign_in

KEYSTROKE, THOUGHT = 0.28, 1.35
"""Seconds for a key of an average typist, and to get ready for the next question (Card, Moran and Newell, 1980)."""

OFFICER = "Custody officer, Wood Green"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, postcode_index: Path) -> Iterator[str]:
    """A demonstration on SQLite: what differs between databases is not on these pages."""
    with demonstration(tmp_path_factory.mktemp("desk"), postcode_index) as address:
        yield address


def alt(page: Page, letter: str) -> None:
    """Alt and a letter. `keyboard.press` leaves out what the letter would be alone, by which Chromium knows the key."""
    page.context.new_cdp_session(page).send(
        "Input.dispatchKeyEvent",
        {
            "type": "keyDown",
            "modifiers": 1,
            "key": letter,
            "code": f"Key{letter.upper()}",
            "unmodifiedText": letter,
            "windowsVirtualKeyCode": ord(letter.upper()),
        },
    )


class Hands:
    """Somebody at the keyboard: what they pressed, and how often they had to think."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.keys = self.thoughts = 0

    def press(self, key: str) -> None:
        self.page.keyboard.press(key)
        self.keys += 1

    def to(self, selector: str) -> None:
        """Tab until it has the focus; that one can see where the focus is, is a rule of every page."""
        for _ in range(40):
            if self.page.evaluate("wanted => document.activeElement.matches(wanted)", selector):
                self.thoughts += 1
                return
            self.press("Tab")
        raise AssertionError(f"{selector} is not within 40 tabs")

    def type(self, selector: str, words: str) -> None:
        self.to(selector)
        self.page.keyboard.type(words)
        self.keys += len(words)

    @property
    def seconds(self) -> float:
        return self.keys * KEYSTROKE + self.thoughts * THOUGHT


def test_from_sign_in_to_asked_takes_three_pages_and_under_a_minute_by_keyboard_alone(site: str, desk: Page) -> None:
    sign_in(desk, site, OFFICER)
    hands, pages = Hands(desk), [desk.title()]
    charged = datetime.now(ZoneInfo("Europe/London")) - timedelta(minutes=40)
    alt(desk, "n")
    desk.wait_for_url(re.compile("/detentions/new"))
    pages.append(desk.title())

    hands.type("#custody_record", f"01ye/{charged:%H%M%S}/26")
    for name, at in (("charged", charged), ("bail_refused", charged + timedelta(minutes=5))):
        hands.type(f"#{name}_time", f"{at:%H%M}")
        if at.date() != datetime.now(ZoneInfo("Europe/London")).date():
            hands.to(f"#{name}_day")
            hands.press("ArrowDown")
    hands.type("#bail_ground", "the child w")
    hands.type("#age", "15")
    hands.to("input[name=sex]")
    for _ in ("to the second", "to the first again"):
        hands.press("ArrowRight")
    hands.type("#home_postcode", "n17 0ad")
    hands.press("Enter")
    expect(desk.get_by_role("heading", level=1)).to_have_text(re.compile("Places for"))
    pages.append(desk.title())
    hands.thoughts += 3  # to read what is best, and why
    alt(desk, "b")
    hands.keys += 4  # two shortcuts

    expect(desk.get_by_role("heading", level=1)).to_have_text(re.compile(r"Request \w{4} to"))
    assert len(pages) == 3
    print(f"from sign-in to asked: {hands.seconds:.0f} s, {hands.keys} keys, {len(pages)} pages")
    assert hands.seconds < 60


def test_a_form_is_not_lost_with_the_connection(site: str, desk: Page) -> None:
    sign_in(desk, site, OFFICER)
    desk.get_by_role("button", name="Find a bed for a child").click()
    fill_in_charge(desk)
    desk.get_by_label("Age", exact=True).fill("16")
    desk.get_by_label("Girl").check()

    desk.context.set_offline(True)
    desk.get_by_role("button", name="Find a bed").click()
    expect(desk.get_by_role("alert").filter(has_text="nothing was sent")).to_be_visible()
    expect(desk.get_by_label("Age", exact=True)).to_have_value("16")
    desk.context.set_offline(False)
    desk.get_by_role("button", name="Find a bed").click()

    expect(desk.get_by_role("heading", level=1)).to_have_text(re.compile("Places for"))
    expect(desk.locator("main")).to_contain_text("Girl of 16, non-secure")


def test_an_answer_comes_by_itself_with_a_sound_and_a_title_where_they_are_wanted(
    site: str, desk: Page, phone: Page
) -> None:
    desk.add_init_script(
        "window.played = 0; const start = OscillatorNode.prototype.start;"
        "OscillatorNode.prototype.start = function (at) { window.played += 1; return start.call(this, at); };"
    )
    sign_in(desk, site, OFFICER)
    find_places(desk)
    reference = ask_first(desk)
    sound = desk.get_by_label("a quiet sound")
    expect(sound).not_to_be_checked()
    sound.check()
    heard = desk.evaluate("window.played")
    assert heard  # once, to know what to listen for

    open_text(phone, site, reference)
    phone.get_by_role("button", name=re.compile("ACCEPT", re.IGNORECASE)).first.click()

    expect(desk).to_have_title(re.compile(r"^Accepted by .+ - Request \w{4} to"), timeout=15_000)
    expect(desk.locator(".cf-timeline")).to_contain_text("Accepted by")
    desk.wait_for_function("before => window.played > before", arg=heard)


def test_neither_sound_nor_title_where_they_are_not_wanted(site: str, desk: Page, phone: Page) -> None:
    desk.add_init_script("window.AudioContext = function () { throw new Error('a sound that nobody wanted'); };")
    sign_in(desk, site, OFFICER)
    find_places(desk)
    reference = ask_first(desk)
    desk.get_by_label("show it in the window’s title").uncheck()
    desk.reload()
    expect(desk.get_by_label("show it in the window’s title")).not_to_be_checked()

    open_text(phone, site, reference)
    phone.get_by_role("button", name=re.compile("REFUSE", re.IGNORECASE)).first.click()

    expect(desk.locator(".cf-answer h2")).to_have_text(re.compile("Refused"), timeout=15_000)
    expect(desk).to_have_title(re.compile(r"^Request \w{4} to"))


def test_the_board_moves_by_itself_and_says_when_it_cannot(site: str, desk: Page, phone: Page) -> None:
    sign_in(desk, site, OFFICER)
    find_places(desk)
    child = desk.get_by_role("heading", level=1).inner_text().removeprefix("Places for ")
    reference = ask_first(desk)
    alt(desk, "c")
    line = desk.locator(".cf-child").filter(has_text=child)
    expect(line).to_contain_text("Waiting")

    open_text(phone, site, reference)
    phone.get_by_role("button", name=re.compile("REFUSE", re.IGNORECASE)).first.click()
    expect(line).to_contain_text("Refused", timeout=15_000)
    expect(desk).to_have_title(re.compile(r"needs? you - Children at Wood Green"))

    desk.context.set_offline(True)
    expect(desk.get_by_role("status").filter(has_text="No connection since")).to_be_visible(timeout=15_000)
    desk.context.set_offline(False)
    expect(desk.get_by_role("status").filter(has_text="No connection since")).to_be_hidden(timeout=15_000)
