"""The JSON API, version 1: for programs of forces and authorities, by bearer token.

Each call is a row of `table`; what it does is what the pages do, through the same services.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from flask import Blueprint, Response, jsonify

from ... import clock
from ...services import looking
from ...services.tokens import Client
from .auth import client_of_request
from .bodies import body_of_request
from .calls import Answer, Call
from .openapi import PREFIX
from .table import CALLS

bp = Blueprint("api", __name__, url_prefix=PREFIX)


def _door(call: Call) -> Callable[..., Response]:
    """A call as Flask's view: who calls, what was said, then the call itself."""

    @wraps(call.view)
    def view(**address: Any) -> Response:
        client = None if call.scope is None else client_of_request(call.scope, call.organisations)
        if call.body is not None:
            said = body_of_request(call.body)
            if call.body.fields:
                address["said"] = said
        answer = call.view(client, **address)
        if client is not None:
            _note(client, address, answer)
        response = jsonify(answer.body)
        response.status_code = call.status
        if answer.location is not None:
            response.headers["Location"] = answer.location
        return response

    return view


def _note(client: Client, address: dict[str, Any], answer: Answer) -> None:
    """Who was shown a child's record is noted, as on the pages."""
    listed = [each["id"] for each in answer.body.get("requests", []) if "reference" not in address]
    looking.note(
        looking.by_program(client),
        references=[address["reference"]] if "reference" in address else [],
        requests=[address["request_id"]] if "request_id" in address else listed,
        now=clock.now(),
    )


for _call in CALLS:
    # OPTIONS would be answered without a token.
    bp.add_url_rule(_call.path, _call.name, _door(_call), methods=[_call.method], provide_automatic_options=False)
