"""What the answers look like, in JSON Schema: every field is there, always, and no other."""

from __future__ import annotations

from typing import Any

from ...domain.needs import Need, RefusalReason, Sex
from ...domain.record import Answer, BailGround, Ethnicity, OutcomeKind, Risk
from ...models import Kind, RequestState

Schema = dict[str, Any]

TEXT: Schema = {"type": "string"}
WHOLE: Schema = {"type": "integer"}
NUMBER: Schema = {"type": "number"}
YES_NO: Schema = {"type": "boolean"}
INSTANT: Schema = {"type": "string", "format": "date-time", "pattern": "Z$"}
CLOCK: Schema = {"type": "string", "pattern": "^[0-2][0-9]:[0-5][0-9]$", "description": "London time"}


def ref(name: str) -> Schema:
    """A schema of the list below."""
    return {"$ref": f"#/components/schemas/{name}"}


def maybe(schema: Schema) -> Schema:
    """That, or null where it is not known, not so, or not yet."""
    return {"anyOf": [schema, {"type": "null"}]}


def several(schema: Schema) -> Schema:
    """A list of those."""
    return {"type": "array", "items": schema}


def one_of(values: Any) -> Schema:
    """A closed list."""
    return {"type": "string", "enum": [value.value for value in values]}


def thing(**properties: Schema) -> Schema:
    """An object that has each of these and nothing else."""
    return {
        "type": "object",
        "additionalProperties": False,
        "required": list(properties),
        "properties": properties,
    }


_NEEDS = several(one_of(Need))

_SUITABILITY: dict[str, Schema] = {
    "id": WHOLE,
    "code": TEXT,
    "name": TEXT,
    "authority": TEXT,
    "authority_code": TEXT,
    "kind": one_of(Kind),
    "secure": YES_NO,
    "town": TEXT,
    "age_min": WHOLE,
    "age_max": WHOLE,
    "sexes": several(one_of(Sex)),
    "needs": thing(**{need.value: {"type": "string", "enum": ["yes", "no", "not known"]} for need in Need}),
    "admits_from": maybe(CLOCK),
    "admits_until": maybe(CLOCK),
    "out_of_service": maybe(TEXT),
    "beds_free": WHOLE,
    "confirmed_at": maybe(INSTANT),
}

_REQUEST: dict[str, Schema] = {
    "id": WHOLE,
    "reference": TEXT,
    "state": one_of(RequestState),
    "asked_at": INSTANT,
    "hold_expires_at": INSTANT,
    "ring_asked_at": maybe(INSTANT),
    "ended_at": maybe(INSTANT),
    "refusal_reason": maybe(one_of(RefusalReason)),
    "refusal_words": maybe(TEXT),
    "arrived_at": maybe(INSTANT),
}

_RECORD: dict[str, Schema] = {
    "id": TEXT | {"description": "As addresses have it: the reference"},
    "reference": TEXT,
    "suite": TEXT,
    "custody_record": TEXT,
    "opened_at": INSTANT,
    "opened_by": TEXT,
    "officer": TEXT,
    "arrived_at": maybe(INSTANT),
    "charged_at": INSTANT,
    "bail_refused_at": INSTANT,
    "court_at": INSTANT,
    "bail_ground": one_of(BailGround),
    "appropriate_adult": one_of(Answer),
    "age": WHOLE,
    "sex": one_of(Sex),
    "ethnicity": maybe(one_of(Ethnicity)),
    "risks": thing(**{risk.value: one_of(Answer) for risk in Risk}),
    "secure": YES_NO,
    "secure_reasons": maybe(TEXT),
    "other_would_do": maybe(YES_NO),
    "needs": _NEEDS,
    "needs_no": _NEEDS,
    "home_district": maybe(TEXT),
    "responsible_code": TEXT,
    "responsible": TEXT,
    "ended": maybe(one_of(OutcomeKind)),
    "ended_at": maybe(INSTANT),
}

COMPONENTS: dict[str, Schema] = {
    "Problem": {
        "type": "object",
        "additionalProperties": False,
        "required": ["type", "title", "status", "detail"],
        "properties": {
            "type": TEXT,
            "title": TEXT,
            "status": WHOLE,
            "detail": TEXT | {"description": "One plain sentence: what happened and what to do"},
            "errors": several(thing(field=TEXT, message=TEXT)),
        },
    },
    "Suite": thing(slug=TEXT, name=TEXT, force=TEXT, authority_code=TEXT),
    "Authority": thing(code=TEXT, name=TEXT),
    "PlaceForForce": thing(**_SUITABILITY),
    "PlaceForAuthority": thing(
        **_SUITABILITY,
        address=TEXT,
        postcode=TEXT,
        easting=WHOLE,
        northing=WHOLE,
        out_of_service_until=maybe(INSTANT),
        beds_total=WHOLE,
        beds_held=WHOLE,
        record=thing(ended=WHOLE, refused=WHOLE, answer_minutes=NUMBER),
    ),
    "Availability": thing(place=WHOLE, beds_free=WHOLE, beds_held=WHOLE, beds_total=WHOLE, confirmed_at=INSTANT),
    "Search": thing(
        id=WHOLE,
        origin=thing(
            name=TEXT,
            suite=maybe(TEXT),
            postcode=TEXT,
            easting=NUMBER,
            northing=NUMBER,
            authority_code=maybe(TEXT),
            note=maybe(TEXT),
        ),
        options=several(
            thing(
                rank=WHOLE,
                place=WHOLE,
                name=TEXT,
                authority=TEXT,
                distance_km=NUMBER,
                travel_minutes=NUMBER,
                cost_minutes=NUMBER,
                beds_free=WHOLE,
                confirmed_at=maybe(INSTANT),
                reasons=several(thing(code=TEXT, minutes=NUMBER, text=TEXT)),
            )
        ),
        ruled_out=several(
            thing(place=WHOLE, name=TEXT, distance_km=NUMBER, reasons=several(thing(code=TEXT, text=TEXT)))
        ),
        considered=WHOLE,
        travel_minutes_are=TEXT,
    ),
    "RequestForForce": thing(
        **_REQUEST,
        detention=TEXT,
        by_text=YES_NO,
        place=thing(
            id=WHOLE,
            code=TEXT,
            name=TEXT,
            authority=TEXT,
            town=TEXT,
            address=maybe(TEXT) | {"description": "Once it has accepted"},
            postcode=maybe(TEXT) | {"description": "Once it has accepted"},
        ),
    ),
    "RequestForAuthority": thing(
        **_REQUEST,
        place=thing(id=WHOLE, code=TEXT, name=TEXT),
        suite=thing(name=TEXT, phone=TEXT),
        age=WHOLE,
        sex=one_of(Sex),
        secure=YES_NO,
        needs=_NEEDS,
    ),
    "Detention": thing(
        **_RECORD,
        requests=several(ref("RequestForForce")),
        log=several(thing(occurred_at=INSTANT, recorded_at=INSTANT, who=TEXT, what=TEXT, words=maybe(TEXT))),
    ),
}
