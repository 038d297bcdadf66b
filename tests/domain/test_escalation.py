"""Escalation policies: the default, what is refused, and the time between steps."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from custodyfinder.domain import escalation
from custodyfinder.domain.escalation import Policy, Step, Target
from custodyfinder.errors import BadInput

NOW = datetime(2026, 11, 24, 2, 10, tzinfo=UTC)


def minutes(number: float) -> timedelta:
    return timedelta(minutes=number)


def policy(*steps: tuple[float, tuple[str, ...]], gives_up: float = 30) -> Policy:
    return Policy(1, tuple(Step(minutes(after), targets) for after, targets in steps), minutes(gives_up))


def test_the_default_asks_at_0_10_and_20_minutes_and_gives_up_at_30() -> None:
    default = escalation.default(minutes(30))

    assert [(step.after, step.targets) for step in default.steps] == [
        (minutes(0), (Target.ON_DUTY,)),
        (minutes(10), (Target.ON_DUTY, Target.FALLBACK)),
        (minutes(20), (Target.MANAGER,)),
    ]
    assert default.gives_up == minutes(30)
    escalation.check(default)


def test_each_step_has_its_own_time_whenever_it_is_taken() -> None:
    uneven = policy((0, ("on_duty",)), (5, ("fallback",)), (20, ("manager",)))

    assert uneven.next_at(0, taken_at=NOW) == NOW + minutes(5)
    assert uneven.next_at(1, taken_at=NOW) == NOW + minutes(15)
    assert uneven.next_at(2, taken_at=NOW) is None


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        (Policy(1, (), minutes(30)), "from 1 to 6"),
        (policy(*[(number, ("on_duty",)) for number in range(7)]), "from 1 to 6"),
        (policy((1, ("on_duty",))), "at once"),
        (policy((0, ("on_duty",)), (10, ("fallback",)), (5, ("manager",))), "after the one before"),
        (policy((0, ("on_duty",)), (10, ("fallback",)), (10, ("manager",))), "after the one before"),
        (policy((0, ("on_duty",)), gives_up=0), "after the one before"),
        (policy((0, ("on_duty",)), gives_up=241), "within 240"),
        (policy((0, ())), "Step 1 texts nobody"),
        (policy((0, ("on_duty",)), (5, ("everybody",))), "Step 2 names somebody"),
        (policy((0, ("contact:",))), "Step 1 names somebody"),
        (policy((0, ("contact:0",))), "Step 1 names somebody"),
    ],
)
def test_a_policy_that_would_leave_somebody_waiting_is_refused_in_words(wrong: Policy, says: str) -> None:
    with pytest.raises(BadInput) as refusal:
        escalation.check(wrong)

    assert says in refusal.value.public


def test_a_policy_is_the_same_after_it_was_kept() -> None:
    kept = policy((0, ("on_duty", "contact:12")), (7.5, ("manager",)))

    assert escalation.from_json(escalation.as_json(kept)) == kept


def test_a_target_may_name_a_contact() -> None:
    assert escalation.contact_of("contact:12") == 12
    assert escalation.contact_of("manager") is None
