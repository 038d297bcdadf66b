"""`make run`: the whole program on one machine, with made-up data and a stand-in for Twilio.

Migrates and seeds, then keeps the web and the delivery process running until either ends or
somebody presses Ctrl-C. Everything is bound to loopback.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import socket
import sys
import time
from collections.abc import Callable
from pathlib import Path
from urllib.request import urlopen

from flask.cli import main as flask
from flask_migrate import upgrade
from gunicorn.app.wsgiapp import run as gunicorn

from . import clock, create_app
from .config import PROJECT, Settings, secret_in
from .db import db
from .services import seeding, seeding_history
from .wiring import wired

# Forked after everything is imported: two processes that import it again would double the time of every start.
FORK = multiprocessing.get_context("fork")
HOST = "127.0.0.1"


def settings(port: int) -> dict[str, str]:
    """What the demonstration sets, whatever the environment says: loopback, and never the real Twilio."""
    instance = Path(os.environ.get("INSTANCE_PATH") or PROJECT / "instance")
    url = f"http://{HOST}:{port}"
    token = secret_in(instance / "demo-twilio-token")[:32]
    return {
        "DEMO": "1",
        "HOST": HOST,
        "PUBLIC_URL": url,
        "PROXIES": "0",
        "TWILIO_ACCOUNT_SID": f"AC{0:032x}",
        "TWILIO_AUTH_TOKEN": token,
        "TWILIO_FROM": "+447700900999",
        "TWILIO_API_BASE": f"{url}/handset",
    }


def main() -> int:
    """Run the demonstration. Return the exit status."""
    port = int(os.environ.get("PORT") or 5000)
    if _taken(port):
        print(
            f"Port {port} is in use. Stop what uses it, or choose another: make run PORT={port + 1}",
            file=sys.stderr,
        )
        return 2
    env = os.environ | settings(port)
    env.pop("TWILIO_MESSAGING_SERVICE_SID", None)
    # Never a region's own database, which may well be named in this shell: made-up people would sign in to it.
    env.pop("DATABASE_URL", None)
    if "DEMO_DATABASE_URL" in env:
        env["DATABASE_URL"] = env["DEMO_DATABASE_URL"]
    _prepare(Settings.from_env(env))
    os.chdir(PROJECT)
    os.environ.clear()
    os.environ.update(env)
    running = [FORK.Process(target=_run, args=command) for command in _commands(port)]
    for process in running:
        process.start()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    try:
        _wait_for(f"http://{HOST}:{port}/healthz")
        _welcome(port)
        while all(process.is_alive() for process in running):
            time.sleep(0.2)
        return 1
    except KeyboardInterrupt:
        return 0
    finally:
        # The texts first: the stand-in that takes them is a page of the other process.
        for process in reversed(running):
            process.terminate()
            process.join()


def _commands(port: int) -> list[tuple[Callable[[], object], list[str]]]:
    """What a region runs on its machines, too: gunicorn for the pages, `flask sms run` for the texts."""
    web = ["gunicorn", "wsgi:app", "--bind", f"{HOST}:{port}", "--threads", "16", "--no-control-socket"]
    web += ["--log-level", "warning", "--graceful-timeout", "2"]
    return [(gunicorn, web), (flask, ["flask", "--app", "wsgi", "sms", "run"])]


def _run(command: Callable[[], object], words: list[str]) -> None:
    sys.argv = words
    command()


def _prepare(demonstration: Settings) -> None:
    """Migrate and seed, in this process: two commands of their own would double the time of every start."""
    app = create_app(demonstration)
    with app.app_context():
        upgrade()
        wired().postcodes.prepare(progress=print)
        seeding.demo(PROJECT / "seeds", postcodes=wired().postcodes, now=clock.now())
        seeding_history.load(now=clock.now())
        db.engine.dispose()


def _taken(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return True
        return False


def _wait_for(url: str) -> None:
    for _ in range(100):
        try:
            with urlopen(url, timeout=1):  # noqa: S310 - our own address
                return
        except OSError:
            time.sleep(0.1)
    raise SystemExit("The web process did not start. Its error is above.")


def _welcome(port: int) -> None:
    url = f"http://{HOST}:{port}"
    print(
        f"""
custodyfinder is running at {url} with made-up places and people. Ctrl-C stops it; the data stays.

  A custody officer   officer.wood-green   password {seeding.DEMO_PASSWORD}
  A duty officer      duty.haringey        the same password
  Everybody else      on the start page, signed in with one press
  The demo handset    {url}/handset/ (texts arrive there; answer them there)
""",
        flush=True,
    )


if __name__ == "__main__":
    sys.exit(main())
