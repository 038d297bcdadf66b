"""What is left out of text that was typed or texted."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custodyfinder.domain.plain_text import visible

ODD = st.text(st.one_of(st.characters(), st.sampled_from("\u202e\u2066\u200b\u200d\u00ad\ufeff\u3164\r\n\t\f\x1b\x00")))


@given(ODD)
def test_nothing_that_pretends_is_left_and_everything_that_is_seen_stays(text: str) -> None:
    shown = visible(text)

    assert all(sign in "\n\t" or unicodedata.category(sign) not in ("Cc", "Cf", "Cs") for sign in shown)
    assert visible(shown) == shown
    assert [sign for sign in shown if sign.isalnum()] == [
        sign for sign in text if sign.isalnum() and sign not in "\u115f\u1160\u17b4\u17b5\u3164\uffa0"
    ]


@given(
    st.text(st.characters(categories=["L", "N", "P", "S", "Zs"], exclude_characters="\u115f\u1160\u2800\u3164\uffa0"))
)
def test_what_anybody_can_read_is_left_as_it_is(text: str) -> None:
    assert visible(text) == text


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("Duty\u202eyciloP\u202c desk", "DutyyciloP desk"),
        ("ad\u200bmin\ufeff", "admin"),
        ("soft\u00adhyphen", "softhyphen"),
        ("\u3164\u2800", ""),
        ("\x1b[31mred\x1b[0m\x07", "[31mred[0m"),
        ("one\r\ntwo\rthree\u2028four", "one\ntwo\nthree\nfour"),
        ("1\f2", "1\n2"),
        ("a\tb\nc", "a\tb\nc"),
        ("👩\u200d👩\u200d👧 Siân ❤️", "👩👩👧 Siân ❤️"),
        ("plain", "plain"),
    ],
)
def test_what_pretends_goes_and_line_ends_and_tabs_stay(typed: str, shown: str) -> None:
    assert visible(typed) == shown
