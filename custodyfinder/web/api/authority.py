"""What the programs of authorities do: report beds, read requests, answer them."""

from __future__ import annotations

from typing import Any

from ... import clock
from ...domain.needs import RefusalReason
from ...domain.wording import utc
from ...services import bed_reports, boards
from ...services import requests as requests_service
from ...services.tokens import Client
from . import answers
from .bodies import Field, Shape, choice, instant, integer, text
from .calls import CHANNEL, Answer

MOST_BEDS = 9_999

BEDS = Shape(
    (
        Field(
            name="beds_free",
            kind=integer(0, MOST_BEDS),
            required=True,
            about="Beds that another child could have, besides those held for open requests",
        ),
        Field(name="as_of", kind=instant(), required=True, about="When they were counted"),
    )
)
REFUSAL = Shape(
    (
        Field(
            name="reason",
            kind=choice(reason for reason in RefusalReason if reason is not RefusalReason.NOT_GIVEN),
            required=True,
        ),
        Field(
            name="words",
            kind=text(requests_service.MOST_WORDS),
            default="",
            about="No names and nothing that tells who the child is",
        ),
    )
)


def report_beds(client: Client, place_id: int, said: dict[str, Any]) -> Answer:
    """Beds that are free at one place."""
    beds = bed_reports.report_as_of(
        place_id, said["beds_free"], as_of=said["as_of"], **_who(client), channel=CHANNEL, now=clock.now()
    )
    return Answer(
        {
            "place": beds.id,
            "beds_free": beds.beds_free,
            "beds_held": beds.beds_held,
            "beds_total": beds.beds_total,
            "confirmed_at": beds.confirmed_at and utc(beds.confirmed_at),
        }
    )


def requests_of_authority(client: Client) -> Answer:
    """What waits for an answer, and what ended in the last 24 hours."""
    views = boards.requests_of_authority(_code(client), now=clock.now())
    return Answer({"requests": [answers.request_for_authority(view) for view in views]})


def accept(client: Client, request_id: int) -> Answer:
    """Take the child."""
    requests_service.accept(request_id, **_who(client), channel=CHANNEL, now=clock.now())
    return as_it_is(client, request_id)


def refuse(client: Client, request_id: int, said: dict[str, Any]) -> Answer:
    """Say no, and why."""
    requests_service.refuse(
        request_id, reason=said["reason"], words=said["words"], **_who(client), channel=CHANNEL, now=clock.now()
    )
    return as_it_is(client, request_id)


def as_it_is(client: Client, request_id: int) -> Answer:
    """One request to this authority."""
    view = boards.request_for_authority(request_id, authority_code=_code(client))
    return Answer(answers.request_for_authority(view))


def _who(client: Client) -> dict[str, str]:
    return {"authority_code": _code(client), "by": client.actor}


def _code(client: Client) -> str:
    assert client.authority_code is not None  # noqa: S101 - `auth` lets no force this far
    return client.authority_code
