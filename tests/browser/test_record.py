"""From charge to the certificate, both ways, as an officer and an inspector do it."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from playwright.sync_api import Page, expect

from .test_whole_line import ask_first, find_places, open_text, sign_in

LONDON = ZoneInfo("Europe/London")


def end(page: Page, how: str, *, minutes_ago: int = 0) -> None:
    """Open the page that ends a record, and choose how it ended."""
    page.get_by_role("link", name="How it ended").click()
    page.get_by_label(how).check()
    at = datetime.now(LONDON) - timedelta(minutes=minutes_ago)
    page.locator("#occurred_day").fill(f"{at:%Y-%m-%d}")
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
    desk.get_by_label("The circumstances, for the court").fill("The only van broke down and no taxi firm would come.")
    desk.get_by_label("Supervising officer").fill("4711 YE")
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
