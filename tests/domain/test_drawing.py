"""The classes of a map."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custodyfinder.domain.drawing import classes_up_to, strips


@pytest.mark.parametrize(
    ("most", "names"),
    [
        (0, ["20 or more", "10 to 19", "5 to 9", "1 to 4", "none"]),
        (40, ["20 or more", "10 to 19", "5 to 9", "1 to 4", "none"]),
        (41, ["40 or more", "20 to 39", "10 to 19", "1 to 9", "none"]),
        (812, ["1000 or more", "500 to 999", "250 to 499", "1 to 249", "none"]),
    ],
)
def test_the_classes_of_a_map_are_round_numbers_that_suit_its_highest(most: int, names: list[str]) -> None:
    assert [name for _, name in classes_up_to(most)] == names


@given(st.integers(0, 10**7))
def test_every_number_is_in_one_class_and_the_highest_is_not_far_into_the_last(most: int) -> None:
    leasts = [least for least, _ in classes_up_to(most)]

    assert leasts == sorted(leasts, reverse=True)
    assert leasts[-1] == 0
    assert most <= 2 * leasts[0]


def test_strips_are_to_one_scale_and_their_parts_lie_end_to_end() -> None:
    drawn = strips([(10.0, 0.0, 20.0), (15.0, 0.0, 0.0), (0.0, 0.0, 0.0)])

    room = drawn.width - 2
    assert drawn.series == (0, 2)  # the second is nowhere, and not in the key
    longest, half, nothing = drawn.bars
    assert sum(part.width for part in longest) == pytest.approx(room, abs=0.2)
    assert longest[1].x == pytest.approx(longest[0].x + longest[0].width, abs=0.1)
    assert half[0].width == pytest.approx(room / 2, abs=0.1)
    assert nothing == ()
    assert strips([]).bars == ()
