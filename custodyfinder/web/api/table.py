"""Every call of the API, version 1: its address, its scope, its body, its answer. Nothing else is served.

Flask's addresses, the door and the OpenAPI document are all made from this table.
"""

from __future__ import annotations

from typing import Any

from ...domain.scopes import Organisation, Scope
from ...services.tokens import Client
from . import authority, police, reference
from . import openapi as document
from .bodies import Shape
from .calls import Answer, Call
from .schemas import ref, several, thing

NOTHING_SAID = Shape()


def show_request(client: Client, request_id: int) -> Answer:
    """One request, as a force or as an authority may see it."""
    side: Any = authority if client.organisation is Organisation.AUTHORITY else police
    return side.as_it_is(client, request_id)  # type: ignore[no-any-return]


def openapi(client: Client | None) -> Answer:
    """The description of all this."""
    return Answer(document.describe(CALLS))


_EITHER_REQUEST = {"anyOf": [ref("RequestForForce"), ref("RequestForAuthority")]}
_EITHER_PLACE = {"anyOf": [ref("PlaceForForce"), ref("PlaceForAuthority")]}

CALLS: tuple[Call, ...] = (
    Call(
        method="GET",
        path="/suites",
        view=reference.suites,
        does="Custody suites: a force's own, or all for an authority",
        scope=Scope.REFERENCE_READ,
        answer=thing(suites=several(ref("Suite"))),
    ),
    Call(
        method="GET",
        path="/authorities",
        view=reference.authorities,
        does="Local authorities with children's-services duties",
        scope=Scope.REFERENCE_READ,
        answer=thing(authorities=several(ref("Authority"))),
    ),
    Call(
        method="GET",
        path="/places",
        view=reference.places,
        does="A force: what every place takes, and not where it is. An authority: its own places, wholly",
        scope=Scope.REFERENCE_READ,
        answer=thing(places=several(_EITHER_PLACE)),
    ),
    Call(
        method="PUT",
        path="/places/<int:place_id>/availability",
        view=authority.report_beds,
        does="Report how many beds were free at one place at a moment",
        scope=Scope.BEDS_WRITE,
        body=authority.BEDS,
        answer=ref("Availability"),
        refusals=(404, 409),
    ),
    Call(
        method="POST",
        path="/searches",
        view=police.search_places,
        does="The places for one child, cheapest first, and the nearest that were left out; kept as evidence",
        scope=Scope.SEARCHES_WRITE,
        body=police.SEARCH,
        answer=ref("Search"),
        status=201,
        refusals=(404,),
    ),
    Call(
        method="POST",
        path="/detentions",
        view=police.open_detention,
        does="Open the record of a child charged and refused bail; the responsible authority is told",
        scope=Scope.RECORDS_WRITE,
        body=police.DETENTION,
        answer=ref("Detention"),
        status=201,
    ),
    Call(
        method="GET",
        path="/detentions/<string:reference>",
        view=police.show_detention,
        does="A record with its requests and its log",
        scope=Scope.RECORDS_READ,
        answer=ref("Detention"),
        refusals=(404,),
    ),
    Call(
        method="POST",
        path="/detentions/<string:reference>/requests",
        view=police.ask,
        does="Hold a bed at a place and ask its authority; 409 if the last bed has gone",
        scope=Scope.RECORDS_WRITE,
        body=police.REQUEST,
        answer=ref("RequestForForce"),
        status=201,
        refusals=(404, 409),
        repeatable=True,
    ),
    Call(
        method="GET",
        path="/requests",
        view=authority.requests_of_authority,
        does="Requests that wait for this authority's answer, and those that ended in the last 24 hours",
        scope=Scope.REQUESTS_READ,
        only_for=Organisation.AUTHORITY,
        answer=thing(requests=several(ref("RequestForAuthority"))),
    ),
    Call(
        method="GET",
        path="/requests/<int:request_id>",
        view=show_request,
        does="How a request stands",
        scope=Scope.REQUESTS_READ,
        answer=_EITHER_REQUEST,
        refusals=(404,),
    ),
    Call(
        method="POST",
        path="/requests/<int:request_id>/accept",
        view=authority.accept,
        does="Take the child",
        scope=Scope.REQUESTS_ANSWER,
        body=NOTHING_SAID,
        answer=ref("RequestForAuthority"),
        refusals=(404, 409),
    ),
    Call(
        method="POST",
        path="/requests/<int:request_id>/refuse",
        view=authority.refuse,
        does="Say no, and why; the bed is free again",
        scope=Scope.REQUESTS_ANSWER,
        body=authority.REFUSAL,
        answer=ref("RequestForAuthority"),
        refusals=(404, 409),
    ),
    Call(
        method="POST",
        path="/requests/<int:request_id>/withdraw",
        view=police.withdraw,
        does="Take a request back; the bed is free again",
        scope=Scope.RECORDS_WRITE,
        body=NOTHING_SAID,
        answer=ref("RequestForForce"),
        refusals=(404, 409),
    ),
    Call(
        method="GET",
        path="/openapi.json",
        view=openapi,
        does="This description",
        scope=None,
        answer={"type": "object"},
    ),
)
