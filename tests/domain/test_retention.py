"""The schedule of retention: what it proposes, what a force may change, and that README says the same."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from custodyfinder.domain.retention import SCHEDULE, Fate, Retention, as_markdown
from custodyfinder.errors import BadInput

README = Path(__file__).resolve().parents[2] / "README.md"


def test_texts_are_kept_thirty_days_the_record_thirteen_months_and_figures_for_good() -> None:
    days = {name: kind.days for name, kind in SCHEDULE.items()}

    assert (days["texts"], days["detail"], days["certificates"], days["figures"]) == (30, 396, 396, None)


def test_every_kind_says_on_which_basis_and_what_is_kept_for_good_has_no_end() -> None:
    for name, kind in SCHEDULE.items():
        assert kind.basis, name
        assert (kind.days is None) == (kind.fate is Fate.KEPT) == (kind.counted_from == ""), name


def test_a_force_gives_some_periods_and_the_rest_stays() -> None:
    retention = Retention.from_toml("texts = 14\nwords = 90\n")
    now = datetime(2026, 11, 24, tzinfo=UTC)

    assert now - retention.before("texts", now=now) == timedelta(days=14)
    assert now - retention.before("words", now=now) == timedelta(days=90)
    assert now - retention.before("detail", now=now) == timedelta(days=396)


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ("texts 30", "is not TOML"),
        ("letters = 30", "unknown name, letters; it may have texts, words"),
        ("figures = 30", "figures cannot be given a time"),
        ("audit = 3650", "audit cannot be given a time"),
        ("texts = 0", "texts must be a whole number of days, 1 to 36500"),
        ("texts = -1", "texts must be a whole number of days"),
        ("texts = 1.5", "texts must be a whole number of days"),
        ("texts = true", "texts must be a whole number of days"),
        ('texts = "30"', "texts must be a whole number of days"),
        ("[texts]\ndays = 30", "texts must be a whole number of days"),
        ("detail = 100000000000", "detail must be a whole number of days"),
        ("rota = 8", "rota must be a whole number of days, 9 to"),
        ("words = 400", "words (400 days) must not be kept longer than detail (396 days)"),
        ("detail = 20", "texts (30 days) must not be kept longer than detail (20 days)"),
        ("certificates = 3650", "certificates (3650 days) must not be kept longer than detail"),
    ],
)
def test_a_period_that_cannot_be_is_refused_in_one_sentence(given: str, why: str) -> None:
    with pytest.raises(BadInput) as refusal:
        Retention.from_toml(given)

    assert why in refusal.value.public
    assert refusal.value.public.endswith(".")
    assert "\n" not in refusal.value.public


def test_readme_has_the_schedule_as_it_is() -> None:
    assert as_markdown() in README.read_text(encoding="utf-8"), "put the output of retention.as_markdown() there"
