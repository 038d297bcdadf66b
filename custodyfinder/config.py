"""Settings, read once from the environment and checked before anything starts."""

from __future__ import annotations

import contextlib
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from .errors import BadSetting

PROJECT = Path(__file__).resolve().parent.parent
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What differs between one installation and another. README's table has one line for each."""

    database_url: str
    secret_key: str = field(repr=False)
    public_url: str
    instance: Path
    host: str = "127.0.0.1"
    twilio_account_sid: str | None = None
    twilio_auth_token: str | None = field(default=None, repr=False)
    twilio_from: str | None = None
    twilio_messaging_service_sid: str | None = None
    twilio_api_base: str | None = None
    hold_for: timedelta = timedelta(minutes=30)
    heartbeat_url: str | None = field(default=None, repr=False)  # whoever knows it can say that we are well
    audit_anchor_url: str | None = field(default=None, repr=False)  # whoever knows it can note heads of their own
    weights_file: Path | None = None
    retention_file: Path | None = None
    oidc_issuer: str | None = None
    oidc_client_id: str | None = None
    oidc_client_secret: str | None = field(default=None, repr=False)
    proxies: int = 0
    demo: bool = False

    @property
    def sends_texts(self) -> bool:
        """Whether Twilio, or a stand-in for it, has been set up."""
        return self.twilio_account_sid is not None

    @classmethod
    def from_env(cls, env: Mapping[str, str]) -> Settings:
        """Read the settings from environment variables.

        Raises:
            BadSetting: names the first variable that is missing or wrong, and what it should be.
        """
        instance = Path(env.get("INSTANCE_PATH") or PROJECT / "instance")
        demo = _flag(env, "DEMO")
        settings = cls(
            database_url=_database_url(env, instance),
            secret_key=_secret_key(env, instance, demo=demo),
            public_url=_origin(env, "PUBLIC_URL") or "http://127.0.0.1:5000",
            instance=instance,
            host=env.get("HOST") or "127.0.0.1",
            twilio_account_sid=_matching(env, "TWILIO_ACCOUNT_SID", r"AC[0-9a-f]{32}", "AC and 32 hex digits"),
            twilio_auth_token=env.get("TWILIO_AUTH_TOKEN") or None,
            twilio_from=_matching(env, "TWILIO_FROM", r"\+[1-9][0-9]{7,14}", "a number such as +447700900001"),
            twilio_messaging_service_sid=_matching(
                env, "TWILIO_MESSAGING_SERVICE_SID", r"MG[0-9a-f]{32}", "MG and 32 hex digits"
            ),
            twilio_api_base=_origin(env, "TWILIO_API_BASE"),
            hold_for=_minutes(env, "HOLD_MINUTES", default=30, least=1, most=240),
            heartbeat_url=_address(env, "HEARTBEAT_URL"),
            audit_anchor_url=_address(env, "AUDIT_ANCHOR_URL"),
            weights_file=_file(env, "WEIGHTS_FILE"),
            retention_file=_file(env, "RETENTION_FILE"),
            oidc_issuer=_origin(env, "OIDC_ISSUER"),
            oidc_client_id=env.get("OIDC_CLIENT_ID") or None,
            oidc_client_secret=env.get("OIDC_CLIENT_SECRET") or None,
            proxies=_whole(env, "PROXIES", most=5),
            demo=demo,
        )
        settings._check_twilio()
        settings._check_oidc()
        if demo:
            settings._check_demo()
        return settings

    def _check_twilio(self) -> None:
        if self.twilio_account_sid is None:
            for name in ("twilio_auth_token", "twilio_from", "twilio_messaging_service_sid"):
                if getattr(self, name) is not None:
                    raise BadSetting("TWILIO_ACCOUNT_SID", f"must be set, because {name.upper()} is")
            return
        if self.twilio_auth_token is None:
            raise BadSetting("TWILIO_AUTH_TOKEN", "must be set, because TWILIO_ACCOUNT_SID is")
        if (self.twilio_from is None) == (self.twilio_messaging_service_sid is None):
            raise BadSetting("TWILIO_FROM", "set either this or TWILIO_MESSAGING_SERVICE_SID, and not both")

    def _check_oidc(self) -> None:
        given = {name: getattr(self, name) for name in ("oidc_issuer", "oidc_client_id", "oidc_client_secret")}
        missing = [name.upper() for name, value in given.items() if value is None]
        issuer = urlsplit(self.oidc_issuer or "https://")
        if len(self.oidc_issuer or "") > 200:
            raise BadSetting("OIDC_ISSUER", "must have at most 200 characters")
        if issuer.scheme != "https" and issuer.hostname not in LOOPBACK:
            raise BadSetting("OIDC_ISSUER", "must begin with https://: it says who people are")
        if missing and len(missing) < len(given):
            raise BadSetting(missing[0], "must be set, because another of the three OIDC settings is")

    def _check_demo(self) -> None:
        # The demonstration signs anybody in with one press: it must never face anybody but its own machine.
        if self.host not in LOOPBACK:
            raise BadSetting("DEMO", f"1 is only for a program bound to loopback, and HOST is {self.host}")
        if urlsplit(self.public_url).hostname not in LOOPBACK:
            raise BadSetting("DEMO", "1 is only for a PUBLIC_URL on loopback")
        if self.proxies:
            raise BadSetting("DEMO", "1 never stands behind a proxy, and PROXIES is set")
        if self.sends_texts and urlsplit(self.twilio_api_base or "").hostname not in LOOPBACK:
            raise BadSetting("DEMO", "1 never goes with the real Twilio: set TWILIO_API_BASE to the stand-in")


def _flag(env: Mapping[str, str], name: str) -> bool:
    value = env.get(name, "")
    if value not in ("", "0", "1"):
        raise BadSetting(name, "must be 0 or 1")
    return value == "1"


def _database_url(env: Mapping[str, str], instance: Path) -> str:
    value = env.get("DATABASE_URL") or f"sqlite:///{instance / 'custodyfinder.sqlite'}"
    try:
        url = make_url(value)
    except (ArgumentError, ValueError):
        raise BadSetting("DATABASE_URL", "is not a database address") from None
    if url.drivername not in ("sqlite", "postgresql+psycopg"):
        raise BadSetting("DATABASE_URL", "must start with sqlite:/// or postgresql+psycopg://")
    return value


def _secret_key(env: Mapping[str, str], instance: Path, *, demo: bool) -> str:
    value = env.get("SECRET_KEY")
    if value:
        if len(value) < 32:
            raise BadSetting("SECRET_KEY", "must have at least 32 characters")
        return value
    if demo:
        return secret_in(instance / "demo-secret")
    if env.get("DATABASE_URL") or env.get("PUBLIC_URL") or env.get("TWILIO_ACCOUNT_SID"):
        raise BadSetting("SECRET_KEY", "must be set to at least 32 random characters")
    # Somebody trying the command line on a laptop: nothing is configured, so nothing is shared.
    return secret_in(instance / "demo-secret")


def secret_in(path: Path) -> str:
    """The secret kept in a file only its owner can read; made on first use.

    Two processes that start at once agree: the one that creates the file wins.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        draft = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
        draft.touch(mode=0o600)
        draft.write_text(secrets.token_hex(32), encoding="ascii")
        with contextlib.suppress(FileExistsError):  # the other process was first: its secret counts
            path.hardlink_to(draft)
        draft.unlink()
    return path.read_text(encoding="ascii")


def _origin(env: Mapping[str, str], name: str) -> str | None:
    value = env.get(name)
    if not value:
        return None
    try:
        parts = urlsplit(value)
    except ValueError:
        raise BadSetting(name, "is not an address") from None
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
        raise BadSetting(name, "must be an address such as https://custodyfinder.example.org")
    return value.rstrip("/")


def _address(env: Mapping[str, str], name: str) -> str | None:
    value = env.get(name)
    if value and (urlsplit(value).scheme not in ("http", "https") or not urlsplit(value).hostname):
        raise BadSetting(name, "must be an address such as https://watch.example.org/ping/abc")
    return value or None


def _matching(env: Mapping[str, str], name: str, pattern: str, example: str) -> str | None:
    value = env.get(name)
    if not value:
        return None
    if re.fullmatch(pattern, value) is None:
        raise BadSetting(name, f"must be {example}")
    return value


def _minutes(env: Mapping[str, str], name: str, *, default: int, least: int, most: int) -> timedelta:
    value = env.get(name) or str(default)
    if not value.isascii() or not value.isdigit() or not least <= int(value) <= most:
        raise BadSetting(name, f"must be a whole number of minutes from {least} to {most}")
    return timedelta(minutes=int(value))


def _whole(env: Mapping[str, str], name: str, *, most: int) -> int:
    value = env.get(name) or "0"
    if not re.fullmatch(r"[0-9]{1,2}", value) or int(value) > most:
        raise BadSetting(name, f"must be a whole number from 0 to {most}")
    return int(value)


def _file(env: Mapping[str, str], name: str) -> Path | None:
    value = env.get(name)
    if not value:
        return None
    path = Path(value)
    if not path.is_file():
        raise BadSetting(name, f"there is no file {path}")
    return path
