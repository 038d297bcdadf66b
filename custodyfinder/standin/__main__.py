"""Runs the stand-in for Twilio on its own, on 127.0.0.1, until it is stopped."""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from werkzeug.serving import WSGIRequestHandler, make_server

from . import __doc__ as about
from . import create_standin

EXAMPLE = """\
The account is read from TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN, as the application reads it.

example:
  python -m custodyfinder.standin --port 5001 --store instance/handset.sqlite \\
      --message-url http://127.0.0.1:5000/hooks/twilio/message

and TWILIO_API_BASE=http://127.0.0.1:5001 for the application.
"""


class _QuietHandler(WSGIRequestHandler):
    """Logs no requests: the addresses of the handset's pages hold phone numbers."""

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Nothing is logged."""


def main() -> None:
    """Read the command line, print the address, serve."""
    parser = _parser()
    asked = parser.parse_args()
    for name in ("TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN"):
        if not os.environ.get(name):
            parser.error(f"{name} must be set")
    standin = create_standin(
        store=asked.store,
        account_sid=os.environ["TWILIO_ACCOUNT_SID"],
        auth_token=os.environ["TWILIO_AUTH_TOKEN"],
        message_url=asked.message_url,
        delivery_delay=asked.delivery_delay,
        answer_delay=asked.delay,
    )
    server = make_server("127.0.0.1", asked.port, standin, threaded=True, request_handler=_QuietHandler)
    print(f"stand-in for Twilio: http://127.0.0.1:{server.port}/", flush=True)
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        server.server_close()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m custodyfinder.standin",
        description=about,
        epilog=EXAMPLE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("--port", type=int, required=True, metavar="N", help="port on 127.0.0.1; 0 takes a free one")
    add("--store", type=Path, required=True, metavar="FILE", help="SQLite file of the texts")
    add("--message-url", required=True, metavar="URL", help="webhook for incoming texts")
    add("--delay", type=float, default=0.0, metavar="SECONDS", help="before each answer of the API")
    add("--delivery-delay", type=float, default=0.3, metavar="SECONDS", help="before each new status (0.3)")
    return parser


if __name__ == "__main__":
    main()
