"""Errors as programs read them: problem+json (RFC 9457), for every address under /api/."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from http import HTTPStatus

from flask import Response, request
from werkzeug.exceptions import HTTPException

from ...errors import BadInput, CustodyfinderError, NotFound
from .bodies import BadBody, FieldFault

MEDIA_TYPE = "application/problem+json"
NOTHING = "There is nothing here, or not for this token."

_SENTENCES = {
    400: "The request cannot be read. Check how it was put together.",
    403: "This machine may not call the API.",
    404: NOTHING,
    405: "This address takes no such method. The Allow header has those that it takes.",
    413: "That was too much at once. Send less.",
    415: "Send the body as application/json.",
}


def wanted() -> bool:
    """Whether whoever called is a program: it gets its errors as JSON, whatever went wrong."""
    return request.path.startswith("/api/")


def of_ours(error: CustodyfinderError) -> Response:
    """One of our own errors; its type says which."""
    words = re.findall(r"[A-Z][a-z]*", type(error).__name__)
    faults: Iterable[FieldFault] = ()
    detail = error.public
    if isinstance(error, BadBody):
        faults = error.faults
    elif isinstance(error, BadInput) and error.field is not None:
        faults = [FieldFault(error.field, error.public)]
    elif isinstance(error, NotFound) and error.public == NotFound.public:
        detail = NOTHING
    return _problem(
        error.status,
        detail,
        kind=f"urn:custodyfinder:{'-'.join(words).lower()}",
        title=" ".join(words).capitalize(),
        faults=faults,
        headers=[("WWW-Authenticate", "Bearer")] if error.status == HTTPStatus.UNAUTHORIZED else (),
    )


def of_http(error: HTTPException) -> Response:
    """What Flask refused. Its own headers stay, such as the methods that a 405 allows."""
    status = error.code or 500
    return _problem(
        status,
        _SENTENCES.get(status, CustodyfinderError.public),
        kind="about:blank",
        title=HTTPStatus(status).phrase,
        headers=[(name, value) for name, value in error.get_headers() if name != "Content-Type"],
    )


def _problem(
    status: int,
    detail: str,
    *,
    kind: str,
    title: str,
    faults: Iterable[FieldFault] = (),
    headers: Iterable[tuple[str, str]] = (),
) -> Response:
    body: dict[str, object] = {"type": kind, "title": title, "status": status, "detail": detail}
    if errors := [{"field": fault.field, "message": fault.message} for fault in faults]:
        body["errors"] = errors
    response = Response(json.dumps(body), status, list(headers))
    response.content_type = MEDIA_TYPE
    return response
