"""How the certificate and the log tell a moment."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from custodyfinder.domain import wording

NIGHT = datetime(2026, 11, 24, 2, 14, tzinfo=UTC)


def test_a_moment_is_told_for_readers_of_years_to_come_and_the_hour_that_comes_twice_is_told_apart() -> None:
    first, second = (datetime(2026, 10, 25, hour, 30, tzinfo=UTC) for hour in (0, 1))

    assert wording.london_moment(NIGHT) == "24 November 2026 at 02:14"
    assert wording.london_moment(first) == "25 October 2026 at 01:30 BST"
    assert wording.london_moment(second) == "25 October 2026 at 01:30 GMT"
    with pytest.raises(ValueError, match="without a zone"):
        wording.london_moment(NIGHT.replace(tzinfo=None))
