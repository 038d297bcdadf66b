"""The closed lists have a word for each use."""

from __future__ import annotations

import re

import pytest

from custodyfinder.domain.needs import Need, RefusalReason, Sex, any_of
from custodyfinder.domain.wording import septets


@pytest.mark.parametrize("need", Need)
def test_a_need_is_short_in_a_text_and_a_sentence_on_a_page(need: Need) -> None:
    assert 0 < septets(need.short) <= 12
    assert not re.match(r"an? ", need.noun)  # "It has no …"
    assert need.label[0].isupper()


def test_several_needs_are_one_short_list() -> None:
    assert any_of([Need.MEDICAL_COVER]) == "medical cover"
    assert any_of([Need.STEP_FREE, Need.MEDICAL_COVER]) == "step-free access or medical cover"
    assert any_of([Need.STEP_FREE, Need.MEDICAL_COVER, Need.INTERPRETER]) == (
        "step-free access, medical cover or access to an interpreter"
    )


def test_every_reason_to_refuse_has_words_of_its_own() -> None:
    assert len({reason.label for reason in RefusalReason}) == len(RefusalReason)


def test_a_child_is_a_girl_or_a_boy() -> None:
    assert (Sex.FEMALE.child, Sex.MALE.child) == ("girl", "boy")
