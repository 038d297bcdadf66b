"""Style and script weigh little, are fetched once, and never stay what they were after a new version."""

from __future__ import annotations

import gzip
import re
from pathlib import Path

import brotli  # type: ignore[import-untyped]
import pytest
from flask import Flask
from flask.testing import FlaskClient

from custodyfinder.config import PROJECT
from custodyfinder.web import static_files

STYLE = PROJECT / "static" / "app.css"
YEAR = "public, max-age=31536000, immutable"


@pytest.mark.parametrize(("accepts", "sends", "unpack"), [("gzip, br", "br", brotli), ("gzip", "gzip", gzip)])
def test_a_static_file_is_sent_compressed_to_who_can_read_it(
    stranger: FlaskClient, accepts: str, sends: str, unpack: object
) -> None:
    answer = stranger.get("/static/app.css", headers={"Accept-Encoding": accepts}, buffered=True)

    assert answer.headers["Content-Encoding"] == sends
    assert "Accept-Encoding" in answer.headers["Vary"]
    assert len(answer.data) < STYLE.stat().st_size / 3
    assert unpack.decompress(answer.data) == STYLE.read_bytes()  # type: ignore[attr-defined]


def test_who_cannot_read_it_compressed_gets_it_as_it_is(stranger: FlaskClient) -> None:
    answer = stranger.get("/static/app.css", buffered=True)

    assert "Content-Encoding" not in answer.headers
    assert answer.data == STYLE.read_bytes()


def test_a_page_is_never_compressed_because_its_length_would_tell_of_its_token(duty: FlaskClient) -> None:
    for page in ("/duty", "/sign-in", "/account/left"):
        answer = duty.get(page, headers={"Accept-Encoding": "gzip, br"})
        assert "Content-Encoding" not in answer.headers


def test_every_page_names_its_files_by_what_is_in_them_and_they_are_kept_for_a_year(duty: FlaskClient) -> None:
    page = duty.get("/duty").get_data(as_text=True)
    named = re.findall(r'(?:href|src)="(/static/[^"]+)"', page)

    assert f"/static/app.css?v={static_files.version(STYLE)}" in named
    assert len(named) == 5
    for address in named:
        assert duty.get(address, buffered=True).headers["Cache-Control"] == YEAR


@pytest.mark.parametrize("old", ["", "?v=", "?v=000000000000"])
def test_under_an_older_name_a_file_is_asked_for_again_each_time(stranger: FlaskClient, old: str) -> None:
    answer = stranger.get(f"/static/app.css{old}", buffered=True)

    assert answer.headers["Cache-Control"] == "no-cache"


@pytest.mark.parametrize("accepts", ["", "br"])
def test_a_file_that_has_not_changed_is_not_sent_again(stranger: FlaskClient, accepts: str) -> None:
    headers = {"Accept-Encoding": accepts}
    first = stranger.get("/static/app.css", headers=headers, buffered=True)

    again = stranger.get("/static/app.css", headers={**headers, "If-None-Match": first.headers["ETag"]}, buffered=True)

    assert (again.status_code, again.data) == (304, b"")


def test_the_name_changes_with_what_is_in_the_file(app: Flask, tmp_path: Path) -> None:
    file = tmp_path / "app.css"
    file.write_text("a {}")
    before = static_files.version(file)
    file.write_text("b {} ")

    assert static_files.version(file) != before
    assert re.fullmatch(r"[0-9a-f]{12}", before)
