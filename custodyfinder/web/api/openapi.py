"""The description of the API for programs: OpenAPI 3.1, made from the table of calls."""

from __future__ import annotations

import re
from collections.abc import Iterable
from http import HTTPStatus
from typing import Any

from ...domain.scopes import Scope
from .calls import Call
from .problems import MEDIA_TYPE
from .schemas import COMPONENTS, ref

PREFIX = "/api/v1"
VERSION = "1.0.0"
_PARAMETER = re.compile(r"<(int|string):(\w+)>")
_TYPES = {"int": "integer", "string": "string"}


def describe(calls: Iterable[Call]) -> dict[str, Any]:
    """The whole document."""
    paths: dict[str, dict[str, Any]] = {}
    for call in calls:
        path = PREFIX + _PARAMETER.sub(r"{\2}", call.path)
        paths.setdefault(path, {})[call.method.lower()] = _operation(call)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "custodyfinder",
            "version": VERSION,
            "description": "A bed tonight for a child charged and refused bail: for the programs of police forces and "
            "local authorities. Times are ISO 8601 in UTC. Errors are problem+json. Scopes: "
            + "; ".join(f"`{scope.value}`: {scope.label}" for scope in Scope)
            + ".",
        },
        "paths": paths,
        "components": {
            "schemas": COMPONENTS,
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
    }


def _operation(call: Call) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "operationId": call.name,
        "summary": call.does,
        "responses": {str(call.status): _answer(call)} | {str(status): _problem(status) for status in _refusals(call)},
        "security": [],
    }
    if call.scope is not None:
        holders = " or ".join(sorted(call.organisations))
        operation["description"] = f"For a program of: {holders}. Scope: `{call.scope.value}`."
        operation["security"] = [{"token": [call.scope.value]}]
    if parameters := [*_path_parameters(call), *_headers(call)]:
        operation["parameters"] = parameters
    if call.body is not None and call.body.fields:
        operation["requestBody"] = {"required": True, "content": {"application/json": {"schema": call.body.schema}}}
    return operation


def _answer(call: Call) -> dict[str, Any]:
    said: dict[str, Any] = {
        "description": HTTPStatus(call.status).phrase,
        "content": {"application/json": {"schema": call.answer}},
    }
    return said


def _refusals(call: Call) -> list[int]:
    of_token = {401, 403} if call.scope is not None else set()
    of_body = {400, 413, 415, 422} if call.body is not None else set()
    return sorted({*call.refusals, *of_token, *of_body})


def _problem(status: int) -> dict[str, Any]:
    return {"description": HTTPStatus(status).phrase, "content": {MEDIA_TYPE: {"schema": ref("Problem")}}}


def _path_parameters(call: Call) -> list[dict[str, Any]]:
    return [
        {"name": name, "in": "path", "required": True, "schema": {"type": _TYPES[kind]}}
        for kind, name in _PARAMETER.findall(call.path)
    ]


def _headers(call: Call) -> list[dict[str, Any]]:
    if not call.repeatable:
        return []
    about = "Asking again under the same key gives the first answer; the same key with another body is 422"
    schema = {"type": "string", "minLength": 1, "maxLength": 100}
    return [{"name": "Idempotency-Key", "in": "header", "required": False, "description": about, "schema": schema}]
