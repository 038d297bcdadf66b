"""Issuing a certificate: what it shows, what the record contradicts, what an inspector may sign for."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import pytest

from custodyfinder.domain.detention import Contradiction
from custodyfinder.domain.needs import RefusalReason
from custodyfinder.domain.record import CertificateGround
from custodyfinder.errors import BadInput
from custodyfinder.models import (
    AuditEvent,
    Call,
    CallOutcome,
    Certificate,
    Outcome,
    Placement,
)
from custodyfinder.services import calls
from custodyfinder.services.outcomes import Contradicted

from ..conftest import NIGHT
from ..world import CAMDEN, World
from .ending import NO_VAN, OVERRIDE, accept, not_moved, record, refuse

# --- the certificate --------------------------------------------------------------------------


def test_the_certificate_shows_why_the_child_stayed_and_every_authority_that_was_asked(
    world: World, refused: str
) -> None:
    """PACE 1984 s.38(7), Code C 16.7: it is produced to the court and shows why."""
    digest = record(world, refused, not_moved())

    (kept,) = world.rows(Certificate)
    assert kept.digest == digest == hashlib.sha256(kept.body.encode()).hexdigest()
    body = json.loads(kept.body)
    assert body["ground"]["paragraph"] == "PACE 1984 s.38(6)(a)"
    assert body["circumstances"] == NO_VAN
    (asked,) = body["asked"]
    assert (asked["authority"], asked["answer"], asked["how"]) == ("Haringey", "refused", "text")
    assert (asked["reason"], asked["words"]) == ("No bed is free", "full tonight")
    assert (asked["asked_at"], asked["answered_at"]) == ("2026-11-24T02:10:00Z", "2026-11-24T02:20:00Z")
    assert (body["certified_by"], body["inspector"], body["inspector_rank"]) == (
        "officer.wood-green",
        "4711 YE",
        "Inspector",
    )
    assert body["override"] is None
    assert body["custody_record"] == "01YE/1/26"


def test_a_certificate_names_no_phone_number_no_place_and_no_contact(world: World, refused: str) -> None:
    record(world, refused, not_moved())

    body = world.rows(Certificate)[0].body
    assert "+44" not in body
    assert "Example House" not in body
    assert "Fictional Row" not in body


def test_a_certificate_that_the_log_contradicts_is_refused_and_the_attempt_is_on_the_log(world: World) -> None:
    reference = world.detention()

    with pytest.raises(Contradicted) as refusal:
        record(world, reference, not_moved(override_words=OVERRIDE))  # an officer's words do not override

    assert [each.code for each in refusal.value.against] == [Contradiction.NOBODY_ASKED]
    assert world.count(Outcome, Certificate) == (0, 0)
    (line,) = [event for event in world.rows(AuditEvent) if event.action == "certificate refused"]
    assert line.details == {"against": ["nobody_asked"]}


def test_an_open_non_secure_bed_stands_against_the_certificate_and_stays_held(world: World) -> None:
    place, reference = world.place(), world.detention()
    accept(world.ask(place, detention=reference))

    with pytest.raises(Contradicted) as refusal:
        record(world, reference, not_moved())

    assert [each.code for each in refusal.value.against] == [Contradiction.BED_OFFERED]
    assert "Haringey accepted" in refusal.value.against[0].sentence
    assert world.rows(Placement)[0].ended_at is None


def test_a_child_under_12_and_the_second_ground_is_refused(world: World) -> None:
    """PACE 1984 s.38(6)(b)."""
    reference = world.detention(age=11)
    refuse(world.ask(world.place(), detention=reference))

    with pytest.raises(Contradicted) as refusal:
        record(world, reference, not_moved(ground=CertificateGround.NO_SECURE, impracticable=None))

    assert refusal.value.against[0].code is Contradiction.UNDER_12


def test_an_inspector_may_sign_for_it_in_words_which_stand_on_the_certificate(world: World) -> None:
    place, reference = world.place(), world.detention()
    accept(world.ask(place, detention=reference))

    record(world, reference, not_moved(override_words=OVERRIDE), inspector=True)

    (outcome,) = world.rows(Outcome)
    assert (outcome.contradictions, outcome.overridden_by) == (["bed_offered"], "inspector.met")
    body = json.loads(world.rows(Certificate)[0].body)
    assert body["override"]["words"] == OVERRIDE
    assert "a non-secure bed is open to the child" in body["override"]["contradictions"][0]
    assert body["certified_by"] == "officer.wood-green"
    assert body["asked"][0]["answer"] == "accepted"
    assert world.beds(place) == (2, 0)  # the child does not come


def test_an_inspector_who_says_nothing_overrides_nothing(world: World) -> None:
    with pytest.raises(Contradicted):
        record(world, world.detention(), not_moved(override_words="fine"), inspector=True)

    assert world.count(Outcome) == (0,)


def test_no_secure_accommodation_is_certified_where_secure_was_asked_for_and_refused(world: World) -> None:
    """PACE 1984 s.38(6)(b)."""
    reference = world.detention(secure=True)
    refuse(world.ask(world.place(kind="secure"), detention=reference))

    record(world, reference, not_moved(ground=CertificateGround.NO_SECURE, impracticable=None))

    body = json.loads(world.rows(Certificate)[0].body)
    assert (body["secure"], body["asked"][0]["secure"], body["other_would_do"]) == (True, True, False)


def test_a_call_to_an_authority_about_no_place_counts_as_asking_and_stands_on_the_certificate(world: World) -> None:
    reference = world.detention()
    calls.record_with_authority(
        reference,
        authority_code=CAMDEN,
        secure=False,
        said=CallOutcome.REFUSED,
        words="nobody on call",
        reason=RefusalReason.STAFFING,
        suite_id=world.suite_id,
        by="officer.wood-green",
        now=NIGHT,
    )

    record(world, reference, not_moved())

    (asked,) = json.loads(world.rows(Certificate)[0].body)["asked"]
    assert (asked["authority"], asked["how"], asked["answer"]) == ("Camden", "telephone", "refused")
    assert asked["reason"] == "Not enough staff tonight"


@pytest.mark.parametrize(
    ("said", "match"), [({"authority_code": "E99999999"}, "authority"), ({"words": "x" * 201}, "words")]
)
def test_a_call_with_bad_input_writes_nothing(world: World, said: dict[str, Any], match: str) -> None:
    usual: dict[str, Any] = {
        "authority_code": CAMDEN,
        "secure": False,
        "said": CallOutcome.REFUSED,
        "words": "",
        "reason": RefusalReason.NO_BED,
        "suite_id": world.suite_id,
        "by": "officer.wood-green",
        "now": NIGHT,
    }
    reference = world.detention()

    with pytest.raises(BadInput, match=match):
        calls.record_with_authority(reference, **usual | said)

    assert world.count(Call) == (0,)
