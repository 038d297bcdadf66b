"""The tests of PACE 1984 s.38, each named after its rule, with its source."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from custodyfinder.domain.detention import (
    Asking,
    Contradiction,
    Facts,
    faults_of_age,
    faults_of_secure,
    faults_of_times,
    speaks_against,
)
from custodyfinder.domain.needs import Sex
from custodyfinder.domain.record import GROUNDS_OFFERED, BailGround, CertificateGround, Impracticable

NOW = datetime(2026, 11, 24, 2, 10, tzinfo=UTC)
REASONS = "Two robberies with a knife this week, the last on bail."
IMPRACTICABLE, NO_SECURE = CertificateGround.IMPRACTICABLE, CertificateGround.NO_SECURE


@pytest.mark.parametrize(("age", "fine"), [(9, False), (10, True), (17, True), (18, False)])
def test_a_child_is_10_to_17(age: int, fine: bool) -> None:
    """PACE 1984 s.37(15) as amended by the Criminal Justice and Courts Act 2015 s.42; criminal responsibility at 10."""
    assert (not list(faults_of_age(age))) is fine


def test_somebody_who_may_be_under_18_is_entered_as_17() -> None:
    """Code C 1.5: treated as a child until it is clear that they are not."""
    (fault,) = faults_of_age(18)

    assert "If they may be under 18, enter 17" in fault.sentence


def test_every_ground_for_refusing_bail_of_the_act_can_be_chosen() -> None:
    """PACE 1984 s.38(1)(a)(i) to (vi), (b)(ii), the drug sample and murder."""
    assert len(GROUNDS_OFFERED) == 9
    assert BailGround.NOT_RECORDED not in GROUNDS_OFFERED
    assert all(ground.paragraph.startswith("s.38(1)") for ground in GROUNDS_OFFERED)
    assert BailGround.OWN_INTERESTS.paragraph == "s.38(1)(b)(ii)"


def asks_for_secure(**said: object) -> list[str]:
    usual: dict[str, object] = {"age": 15, "reasons": REASONS, "other_would_do": False, "approved_under_13": False}
    return [fault.field for fault in faults_of_secure(**usual | said)]  # type: ignore[arg-type]


def test_secure_may_be_asked_for_at_12_or_over_with_reasons_where_other_accommodation_would_not_do() -> None:
    """PACE 1984 s.38(6)(b), Code C 16.7."""
    assert asks_for_secure() == []
    assert asks_for_secure(age=12, approved_under_13=True) == []


@pytest.mark.parametrize("age", [10, 11])
def test_secure_is_never_asked_for_under_12(age: int) -> None:
    """PACE 1984 s.38(6)(b) "has attained the age of 12"; not even with the Secretary of State's approval."""
    assert asks_for_secure(age=age, approved_under_13=True) == ["kind"]


def test_secure_under_13_needs_the_secretary_of_states_approval() -> None:
    """Children (Secure Accommodation) Regulations 1991 reg. 4. At 13 none is needed."""
    assert asks_for_secure(age=12) == ["approved"]
    assert asks_for_secure(age=13) == []


@pytest.mark.parametrize("reasons", ["", "serious", "x" * 501])
def test_secure_needs_the_officers_own_reasons(reasons: str) -> None:
    """PACE 1984 s.38(6)(b): why other accommodation would not protect the public from serious harm from this child."""
    assert asks_for_secure(reasons=reasons) == ["secure_reasons"]


def test_who_asks_for_secure_says_whether_non_secure_would_do_and_if_it_would_has_to_ask_for_it() -> None:
    """PACE 1984 s.38(6)(b): only where other accommodation would not be adequate."""
    assert asks_for_secure(other_would_do=None) == ["other_would_do"]
    assert asks_for_secure(other_would_do=True) == ["other_would_do"]


def test_a_fault_names_the_paragraph_it_comes_from() -> None:
    faults = list(faults_of_secure(age=12, reasons="", other_would_do=True, approved_under_13=False))

    assert [fault.field for fault in faults] == ["secure_reasons", "other_would_do", "approved"]
    assert all("s.38(6)(b)" in fault.sentence or "reg. 4" in fault.sentence for fault in faults)


def times(**said: timedelta | None) -> list[str]:
    """The faults of times that are so far from now; the usual ones are fine."""
    usual: dict[str, timedelta | None] = {
        "arrived_at": -timedelta(hours=5),
        "charged_at": -timedelta(hours=1),
        "bail_refused_at": -timedelta(minutes=30),
        "court_at": timedelta(hours=8),
    }
    at = {name: None if away is None else NOW + away for name, away in (usual | said).items()}
    return [fault.field for fault in faults_of_times(**at, now=NOW)]  # type: ignore[arg-type]


def test_a_record_is_opened_after_charge_with_bail_refused_and_before_the_court() -> None:
    """PACE 1984 s.38(1), s.46."""
    assert times() == []
    assert times(arrived_at=None) == []
    assert times(charged_at=timedelta(minutes=1)) == ["charged", "bail_refused"]
    assert times(bail_refused_at=-timedelta(hours=2)) == ["bail_refused"]
    assert times(bail_refused_at=timedelta(minutes=1)) == ["bail_refused"]
    assert times(court_at=timedelta()) == ["court"]
    assert times(court_at=timedelta(days=5)) == ["court"]
    assert times(arrived_at=-timedelta(minutes=30)) == ["arrived"]
    assert times(arrived_at=-timedelta(days=6)) == ["arrived"]
    assert times(charged_at=-timedelta(days=5), arrived_at=None) == ["charged"]


# --- the certificate ------------------------------------------------------------------------


def asked(answer: str = "refused", *, secure: bool = False, authority: str = "Haringey") -> Asking:
    return Asking(authority=authority, secure=secure, answer=answer, at=NOW)


def against(
    ground: CertificateGround,
    *askings: Asking,
    age: int = 15,
    secure: bool = False,
    other_would_do: bool | None = None,
    circumstances: str = "The only van broke down and no taxi firm would come.",
) -> list[Contradiction]:
    facts = Facts(age=age, sex=Sex.MALE, secure=secure, other_would_do=other_would_do, asked=askings)
    return [each.code for each in speaks_against(facts, ground, circumstances)]


def test_no_transport_makes_a_move_impracticable() -> None:
    """PACE 1984 s.38(6)(a), Code C Note 16D."""
    assert against(IMPRACTICABLE, asked()) == []


@pytest.mark.parametrize(
    "circumstances",
    [
        "His behaviour in the cell is violent and nobody could drive him.",
        "The nature of the offence is too serious for a foster carer.",
        "There is no secure accommodation available tonight at all.",
        "It was too late at night when the authority rang back.",
        "There were no beds anywhere near tonight, we tried.",
        "It is the middle of the night and nobody is about.",
        "The authority has no social workers on duty at this time.",
    ],
)
def test_behaviour_offence_no_secure_bed_no_bed_and_the_hour_do_not_make_it_impracticable(circumstances: str) -> None:
    """Code C Note 16D."""
    assert against(IMPRACTICABLE, asked(), circumstances=circumstances) == [Contradiction.NOT_IMPRACTICABLE]


def test_that_no_authority_provided_a_bed_is_recorded_and_needs_an_inspectors_words() -> None:
    """Code C Note 16D; Children Act 1989 s.21(2)(b): the duty to accept a non-secure request is absolute."""
    facts = Facts(age=15, sex=Sex.MALE, secure=False, other_would_do=None, asked=[asked()])

    (found,) = speaks_against(facts, IMPRACTICABLE, "Every authority refused.", Impracticable.NO_ACCOMMODATION)

    assert found.code is Contradiction.NOT_IMPRACTICABLE
    assert "s.21(2)(b)" in found.sentence


def test_no_secure_accommodation_is_a_ground_at_12_or_over_where_secure_was_asked_for_and_other_would_not_do() -> None:
    """PACE 1984 s.38(6)(b)."""
    assert against(NO_SECURE, asked(secure=True), age=12, secure=True, other_would_do=False) == []


@pytest.mark.parametrize("age", [10, 11])
def test_the_second_ground_is_never_for_a_child_under_12(age: int) -> None:
    """PACE 1984 s.38(6)(b); some council pages say 13 and are wrong."""
    found = against(NO_SECURE, asked(secure=True), age=age, secure=True, other_would_do=False)

    assert found == [Contradiction.UNDER_12]


def test_a_certificate_needs_that_an_authority_was_asked() -> None:
    """PACE 1984 s.38(6); Children Act 1989 s.21(2)(b)."""
    assert against(IMPRACTICABLE) == [Contradiction.NOBODY_ASKED]
    assert against(NO_SECURE, secure=True, other_would_do=False) == [Contradiction.NOBODY_ASKED]


@pytest.mark.parametrize("ground", list(CertificateGround))
def test_a_non_secure_bed_that_was_offered_and_is_open_has_to_be_used(ground: CertificateGround) -> None:
    """PACE 1984 s.38(6); the duty to accept non-secure requests is absolute (R (M) v Gateshead [2006] EWCA Civ 221)."""
    found = against(ground, asked("accepted"), asked(secure=True), secure=True, other_would_do=False)

    assert found == [Contradiction.BED_OFFERED]


def test_an_offer_of_a_secure_bed_is_no_offer_of_a_non_secure_one() -> None:
    assert against(IMPRACTICABLE, asked("accepted", secure=True), secure=True) == []


def test_while_an_authority_may_still_say_yes_nothing_is_certified() -> None:
    assert against(IMPRACTICABLE, asked("open")) == [Contradiction.STILL_ASKING]


def test_where_secure_was_not_asked_for_its_lack_is_no_ground() -> None:
    """Code C Note 16D: the availability of secure accommodation matters only where nothing else protects the public."""
    assert against(NO_SECURE, asked()) == [Contradiction.SECURE_NOT_ASKED]
    assert against(NO_SECURE, asked(), secure=True, other_would_do=False) == [Contradiction.SECURE_NOT_ASKED]


def test_where_other_accommodation_would_do_it_has_to_be_used() -> None:
    """PACE 1984 s.38(6)(b)."""
    found = against(NO_SECURE, asked(secure=True), secure=True, other_would_do=True)

    assert found == [Contradiction.OTHER_WOULD_DO]


def test_a_contradiction_names_who_may_still_say_yes() -> None:
    facts = Facts(
        age=15,
        sex=Sex.FEMALE,
        secure=False,
        other_would_do=None,
        asked=[asked("open", authority=name) for name in ("Haringey", "Camden", "Enfield", "Camden")],
    )

    (found,) = speaks_against(facts, IMPRACTICABLE, "The only van broke down tonight.")

    assert found.sentence.startswith("Haringey, Camden and Enfield may still say yes")
