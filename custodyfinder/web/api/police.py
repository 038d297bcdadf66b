"""What the programs of forces do: search, open records, ask for beds, take a request back."""

from __future__ import annotations

from typing import Any

from flask import request, url_for

from ... import clock
from ...domain.needs import Need, Sex
from ...domain.ranking import Ranking
from ...domain.record import GROUNDS_OFFERED, Ethnicity, Risk
from ...domain.record import Answer as Known
from ...errors import BadInput
from ...services import asking, boards, charges, detentions, enquiries, record_log, reference, search, searches
from ...services import requests as requests_service
from ...services.detentions import OpenDetention
from ...services.reference import Origin, SuiteLine
from ...services.repeats import Repeatable
from ...services.tokens import Client
from ...wiring import wired
from ..access import LARGEST_KEY
from . import answers
from .bodies import (
    BadBody,
    Field,
    FieldFault,
    Shape,
    boolean,
    choice,
    geojson,
    instant,
    integer,
    listed,
    number,
    text,
)
from .calls import Answer

MOST_OPTIONS = 100
YOUNGEST_SAID, OLDEST_SAID = 0, 120
"""Numbers that are an age at all; the rules of the Act have the last word, in their own sentences."""

_AREA = Shape(
    (
        Field(name="postcode", kind=text(20), required=True),
        Field(name="km", kind=number(0, enquiries.FARTHEST_AVOIDED_KM), required=True),
    )
)
_CHILD = (
    Field(name="age", kind=integer(YOUNGEST_SAID, OLDEST_SAID), about="10 to 17"),
    Field(name="sex", kind=choice(Sex)),
    Field(name="secure", kind=boolean(), default=False, about="Secure accommodation; non-secure otherwise"),
    Field(name="approved_under_13", kind=boolean(), default=False, about="By the Secretary of State"),
    Field(name="needs", kind=listed(choice(Need), len(Need)), default=()),
    Field(name="home_postcode", kind=text(20), about="Only its district is kept"),
    Field(name="looked_after_by", kind=text(9), about="ONS code of the authority that looks after the child"),
    Field(name="avoid", kind=listed(_AREA.kind, enquiries.MOST_AREAS), default=()),
    Field(name="avoid_geojson", kind=geojson()),
)
SEARCH = Shape(
    (
        Field(name="detention", kind=text(8), about="A record; then nothing else is said but `limit`"),
        Field(name="suite", kind=text(40), about="One of the force's own"),
        Field(name="postcode", kind=text(20), about="Or any postcode to start from"),
        *_CHILD,
        Field(name="limit", kind=integer(1, MOST_OPTIONS), default=search.LIMIT, about="Caps both lists"),
    )
)
_RISKS = Shape(tuple(Field(name=risk.value, kind=choice(Known), default=Known.NOT_KNOWN) for risk in Risk))
DETENTION = Shape(
    (
        Field(name="suite", kind=text(40), required=True, about="One of the force's own"),
        Field(name="custody_record", kind=text(40), required=True, about="The force's own number; never a name"),
        Field(name="arrived_at", kind=instant(), about="At the station"),
        Field(name="charged_at", kind=instant(), required=True),
        Field(name="bail_refused_at", kind=instant(), required=True),
        Field(name="court_at", kind=instant(), required=True),
        Field(name="bail_ground", kind=choice(GROUNDS_OFFERED), required=True, about="PACE 1984 s.38(1)"),
        Field(name="appropriate_adult", kind=choice(Known), default=Known.NOT_KNOWN, about="Has been told"),
        Field(name="ethnicity", kind=choice(Ethnicity), about="As the child says it"),
        Field(name="risks", kind=_RISKS.kind, default={}),
        Field(name="needs_no", kind=listed(choice(Need), len(Need)), default=(), about="Known not to be needed"),
        Field(name="secure_reasons", kind=text(500), default="", about="Where secure is asked for. No names"),
        Field(name="other_would_do", kind=boolean(), about="Where secure is asked for: would non-secure do?"),
        Field(name="keep_apart", kind=listed(text(8), 20), default=(), about="References of other records"),
        *(
            Field(name=each.name, kind=each.kind, about=each.about, default=each.default, required=True)
            if each.name in ("age", "sex")
            else each
            for each in _CHILD
        ),
    )
)
REQUEST = Shape((Field(name="place", kind=integer(1, LARGEST_KEY), required=True),))

_FIELDS = {"arrived": "arrived_at", "charged": "charged_at", "bail_refused": "bail_refused_at", "court": "court_at"} | {
    "kind": "secure",
    "approved": "approved_under_13",
}
"""What the services call their fields, where the API has another name."""


def search_places(client: Client, said: dict[str, Any]) -> Answer:
    """The ranking, kept as evidence: with the record it is for, or with what was asked."""
    ranking, origin, kept = _for_record(client, said) if said["detention"] else _for_enquiry(client, said)
    return Answer({"id": kept, "origin": origin.as_json()} | search.as_json(ranking))


def _for_record(client: Client, said: dict[str, Any]) -> tuple[Ranking, Origin, int]:
    left = {each.name: each.default for each in SEARCH.fields if each.name not in ("detention", "limit")}
    if any(said[name] != default for name, default in left.items()):
        raise BadInput(
            "search", field="detention", public="A search for a record takes the child from it: say nothing else."
        )
    now = clock.now()
    found, suite = _record(client, said["detention"])
    ranking = search.find(enquiries.child_in(found.id, now=now), at=now, limit=said["limit"])
    kept = searches.keep(found.id, ranking, by=client.actor, now=now)
    return ranking, reference.origin_of(suite.slug, None), kept


def _for_enquiry(client: Client, said: dict[str, Any]) -> tuple[Ranking, Origin, int]:
    missing = [FieldFault(name, "This field is needed.") for name in ("age", "sex") if said[name] is None]
    if (said["suite"] is None) == (said["postcode"] is None):
        missing.append(FieldFault("suite", "Give either a suite, a postcode or a detention, one of the three."))
    if missing:
        raise BadBody(missing)
    now = clock.now()
    origin = _origin(client, said)
    enquiry = _enquiry(said | {"keep_apart": (), "looked_after_by": reference.authority_code(said["looked_after_by"])})
    child = enquiries.child_of(
        enquiry, origin=origin.point, suite_authority=origin.authority_code, postcodes=wired().postcodes
    )
    ranking = search.find(child, at=now, limit=said["limit"])
    kept = searches.keep_without_record(enquiry, origin, child, ranking, by=client.actor, now=now)
    return ranking, origin, kept


def _origin(client: Client, said: dict[str, Any]) -> Origin:
    if said["suite"] is not None:
        return reference.origin_of(_suite(client, said["suite"]).slug, None)
    try:
        return reference.origin_of(None, said["postcode"])
    except BadInput as error:
        error.field = "postcode"
        raise


def open_detention(client: Client, said: dict[str, Any]) -> Answer:
    """Open the record of one child."""
    now, suite = clock.now(), _suite(client, said["suite"])
    enquiry, charge = _enquiry(said), _charge(said)
    if faults := charges.check_charge(enquiry, charge, now=now):
        raise BadBody(FieldFault(_FIELDS.get(fault.field, fault.field), fault.sentence) for fault in faults)
    reference = detentions.open_detention(enquiry, charge, suite_id=suite.id, by=client.actor, now=now)
    return Answer(_as_json(client, reference), location=url_for("api.show_detention", reference=reference))


def show_detention(client: Client, reference: str) -> Answer:
    """One record with its log."""
    return Answer(_as_json(client, reference))


def ask(client: Client, reference: str, said: dict[str, Any]) -> Answer:
    """Ask one place for a bed. Under the same key again, the first answer."""
    now, place_id = clock.now(), said["place"]
    key = request.headers.get("Idempotency-Key")
    under = None if key is None else Repeatable.of(client.id, key, reference, place_id)
    found, _ = _record(client, reference)
    asked = asking.ask(
        reference,
        place_id,
        suite_id=found.suite_id,
        by=client.actor,
        shown=search.option_of(place_id, enquiries.child_in(found.id, now=now), at=now),
        now=now,
        under=under,
    )
    view = boards.request_for_suites(asked, suites=[found.suite_id])
    return Answer(answers.request_as_asked(view), location=url_for("api.show_request", request_id=asked))


def withdraw(client: Client, request_id: int) -> Answer:
    """Take a request back."""
    view = boards.request_for_suites(request_id, suites=_suites(client))
    requests_service.withdraw(request_id, suite_id=view.suite_id, by=client.actor, now=clock.now())
    return as_it_is(client, request_id)


def as_it_is(client: Client, request_id: int) -> Answer:
    """One request of this force."""
    return Answer(answers.request_for_force(boards.request_for_suites(request_id, suites=_suites(client))))


def _suites(client: Client) -> dict[int, SuiteLine]:
    assert client.force is not None  # noqa: S101 - `auth` lets no authority this far
    return {suite.id: suite for suite in reference.suites(force=client.force)}


def _suite(client: Client, slug: str) -> SuiteLine:
    for suite in _suites(client).values():
        if suite.slug == slug:
            return suite
    raise BadInput("suite", field="suite", public="Your force has no such suite. `GET /api/v1/suites` lists them.")


def _record(client: Client, reference: str) -> tuple[OpenDetention, SuiteLine]:
    suites = _suites(client)
    found = detentions.show(reference, suites=suites)
    return found, suites[found.suite_id]


def _as_json(client: Client, reference: str) -> dict[str, Any]:
    found, suite = _record(client, reference)
    return answers.detention(
        found,
        suite=suite.slug,
        requests=boards.requests_of_detention(reference, suite_id=found.suite_id),
        log=record_log.of_record(reference, suites=[found.suite_id]),
    )


def _enquiry(said: dict[str, Any]) -> enquiries.Enquiry:
    same = ("age", "sex", "secure", "approved_under_13", "home_postcode", "looked_after_by", "avoid_geojson")
    return enquiries.Enquiry(
        **{name: said[name] for name in same},
        needs=frozenset(said["needs"]),
        avoid=tuple((area["postcode"], area["km"]) for area in said["avoid"]),
        keep_apart=frozenset(reference.upper() for reference in said["keep_apart"]),
    )


def _charge(said: dict[str, Any]) -> charges.Charge:
    same = ("custody_record", "arrived_at", "charged_at", "bail_refused_at", "court_at", "bail_ground")
    more = ("appropriate_adult", "ethnicity", "secure_reasons", "other_would_do")
    return charges.Charge(
        **{name: said[name] for name in same + more},
        risks={Risk(name): known for name, known in said["risks"].items()},
        needs_no=frozenset(said["needs_no"]),
    )
