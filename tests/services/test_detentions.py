"""Opening a record: what is refused, what is kept, and who is told at once."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from custodyfinder.domain.needs import Need
from custodyfinder.domain.record import Answer, Ethnicity, Regime, Risk
from custodyfinder.errors import BadInput, Conflict, NotFound
from custodyfinder.models import AuditEvent, Authority, Contact, Detention, TextMessage, Told, WeeklyShift
from custodyfinder.services import detentions, enquiries, telling

from ..conftest import NIGHT
from ..world import CAMDEN, CAMDEN_PHONE, HARINGEY, HARINGEY_FALLBACK, HARINGEY_PHONE, World
from .night import Night


def kept(world: World, **said: Any) -> Detention:
    return world.get(Detention, world.detention_id(world.detention(**said)))


def test_the_record_keeps_what_was_said_and_the_opener_has_it(world: World) -> None:
    found = kept(world, ethnicity=None, needs_no=frozenset({Need.STEP_FREE}), needs=frozenset({Need.INTERPRETER}))

    assert (found.custody_record, found.bail_ground, found.officer) == (
        "01YE/1/26",
        "fail_to_appear",
        "officer.wood-green",
    )
    assert (found.charged_at, found.bail_refused_at) == (NIGHT - timedelta(hours=1), NIGHT - timedelta(minutes=30))
    shown = detentions.show(found.reference, suites=[world.suite_id])
    assert (shown.needs, shown.needs_no) == ((Need.INTERPRETER,), (Need.STEP_FREE,))
    assert Need.MEDICAL_COVER in shown.not_known
    assert shown.risks == dict.fromkeys(Risk, Answer.NOT_KNOWN)


def test_a_child_at_risk_of_exploitation_needs_a_place_that_supports_them(world: World) -> None:
    found = kept(world, risks={Risk.EXPLOITATION: Answer.YES})

    assert Need.EXPLOITATION_SUPPORT in detentions.show(found.reference, suites=[world.suite_id]).needs


def test_a_child_with_an_authority_that_looks_after_them_is_looked_after(world: World) -> None:
    found = kept(world, looked_after_by=CAMDEN)

    assert (found.looked_after, found.responsible_code) == ("yes", CAMDEN)


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"age": 18}, "age"),
        ({"age": 11, "secure": True}, "kind"),
        ({"secure": True, "secure_reasons": "serious"}, "secure_reasons"),
        ({"secure": True, "other_would_do": True}, "other_would_do"),
        ({"court_at": NIGHT - timedelta(minutes=1)}, "court"),
        ({"charged_at": NIGHT + timedelta(minutes=1)}, "charged"),
        ({"looked_after_by": CAMDEN, "risks": {Risk.LOOKED_AFTER: Answer.NO}}, "looked_after_by"),
        ({"custody_record": "Kevin Smith"}, "custody_record"),
        ({"custody_record": "KEVIN 2011"}, "custody_record"),
        ({"custody_record": "1"}, "custody_record"),
    ],
)
def test_what_fails_a_test_of_the_act_is_refused_and_nothing_is_written(
    world: World, said: dict[str, Any], field: str
) -> None:
    with pytest.raises(BadInput) as refusal:
        world.detention(telling=True, **said)

    assert refusal.value.field == field
    assert world.count(Detention, TextMessage, Told, AuditEvent) == (0, 0, 0, 0)


def test_one_custody_record_number_has_one_record_at_a_suite(world: World) -> None:
    first = world.detention(custody_record="01YE/7/26")

    with pytest.raises(BadInput, match="custody record") as refusal:
        world.detention(custody_record=" 01ye/7/26 ")

    assert f"There is a record for 01YE/7/26 already: {first}." in refusal.value.public
    assert world.count(Detention) == (1,)
    world.detention(custody_record="01YE/7/26", suite_id=world.other_suite_id)


def test_secure_may_be_turned_into_non_secure_once_and_keeps_its_reasons(world: World) -> None:
    reference = world.detention(secure=True)
    who = {"suite_id": world.suite_id, "by": "officer.wood-green", "now": NIGHT}

    detentions.ask_for_non_secure(reference, **who)  # type: ignore[arg-type]

    found = world.get(Detention, world.detention_id(reference))
    assert (found.secure, found.other_would_do) == (False, True)
    assert found.secure_reasons is not None
    with pytest.raises(Conflict, match="not secure"):
        detentions.ask_for_non_secure(reference, **who)  # type: ignore[arg-type]


def test_another_suites_record_is_not_there(world: World) -> None:
    reference = world.detention()

    with pytest.raises(NotFound):
        detentions.show(reference, suites=[world.other_suite_id])
    with pytest.raises(NotFound):
        detentions.show(reference, suites=[])


def test_ethnicity_is_for_monitoring_only_and_never_in_the_match(world: World) -> None:
    """Domain: self-defined, optional, for equality monitoring only."""
    children = [
        enquiries.child_in(world.detention_id(world.detention(ethnicity=ethnicity)), now=NIGHT)
        for ethnicity in (None, *Ethnicity)
    ]

    assert all(child == children[0] for child in children)


# --- told at once ---------------------------------------------------------------------------


def told(world: World) -> list[tuple[str | None, str | None]]:
    texts = {text.id: text.to_number for text in world.texts()}
    return [(texts.get(each.text_id or 0), each.why_not) for each in world.rows(Told)]


def test_opening_the_record_tells_whoever_is_on_duty_for_the_childs_authority_in_the_same_transaction(
    world: World,
) -> None:
    """PACE 1984 s.38(6), Children Act 1989 s.21(2)(b): the law's first step does not wait for a search."""
    world.detention(telling=True, looked_after_by=CAMDEN)

    assert told(world) == [(CAMDEN_PHONE, None)]
    (text,) = world.texts()
    assert text.body == (
        "A child of Camden is held at Wood Green custody: boy 15, charged, no bail. Non-secure bed needed tonight; "
        "a request follows. Tel 020 7946 0014"
    )
    assert "authority told" in [event.action for event in world.rows(AuditEvent)]


def test_where_nobody_on_duty_can_be_texted_the_fallback_is_told(world: World) -> None:
    for shift in world.rows(WeeklyShift):
        world.change(Contact, shift.contact_id, opted_out_at=NIGHT)

    world.detention(telling=True)

    assert told(world) == [(HARINGEY_FALLBACK, None)]


def test_where_nobody_at_all_can_be_texted_that_is_written_down_and_the_number_to_ring_is_known(world: World) -> None:
    for contact in world.rows(Contact):
        world.change(Contact, contact.id, verified_at=None)

    reference = world.detention(telling=True)

    assert told(world) == [(None, "nobody can be texted")]
    found = telling.of_detention(world.detention_id(reference), now=NIGHT)
    assert found.nobody_reached
    assert found.ring_number == "+442079460100"


def test_an_authority_that_is_rung_is_not_texted(world: World) -> None:
    world.change(Authority, HARINGEY, texted=False)

    world.detention(telling=True)

    assert told(world) == [(None, "is rung, not texted")]
    assert world.texts() == []


def test_a_text_that_does_not_arrive_is_seen_on_the_record(world: World) -> None:
    night = Night(world)
    reference = world.detention(telling=True)
    night.go_to(0)
    (text,) = world.texts(HARINGEY_PHONE)

    assert not telling.of_detention(world.detention_id(reference), now=NIGHT).nobody_reached
    night.receipt(text, "undelivered", "30003")

    assert telling.of_detention(world.detention_id(reference), now=NIGHT).nobody_reached


def test_another_regime_is_noted_without_the_child(world: World) -> None:
    """PACE 1984 s.38(1): the duty is after charge. Breach of bail and warrants are other regimes."""
    detentions.note_out_of_scope(Regime.WARRANT, suite_id=world.suite_id, by="officer.wood-green", now=NIGHT)

    (event,) = world.rows(AuditEvent)
    assert (event.action, event.subject, event.details) == (
        "out of scope",
        f"suite:{world.suite_id}",
        {"regime": "warrant"},
    )
