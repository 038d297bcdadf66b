"""The one file that is taken: the rota as CSV. Neither its size, its lines nor its kind can do harm."""

from __future__ import annotations

import http.client
import io
import socket
import threading
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from time import process_time

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.serving import make_server
from werkzeug.test import TestResponse

from custodyfinder.models import WeeklyShift
from custodyfinder.services.rota import MOST_SHIFTS
from custodyfinder.web import LARGEST_BODY

from ..world import World
from .reading import words

FIRST = "day,starts,ends,contact\n"
BOUNDARY = "----a-boundary"
HEAD = (
    f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="rota.csv"\r\n'
    "Content-Type: text/csv\r\n\r\n"
).encode()
FOOT = f"\r\n--{BOUNDARY}--\r\n".encode()


def send(manager: FlaskClient, content: bytes) -> TestResponse:
    return manager.post("/rota/csv", data={"file": (io.BytesIO(content), "rota.csv")})


def a_zip() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("rota.csv", FIRST * 100)
    return out.getvalue()


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (a_zip(), "is not UTF-8 text"),
        (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", "is not UTF-8 text"),
        (b"%PDF-1.7 plain", "The first line must be"),
        (b"\x00" * 500, "is not a CSV file"),
        (FIRST.encode("utf-16"), "is not UTF-8 text"),
        (FIRST.encode() + "Möndag".encode("latin-1"), "is not UTF-8 text"),
        (b'day,starts\n"' + b"x" * 60_000, "The first line must be"),
        ((FIRST + "Monday,1:00,2:00,x\n" * (MOST_SHIFTS + 1)).encode(), f"{MOST_SHIFTS} shifts at most"),
    ],
)
def test_what_is_no_rota_is_one_plain_sentence_and_changes_nothing(
    world: World, manager: FlaskClient, content: bytes, says: str
) -> None:
    answer = send(manager, content)

    assert answer.status_code == 422
    assert says in words(answer)
    assert world.count(WeeklyShift) == (14,)


def worst() -> Iterator[bytes]:
    """As much work as fits into one body."""
    room = LARGEST_BODY - 600
    yield (FIRST + "\n" * (room - len(FIRST))).encode()
    yield (FIRST + "," * (room - len(FIRST))).encode()
    yield (FIRST + ",\n" * ((room - len(FIRST)) // 2)).encode()
    yield (FIRST + '""' * ((room - len(FIRST)) // 2)).encode()
    yield (FIRST + "x\n" * ((room - len(FIRST)) // 2)).encode()
    lines = [f"Monday,{hour:02}:00,{hour:02}:30,DUTY OFFICER" for hour in range(24)]
    yield (FIRST + "\n".join(lines * 40)[: room - len(FIRST)]).encode()
    whole = [
        f'{day},{hour:02}:{minute:02},{hour:02}:{minute + 10},"Duty officer, Haringey"'
        for day in ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
        for hour in range(24)
        for minute in (10, 30, 45)
    ]
    yield (FIRST + "\n".join(whole[:MOST_SHIFTS])).encode()


def test_the_worst_file_that_is_let_in_takes_seconds_and_not_minutes(manager: FlaskClient) -> None:
    for number, content in enumerate(worst()):
        began = process_time()  # not the clock on the wall: others work on this machine too
        answer = send(manager, content)
        took = process_time() - began
        assert answer.status_code in (303, 422), number
        assert took < 5, (number, took)  # half a second where nobody else works


def test_a_file_that_is_too_large_is_not_read(world: World, manager: FlaskClient) -> None:
    answer = send(manager, FIRST.encode() + b"x" * LARGEST_BODY)

    assert answer.status_code == 413
    assert world.count(WeeklyShift) == (14,)


# --- over a real connection -----------------------------------------------------------------------


@contextmanager
def served(app: Flask) -> Iterator[int]:
    """A real server on this application. Gives its port."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def chunked(manager: FlaskClient, port: int, content: Iterator[bytes]) -> tuple[int, str]:
    """Send this piece by piece, without saying how long it is. Gives the status and the page."""
    cookie = manager.get_cookie("session")
    assert cookie is not None
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    headers = {
        "Cookie": f"session={cookie.value}",
        "Content-Type": f"multipart/form-data; boundary={BOUNDARY}",
        "Transfer-Encoding": "chunked",
    }
    try:
        connection.request("POST", "/rota/csv", body=content, headers=headers, encode_chunked=True)
        answer = connection.getresponse()
        return answer.status, answer.read().decode()
    finally:
        connection.close()


def test_a_file_of_unknown_length_is_read_no_further_than_one_of_known_length(
    app: Flask, world: World, manager: FlaskClient
) -> None:
    read = 0

    def endless() -> Iterator[bytes]:
        nonlocal read
        # In a field before the file: werkzeug would leave a file that breaks off to the garbage collector.
        yield HEAD.replace(b'; filename="rota.csv"', b"")
        for _ in range(40):
            read += 4096
            yield b"x" * 4096
        yield FOOT

    with served(app) as port:
        status, page = chunked(manager, port, endless())

    assert status == 413
    assert "Send less." in page
    assert read > LARGEST_BODY
    assert world.count(WeeklyShift) == (14,)


def test_a_file_of_two_gigabytes_is_refused_by_its_length_before_any_of_it_is_sent(
    app: Flask, world: World, manager: FlaskClient
) -> None:
    cookie = manager.get_cookie("session")
    assert cookie is not None
    lines = (
        "POST /rota/csv HTTP/1.1",
        "Host: 127.0.0.1",
        f"Cookie: session={cookie.value}",
        f"Content-Type: multipart/form-data; boundary={BOUNDARY}",
        f"Content-Length: {2 * 1024**3}",
        "Connection: close",
    )

    with served(app) as port, socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        connection.sendall("\r\n".join((*lines, "", "")).encode())
        first = connection.recv(100).split(b"\r\n")[0]

    assert b" 413 " in first
    assert world.count(WeeklyShift) == (14,)


def test_a_small_file_of_unknown_length_is_taken(app: Flask, world: World, manager: FlaskClient) -> None:
    line = b'Monday,17:00,09:00,"Duty officer, Haringey"\n'

    with served(app) as port:
        status, _ = chunked(manager, port, iter([HEAD, FIRST.encode(), line, FOOT]))

    assert status == 303
    assert world.count(WeeklyShift) == (8,)
