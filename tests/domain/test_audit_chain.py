"""The chain of audit lines: what breaks it, and how that is named."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custodyfinder.domain import audit_chain
from custodyfinder.domain.audit_chain import FIRST, NOTHING, Break, Fault, Head, Line, Link, first_fault
from custodyfinder.errors import BadInput

AT = datetime(2026, 11, 24, 2, 10, 0, 123, tzinfo=UTC)
Tampering = Callable[[list[Link]], list[Link]]


def line(number: int = 1) -> Line:
    return Line(at=AT, actor="officer", action="call recorded", subject=f"request:{number}", details={"said": "no"})


def chained(count: int) -> list[Link]:
    return list(audit_chain.chain([line(number) for number in range(count)], after=NOTHING))


def test_rows_are_numbered_without_a_gap_and_each_follows_the_one_before() -> None:
    links = chained(3)

    assert [link.id for link in links] == [1, 2, 3]
    assert [link.previous for link in links] == [FIRST, links[0].digest, links[1].digest]
    assert first_fault(links, head=links[-1].head) is None


def test_a_chain_goes_on_after_its_head() -> None:
    links = chained(2)
    more = list(audit_chain.chain([line()], after=links[-1].head))

    assert more[0].id == 3
    assert first_fault([*links, *more], head=more[-1].head) is None


def test_a_chain_without_a_row_is_whole() -> None:
    assert first_fault([], head=NOTHING) is None


def test_the_digest_is_the_one_that_anybody_can_compute() -> None:
    said = (
        f'["{FIRST}",1,"2026-11-24T02:10:00.000123+00:00","officer","call recorded","request:1",null,null,'
        '{"said":"no"}]'
    )

    (link,) = audit_chain.chain([line()], after=NOTHING)

    assert link.digest == hashlib.sha256(said.encode()).hexdigest()


def test_the_digest_is_the_same_in_any_zone_and_for_any_order_of_details() -> None:
    one = replace(line(), details={"a": 1, "b": 2})
    other = replace(line(), details={"b": 2, "a": 1}, at=AT.astimezone(timezone(timedelta(hours=5))))

    assert audit_chain.digest(one, number=1, previous=FIRST) == audit_chain.digest(other, number=1, previous=FIRST)


@pytest.mark.parametrize(
    "changed",
    [
        {"at": AT + timedelta(microseconds=1)},
        {"actor": "other"},
        {"action": "x"},
        {"subject": "request:7"},
        {"details": {"said": "yes"}},
        {"origin": "192.0.2.1"},
        {"why": "handover"},
    ],
    ids=lambda changed: next(iter(changed)),
)
def test_everything_that_a_line_says_is_in_its_digest(changed: dict[str, Any]) -> None:
    links = chained(5)
    links[2] = replace(links[2], line=replace(line(2), **changed))

    assert first_fault(links, head=links[-1].head) == Fault(3, Break.CHANGED)


def swapped(links: list[Link]) -> list[Link]:
    third, fourth = links[2], links[3]
    return [*links[:2], replace(fourth, id=3), replace(third, id=4), *links[4:]]


def put_in(links: list[Link]) -> list[Link]:
    (forged,) = audit_chain.chain([line(9)], after=links[1].head)
    return [*links[:2], forged, *(replace(link, id=link.id + 1) for link in links[2:])]


def made_anew(links: list[Link]) -> list[Link]:
    (forged,) = audit_chain.chain([line(9)], after=links[1].head)
    return [*links[:2], forged, *links[3:]]


@pytest.mark.parametrize(
    ("tamper", "fault"),
    [
        (lambda links: links[1:], Fault(1, Break.REMOVED)),
        (lambda links: [*links[:2], *links[3:]], Fault(3, Break.REMOVED)),
        (lambda links: links[:4], Fault(5, Break.TAIL_REMOVED)),
        (lambda links: [], Fault(1, Break.TAIL_REMOVED)),
        (swapped, Fault(3, Break.OUT_OF_ORDER)),
        (put_in, Fault(4, Break.OUT_OF_ORDER)),
        (made_anew, Fault(4, Break.OUT_OF_ORDER)),
        (lambda links: [replace(links[0], id=0), *links], Fault(0, Break.OUT_OF_ORDER)),
        (lambda links: [*links, *audit_chain.chain([line()], after=links[-1].head)], Fault(6, Break.BEYOND_HEAD)),
        (lambda links: [*links[:4], replace(links[4], digest="f" * 64)], Fault(5, Break.CHANGED)),
        (lambda links: [*links[:4], replace(links[4], previous="f" * 64)], Fault(5, Break.OUT_OF_ORDER)),
        (lambda links: [*links[:4], replace(links[4], line=None)], Fault(5, Break.CHANGED)),
        (
            lambda links: [*links[:4], *audit_chain.chain([line(9)], after=links[3].head)],
            Fault(5, Break.HEAD_CHANGED),
        ),
    ],
    ids=[
        "the first removed",
        "one removed",
        "the last removed",
        "all removed",
        "two swapped",
        "one put in",
        "one made anew with a digest that fits",
        "one put in before the first",
        "one put in at the end",
        "a digest changed",
        "a previous digest changed",
        "one that cannot be read",
        "the last made anew with a digest that fits",
    ],
)
def test_what_was_done_to_a_chain_is_named_with_the_first_row_that_shows_it(tamper: Tampering, fault: Fault) -> None:
    links = chained(5)

    found = first_fault(tamper(links), head=links[-1].head)

    assert found == fault
    assert str(fault.id) in fault.sentence


def test_a_head_that_is_gone_is_a_fault() -> None:
    assert first_fault(chained(2), head=None) == Fault(2, Break.HEAD_CHANGED)


def test_a_chain_written_anew_from_its_beginning_is_shown_by_an_anchor_alone() -> None:
    anchor = chained(5)[3].head
    anew = list(audit_chain.chain([line(number * 7) for number in range(5)], after=NOTHING))

    assert first_fault(anew, head=anew[-1].head) is None
    assert first_fault(anew, head=anew[-1].head, anchor=anchor) == Fault(4, Break.NOT_AS_ANCHORED)


def test_a_chain_cut_short_with_its_head_is_shown_by_an_anchor_alone() -> None:
    links = chained(5)

    assert first_fault(links[:3], head=links[2].head) is None
    assert first_fault(links[:3], head=links[2].head, anchor=links[3].head) == Fault(4, Break.NOT_AS_ANCHORED)


def test_every_row_of_a_whole_chain_is_as_it_was_anchored() -> None:
    links = chained(5)

    assert all(first_fault(links, head=links[-1].head, anchor=link.head) is None for link in links)


def test_an_anchor_is_read_as_it_was_written() -> None:
    assert Head.read(f" 12 {'AB' * 32}\n") == Head(12, "ab" * 32)


@pytest.mark.parametrize("written", ["", "12", f"0 {FIRST}", f"x {FIRST}", f"12 {FIRST}0", f"{'9' * 40} {FIRST}"])
def test_an_anchor_that_is_none_is_refused_in_a_sentence(written: str) -> None:
    with pytest.raises(BadInput, match="anchor") as refused:
        Head.read(written)

    assert refused.value.public.startswith("An anchor is")


@pytest.mark.parametrize(
    "details",
    [{"km": 1.5}, {"at": AT}, {"x": "a\0b"}, {"x": "\ud800"}, {1: 2}, {"x": [{"y": {2.5}}]}],
    ids=["a fraction", "a time", "a NUL", "half a character", "a key that is no string", "deep inside"],
)
def test_details_that_a_database_would_give_back_otherwise_are_refused(details: dict[Any, Any]) -> None:
    with pytest.raises(ValueError, match="audit line"):
        audit_chain.check(replace(line(), details=details))


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="zone"):
        audit_chain.check(replace(line(), at=AT.replace(tzinfo=None)))


words = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=20)
values = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**30), 10**30) | words,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(words, values, max_size=4))
def test_any_details_that_are_taken_have_the_same_digest_after_a_turn_through_json(details: dict[str, Any]) -> None:
    said = replace(line(), details=details)
    audit_chain.check(said)
    back = replace(said, details=json.loads(json.dumps(details)))

    assert audit_chain.canonical(back, number=1, previous=FIRST) == audit_chain.canonical(
        said, number=1, previous=FIRST
    )


@given(st.lists(st.integers(0, 5), min_size=1, max_size=8), st.data())
def test_no_row_of_any_chain_can_be_taken_out(subjects: list[int], data: st.DataObject) -> None:
    links = list(audit_chain.chain([line(number) for number in subjects], after=NOTHING))
    gone = data.draw(st.integers(0, len(links) - 1))

    found = first_fault(links[:gone] + links[gone + 1 :], head=links[-1].head)

    assert found is not None
    assert found.id == gone + 1
