"""The guess at the next sitting."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from custodyfinder.domain.court import next_sitting


@pytest.mark.parametrize(
    ("now", "sits"),
    [
        (datetime(2026, 11, 24, 2, 10, tzinfo=UTC), datetime(2026, 11, 24, 10, tzinfo=UTC)),
        (datetime(2026, 11, 24, 9, 0, tzinfo=UTC), datetime(2026, 11, 24, 10, tzinfo=UTC)),
        (datetime(2026, 11, 24, 9, 1, tzinfo=UTC), datetime(2026, 11, 25, 10, tzinfo=UTC)),
        (datetime(2026, 11, 28, 23, 0, tzinfo=UTC), datetime(2026, 11, 30, 10, tzinfo=UTC)),  # not on a Sunday
        (datetime(2026, 7, 1, 1, 0, tzinfo=UTC), datetime(2026, 7, 1, 9, tzinfo=UTC)),  # ten by the clock on the wall
    ],
)
def test_the_next_sitting_is_ten_in_london_an_hour_away_or_more(now: datetime, sits: datetime) -> None:
    assert next_sitting(now) == sits
