"""Every text that we send fits one segment and says what it must."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custodyfinder.domain import wording
from custodyfinder.domain.needs import Need, Sex
from custodyfinder.domain.wording import SEGMENT, Asked, bed_needed, fold_to_gsm7, london_clock, london_when, septets

NIGHT = datetime(2026, 11, 24, 2, 14, tzinfo=UTC)
"""02:14 in London as well."""

DESK = "+442079460014"

ASKED = Asked(
    age=15,
    sex=Sex.MALE,
    secure=False,
    needs=(),
    place_code="HAR1",
    suite="Wood Green",
    reference="K7R4",
    desk_phone=DESK,
    ends_at=NIGHT,
)

NETWORK_WORDS = ["STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "REVOKE", "OPTOUT"]
NETWORK_WORDS += ["START", "YES", "UNSTOP", "HELP", "INFO"]
"""Twilio's default keywords: opting out, opting in, help."""

suites = st.text(max_size=80) | st.text(alphabet="€^{}[]~|\\", min_size=60, max_size=80)
codes = st.from_regex(r"[A-Z0-9]{1,8}", fullmatch=True)
phones = st.sampled_from([DESK, "+447700900123", "+441632960123", "020 7946 0123"])
reference_lists = st.lists(st.sampled_from(["K7R4", "M3N9", "W4C3"]), max_size=40).map(tuple)
instants = st.datetimes(
    min_value=datetime(2020, 1, 1),  # noqa: DTZ001 - hypothesis adds the zone
    max_value=datetime(2040, 1, 1),  # noqa: DTZ001
    timezones=st.just(UTC),
)


# --- counting and folding -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "size"),
    [("", 0), ("abc", 3), ("^", 2), ("{}\\[]~|€", 16), ("£ è Ω", 5), ("a\nb", 3)],
)
def test_eight_characters_and_the_caret_count_double(text: str, size: int) -> None:
    assert septets(text) == size


@pytest.mark.parametrize("text", ["ŵ", "’", "😀", "á", "`", "\t"])
def test_a_character_outside_the_alphabet_cannot_be_counted(text: str) -> None:
    with pytest.raises(ValueError, match="not in GSM-7: U"):
        septets(text)


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Wood Green", "Wood Green"),
        ("Tŷ Gŵyr", "Ty Gwyr"),
        ("é", "é"),
        ("e\u0301", "é"),
        ("á ê ï", "a e i"),
        ("‘a’ “b” – — …", "'a' \"b\" - - ..."),
        ("ﬁ ½", "fi ?"),
        ("😀", "?"),
        ("Łódź 東京", "?odz ??"),
        ("a\u0336", "a"),
        ("a\tb\u00a0c", "a b c"),
    ],
)
def test_what_the_alphabet_lacks_becomes_what_people_read(text: str, folded: str) -> None:
    assert fold_to_gsm7(text) == folded


@given(st.text())
def test_whatever_is_folded_can_be_sent_and_stays_as_it_is(text: str) -> None:
    folded = fold_to_gsm7(text)

    septets(folded)
    assert fold_to_gsm7(folded) == folded


# --- times ----------------------------------------------------------------------------------


def test_the_clock_is_londons_in_winter_and_in_summer() -> None:
    assert london_clock(NIGHT) == "02:14"
    assert london_clock(datetime(2026, 7, 1, 23, 30, tzinfo=UTC)) == "00:30"
    assert london_clock(datetime(2026, 11, 24, 4, 14, tzinfo=timezone(timedelta(hours=2)))) == "02:14"


def test_another_london_day_is_named() -> None:
    assert london_when(NIGHT, now=NIGHT) == "at 02:14"
    assert london_when(datetime(2026, 3, 3, 2, 14, tzinfo=UTC), now=NIGHT) == "on 3 March at 02:14"
    half_past_midnight = datetime(2026, 6, 30, 23, 30, tzinfo=UTC)
    assert london_when(half_past_midnight, now=datetime(2026, 7, 1, 8, tzinfo=UTC)) == "at 00:30"


def test_a_time_without_a_zone_is_refused() -> None:
    naive = NIGHT.replace(tzinfo=None)

    with pytest.raises(ValueError, match="without a zone"):
        london_clock(naive)
    with pytest.raises(ValueError, match="without a zone"):
        london_when(NIGHT, now=naive)
    with pytest.raises(ValueError, match="without a zone"):
        bed_needed(replace(ASKED, ends_at=naive))


# --- asking ---------------------------------------------------------------------------------


def test_the_text_says_who_where_by_when_and_how_to_answer() -> None:
    assert bed_needed(ASKED) == (
        "Bed needed: boy 15, non-secure, at HAR1. Suite: Wood Green. Held to 02:14. "
        "Reply K7R4 ACCEPT, K7R4 REFUSE + why, or K7R4 RING. Tel 020 7946 0014"
    )


def test_secure_and_girl_are_said() -> None:
    assert bed_needed(replace(ASKED, secure=True, sex=Sex.FEMALE)).startswith("Bed needed: girl 15, secure, at ")


def test_a_request_without_a_deadline_names_none() -> None:
    assert "Held" not in bed_needed(replace(ASKED, ends_at=None))


def test_the_deadline_goes_before_a_need_does() -> None:
    text = bed_needed(replace(ASKED, needs=(Need.STEP_FREE, Need.INTERPRETER)))

    assert "step-free, interpreter, at" in text
    assert "Held" not in text


def test_needs_that_do_not_fit_are_counted() -> None:
    text = bed_needed(replace(ASKED, needs=tuple(Need)))

    assert "step-free, medical, +4 needs, at HAR1. Suite: Wood Green." in text


def test_the_suite_is_cut_last() -> None:
    text = bed_needed(replace(ASKED, needs=tuple(Need), suite="A suite with a very long name indeed, " * 2))

    assert ", +6 needs, at HAR1. Suite: A suite with" in text
    assert septets(text) > SEGMENT - 5


def test_a_suite_name_is_written_on_one_line() -> None:
    assert "Suite: Wood Green." in bed_needed(replace(ASKED, suite=" Wood\n  Green\r\n"))


def test_one_need_left_over_is_one_need() -> None:
    text = bed_needed(replace(ASKED, needs=(Need.INTERPRETER,), suite="x" * 80))

    assert "+1 need, at" in text


@given(
    suite=suites,
    needs=st.lists(st.sampled_from(Need), unique=True).map(tuple),
    code=codes,
    desk=phones,
    secure=st.booleans(),
    age=st.integers(10, 17),
    sex=st.sampled_from(Sex),
    ends_at=st.none() | instants,
)
def test_any_request_is_one_segment_and_keeps_the_instruction(
    suite: str,
    needs: tuple[Need, ...],
    code: str,
    desk: str,
    secure: bool,
    age: int,
    sex: Sex,
    ends_at: datetime | None,
) -> None:
    text = bed_needed(
        Asked(
            age=age,
            sex=sex,
            secure=secure,
            needs=needs,
            place_code=code,
            suite=suite,
            reference="K7R4",
            desk_phone=desk,
            ends_at=ends_at,
        )
    )

    assert septets(text) <= SEGMENT
    assert text.endswith(f" Reply K7R4 ACCEPT, K7R4 REFUSE + why, or K7R4 RING. Tel {wording.phone(desk)}")
    assert f"{sex.child} {age}, {'secure' if secure else 'non-secure'}" in text
    assert f" at {code}." in text
    assert "\n" not in text
    said = sum(f", {need.short}" in text for need in needs)
    counted = re.search(r", \+(\d) needs?", text)
    assert said + int(counted[1] if counted else 0) == len(needs)


def test_a_number_that_leaves_no_room_is_an_error_and_never_a_cut_instruction() -> None:
    with pytest.raises(ValueError, match="one segment"):
        bed_needed(replace(ASKED, desk_phone="0" * 80))


@pytest.mark.parametrize(
    ("number", "read"),
    [
        ("+442079460123", "020 7946 0123"),
        ("+447700900123", "07700 900123"),
        ("+441632960123", "01632 960123"),
        ("020 7946 0123", "020 7946 0123"),
    ],
)
def test_a_number_is_written_as_people_read_it(number: str, read: str) -> None:
    assert wording.phone(number) == read


# --- replies and notices --------------------------------------------------------------------


def all_texts(suite: str, code: str, desk: str, references: tuple[str, ...], at: datetime) -> list[str]:
    return [
        wording.accepted(code, suite, desk),
        wording.refused(code, suite, desk),
        wording.ring_noted(suite, desk),
        wording.already("accepted", by=suite, at=at),
        wording.already("refused", by=suite, at=at),
        wording.already("expired", by=suite, at=at),
        wording.already("withdrawn", by=suite, at=at),
        wording.expired(at, desk),
        wording.withdrawn(at),
        wording.which_reference(references),
        wording.which_reference(()),
        wording.unknown_reference(),
        wording.help_text(),
        wording.withdrawn_notice("K7R4", suite),
        wording.expired_notice("K7R4", suite),
    ]


@given(suite=suites, code=codes, desk=phones, references=reference_lists, at=instants)
def test_every_other_text_is_one_segment(
    suite: str, code: str, desk: str, references: tuple[str, ...], at: datetime
) -> None:
    for text in all_texts(suite, code, desk, references, at):
        assert septets(text) <= SEGMENT
        assert "\n" not in text


def test_no_text_uses_a_word_that_the_networks_take() -> None:
    texts = [*all_texts("Wood Green", "HAR1", DESK, ("K7R4", "M3N9"), NIGHT), bed_needed(ASKED)]
    texts.append(bed_needed(replace(ASKED, needs=tuple(Need))))

    found = [(word, text) for text in texts for word in NETWORK_WORDS if re.search(rf"(?i)\b{word}\b", text)]
    assert found == []


def test_no_text_holds_a_link() -> None:
    texts = [*all_texts("Wood Green", "HAR1", DESK, ("K7R4",), NIGHT), bed_needed(ASKED)]

    assert not [text for text in texts if re.search(r"(?i)https?:|www\.|\w\.\w", text)]


def test_an_acceptance_is_told_what_happens_next() -> None:
    assert wording.accepted("HAR1", "Wood Green", DESK) == (
        "Recorded: bed at HAR1 accepted for Wood Green. "
        "The custody suite will ring you about the move. Tel 020 7946 0014"
    )


def test_a_refusal_is_told_how_to_change_it() -> None:
    text = wording.refused("HAR1", "Wood Green", DESK)

    assert text.startswith("Recorded: refused at HAR1; the bed is free again.")
    assert text.endswith("ring Wood Green custody 020 7946 0014")


def test_ring_promises_no_more_than_that_the_request_is_open() -> None:
    assert wording.ring_noted("Wood Green", DESK) == (
        "Wood Green custody has been told to ring you. The request stays open. Tel 020 7946 0014"
    )


def test_a_late_answer_hears_what_is_true() -> None:
    assert wording.already("accepted", by="Haringey", at=NIGHT) == "Already accepted by Haringey at 02:14."
    assert wording.already("expired", by="Haringey", at=NIGHT) == wording.expired(NIGHT)
    assert wording.already("withdrawn", by="Haringey", at=NIGHT) == wording.withdrawn(NIGHT)
    assert "expired at 02:14" in wording.expired(NIGHT)
    assert wording.expired(NIGHT, DESK).endswith("ring the custody suite. Tel 020 7946 0014")
    assert wording.withdrawn(NIGHT).startswith("This request was withdrawn at 02:14.")


def test_a_bare_answer_is_given_its_references_and_all_three_answers() -> None:
    text = wording.which_reference(("K7R4", "M3N9"))

    assert text.startswith("Nothing was recorded.")
    assert "(K7R4 or M3N9), then ACCEPT, REFUSE and why, or RING." in text


def test_a_bare_answer_with_nothing_open_is_told_so() -> None:
    assert wording.which_reference(()) == "Nothing was recorded: no request is waiting for an answer from this phone."


def test_what_is_not_understood_is_told_that_nothing_was_recorded() -> None:
    for text in (wording.help_text(), wording.unknown_reference()):
        assert text.startswith("Nothing was recorded")
    assert not re.search(r"\b[A-Z]\d[A-Z][A-Z0-9]\b", wording.help_text())


def test_a_request_that_is_over_names_its_reference() -> None:
    assert wording.withdrawn_notice("K7R4", "Wood Green").startswith("K7R4: the bed is no longer needed;")
    assert wording.expired_notice("K7R4", "Wood Green").startswith("K7R4: no answer came in time")
