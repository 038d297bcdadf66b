"""A force's own weights."""

from __future__ import annotations

import pytest

from custodyfinder.domain.weights import Weights
from custodyfinder.errors import BadInput


def test_a_file_changes_what_it_names_and_nothing_else() -> None:
    own = Weights.from_toml("# ours\nnot_responsible = 5\nenough = 8\n")

    assert (own.not_responsible, own.enough) == (5, 8)
    assert own.never_confirmed == Weights().never_confirmed


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("not_responsible = ", "not TOML"),
        ("distance = 4", "unknown name, distance"),
        ("need_unknown = -1", "need_unknown must be a number, 0 or more"),
        ("need_unknown = inf", "need_unknown must be a number, 0 or more"),
        ('need_unknown = "ten"', "need_unknown must be a number, 0 or more"),
        ("need_unknown = true", "need_unknown must be a number, 0 or more"),
        ("enough = 2.5", "enough must be a whole number"),
        ("stale_hours = 1", "must rise"),
        ("ordinary_refusals = 1", "less than 1"),
    ],
)
def test_a_file_that_cannot_be_used_says_what_is_wrong(text: str, why: str) -> None:
    with pytest.raises(BadInput) as refusal:
        Weights.from_toml(text)

    assert why in refusal.value.public
