"""The map of a search as a browser draws it: the words are no wider than the room that was kept for them."""

from __future__ import annotations

from jinja2 import Environment, FileSystemLoader
from playwright.sync_api import Browser

from custodyfinder.config import PROJECT
from custodyfinder.domain.geo import Areas, GridPoint
from custodyfinder.domain.search_map import District, Spot, draw, frame_round
from custodyfinder.services.outlines import grounds

WOOD_GREEN = GridPoint(531150, 190350)
OF_EACH = """
() => [...document.querySelectorAll("svg text")]
  .map(text => { const box = text.getBBox(); return [text.textContent, box.x, box.x + box.width, box.height]; })
"""


def test_every_word_and_number_of_the_map_fits_into_its_room(chromium: Browser) -> None:
    spots = [
        Spot(number, "Example House", GridPoint(WOOD_GREEN.easting + east, WOOD_GREEN.northing + north))
        for number, (east, north) in enumerate([(9_000, 0), (-9_000, 4_000), (0, -9_000)] * 4, 1)
    ]
    home = District("N17", GridPoint(533_900, 190_700), 1_200)
    frame = frame_round(WOOD_GREEN, home, spots)
    found = draw(
        frame,
        grounds(frame.unit_m),
        suite=WOOD_GREEN,
        suite_name="Wood Green",
        home=home,
        avoid=Areas(),
        spots=spots,
    )
    templates = Environment(loader=FileSystemLoader(PROJECT / "templates"), autoescape=True)
    css = (PROJECT / "static" / "app.css").read_text(encoding="utf-8")
    svg = templates.from_string('{% from "macros/map.html" import drawing %}{{ drawing(map) }}').render(map=found)
    assert found.home is not None
    rooms = {"".join(text.lines): text.box for text in (*found.names, found.suite_label, found.home.label)}
    rooms |= {str(cell.number): cell.box for mark in found.marks for cell in mark.cells}
    rooms[found.scale.miles] = found.scale.box

    page = chromium.new_page()
    page.set_content(f"<style>{css}</style>{svg}")
    measured = page.evaluate(OF_EACH)
    page.close()

    assert {words for words, *_ in measured} == rooms.keys()
    assert len(found.names) > 6
    for words, left, right, height in measured:
        assert rooms[words].left - 0.5 <= left < right <= rooms[words].right + 0.5, words
        assert height <= rooms[words].bottom - rooms[words].top + 1
