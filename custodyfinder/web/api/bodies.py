"""What the body of a call may hold: each kind of value reads itself and describes itself.

One description serves both ends, so that the OpenAPI document cannot promise what is not read.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from flask import abort, request

from ...domain.plain_text import visible
from ...errors import BadInput

LONGEST_GEOJSON = 40_000
_YEARS = range(2000, 2100)


@dataclass(frozen=True)
class FieldFault:
    """What is wrong with one field, in one sentence."""

    field: str
    message: str


class NotJson(BadInput):
    """The body cannot be read at all."""

    status = 400
    public = "The body is not JSON in UTF-8, or names a field twice."


class BadBody(BadInput):
    """Fields of the body cannot be used; `faults` has a sentence for each."""

    public = "Some fields cannot be used. Correct them and send it again."

    def __init__(self, faults: Iterable[FieldFault]) -> None:
        self.faults = tuple(faults)
        super().__init__(f"a body with {len(self.faults)} faults")  # not their names: somebody may have sent a child's


Faults = list[FieldFault]


@dataclass(frozen=True)
class Kind:
    """A kind of value: how it is read at a place in the body, and how JSON Schema says it."""

    read: Callable[[Any, str, Faults], Any]
    schema: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Field:
    """One field of an object. `null` says the same as leaving it out."""

    name: str
    kind: Kind
    about: str = ""
    required: bool = False
    default: Any = None


def _kind(fits: Callable[[Any], bool], sentence: str, schema: Mapping[str, Any]) -> Kind:
    def read(value: Any, at: str, faults: Faults) -> Any:
        if fits(value):
            return value
        faults.append(FieldFault(at, sentence))
        return None

    return Kind(read, schema)


def integer(least: int, most: int) -> Kind:
    """A whole number. `true` is none, and 2.0 is none."""
    return _kind(
        lambda value: type(value) is int and least <= value <= most,
        f"Give a whole number from {least} to {most}.",
        {"type": "integer", "minimum": least, "maximum": most},
    )


def number(above: float, most: float) -> Kind:
    """A number."""
    return _kind(
        lambda value: type(value) in (int, float) and above < value <= most,
        f"Give a number above {above:g} and up to {most:g}.",
        {"type": "number", "exclusiveMinimum": above, "maximum": most},
    )


def boolean() -> Kind:
    """True or false."""
    return _kind(lambda value: isinstance(value, bool), "Give true or false.", {"type": "boolean"})


def text(most: int) -> Kind:
    """Words, without signs that nobody sees: a program is told, where a page leaves them out."""

    def fits(value: Any) -> bool:
        return isinstance(value, str) and 0 < len(value) <= most and visible(value) == value.replace("\r\n", "\n")

    return _kind(
        fits,
        f"Give text of 1 to {most} characters.",
        {"type": "string", "minLength": 1, "maxLength": most},
    )


def choice(values: Iterable[StrEnum]) -> Kind:
    """One of a closed list."""
    known = {value.value: value for value in values}
    sentence = f"Give one of {', '.join(known)}."

    def read(value: Any, at: str, faults: Faults) -> Any:
        if isinstance(value, str) and value in known:
            return known[value]
        faults.append(FieldFault(at, sentence))
        return None

    return Kind(read, {"type": "string", "enum": list(known)})


def instant() -> Kind:
    """A time with its zone, in ISO 8601; read as UTC."""
    sentence = "Give a time with its zone, such as 2026-11-24T02:10:00Z."

    def read(value: Any, at: str, faults: Faults) -> Any:
        try:
            said = datetime.fromisoformat(value)
        except (TypeError, ValueError):
            said = None
        if said is None or said.tzinfo is None or said.year not in _YEARS:
            faults.append(FieldFault(at, sentence))
            return None
        return said.astimezone(UTC)

    return Kind(read, {"type": "string", "format": "date-time"})


def listed(each: Kind, most: int) -> Kind:
    """Several values of one kind."""

    def read(value: Any, at: str, faults: Faults) -> Any:
        if not isinstance(value, list) or len(value) > most:
            faults.append(FieldFault(at, f"Give a list of at most {most}."))
            return None
        return [each.read(one, f"{at}[{number}]", faults) for number, one in enumerate(value)]

    return Kind(read, {"type": "array", "items": each.schema, "maxItems": most})


def geojson() -> Kind:
    """A GeoJSON object, as text for the rules that read it."""

    def read(value: Any, at: str, faults: Faults) -> Any:
        try:
            written = json.dumps(value) if isinstance(value, dict) else ""
        except RecursionError:
            written = ""
        if not 0 < len(written) <= LONGEST_GEOJSON:
            faults.append(FieldFault(at, f"Give a GeoJSON object of at most {LONGEST_GEOJSON:,} characters."))
            return None
        return written

    return Kind(read, {"type": "object", "description": "GeoJSON (WGS84): a Polygon, a MultiPolygon, or Features"})


@dataclass(frozen=True)
class Shape:
    """An object of these fields and no others."""

    fields: tuple[Field, ...] = field(default=())

    @property
    def may_be_empty(self) -> bool:
        """Whether nothing has to be said."""
        return not any(each.required for each in self.fields)

    def read(self, value: Any, at: str, faults: Faults) -> dict[str, Any]:
        """The fields by name, each with its value or its default; what cannot be used is added to `faults`."""
        start = f"{at}." if at else ""
        if not isinstance(value, dict):
            faults.append(FieldFault(at, "Give a JSON object."))
            return {}
        known = {each.name for each in self.fields}
        faults.extend(
            FieldFault(f"{start}{name[:40]}", "There is no field of this name here.")
            for name in value
            if name not in known
        )
        found = {}
        for each in self.fields:
            given = value.get(each.name)
            if given is not None:
                found[each.name] = each.kind.read(given, f"{start}{each.name}", faults)
                continue
            found[each.name] = each.default
            if each.required:
                faults.append(FieldFault(f"{start}{each.name}", "This field is needed."))
        return found

    @property
    def kind(self) -> Kind:
        """For an object inside another."""
        return Kind(self.read, self.schema)

    @property
    def schema(self) -> dict[str, Any]:
        """As JSON Schema says it."""
        return {
            "type": "object",
            "additionalProperties": False,
            "required": [each.name for each in self.fields if each.required],
            "properties": {each.name: self._schema_of(each) for each in self.fields},
        }

    @staticmethod
    def _schema_of(each: Field) -> dict[str, Any]:
        schema = dict(each.kind.schema) if each.required else {"anyOf": [each.kind.schema, {"type": "null"}]}
        return schema | ({"description": each.about} if each.about else {})


def body_of_request(shape: Shape) -> dict[str, Any]:
    """The fields of the body that came with this request.

    Raises:
        NotJson: it cannot be read.
        BadBody: it can, and something in it cannot be used.
    """
    raw = request.get_data()
    if not raw and shape.may_be_empty:
        raw = b"{}"
    elif request.mimetype != "application/json":
        abort(415)
    try:
        given = json.loads(raw.decode("utf-8"), parse_constant=_no_constant, object_pairs_hook=_each_once)
    except (ValueError, RecursionError):
        raise NotJson("body is not JSON") from None
    faults: Faults = []
    said = shape.read(given, "", faults)
    if faults:
        raise BadBody(faults)
    return said


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


def _each_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a field twice")
    return found
