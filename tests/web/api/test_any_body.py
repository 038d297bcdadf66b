"""No body whatever is a bug: what cannot be used is refused."""

from __future__ import annotations

from itertools import count
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from custodyfinder.domain.scopes import Organisation
from custodyfinder.web.api.bodies import Shape
from custodyfinder.web.api.calls import Call
from custodyfinder.web.api.table import CALLS

from ...world import HARINGEY, World
from .conftest import CHILD, FORCE, Issue, Program
from .test_tokens import SAID, made

WITH_BODY = [call for call in CALLS if call.body is not None]

SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=30)
    | st.characters(categories=["Cs", "Cc"])
    | st.sampled_from([2**63, -1, 10**400, 1e308, "2026-11-24T02:00:00Z", "0001-01-01T00:00:00+14:00", "N22 6XH"])
    | st.datetimes().map(lambda moment: f"{moment.isoformat()}Z")
)
JSON = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4)
)
GEOJSON = st.fixed_dictionaries(
    {"type": st.sampled_from(["Polygon", "MultiPolygon", "Feature", "FeatureCollection", "Point"]) | JSON},
    optional={"coordinates": JSON, "geometry": JSON, "features": JSON},
)


def near(shape: Shape, right: dict[str, Any]) -> st.SearchStrategy[Any]:
    """A body that works, but for what is said in a few of its fields; or any JSON at all."""
    names = st.sampled_from([*(field.name for field in shape.fields), "colour"])
    wrong = st.dictionaries(names, JSON | GEOJSON | st.lists(GEOJSON, max_size=3), max_size=3)
    return wrong.map(lambda fields: right | fields) | JSON


@pytest.mark.parametrize("call", WITH_BODY, ids=lambda call: call.name)
def test_no_json_whatever_is_a_bug(call: Call, app: Flask, issue: Issue, world: World) -> None:
    shape = call.body
    assert shape is not None
    (organisation,) = call.organisations
    program = issue(force=FORCE) if organisation is Organisation.FORCE else issue(authority=HARINGEY)
    address, right = made(call, world)
    seen, children = set(), count(5000)

    @settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
    @given(near(shape, right or {}))
    def tried(said: Any) -> None:
        if isinstance(said, dict) and said.get("custody_record") == CHILD["custody_record"]:
            said["custody_record"] = f"01YE/{next(children)}/26"  # each another child, so that records are opened
        answer = app.test_client().open(
            f"/api/v1{address}",
            method=call.method,
            data=app.json.dumps(said),
            content_type="application/json",
            headers=program.headers,
        )
        seen.add(answer.status_code)
        assert answer.status_code < 500, answer.get_json()
        if answer.status_code >= 400:
            assert answer.content_type == "application/problem+json"
            assert answer.get_json()["detail"]

    tried()
    assert 422 in seen
    assert call.status in seen or call.status == 200  # what ends a request is done once


@pytest.mark.parametrize("deep", [10, 300, 900, 5_000])
def test_no_depth_of_geojson_is_a_bug(deep: int, app: Flask, police: Program) -> None:
    nested = '{"type": "Feature", "geometry": ' * deep + "null" + "}" * deep
    lists = '{"type": "Polygon", "coordinates": ' + "[" * deep + "]" * deep + "}"
    for area in (nested, lists):
        body = app.json.dumps(SAID["search_places"])[:-1] + f', "avoid_geojson": {area}}}'
        answer = app.test_client().post(
            "/api/v1/searches", data=body, content_type="application/json", headers=police.headers
        )
        assert answer.status_code in (400, 413, 422)
