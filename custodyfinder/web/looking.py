"""Every page that shows a child's record notes who looked at it."""

from __future__ import annotations

from collections.abc import Iterable

from flask import Flask, Response, g, request

from .. import clock
from ..services import looking

SHOWS_A_RECORD = frozenset(
    {
        "desk.board",
        "desk.children",
        "desk.results",
        "desk.compare",
        "desk.asked",
        "desk.start_search",
        "desk.show_request",
        "desk.progress",
        "desk.record_call",
        "record.board",
        "record.take_over",
        "record.show",
        "record.log",
        "record.record_call",
        "record.end",
        "certificate.show",
        "certificate.as_pdf",
        "given.show",
        "duty.board",
        "duty.accept",
        "duty.refuse",
    }
)
"""By an address with its reference or a request of it, or in a list, which says with `shown` what it has."""

SHOWS_NONE = frozenset({"desk.new_detention", "rota.now"})
"""Pages of those who may see records that show no child."""


def init_app(app: Flask) -> None:
    """Note after each page that was shown."""
    app.after_request(_note)


def shown(*, references: Iterable[str] = (), requests: Iterable[int] = ()) -> None:
    """Say which records a list has."""
    g.shown = (list(references), list(requests))


def _note(response: Response) -> Response:
    if request.endpoint not in SHOWS_A_RECORD or response.status_code not in (200, 409, 422) or g.person is None:
        return response
    references, requests = g.get("shown", ([], []))
    named = request.view_args or {}
    looking.note(
        g.person,
        references=[*references, *([named["reference"]] if "reference" in named else [])],
        requests=[*requests, *([named["request_id"]] if "request_id" in named else [])],
        now=clock.now(),
    )
    return response
