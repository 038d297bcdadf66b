"""What the board of a suite says of one child."""

from __future__ import annotations

from datetime import timedelta

import pytest

from custodyfinder.domain.stage import Asked, Stage, stage_of

SOON, LATE = timedelta(minutes=10), timedelta(minutes=90)


def asked(state: str, *, ring: bool = False, arrived: bool = False, since: timedelta = SOON) -> Asked:
    return Asked(state=state, ring=ring, arrived=arrived, since_accepted=since)


@pytest.mark.parametrize(
    ("requests", "stage"),
    [
        ([], Stage.NOT_ASKED),
        ([asked("withdrawn")], Stage.NOT_ASKED),
        ([asked("open")], Stage.WAITING),
        ([asked("open", ring=True)], Stage.RING),
        ([asked("open", ring=True), asked("open")], Stage.WAITING),
        ([asked("refused")], Stage.REFUSED),
        ([asked("expired"), asked("refused")], Stage.REFUSED),
        ([asked("refused"), asked("expired")], Stage.UNANSWERED),
        ([asked("refused"), asked("open")], Stage.WAITING),
        ([asked("accepted"), asked("withdrawn")], Stage.ACCEPTED),
        ([asked("accepted", since=LATE)], Stage.ARRIVAL_LATE),
        ([asked("accepted", since=LATE, arrived=True)], Stage.ARRIVED),
        ([asked("given back")], Stage.NOT_ASKED),
        ([asked("given back"), asked("accepted")], Stage.ACCEPTED),
    ],
)
def test_the_board_says_what_the_officer_has_to_know_first(requests: list[Asked], stage: Stage) -> None:
    assert stage_of(requests, searching=False, exhausted=False, remind_after=LATE) is stage


def test_a_search_that_goes_on_is_looking_until_nobody_is_left() -> None:
    refused = [asked("refused")]

    assert stage_of(refused, searching=True, exhausted=False, remind_after=LATE) is Stage.LOOKING
    assert stage_of(refused, searching=True, exhausted=True, remind_after=LATE) is Stage.NOBODY_LEFT
    assert stage_of([asked("open")], searching=True, exhausted=True, remind_after=LATE) is Stage.WAITING


def test_only_waiting_looking_and_an_accepted_bed_leave_the_officer_in_peace() -> None:
    assert {stage for stage in Stage if not stage.needs_officer} == {Stage.WAITING, Stage.LOOKING, Stage.ACCEPTED}
