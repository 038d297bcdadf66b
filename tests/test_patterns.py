"""No pattern takes long over a text that was made to take long."""

from __future__ import annotations

import ast
import importlib
import pkgutil
import re
from collections import defaultdict
from collections.abc import Iterator
from itertools import islice, product
from time import process_time
from typing import Any

import pytest

import custodyfinder

from .test_house_rules import PACKAGE, ROOT

READS = ("match", "fullmatch", "search", "sub", "split", "findall", "finditer")
PATIENCE = 0.2
"""Seconds, for one text of any length up to the longest."""

LONGEST = 50_000
TIMES = (12, 16, 20, 22, 24, 26, 28, 30, 33, 36, 40, 45, 50, 60, 70, 85, 100, 150, 200, 2_000, 10_000, LONGEST)
"""How often a text is repeated: slowly up at first, so that what doubles each time is found out within the day."""

PARSER: Any = importlib.import_module("re._parser")
ELSEWHERE = {"custodyfinder/config.py:pattern"}
"""Patterns in a variable of a function: every one is written where it is called, and is short."""


# --- which patterns there are ---------------------------------------------------------------------


def written_in_place() -> Iterator[tuple[str, str, str, int]]:
    """Name, way of reading, pattern and flags of each call that has its pattern in it."""
    for path in sorted(PACKAGE.rglob("*.py")):
        where = path.relative_to(ROOT).as_posix()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not (isinstance(node, ast.Call) and ast.unparse(node.func) in {f"re.{way}" for way in READS}):
                continue
            name, pattern = f"{where}:{node.lineno}", node.args[0]
            if isinstance(pattern, ast.Constant) and isinstance(pattern.value, str):
                yield name, ast.unparse(node.func)[3:], pattern.value, 0
            else:
                assert f"{where}:{ast.unparse(pattern)}" in ELSEWHERE | {"custodyfinder/domain/replies.py:_GAP"}, name


def compiled() -> Iterator[tuple[str, str, str, int]]:
    """As above, for each pattern that a module keeps, in every way that it is read."""
    ways = _ways()
    for module in pkgutil.walk_packages(custodyfinder.__path__, "custodyfinder."):
        if ".migrations" in module.name or module.name.endswith(".__main__"):
            continue
        for name, value in vars(importlib.import_module(module.name)).items():
            for pattern in _patterns_in(value):
                for way in sorted(ways[name]) or ["search"]:
                    yield f"{module.name}.{name}", way, pattern.pattern, pattern.flags


def _ways() -> dict[str, set[str]]:
    """How the patterns of each name are read, anywhere."""
    ways: dict[str, set[str]] = defaultdict(set)
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Attribute) and node.attr in READS and isinstance(node.value, ast.Name):
                ways[node.value.id].add(node.attr)
            elif isinstance(node, ast.Call):  # `_compact(typed, _POSTCODE)`: read whole by the one that it is handed to
                for argument in node.args:
                    if isinstance(argument, ast.Name):
                        ways[argument.id].add("fullmatch")
    return ways


def _patterns_in(value: object) -> Iterator[re.Pattern[str]]:
    if isinstance(value, re.Pattern) and isinstance(value.pattern, str):
        yield value
    elif isinstance(value, tuple | list):
        for each in value:
            yield from _patterns_in(each)


# --- texts that are made to take long -------------------------------------------------------------


def samples(items: Any) -> list[str]:
    """A few texts that this part of a pattern takes, or nearly."""
    texts = [""]
    for item in items:
        texts = list(islice((one + more for one, more in product(texts, _samples_of(item))), 12))
    return texts


def _samples_of(item: Any) -> list[str]:
    kind, said = str(item[0]), item[1]
    if kind in ("LITERAL", "NOT_LITERAL"):
        return [chr(said) if kind == "LITERAL" else "\x01"]
    if kind == "ANY":
        return ["x", " "]
    if kind == "IN":
        return [_of_class(said[0])] + ([_of_class(said[-1])] if len(said) > 1 else [])
    if kind == "BRANCH":
        return [text for branch in said[1] for text in samples(branch)][:8]
    if kind == "SUBPATTERN":
        return samples(said[3])
    if kind.endswith("REPEAT"):
        return [text * max(said[0], 1) for text in samples(said[2])] + ([""] if said[0] == 0 else [])
    return [""]  # an end, an edge, a look ahead


def _of_class(part: Any) -> str:
    kind, said = str(part[0]), part[1]
    if kind == "LITERAL":
        return chr(said)
    if kind == "RANGE":
        return chr(said[0])
    return {"CATEGORY_DIGIT": "7", "CATEGORY_SPACE": " ", "CATEGORY_WORD": "a"}.get(str(said), "!")


def repeats(items: Any, before: str = "") -> Iterator[tuple[str, str]]:
    """For each repeat without an end: a text that leads up to it, and one that it takes again and again."""
    for item in items:
        kind, said = str(item[0]), item[1]
        if kind.endswith("REPEAT") and said[1] == PARSER.MAXREPEAT:
            yield from ((before, text) for text in samples(said[2]) if text)
        for part in _parts_of(kind, said):
            yield from repeats(part, before)
        before += _samples_of(item)[0]


def _parts_of(kind: str, said: Any) -> list[Any]:
    if kind == "BRANCH":
        return list(said[1])
    if kind.startswith("ASSERT"):
        return [said[1]]
    if kind.endswith("REPEAT"):
        return [said[2]]
    return [said[3]] if kind == "SUBPATTERN" else []


def nasty(pattern: str, flags: int) -> set[tuple[str, str]]:
    """A text that leads up, and one to be repeated."""
    tree = PARSER.parse(pattern, flags)
    plain = {("", text) for text in (*" a0A-./\t,:+", "A ", "a1", "7 ", "\u0301", "👎")}
    whole = {("", text) for text in samples(tree) if text} | {("", f"{text} ") for text in samples(tree)}
    return plain | whole | set(repeats(tree)) | {("", again) for _, again in repeats(tree)}


def slowest(way: str, pattern: str, flags: int = 0) -> float:
    """Seconds of our own work for the worst text; stops at the first that takes too long twice."""
    program, worst = re.compile(pattern, flags), 0.0
    read = getattr(program, way)

    def seconds(text: str) -> float:
        began = process_time()
        found = read("", text) if way == "sub" else read(text)
        if way == "finditer":
            list(found)
        return process_time() - began

    for start, again in nasty(pattern, flags):
        for times in TIMES:
            text = start + again * min(times, LONGEST // len(again)) + "\0"
            took = seconds(text)
            if took > PATIENCE:
                took = min(took, seconds(text))  # whoever is the first to want so much memory waits for it
            worst = max(worst, took)
            if worst > PATIENCE:
                return worst
    return worst


ALL = sorted({*written_in_place(), *compiled()})


def test_the_patterns_are_all_here() -> None:
    assert len(ALL) > 50
    names = {name for name, *_ in ALL}
    assert {"custodyfinder.domain.replies._REFUSAL", "custodyfinder.domain.detention._16D"} <= names


@pytest.mark.alone
def test_no_pattern_takes_long_over_a_text_that_was_made_to_take_long() -> None:
    slow = {name: took for name, way, pattern, flags in ALL if (took := slowest(way, pattern, flags)) > PATIENCE}

    assert slow == {}


@pytest.mark.parametrize(
    ("way", "pattern"),
    [
        ("fullmatch", "(a+)+b"),
        ("fullmatch", "(a|a)*b"),
        ("match", "(?:HI |HI ?)*X"),
        ("search", r"\s+$"),
        ("fullmatch", r"(?=(?:[0-9]+)+x)y"),
    ],
)
def test_a_pattern_that_takes_long_is_found_out(way: str, pattern: str) -> None:
    assert slowest(way, pattern) > PATIENCE
