"""Style, script, icon: sent compressed, and kept by the browser under an address that changes with what is in them."""

from __future__ import annotations

from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from flask import Flask, Response, request
from flask_compress import Compress

KEPT_FOR = 365 * 24 * 60 * 60
"""Seconds. The address is never used again for anything else, so it might as well be for ever."""

COMPRESSED = ["text/css", "text/javascript", "image/svg+xml"]
"""No page among them: each has what was typed and a token side by side, and how well the two compress tells
whoever watches the line of the token (BREACH). A page is a few kilobytes; the style is what weighs."""

STATIC = "static"


def init_app(app: Flask) -> None:
    """Compress static files, and name each by its content."""
    app.config.update(
        COMPRESS_MIMETYPES=COMPRESSED,
        COMPRESS_ALGORITHM=["br", "gzip"],
        COMPRESS_BR_LEVEL=6,
        COMPRESS_STREAMS=False,
    )
    Compress(app)
    folder = Path(str(app.static_folder))

    def name(endpoint: str, values: dict[str, Any]) -> None:
        if endpoint == STATIC:
            values["v"] = version(folder / values["filename"])

    def keep(response: Response) -> Response:
        if request.endpoint == STATIC and response.status_code in (200, 304):
            if response.mimetype in COMPRESSED:
                # Read whole: of a stream that is compressed, nobody closes the file.
                response.direct_passthrough = False
                response.make_sequence()
            # Under an older name a newer file is never kept: the page that names it is older, too.
            if request.args.get("v") == version(folder / (request.view_args or {})["filename"]):
                response.headers["Cache-Control"] = f"public, max-age={KEPT_FOR}, immutable"
        return response

    app.url_defaults(name)
    app.after_request(keep)  # runs before the compression, which was put in before it


def version(path: Path) -> str:
    """A name for what is in this file now."""
    return _digest(path, path.stat().st_mtime_ns)


@lru_cache(maxsize=100)
def _digest(path: Path, changed: int) -> str:
    return sha256(path.read_bytes()).hexdigest()[:12]
