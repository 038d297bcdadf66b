"""The duty officer's phone, woken at 3 am: a slow line, one thumb, and no script if need be."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from .conftest import demonstration
from .test_whole_line import ask_first, find_places, sign_in

MOST_BYTES = 60_000
MOST_SECONDS = 2.0
SLOW = {"offline": False, "latency": 300, "downloadThroughput": 1_600_000 / 8, "uploadThroughput": 768_000 / 8}
"""What WebPageTest calls 3G: 1.6 Mbit/s down, 768 kbit/s up, 300 ms there and back. Chromium slows every answer
so; the making of the connection it does not slow."""

DRAWN = """() => new Promise((done) =>
  new PerformanceObserver((list) => list.getEntriesByName("first-contentful-paint").length && done())
    .observe({ type: "paint", buffered: true }))"""
"""Waits for the first drawing. Laid out is not drawn: nothing is drawn before the style is there."""

THUMB = 44
"""Pixels of CSS, each way: the least that a thumb hits (WCAG 2.2, 2.5.5)."""


WRONG = """([size, thumb]) => {
  document.documentElement.style.fontSize = size + "%";
  const width = document.documentElement.clientWidth;
  const wrong = [...document.querySelectorAll("main button, main a[role=button]")].filter((button) => {
    const box = button.getBoundingClientRect();
    const number = button.querySelector(".cf-number")?.getBoundingClientRect() ?? box;
    return Math.min(box.width, box.height) < thumb || box.right > width || number.right > box.right;
  });
  const wide = document.documentElement.scrollWidth > width ? ["the page"] : [];
  return [...wide, ...wrong.map((button) => button.textContent)];
}"""
"""What cannot be pressed, or is cut off, or makes the page wider than the screen; with letters of this size."""


@dataclass(frozen=True)
class Night:
    """A running demonstration in which one authority has been asked."""

    site: str
    authority: str
    references: list[str]


@dataclass
class Line:
    """What came over the line: address and bytes, headers and all."""

    came: dict[str, int] = field(default_factory=dict)

    @property
    def bytes(self) -> int:
        return sum(self.came.values())


@pytest.fixture(scope="module")
def night(chromium: Browser, tmp_path_factory: pytest.TempPathFactory, postcode_index: Path) -> Iterator[Night]:
    """On SQLite only: what is shown does not depend on the database."""
    with demonstration(tmp_path_factory.mktemp("phone"), postcode_index) as site:
        desk = chromium.new_context(locale="en-GB").new_page()
        sign_in(desk, site, "Custody officer, Wood Green")
        references: list[str] = []
        authority = ""
        while len(references) < 2:
            find_places(desk)
            if authority:
                desk.locator(".cf-option", has_text=authority).get_by_role("button", name="Ask").first.click()
                references.append(desk.get_by_role("heading", level=1).inner_text().split()[1])
            else:
                references.append(ask_first(desk))
                authority = desk.get_by_role("heading", level=1).inner_text().split(" to ", 1)[1]
            desk.goto(f"{site}/desk")
        desk.context.close()
        yield Night(site, authority, references)


def wake(page: Page, night: Night) -> None:
    """Sign in as the duty officer who was asked."""
    page.goto(night.site)
    page.evaluate("document.querySelectorAll('details').forEach((each) => each.open = true)")
    page.get_by_role("button", name=f"Duty officer, {night.authority}", exact=True).last.click()
    expect(page.get_by_role("heading", level=2).first).to_contain_text("Boy of 15")


@contextmanager
def slow_line(page: Page, *, cold: bool) -> Iterator[Line]:
    """A slow line while this lasts, with nothing kept from before if `cold`."""
    line, asked = Line(), dict[str, str]()
    chrome = page.context.new_cdp_session(page)
    chrome.on("Network.requestWillBeSent", lambda said: asked.update({said["requestId"]: said["request"]["url"]}))

    def kept(said: dict[str, Any]) -> None:
        asked.pop(said["requestId"], None)

    def finished(said: dict[str, Any]) -> None:
        if said["encodedDataLength"] and said["requestId"] in asked:
            line.came[asked[said["requestId"]]] = int(said["encodedDataLength"])

    chrome.on("Network.requestServedFromCache", kept)
    chrome.on("Network.loadingFinished", finished)
    chrome.send("Network.enable")
    if cold:
        chrome.send("Network.clearBrowserCache")
    chrome.send("Network.emulateNetworkConditions", SLOW)
    yield line
    chrome.send("Network.emulateNetworkConditions", {**SLOW, "latency": 0, "downloadThroughput": -1})
    chrome.detach()


@pytest.mark.alone
def test_the_first_page_weighs_under_60_kb_and_can_be_answered_within_two_seconds_on_a_slow_line(
    night: Night, phone: Page
) -> None:
    wake(phone, night)
    with slow_line(phone, cold=True) as line:
        began = time.monotonic()
        phone.goto(f"{night.site}/duty", wait_until="commit")
        phone.get_by_role("button", name="Accept request").first.wait_for()
        phone.evaluate(DRAWN)
        seconds = time.monotonic() - began
        phone.wait_for_load_state("networkidle")

    assert any("app.css" in address for address in line.came)
    assert line.bytes < MOST_BYTES, line.came
    assert seconds < MOST_SECONDS


def test_the_second_page_brings_nothing_but_itself(night: Night, phone: Page) -> None:
    wake(phone, night)
    with slow_line(phone, cold=False) as line:
        phone.goto(f"{night.site}/duty", wait_until="networkidle")

    assert [address.removeprefix(night.site) for address in line.came] == ["/duty"]


def test_no_page_is_wider_than_a_phone_and_every_button_is_as_large_as_a_thumb(night: Night, phone: Page) -> None:
    wake(phone, night)
    phone.get_by_text("Take a place out of service").click()
    links = phone.locator("a[role=button][href^='/duty'], .cf-choose a").all()
    pages = {re.sub(r"[0-9]+", "1", str(link.get_attribute("href"))): link.get_attribute("href") for link in links}
    assert len(pages) == 3
    for page in ("/duty", *pages.values()):
        phone.goto(f"{night.site}{page}")
        for width, size in ((360, 100), (320, 100), (320, 200)):
            phone.set_viewport_size({"width": width, "height": 640})
            assert phone.evaluate(WRONG, [size, THUMB]) == [], (page, width, size)


def test_beds_are_counted_by_plus_and_minus_between_none_and_all_and_sent_once(night: Night, phone: Page) -> None:
    sent: list[str] = []
    wake(phone, night)
    phone.on("request", lambda request: sent.append(request.url) if request.method == "POST" else None)
    row = phone.locator(".cf-count").first
    free, most = row.locator("input.cf-count__free"), int(row.locator("[data-most]").get_attribute("data-most") or 0)
    fewer, more = (row.get_by_role("button", name=re.compile(name)) for name in ("One fewer at", "One more at"))

    for _ in range(most + 2):
        more.click()
    expect(free).to_have_value(str(most))
    for _ in range(most + 2):
        fewer.click()
    expect(free).to_have_value("0")
    more.click()
    expect(phone.locator("#said")).to_contain_text("1 free at")
    if most > 1:
        more.click()
    if free.input_value() == free.get_attribute("value"):
        fewer.click()
    counted = free.input_value()
    expect(phone.get_by_role("button", name="All unchanged")).to_be_hidden()
    save = phone.get_by_role("button", name="Save: these counts are right now")
    expect(save).to_be_in_viewport()
    assert sent == []
    save.click()

    expect(phone.get_by_role("status").first).to_have_text("Saved: your bed counts are confirmed.")
    expect(free).to_have_value(counted)
    assert [address.removeprefix(night.site) for address in sent] == ["/duty/beds"]

    free.fill("4000")
    save.click()
    expect(phone.locator(".govuk-error-summary")).to_contain_text("must be from 0 to")
    expect(phone.get_by_role("button", name="All unchanged")).to_be_hidden()
    expect(save).to_be_attached()


def test_a_page_that_comes_out_of_the_pocket_is_fetched_anew_unless_something_is_changed_on_it(
    night: Night, phone: Page
) -> None:
    phone.clock.install()
    wake(phone, night)
    phone.evaluate("document.documentElement.dataset.old = 'yes'")
    old = phone.locator("html[data-old]")

    free = phone.locator(".cf-count__free").last
    saved = free.input_value()

    free.fill("77")
    put_away_for(phone, "01:00")
    expect(old).to_be_attached()
    free.fill(saved)
    put_away_for(phone, "00:10")
    expect(old).to_be_attached()
    put_away_for(phone, "01:00")
    expect(old).not_to_be_attached()


def put_away_for(page: Page, how_long: str) -> None:
    """Into the pocket and out again."""
    hidden = "(now) => { Object.defineProperty(document, 'hidden', { value: now, configurable: true });"
    hidden += " document.dispatchEvent(new Event('visibilitychange')); }"
    page.evaluate(hidden, True)
    page.clock.fast_forward(how_long)
    page.evaluate(hidden, False)


def test_all_of_it_works_without_script(night: Night, chromium: Browser) -> None:
    context = chromium.new_context(java_script_enabled=False, viewport={"width": 360, "height": 640})
    phone = context.new_page()
    phone.goto(night.site)
    for group in phone.locator("summary").all():
        group.click()
    phone.get_by_role("button", name=f"Duty officer, {night.authority}", exact=True).last.click()

    phone.locator(".cf-count input.cf-count__free").first.fill("0")
    phone.get_by_role("button", name="Save: these counts are right now").click()
    expect(phone.get_by_role("status").first).to_have_text("Saved: your bed counts are confirmed.")
    phone.get_by_role("button", name="All unchanged: confirm every count").click()
    expect(phone.get_by_role("status").first).to_have_text("Saved: your bed counts are confirmed.")
    phone.get_by_role("button", name=f"Refuse request {night.references[1]}").click()
    phone.get_by_text("Say more first, if you like").click()
    phone.get_by_label("In your own words").fill("Two carers are ill.")
    phone.get_by_role("button", name="Not enough staff tonight").click()
    expect(phone.get_by_role("status").first).to_contain_text("Refused.")
    context.close()


def test_accepting_is_two_presses_and_a_thumb_that_presses_twice_accepts_once(night: Night, phone: Page) -> None:
    wake(phone, night)
    phone.get_by_role("button", name=f"Accept request {night.references[0]}").click()
    page = phone.url
    with slow_line(phone, cold=False):
        phone.get_by_role("button", name="Accept: the child comes to").dblclick()
        expect(phone.get_by_role("status").first).to_contain_text("Accepted.")
    expect(phone.get_by_role("heading", name="Coming to you")).to_be_visible()

    phone.goto(page)
    expect(phone.locator("main")).to_contain_text(f"Already accepted by {night.authority}")
    phone.get_by_role("button", name="Go on to your first page").click()
    expect(phone.get_by_role("heading", name="Your beds")).to_be_visible()
