"""What crosses: each thing as a force or as an authority may see it, as JSON. `schemas` says the same to programs."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from ...domain.record import Answer as Known
from ...domain.record import Risk
from ...domain.wording import utc
from ...models import RequestState
from ...services.boards import RequestView
from ...services.detentions import OpenDetention
from ...services.record_log import LogLine

Json = dict[str, Any]


def _moment(instant: datetime | None) -> str | None:
    return None if instant is None else utc(instant)


def request_for_force(view: RequestView) -> Json:
    """Where the place is only once it has accepted: the service keeps it back until then."""
    return {
        "id": view.id,
        "detention": view.detention_reference,
        "by_text": view.by_text,
        **_request(view),
        "place": {
            "id": view.place_id,
            "code": view.place_code,
            "name": view.place_name,
            "authority": view.authority_name,
            "town": view.place_town,
            "address": view.place_address,
            "postcode": view.place_postcode,
        },
    }


def request_as_asked(view: RequestView) -> Json:
    """The request as it was at the moment of asking: the same for every repetition."""
    first = replace(
        view,
        state=RequestState.OPEN,
        ring_asked_at=None,
        ended_at=None,
        refusal_reason=None,
        refusal_words=None,
        place_address=None,
        place_postcode=None,
        arrived_at=None,
    )
    return request_for_force(first)


def request_for_authority(view: RequestView) -> Json:
    """What is needed to decide, and nothing that identifies: no custody record, nothing of whom else was asked."""
    return {
        "id": view.id,
        **_request(view),
        "place": {"id": view.place_id, "code": view.place_code, "name": view.place_name},
        "suite": {"name": view.suite_name, "phone": view.suite_phone},
        "age": view.age,
        "sex": view.sex.value,
        "secure": view.secure,
        "needs": [need.value for need in view.needs],
    }


def _request(view: RequestView) -> Json:
    return {
        "reference": view.reference,
        "state": view.state.value,
        "asked_at": utc(view.asked_at),
        "hold_expires_at": utc(view.hold_expires_at),
        "ring_asked_at": _moment(view.ring_asked_at),
        "ended_at": _moment(view.ended_at),
        "refusal_reason": view.refusal_reason and view.refusal_reason.value,
        "refusal_words": view.refusal_words,
        "arrived_at": _moment(view.arrived_at),
    }


def detention(found: OpenDetention, *, suite: str, requests: list[RequestView], log: list[LogLine]) -> Json:
    """One record of the force's own, with whom it asked and everything that was done and said."""
    return {
        "id": found.reference,
        "reference": found.reference,
        "suite": suite,
        "custody_record": found.custody_record,
        "opened_at": utc(found.opened_at),
        "opened_by": found.opened_by,
        "officer": found.officer,
        "arrived_at": _moment(found.arrived_at),
        "charged_at": utc(found.charged_at),
        "bail_refused_at": utc(found.bail_refused_at),
        "court_at": utc(found.court_at),
        "bail_ground": found.bail_ground.value,
        "appropriate_adult": found.appropriate_adult.value,
        "age": found.age,
        "sex": found.sex.value,
        "ethnicity": found.ethnicity and found.ethnicity.value,
        "risks": {risk.value: found.risks.get(risk, Known.NOT_KNOWN).value for risk in Risk},
        "secure": found.secure,
        "secure_reasons": found.secure_reasons,
        "other_would_do": found.other_would_do,
        "needs": [need.value for need in found.needs],
        "needs_no": [need.value for need in found.needs_no],
        "home_district": found.home_district,
        "responsible_code": found.responsible_code,
        "responsible": found.responsible_name,
        "ended": found.ended and found.ended.value,
        "ended_at": _moment(found.ended_at),
        "requests": [request_for_force(view) for view in requests],
        "log": [_line(line) for line in log],
    }


def _line(line: LogLine) -> Json:
    return {
        "occurred_at": utc(line.occurred_at),
        "recorded_at": utc(line.recorded_at),
        "who": line.who,
        "what": line.what,
        "words": line.words,
    }
