"""Pictures of every page at two widths, or the table of their weights.

`python -m tests.pages screenshots` writes screenshots/<width>/<state>.png and screenshots/index.html;
`python -m tests.pages pictures` the four of the README; `python -m tests.pages weights` tests/pages/weights.csv.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import sync_playwright

from custodyfinder import clock
from custodyfinder.config import PROJECT
from custodyfinder.gateways.postcodes import PostcodeDirectory

from ..conftest import ARGUMENTS, CHROMIUM, HOW, NIGHT
from . import weights
from .sites import all_sites
from .states import STATES
from .visiting import NARROW, WIDE, Visitor

PICTURES = {"form": WIDE, "results": WIDE, "request-open": WIDE, "duty": NARROW}
"""Of the README: the desk's form, the results with their map, a request that is open, the duty officer's phone."""


def screenshots(visitor: Visitor) -> None:
    """Every state, at both widths, the whole page."""
    folder = PROJECT / "screenshots"
    for number, state in enumerate(STATES, 1):
        print(f"{number:3} of {len(STATES)}  {state.name}", flush=True)
        for width in (WIDE, NARROW):
            visitor.open(state, width=width)
            path = folder / str(width) / f"{state.name}.png"
            path.parent.mkdir(parents=True, exist_ok=True)
            visitor.page.screenshot(path=path, full_page=True)
    rows = "".join(
        f'<h2 id="{state.name}">{state.name}</h2>'
        f'<img src="{WIDE}/{state.name}.png" width="800" alt=""> '
        f'<img src="{NARROW}/{state.name}.png" width="240" alt="">'
        for state in STATES
    )
    (folder / "index.html").write_text(f"<!doctype html><title>custodyfinder</title>{rows}", encoding="utf-8")
    print(f"Open {folder / 'index.html'}")


def pictures(visitor: Visitor) -> None:
    """The first screen of four of them."""
    folder = PROJECT / "docs" / "pictures"
    folder.mkdir(parents=True, exist_ok=True)
    for state in STATES:
        if state.name in PICTURES:
            visitor.open(state, width=PICTURES[state.name])
            visitor.page.screenshot(path=folder / f"{state.name}.png")
            print(folder / f"{state.name}.png")


def weigh(visitor: Visitor) -> None:
    """The table of weights, anew."""
    found = []
    for state in STATES:
        visit = visitor.visit(state)
        found.append((state.name, weights.Weight(len(visit.html.encode()), visit.bytes, visit.requests)))
        print(*found[-1], flush=True)
    weights.write(found)


@contextmanager
def _visitor() -> Iterator[Visitor]:
    if CHROMIUM is None:
        raise SystemExit(HOW)
    clock.now = lambda: NIGHT
    index = PROJECT / "instance" / "postcodes.sqlite"
    index.parent.mkdir(exist_ok=True)
    PostcodeDirectory(index).prepare(progress=print)
    with (
        tempfile.TemporaryDirectory() as folder,
        all_sites(Path(folder), index) as sites,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        visitor = Visitor(browser, sites)
        yield visitor
        visitor.close()
        browser.close()


def main(words: list[str]) -> int:
    """Do what is asked."""
    jobs: dict[str, Callable[[Visitor], None]] = {"screenshots": screenshots, "pictures": pictures, "weights": weigh}
    if len(words) != 1 or words[0] not in jobs:
        print(f"Say one of {', '.join(jobs)}. Example: make screenshots", file=sys.stderr)
        return 2
    with _visitor() as visitor:
        jobs[words[0]](visitor)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
