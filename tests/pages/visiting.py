"""One visit to a page in one state: everything that the rules ask about is found out in it, for time is dear."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.resources import files
from urllib.parse import urlencode

from flask.testing import FlaskClient
from playwright.sync_api import Browser, BrowserContext, Page, Request, Route

from ..web.conftest import signed_in
from .sites import Site
from .states import State

AXE = files("axe_playwright_python").joinpath("axe.min.js").read_text(encoding="utf-8")
"""The engine, as the package carries it."""

WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
OF_THE_LAYOUT = ["color-contrast", "target-size", "scrollable-region-focusable"]
"""Rules whose answer may differ on a narrow screen; the others read the page, which is the same."""

WIDE, NARROW, ZOOMED = 1280, 360, 320
"""Pixels. 320 is 1280 at 400 % (WCAG 1.4.10)."""
HEIGHT = 900

UNSEEN_FOCUS = """() => {
  const of = (style) => ["outlineStyle", "outlineWidth", "outlineColor", "boxShadow", "backgroundColor", "borderColor",
    "borderWidth", "fill", "strokeWidth"].map((name) => style[name]).join();
  const looks = (element) => [element, ...element.querySelectorAll("rect, text"), element.nextElementSibling,
    element.closest("label, summary, li")].filter(Boolean)
    .map((each) => of(getComputedStyle(each)) + of(getComputedStyle(each, "::before"))).join("|");
  const all = document.querySelectorAll("a[href], button, input:not([type=hidden]), select, textarea, summary");
  return [...all].filter((element) => {
    if (element.disabled || !element.checkVisibility({ visibilityProperty: true })) return false;
    document.activeElement?.blur?.();
    const before = looks(element);
    element.focus({ focusVisible: true, preventScroll: true });
    return document.activeElement === element && looks(element) === before;
  }).map((element) => element.outerHTML.slice(0, 120));
}"""
"""What shows no difference when it has the focus."""


BELOW_MAIN = """() => {
  const main = document.querySelector("main");
  const shown = main ? [...main.querySelectorAll("*")].filter((each) => each.checkVisibility()) : [];
  const lowest = Math.max(0, ...shown.map((each) => each.getBoundingClientRect().bottom));
  return main ? Math.max(0, Math.round(lowest - main.getBoundingClientRect().bottom)) : 0;
}"""
"""A drawing that floats may stand over the footer."""


@dataclass
class Visit:
    """What was found."""

    status: int
    html: str
    violations: dict[int, list[str]] = field(default_factory=dict)
    """By width."""
    overflow: dict[int, int] = field(default_factory=dict)
    """How many pixels the page is wider than the screen, by width; 0 for paper."""
    below_main: dict[int, int] = field(default_factory=dict)
    """How many pixels the page's content reaches into what follows it, by width."""
    unseen_focus: list[str] = field(default_factory=list)
    moving: int = 0
    """Animations that run although the reader wants none."""
    printed: str = ""
    """What of the screen's furniture is on the paper."""
    elsewhere: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)
    """Of the browser's console."""
    requests: int = 0
    bytes: int = 0
    """Of all answers' bodies, as they were sent."""
    without_script: tuple[int, str] = (0, "")
    """Status and h1."""


class Visitor:
    """Goes from page to page in one browser."""

    def __init__(self, browser: Browser, sites: Mapping[str, Site]) -> None:
        self._sites = sites
        self._context = browser.new_context(locale="en-GB", reduced_motion="reduce")
        self._plain = browser.new_context(locale="en-GB", java_script_enabled=False)
        self.page = self._context.new_page()
        self._plain_page = self._plain.new_page()
        self._seen: list[Request] = []
        self._received = 0.0
        self._sessions: dict[tuple[str, str], FlaskClient] = {}
        self._said: list[str] = []
        self.page.on("request", lambda request: self._seen.append(request))
        wire = self._context.new_cdp_session(self.page)
        wire.send("Network.enable")
        wire.send("Network.setCacheDisabled", {"cacheDisabled": True})  # each page is weighed as a first visitor's
        wire.on("Network.loadingFinished", self._receive)
        self.page.on("console", lambda message: self._said.append(message.text) if message.type == "error" else None)
        self.page.on("pageerror", lambda error: self._said.append(str(error)))

    def _receive(self, event: dict[str, float]) -> None:
        self._received += event["encodedDataLength"]

    def close(self) -> None:
        """Leave."""
        self._context.close()
        self._plain.close()

    def open(self, state: State, *, width: int = WIDE) -> tuple[int, str]:
        """Come to the page in this state. Gives the status and the page's source."""
        token = self._enter(self._context, state)
        self.page.set_viewport_size({"width": width, "height": HEIGHT})
        return self._goto(self.page, state, token)

    def visit(self, state: State) -> Visit:
        """Find everything out."""
        for each in (self.page, self._plain_page):
            each.goto("about:blank")  # the page before this one looks for news no more
        self._seen.clear()
        self._said.clear()
        self._received = 0
        status, html = self.open(state)
        self.page.wait_for_load_state("load")
        found = Visit(status, html)
        self._count(found, self._sites[state.site])
        page = self.page
        page.evaluate(AXE)
        found.violations[WIDE] = self._axe({"type": "tag", "values": WCAG})
        found.below_main[WIDE] = page.evaluate(BELOW_MAIN)
        found.unseen_focus = page.evaluate(UNSEEN_FOCUS)
        found.moving = page.evaluate("document.getAnimations().length")
        for width in (NARROW, ZOOMED):
            page.set_viewport_size({"width": width, "height": HEIGHT})
            found.overflow[width] = page.evaluate("document.documentElement.scrollWidth") - width
        page.set_viewport_size({"width": NARROW, "height": HEIGHT})
        found.below_main[NARROW] = page.evaluate(BELOW_MAIN)
        found.violations[NARROW] = self._axe({"type": "rule", "values": OF_THE_LAYOUT})
        self._print(found)
        # An answer such as 422 is reported as a console error too, and is meant.
        found.complaints = [words for words in self._said if "the server responded with a status of" not in words]
        plain, _ = self._goto(self._plain_page, state, self._enter(self._plain, state))
        found.without_script = plain, self._plain_page.locator("h1").inner_text() if "<h1" in html else ""
        return found

    def _enter(self, context: BrowserContext, state: State) -> str:
        """Be who the state says, with what they did before. Gives a token for forms."""
        site = self._sites[state.site]
        client = self._client(state, site)
        token = _token(client, "/account" if state.who else "/sign-in")
        for path, form in state.before:
            client.post(path, data={**form, "csrf_token": token})
        if state.before and state.form:
            token = _token(client, state.path)  # signing in begins a session of its own
        cookie = client.get_cookie("session")
        context.clear_cookies()
        if cookie is not None:
            context.add_cookies([{"name": "session", "value": cookie.value, "url": site.address}])
        return token

    def _client(self, state: State, site: Site) -> FlaskClient:
        """Somebody who is signed in stays so: one session each, as the list of their sessions says."""
        if state.who is None:
            return site.app.test_client()
        key = (state.site, state.who)
        if key not in self._sessions:
            self._sessions[key] = signed_in(site.app, state.who)
        return self._sessions[key]

    def _goto(self, page: Page, state: State, token: str) -> tuple[int, str]:
        site = self._sites[state.site]
        address = site.address + site.path(state.path)
        if state.form is not None:
            body = urlencode({**state.form, "csrf_token": token})

            def as_post(route: Route) -> None:
                route.continue_(
                    method="POST",
                    post_data=body,
                    headers={**route.request.headers, "content-type": "application/x-www-form-urlencoded"},
                )

            page.route(address, as_post, times=1)
        response = page.goto(address, wait_until="domcontentloaded")
        assert response is not None
        return response.status, response.text()

    def _count(self, found: Visit, site: Site) -> None:
        asked = [request.url for request in self._seen if not request.url.startswith("data:")]
        found.elsewhere = [url for url in asked if not url.startswith(site.address)]
        # A browser asks for the icon when it likes.
        found.requests = len([url for url in asked if "/static/icon.svg" not in url])
        found.bytes = round(self._received)

    def _axe(self, only: dict[str, object]) -> list[str]:
        answer = self.page.evaluate("only => axe.run(document, { runOnly: only, resultTypes: ['violations'] })", only)
        return [
            f"{violation['id']}: {node['html'][:160]} ({node['failureSummary'].splitlines()[1].strip()})"
            for violation in answer["violations"]
            for node in violation["nodes"]
        ]

    def _print(self, found: Visit) -> None:
        page = self.page
        page.emulate_media(media="print", reduced_motion="reduce")
        page.set_viewport_size({"width": 794, "height": 1123})  # A4
        found.printed = page.evaluate(
            "[...document.querySelectorAll('.cf-header, .cf-footer, .govuk-back-link, .govuk-skip-link')]"
            ".filter((each) => each.checkVisibility()).map((each) => each.className).join()"
        )
        found.overflow[0] = page.evaluate("document.documentElement.scrollWidth") - 794
        page.emulate_media(media="screen", reduced_motion="reduce")
        page.set_viewport_size({"width": WIDE, "height": HEIGHT})


def _token(client: FlaskClient, path: str) -> str:
    """What stands in every form of this session."""
    page = client.get(path).get_data(as_text=True)
    found = re.search(r'name="csrf_token"[^>]* value="([^"]+)"', page)
    assert found is not None
    return found[1]
