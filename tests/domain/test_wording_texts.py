"""Every text that we send fits into one segment, whatever stands in it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from custodyfinder.domain import wording
from custodyfinder.domain.needs import Sex
from custodyfinder.domain.wording import BedLine

NOW = datetime(2026, 11, 24, 2, 10, tzinfo=UTC)
PHONE = "+442079460014"

names = st.text(min_size=1, max_size=80).filter(lambda name: name.strip() != "")
codes = st.from_regex(r"[A-Z]{2,4}[0-9]{1,4}", fullmatch=True)
references = st.just("K7R4")
lines = st.lists(
    st.builds(
        BedLine,
        code=codes,
        free=st.integers(0, 99),
        held=st.integers(0, 99),
        total=st.just(99),
        confirmed_at=st.sampled_from([None, NOW, datetime(2026, 9, 30, 23, tzinfo=UTC)]),
        out_of_service=st.booleans(),
    ),
    max_size=30,
)
counts = st.lists(st.tuples(codes, st.integers(0, 99)), min_size=1, max_size=30)
several = st.lists(references, max_size=40)

TEXTS: dict[str, tuple[Callable[..., str], tuple[st.SearchStrategy[object], ...]]] = {
    "check_phone": (lambda name: wording.check_phone(name, "493764"), (names,)),
    "phone_checked": (wording.phone_checked, (names,)),
    "code_wrong": (wording.code_wrong, ()),
    "coming_on": (lambda name, waiting: wording.coming_on(name, NOW, waiting), (names, several)),
    "rota_problems": (
        lambda name, gaps: wording.rota_problems(
            name, gaps=gaps, first_gap=NOW, unverified=gaps, opted_out=gaps, now=NOW
        ),
        (names, st.integers(0, 99)),
    ),
    "child_held": (
        lambda name, suite, sex: wording.child_held(
            authority=name, suite=suite, age=17, sex=sex, secure=False, desk_phone=PHONE
        ),
        (names, names, st.sampled_from(list(Sex))),
    ),
    "opted_out_notice": (wording.opted_out_notice, (names, names)),
    "brought_back": (wording.brought_back, (names,)),
    "nobody_answered": (lambda code, name: wording.nobody_answered("K7R4", code, name, PHONE), (codes, names)),
    "accepted_elsewhere": (lambda name: wording.accepted_elsewhere("K7R4", name, NOW), (names,)),
    "accepted_here": (lambda name: wording.accepted_here("K7R4", name, NOW), (names,)),
    "arrival_to_contact": (
        lambda code, name: wording.arrival_to_contact("K7R4", code, name, PHONE, NOW),
        (codes, names),
    ),
    "arrival_to_suite": (lambda code, name: wording.arrival_to_suite("K7R4", code, name, NOW), (codes, names)),
    "beds_held": (lambda them: wording.beds_held(them, NOW), (lines,)),
    "beds_reported": (wording.beds_reported, (counts, st.lists(codes, max_size=5))),
    "beds_undone": (wording.beds_undone, (counts,)),
    "nothing_to_undo": (wording.nothing_to_undo, ()),
    "beds_too_many": (wording.beds_too_many, (codes, st.integers(0, 99))),
    "beds_unknown_place": (wording.beds_unknown_place, (codes,)),
    "beds_which_place": (wording.beds_which_place, (st.lists(codes, max_size=30),)),
    "beds_out_of_service": (wording.beds_out_of_service, (codes,)),
    "beds_help": (wording.beds_help, ()),
    "beds_wanted": (lambda name, them: wording.beds_wanted(name, them, NOW), (names, lines)),
}


@pytest.mark.parametrize("name", TEXTS)
@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_every_text_is_gsm_7_in_one_segment_whatever_stands_in_it(name: str, data: st.DataObject) -> None:
    write, parts = TEXTS[name]

    text = write(*[data.draw(part) for part in parts])

    assert 0 < wording.septets(text) <= wording.SEGMENT
    assert "http" not in text


def test_who_comes_on_duty_hears_what_waits_and_how_to_answer() -> None:
    assert wording.coming_on("Haringey", NOW, ("K7R4", "M4T7")) == (
        "On duty for Haringey until 02:10. Waiting: K7R4, M4T7. Reply K7R4 ACCEPT, K7R4 REFUSE + why, or K7R4 RING."
    )


def test_never_no_longer_needed_to_whoever_shares_the_bed_that_was_accepted() -> None:
    assert "no longer needed" not in wording.accepted_here("K7R4", "Haringey", NOW)
    assert "no longer needed" in wording.accepted_elsewhere("K7R4", "Haringey", NOW)


def test_a_place_with_a_held_bed_and_one_out_of_service_are_said_apart() -> None:
    held = BedLine("HAR1", 2, 1, 4, NOW, out_of_service=False)
    out = BedLine("HAR2", 0, 0, 4, None, out_of_service=True)

    assert wording.beds_held([held, out], NOW) == "HAR1 2 free, 1 held (02:10). HAR2 out of service."
