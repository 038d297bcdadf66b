"""From the booking desk to "accepted", and from charge to the certificate, as people do it."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from datetime import datetime, timedelta
from itertools import count
from urllib.parse import unquote_plus
from zoneinfo import ZoneInfo

from playwright.sync_api import Browser, Page, expect

from .conftest import VISITED, Site

HOME, CIRCUMSTANCES, SUPERVISOR = "n17 0ad", "The only van broke down and no taxi firm would come.", "4711 YE"


def sign_in(page: Page, site: str, who: str) -> None:
    page.goto(site)
    page.get_by_role("button", name=who, exact=True).first.click()


_records = count(1)


def fill_in_charge(page: Page) -> None:
    """A custody record of its own, charged an hour ago, bail refused half an hour ago."""
    now = datetime.now(ZoneInfo("Europe/London"))
    page.get_by_label("Custody record number").fill(f"01YE/{next(_records)}/{now:%H%M%S}")
    for name, ago in (("charged", 60), ("bail_refused", 30)):
        at = now - timedelta(minutes=ago)
        page.locator(f"#{name}_day").select_option(f"{at:%Y-%m-%d}")
        page.locator(f"#{name}_time").fill(f"{at:%H:%M}")
    page.get_by_label("Why was bail refused?").select_option("fail_to_appear")


def find_places(page: Page) -> None:
    page.get_by_role("button", name="Find a bed for a child").click()
    fill_in_charge(page)
    page.get_by_label("Age", exact=True).fill("15")
    page.get_by_label("Boy").check()
    page.get_by_label("Home postcode").fill(HOME)
    page.get_by_role("button", name="Find a bed").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(re.compile("Places for"))


def ask_first(page: Page) -> str:
    """Ask for the best bed. Gives the reference of the request."""
    page.get_by_role("button", name="Ask for this bed").first.click()
    heading = page.get_by_role("heading", level=1)
    expect(heading).to_have_text(re.compile(r"Request \w{4} to"))
    return heading.inner_text().split()[1]


def open_text(handset: Page, site: str, reference: str) -> None:
    """Wait until the text is on a phone, and open that phone."""
    for _ in range(40):
        handset.goto(f"{site}/handset/")
        line = handset.get_by_role("link").filter(has_text=re.compile(r"07700"))
        for index in range(line.count()):
            handset.goto(f"{site}/handset/")
            line.nth(index).click()
            if handset.get_by_text(reference).count():
                return
        handset.wait_for_timeout(250)
    raise AssertionError(f"no text with {reference} has arrived")


def test_a_bed_is_found_asked_for_by_text_and_accepted_on_the_handset(site: str, desk: Page, phone: Page) -> None:
    sign_in(desk, site, "Custody officer, Wood Green")
    find_places(desk)
    expect(desk.locator(".cf-option").first).to_contain_text("miles")
    expect(desk.locator(".cf-option").first).to_contain_text("minutes (estimate)")
    assert "Fictional Row" not in desk.content()
    reference = ask_first(desk)

    open_text(phone, site, reference)
    expect(desk.locator("#progress")).to_contain_text("delivered", timeout=15_000)
    phone.get_by_role("button", name=re.compile("ACCEPT", re.IGNORECASE)).first.click()
    expect(phone.locator("body")).to_contain_text("Recorded")

    expect(desk.locator(".cf-answer h2")).to_have_text(re.compile(r"Accepted by .+ at \d\d:\d\d"), timeout=15_000)
    expect(desk.locator("#progress")).to_contain_text("Fictional Row")


def test_a_refusal_by_text_leads_to_the_next_place(site: str, desk: Page, phone: Page) -> None:
    sign_in(desk, site, "Custody officer, Wood Green")
    find_places(desk)
    first = desk.locator(".cf-option__name").first.inner_text()
    reference = ask_first(desk)

    open_text(phone, site, reference)
    phone.get_by_role("button", name=re.compile("REFUSE", re.IGNORECASE)).first.click()

    expect(desk.locator(".cf-answer h2")).to_have_text(re.compile("Refused"), timeout=15_000)
    desk.get_by_role("button", name="Ask the next place").click()
    expect(desk.locator(".cf-option__name").first).not_to_have_text(first)
    desk.get_by_text("The nearest places that were ruled out").click()
    expect(desk.locator("details").last).to_contain_text(f"{first}")
    expect(desk.locator("details").last).to_contain_text("refused this child already tonight")


def test_places_are_compared_side_by_side_on_a_narrow_screen_and_one_is_asked_for(site: str, phone: Page) -> None:
    sign_in(phone, site, "Custody officer, Wood Green")
    find_places(phone)
    for at in (1, 2):
        phone.locator(".cf-option").nth(at).get_by_label("Compare").check()
    button = phone.get_by_role("button", name="Compare side by side")
    expect(button).to_be_in_viewport()
    button.click()

    expect(phone.get_by_role("columnheader")).to_have_count(2)
    expect(phone.locator(".cf-compared")).to_contain_text("Counts against it")
    assert phone.evaluate("document.documentElement.scrollWidth") <= 360
    name = phone.get_by_role("columnheader").last.inner_text()
    phone.get_by_role("button", name=f"Ask for this bed at {name}").click()
    expect(phone.get_by_role("heading", level=1)).to_have_text(re.compile(r"Request \w{4} to"))


def test_the_duty_officer_answers_and_reports_on_a_phone(site: str, desk: Page, phone: Page) -> None:
    sign_in(desk, site, "Custody officer, Wood Green")
    find_places(desk)
    reference = ask_first(desk)
    authority = desk.get_by_role("heading", level=1).inner_text().split(" to ", 1)[1]

    phone.goto(site)
    phone.get_by_text("Duty officers of the other authorities").click()
    phone.get_by_role("button", name=f"Duty officer, {authority}", exact=True).last.click()
    expect(phone.get_by_text("A bed is needed")).to_be_visible()
    phone.get_by_role("button", name=f"Accept request {reference}").click()
    phone.get_by_role("button", name="Accept: the child comes to").click()
    expect(desk.locator(".cf-answer h2")).to_have_text(re.compile("Accepted by"), timeout=15_000)

    count = phone.locator(".cf-count input[inputmode=numeric]").first
    count.fill("4000")
    phone.get_by_role("button", name="Save: these counts are right now").click()
    expect(phone.locator(".govuk-error-summary")).to_contain_text("must be")
    expect(count).to_have_value("4000")
    count.fill("0")
    phone.get_by_role("button", name="Save: these counts are right now").click()
    expect(phone.get_by_role("status").first).to_contain_text("Saved")
    width = phone.evaluate("document.documentElement.scrollWidth")
    assert width <= 360


def test_the_line_works_without_script(site: str, chromium: Browser, phone: Page) -> None:
    context = chromium.new_context(java_script_enabled=False)
    desk = context.new_page()
    sign_in(desk, site, "Custody officer, Wood Green")
    find_places(desk)
    reference = ask_first(desk)

    open_text(phone, site, reference)
    phone.get_by_role("button", name=re.compile("ACCEPT", re.IGNORECASE)).first.click()
    expect(phone.locator("body")).to_contain_text("Recorded")
    desk.reload()

    expect(desk.locator(".cf-answer h2")).to_have_text(re.compile("Accepted by"))
    context.close()


def test_bad_input_is_said_plainly_and_nothing_typed_is_lost(site: str, desk: Page) -> None:
    sign_in(desk, site, "Custody officer, Wood Green")
    desk.get_by_role("button", name="Find a bed for a child").click()
    fill_in_charge(desk)
    desk.get_by_label("Girl").check()
    desk.get_by_label("Step-free access: yes").check()
    for label, typed, message in (
        ("Age", "9", "Age must be 10 or over"),
        ("Age", "18", "Age must be 17 or under"),
        ("Age", "fifteen", "whole number"),
        ("Home postcode", "BT1 5GS", "Northern Ireland"),
        ("Home postcode", "JE2 3AB", "Channel Islands"),
        ("Home postcode", "ZZ99 9ZZ", "not in the directory"),
        ("Home postcode", "nonsense", "full postcode"),
    ):
        desk.get_by_label("Age", exact=True).fill("15")
        desk.get_by_label(label, exact=True).fill(typed)
        desk.get_by_role("button", name="Find a bed").click()

        expect(desk.locator(".govuk-error-summary")).to_contain_text(message)
        assert desk.title().startswith("Error: ")
        expect(desk.get_by_label(label, exact=True)).to_have_value(typed)
        expect(desk.get_by_label("Girl")).to_be_checked()
        expect(desk.get_by_label("Step-free access: yes")).to_be_checked()
        desk.locator(".govuk-error-summary a").first.click()
        expect(desk.get_by_label(label, exact=True)).to_be_focused()


# --- the record ---------------------------------------------------------------------------


def end(page: Page, how: str, *, minutes_ago: int = 0) -> None:
    """Open the page that ends a record, and choose how it ended."""
    page.get_by_role("link", name="How it ended").click()
    page.get_by_label(how).check()
    at = datetime.now(ZoneInfo("Europe/London")) - timedelta(minutes=minutes_ago)
    page.locator("#occurred_day").select_option(f"{at:%Y-%m-%d}")
    page.locator("#occurred_time").fill(f"{at:%H:%M}")


def test_a_child_is_charged_a_bed_accepted_and_the_transfer_recorded(site: str, desk: Page, phone: Page) -> None:
    sign_in(desk, site, "Custody officer, Wood Green")
    find_places(desk)
    expect(desk.locator(".cf-clock")).to_contain_text("1 h 0 min since charge")
    reference = ask_first(desk)
    open_text(phone, site, reference)
    phone.get_by_role("button", name=re.compile("ACCEPT", re.IGNORECASE)).first.click()
    expect(desk.locator(".cf-answer h2")).to_have_text(re.compile("Accepted by"), timeout=15_000)

    end(desk, "Moved to local-authority accommodation")
    expect(desk.get_by_label("The circumstances, for the court")).to_be_hidden()
    desk.get_by_label("Police vehicle").check()
    desk.get_by_role("button", name="Record how it ended").click()

    expect(desk.locator(".cf-clock")).to_contain_text("Ended")
    desk.get_by_role("link", name="Log").click()
    expect(desk.locator(".cf-log")).to_contain_text("Opened the record")
    expect(desk.locator(".cf-log")).to_contain_text("accepted the child at")
    expect(desk.locator(".cf-log")).to_contain_text("Moved to local-authority accommodation")


def test_a_child_is_not_moved_and_the_certificate_follows_from_the_log(site: str, desk: Page, phone: Page) -> None:
    sign_in(desk, site, "Custody officer, Wood Green")
    find_places(desk)
    reference = ask_first(desk)

    end(desk, "Not moved: a certificate for the court is needed")
    desk.get_by_label("By reason of the circumstances below").check()
    desk.get_by_label("No transport could be had").check()
    desk.get_by_label("The circumstances, for the court").fill(CIRCUMSTANCES)
    desk.get_by_label("Supervising officer").fill(SUPERVISOR)
    desk.get_by_label("Their rank").select_option("inspector")
    desk.get_by_role("button", name="Record how it ended").click()
    expect(desk.locator(".cf-against")).to_contain_text("may still say yes: the request is open")
    expect(desk.get_by_label("The circumstances, for the court")).to_have_value(re.compile("van broke down"))

    open_text(phone, site, reference)
    phone.get_by_role("button", name=re.compile("REFUSE", re.IGNORECASE)).first.click()
    expect(phone.locator("body")).to_contain_text("Recorded")
    desk.get_by_role("button", name="Record how it ended").click()

    expect(desk.get_by_role("heading", level=1)).to_contain_text("Certificate under section 38(7)")
    expect(desk.locator(".cf-asked")).to_contain_text("Refused")
    expect(desk.locator(".cf-paper__mark")).to_contain_text("MADE UP")
    with desk.expect_request(re.compile("certificate-pdf")):
        desk.get_by_role("button", name="Open as PDF").click()


# --- the session ----------------------------------------------------------------------------


def test_a_half_filled_form_survives_the_end_of_the_session(site: Site, desk: Page) -> None:
    """The browser's clock goes on, and what it is told is left: the server's own time is tested without a browser."""
    desk.clock.install()
    sign_in(desk, site, "Custody officer, Wood Green")
    desk.get_by_role("button", name="Find a bed for a child").click()
    desk.get_by_label("Age", exact=True).fill("15")
    desk.get_by_label("Girl").check()

    desk.route("**/account/left", lambda route: route.fulfill(json={"seconds": 90}))
    desk.clock.fast_forward("13:10")
    expect(desk.get_by_role("alertdialog")).to_contain_text("You will be signed out in 2 minutes")
    desk.get_by_role("button", name="Stay signed in").click()
    expect(desk.get_by_role("alertdialog")).to_be_hidden()
    desk.unroute("**/account/left")
    desk.route("**/account/left", lambda route: route.fulfill(json={"seconds": 0}))
    desk.clock.fast_forward("16:00")
    expect(desk).to_have_url(re.compile(r"/sign-in\?next="))
    desk.unroute("**/account/left")

    desk.context.clear_cookies()
    sign_in(desk, site, "Custody officer, Wood Green")
    expect(desk.get_by_role("heading", level=1)).to_have_text("What you had typed is still here")
    desk.get_by_role("button", name="Go on with it").click()
    expect(desk.get_by_label("Age", exact=True)).to_have_value("15")
    expect(desk.get_by_label("Girl")).to_be_checked()


# --- last, after all of the above -----------------------------------------------------------------


def test_nothing_of_a_child_or_a_contact_is_in_a_log_an_address_a_text_or_an_error_page(site: Site, desk: Page) -> None:
    sign_in(desk, site, "Custody officer, Wood Green")
    of_children = [r"01YE/\d", HOME, HOME.replace(" ", ""), "van broke down", SUPERVISOR]
    of_contacts = [r"07700 ?9", r"\+?447700 ?9", r"020 ?7946", r"\+?44207946"]
    log = (site.instance / "log").read_text(encoding="utf-8")
    addresses = "\n".join(unquote_plus(address) for address in VISITED if "/handset" not in address)
    with closing(sqlite3.connect(site.instance / "handset.sqlite")) as handset:
        texts = "\n".join(str(row) for row in handset.execute("SELECT body FROM text"))
    desk.goto(f"{site}/records/01YE-4711-26")
    error_page = desk.locator("body").inner_text()

    assert len(VISITED) > 50
    assert texts.count("Reply ") > 5
    assert "There is nothing here" in error_page
    for pattern in of_children:
        for where, words in (("log", log), ("addresses", addresses), ("texts", texts), ("error page", error_page)):
            assert not re.search(pattern, words, re.IGNORECASE), f"{pattern} in the {where}"
    for pattern in of_contacts:
        for where, words in (("log", log), ("addresses", addresses), ("error page", error_page)):
            assert not re.search(pattern, words), f"{pattern} in the {where}"
