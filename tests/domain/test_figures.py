"""What is counted of the children, and how."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custodyfinder.domain.csv_text import csv_text
from custodyfinder.domain.figure_tables import RETURN_COLUMNS, Counted, Table, all_tables, return_lines
from custodyfinder.domain.figures import (
    Ask,
    Child,
    Ended,
    Milestone,
    Month,
    Period,
    Reply,
    Result,
    median,
    nights_between,
    ninetieth,
)
from custodyfinder.domain.needs import RefusalReason, Sex
from custodyfinder.domain.record import Answer, CertificateGround, Impracticable, OutcomeKind
from custodyfinder.errors import BadInput

EVENING = datetime(2026, 11, 23, 21, 0, tzinfo=UTC)
NOON = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
LATER = datetime(2026, 12, 20, tzinfo=UTC)
TIMES = st.lists(st.integers(0, 2000), min_size=1, max_size=40)


def ask(reply: Reply = Reply.NO_ANSWER, *, after: int = 30, took: int = 20, **said: Any) -> Ask:
    """Camden was asked for a bed so many minutes after the charge, and answered so many minutes later."""
    at = EVENING + timedelta(minutes=after)
    usual: dict[str, Any] = {
        "authority": "Camden",
        "secure": False,
        "charged_at": EVENING,
        "suite": "Wood Green",
        "replied_at": at + timedelta(minutes=took) if reply in (Reply.ACCEPTED, Reply.REFUSED) else None,
    }
    return Ask(**usual | said, at=at, reply=reply)


def child(**said: Any) -> Child:
    """A boy of 15 charged at nine at night, of whom nobody has said how it ended; court at noon."""
    usual: dict[str, Any] = {
        "suite": "Wood Green",
        "charged_at": EVENING,
        "court_at": NOON,
        "age": 15,
        "sex": Sex.MALE,
        "ethnicity": None,
        "looked_after": Answer.NO,
        "secure": False,
        "home_code": "E09000014",
        "home": "Haringey",
    }
    return Child(**usual | said)


def ended(kind: OutcomeKind, *, hours: int = 2, **said: Any) -> Ended:
    """So many hours after the charge."""
    return Ended(kind=kind, at=EVENING + timedelta(hours=hours), **said)


NO_SECURE = ended(OutcomeKind.NOT_TRANSFERRED, ground=CertificateGround.NO_SECURE)
NO_TRANSPORT = ended(
    OutcomeKind.NOT_TRANSFERRED, ground=CertificateGround.IMPRACTICABLE, impracticable=Impracticable.NO_TRANSPORT
)

NO_ACCOMMODATION = ended(
    OutcomeKind.NOT_TRANSFERRED, ground=CertificateGround.IMPRACTICABLE, impracticable=Impracticable.NO_ACCOMMODATION
)


def tables(*children: Child, kept_back: bool = False) -> dict[str, Table]:
    """Of November 2026."""
    counted = Counted(
        children=children,
        asks=[each for one in children for each in one.asks],
        period=Period(Month(2026, 11), Month(2026, 11)),
        now=LATER,
    )
    return all_tables(counted, kept_back=kept_back)


def totals(table: Table) -> dict[str, Any]:
    """The total row, without what is nought."""
    return {c.name: cell for c, cell in zip(table.columns, table.total.cells, strict=True) if cell}


# --- unmet need -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "nights"),
    [
        ({"asks": [ask()]}, 1),
        ({"asks": [ask(Reply.REFUSED)]}, 1),
        ({"nobody_left": True}, 1),
        ({}, 0),  # nobody looked for a bed
        ({"asks": [ask(Reply.REFUSED), ask(Reply.ACCEPTED)]}, 0),  # a bed was there
        ({"asks": [ask()], "ended": NO_TRANSPORT}, 0),
        ({"ended": NO_SECURE}, 1),
        ({"ended": NO_ACCOMMODATION}, 1),  # by telephone, say
        ({"asks": [ask(Reply.ACCEPTED)], "ended": NO_SECURE}, 1),  # non-secure was offered and would not do
        ({"asks": [ask()], "ended": ended(OutcomeKind.TRANSFERRED, hours=9)}, 0),
        ({"asks": [ask()], "ended": ended(OutcomeKind.BAILED, hours=2)}, 0),
        ({"asks": [ask()], "ended": ended(OutcomeKind.COURT_FIRST, hours=12)}, 1),
        ({"asks": [ask()], "court_at": NOON + timedelta(days=2)}, 3),
        ({"asks": [ask()], "court_at": EVENING + timedelta(hours=6)}, 0),  # three hours of the night
    ],
)
def test_unmet_need_is_a_night_in_the_cell_for_want_of_a_bed(said: dict[str, Any], nights: int) -> None:
    assert child(**said).unmet_nights(now=LATER) == nights


def test_a_night_that_is_not_over_counts_from_its_fourth_hour() -> None:
    waiting = child(asks=[ask()])
    four = datetime(2026, 11, 24, 4, 0, tzinfo=UTC)

    assert waiting.unmet_nights(now=four - timedelta(minutes=1)) == 0
    assert waiting.unmet_nights(now=four) == 1


def test_nights_are_londons_in_summer_and_when_the_clocks_change() -> None:
    three_to_eight = datetime(2026, 7, 1, 2, 30, tzinfo=UTC), datetime(2026, 7, 1, 7, 0, tzinfo=UTC)
    clocks_go_back = datetime(2026, 10, 24, 23, 0, tzinfo=UTC), datetime(2026, 10, 25, 3, 0, tzinfo=UTC)

    assert nights_between(*three_to_eight) == 1
    assert nights_between(*clocks_go_back) == 1
    assert nights_between(clocks_go_back[0], clocks_go_back[1] - timedelta(minutes=1)) == 0


def test_the_kind_of_bed_is_secure_where_it_was_asked_for_or_certified_to_be_missing() -> None:
    found = tables(child(secure=True, asks=[ask()]), child(ended=NO_SECURE), child(asks=[ask()]))

    assert totals(found["unmet-need-by-authority"]) == {"nights": 3, "secure": 2, "non_secure": 1}
    assert found["unmet-need-by-authority"].rows[0].labels == ("Haringey", "E09000014")


# --- how it ended ---------------------------------------------------------------------------


def test_a_recorded_arrival_is_a_transfer_unless_somebody_said_how_it_ended() -> None:
    arrived = {"arrived_at": EVENING + timedelta(hours=3)}

    assert child(**arrived).result is Result.MOVED
    assert child(**arrived, ended=NO_SECURE).result is Result.NO_SECURE
    assert child().result is Result.NOT_RECORDED


def test_children_are_counted_by_how_it_ended_and_by_why_not() -> None:
    found = tables(
        child(ended=ended(OutcomeKind.TRANSFERRED)),
        child(ended=ended(OutcomeKind.BAILED), age=11),
        child(ended=ended(OutcomeKind.COURT_FIRST)),
        child(ended=NO_SECURE),
        child(ended=NO_TRANSPORT, sex=Sex.FEMALE),
        child(),
    )

    assert totals(found["children-by-month"]) == {
        "children": 6,
        **dict.fromkeys(("moved", "bailed", "court_first", "no_secure", "no_transport", "not_recorded"), 1),
    }
    assert [row.cells[0] for row in found["children-by-age"].rows] == [1, 0, 5, 0]
    assert [row.cells[0] for row in found["children-by-sex"].rows] == [1, 5]


def test_a_refusal_without_a_reason_is_counted_as_one() -> None:
    asks = [
        ask(Reply.REFUSED, reason=RefusalReason.NO_BED),
        ask(Reply.REFUSED),
        ask(),
        ask(Reply.OPEN),
        ask(Reply.WITHDRAWN),
        ask(Reply.ACCEPTED, secure=True),
    ]
    found = tables(child(asks=asks))

    assert totals(found["requests-by-month"]) == {"requests": 6, "secure": 1, "non_secure": 5}
    assert totals(found["requests-by-authority"]) == {
        "asked": 6,
        **dict.fromkeys(("accepted", "refused_no_bed", "refused_not_given", "no_answer", "withdrawn", "open"), 1),
    }


def test_a_childs_month_is_that_of_the_charge_in_london() -> None:
    an_hour_into_july = datetime(2026, 6, 30, 23, 30, tzinfo=UTC)

    assert Month.of(an_hour_into_july) == Month(2026, 7)


# --- times ----------------------------------------------------------------------------------


def test_times_run_from_the_first_request() -> None:
    asks = [ask(Reply.REFUSED, after=30, took=20), ask(Reply.ACCEPTED, after=40, took=35)]
    waited = child(asks=asks, arrived_at=EVENING + timedelta(minutes=150))

    assert [waited.minutes_to(each) for each in Milestone] == [20, 45, 120]
    assert [child(asks=[ask()]).minutes_to(each) for each in Milestone] == [None, None, None]
    assert child().minutes_to(Milestone.ANSWER) is None


@given(TIMES)
def test_half_are_no_longer_than_the_median_and_half_no_shorter(values: list[int]) -> None:
    middle = median(values)

    assert 2 * sum(value <= middle for value in values) >= len(values)
    assert 2 * sum(value >= middle for value in values) >= len(values)


@given(TIMES)
def test_the_90th_percentile_is_the_smallest_time_that_nine_in_ten_do_not_exceed(values: list[int]) -> None:
    found = ninetieth(values)

    assert found in values
    assert 10 * sum(value <= found for value in values) >= 9 * len(values)
    assert 10 * sum(value < found for value in values) < 9 * len(values)


def test_the_90th_of_ten_is_the_ninth_and_no_values_have_none() -> None:
    assert ninetieth(range(1, 11)) == 9
    assert median([1, 2, 10, 11]) == 6
    for of_nothing in (median, ninetieth):
        with pytest.raises(ValueError, match="no values"):
            of_nothing([])


# --- kept back ------------------------------------------------------------------------------


def test_what_is_kept_back_leaves_no_count_under_5_and_no_table_that_crosses_months_with_suites() -> None:
    children = [child(asks=[ask(Reply.REFUSED)]) for _ in range(9)] + [child(ended=NO_SECURE) for _ in range(3)]
    found = tables(*children, kept_back=True)

    assert not [name for name in found if "and-suite" in name]
    assert "times-by-suite" not in found
    counts = [
        cell
        for name, table in found.items()
        if name != "times-by-month"
        for row in (*table.rows, table.total)
        for cell in row.cells
    ]
    assert {cell for cell in counts if isinstance(cell, int)} == {9, 12}
    assert "[c]" in counts


def test_times_of_fewer_than_five_children_are_kept_back_and_their_number_always() -> None:
    answered = [child(asks=[ask(Reply.REFUSED, took=10 * each)]) for each in range(1, 6)]

    assert tables(*answered, kept_back=True)["times-by-month"].total.cells[:4] == ("[c]", "[c]", 30, 50)
    assert tables(*answered[:4], kept_back=True)["times-by-month"].total.cells[:4] == ("[c]", "[c]", "[c]", "[c]")
    assert tables(*answered[:4])["times-by-month"].total.cells[:4] == (4, 4, 25, 40)


# --- periods and files ----------------------------------------------------------------------


@pytest.mark.parametrize("typed", ["2026-13", "2026", "26-04", "April", "2026-00", "٢٠٢٦-04"])
def test_what_is_no_month_is_refused(typed: str) -> None:
    with pytest.raises(BadInput, match="month"):
        Month.read(typed)


def test_a_period_ends_after_it_begins_and_has_36_months_at_most() -> None:
    assert len(Period(Month(2024, 1), Month(2026, 12)).months) == 36
    for first, last in ((Month(2026, 2), Month(2026, 1)), (Month(2023, 12), Month(2026, 12))):
        with pytest.raises(BadInput):
            Period(first, last)


def test_a_year_of_the_figures_runs_from_april_to_march() -> None:
    for month in (Month(2026, 4), Month(2026, 12), Month(2027, 3)):
        assert Period.year_of(month) == Period(Month(2026, 4), Month(2027, 3))


@given(st.sampled_from(["", " ", "  "]), st.sampled_from("=+-@\t\ra"), st.text(max_size=12))
def test_no_cell_of_a_file_begins_as_a_formula_does(space: str, first: str, rest: str) -> None:
    written = csv_text([[space + first + rest]]).removeprefix('"')

    assert not written.lstrip(" ").startswith(("=", "+", "-", "@", "\t", "\r"))


def test_the_returns_have_a_line_for_each_child_and_nothing_that_names_one() -> None:
    lines = return_lines([child(ended=NO_SECURE, secure=True), child(ended=ended(OutcomeKind.TRANSFERRED))], now=LATER)

    assert lines[0] == list(RETURN_COLUMNS)
    assert lines[1] == [
        *("2026-11", "Wood Green", "after", "secure", "15", "male", "not_stated", "no", "no", "no_secure", "yes"),
    ]
    assert lines[2][-3:] == ["yes", "", "no"]


def test_a_column_of_a_table_is_the_sum_of_its_parts() -> None:
    found = tables(child(), child(ended=NO_SECURE, secure=True, asks=[ask()]), child(asks=[ask(), ask()]))
    for name, table in found.items():
        if not name.startswith("times"):
            for row in (*table.rows, table.total):
                assert row.cells[0] == sum(int(cell or 0) for cell in row.cells[1:])
