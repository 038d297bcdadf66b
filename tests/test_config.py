"""Settings are checked at start, and the error names the setting."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from custodyfinder.config import PROJECT, Settings, secret_in
from custodyfinder.errors import BadSetting

SID, TOKEN = "AC" + "0" * 32, "t" * 32
TWILIO = {"TWILIO_ACCOUNT_SID": SID, "TWILIO_AUTH_TOKEN": TOKEN, "TWILIO_FROM": "+447700900999"}
OIDC = {"OIDC_ISSUER": "https://login.example.org", "OIDC_CLIENT_ID": "beds", "OIDC_CLIENT_SECRET": "o" * 40}
DEMO = {"DEMO": "1", **TWILIO, "TWILIO_API_BASE": "http://127.0.0.1:5000/handset"}


def read(tmp_path: Path, **env: str) -> Settings:
    return Settings.from_env({"INSTANCE_PATH": str(tmp_path), **env})


def test_the_defaults_are_sqlite_on_loopback_without_texts(tmp_path: Path) -> None:
    settings = read(tmp_path)

    assert settings.database_url == f"sqlite:///{tmp_path}/custodyfinder.sqlite"
    assert (settings.host, settings.sends_texts, settings.demo) == ("127.0.0.1", False, False)


def test_no_proxy_is_believed_unless_it_is_named(tmp_path: Path) -> None:
    assert read(tmp_path).proxies == 0
    assert read(tmp_path, PROXIES="5").proxies == 5


def test_the_demonstration_and_the_real_thing_can_be_set_up(tmp_path: Path) -> None:
    assert read(tmp_path, **DEMO).demo
    assert read(tmp_path, **TWILIO, SECRET_KEY="s" * 32).sends_texts


def test_an_identity_provider_is_on_https_or_on_this_machine(tmp_path: Path) -> None:
    assert read(tmp_path, **OIDC).oidc_issuer == "https://login.example.org"
    assert read(tmp_path, **OIDC | {"OIDC_ISSUER": "http://127.0.0.1:9400/"}).oidc_issuer == "http://127.0.0.1:9400"


@pytest.mark.parametrize(
    ("name", "env"),
    [
        ("DATABASE_URL", {"DATABASE_URL": "mysql://x"}),
        ("DATABASE_URL", {"DATABASE_URL": "nonsense"}),
        ("SECRET_KEY", {"SECRET_KEY": "short"}),
        ("SECRET_KEY", {"DATABASE_URL": "postgresql+psycopg://localhost/x"}),
        ("SECRET_KEY", {"PUBLIC_URL": "https://example.org"}),
        ("PUBLIC_URL", {"PUBLIC_URL": "example.org", "SECRET_KEY": "s" * 32}),
        ("PUBLIC_URL", {"PUBLIC_URL": "ftp://example.org", "SECRET_KEY": "s" * 32}),
        ("TWILIO_ACCOUNT_SID", {**TWILIO, "TWILIO_ACCOUNT_SID": "12", "SECRET_KEY": "s" * 32}),
        ("TWILIO_ACCOUNT_SID", {"TWILIO_AUTH_TOKEN": TOKEN}),
        ("TWILIO_AUTH_TOKEN", {**TWILIO, "TWILIO_AUTH_TOKEN": "", "SECRET_KEY": "s" * 32}),
        ("TWILIO_FROM", {**TWILIO, "TWILIO_FROM": "07700", "SECRET_KEY": "s" * 32}),
        ("TWILIO_FROM", {**TWILIO, "TWILIO_FROM": "", "SECRET_KEY": "s" * 32}),
        (
            "TWILIO_FROM",
            {**TWILIO, "TWILIO_MESSAGING_SERVICE_SID": "MG" + "0" * 32, "SECRET_KEY": "s" * 32},
        ),
        ("TWILIO_API_BASE", {"TWILIO_API_BASE": "not an address"}),
        ("TWILIO_API_BASE", {"TWILIO_API_BASE": "http://[abc"}),
        ("DATABASE_URL", {"DATABASE_URL": "postgresql+psycopg://u:p@h:abc/d"}),
        *(("PROXIES", {"PROXIES": value}) for value in ("6", "-1", "one", "²", "1.5")),
        ("DEMO", DEMO | {"PROXIES": "1"}),
        ("OIDC_ISSUER", OIDC | {"OIDC_ISSUER": ""}),
        ("OIDC_ISSUER", OIDC | {"OIDC_ISSUER": "login.example.org"}),
        ("OIDC_ISSUER", OIDC | {"OIDC_ISSUER": "http://login.example.org"}),
        ("OIDC_CLIENT_ID", OIDC | {"OIDC_CLIENT_ID": ""}),
        ("OIDC_CLIENT_SECRET", OIDC | {"OIDC_CLIENT_SECRET": ""}),
        ("OIDC_ISSUER", {"OIDC_CLIENT_SECRET": "o" * 40}),
        ("HOLD_MINUTES", {"HOLD_MINUTES": "0"}),
        ("HOLD_MINUTES", {"HOLD_MINUTES": "half an hour"}),
        ("HOLD_MINUTES", {"HOLD_MINUTES": "²"}),
        ("WEIGHTS_FILE", {"WEIGHTS_FILE": "/nowhere"}),
        ("DEMO", {"DEMO": "yes"}),
        ("DEMO", {**DEMO, "HOST": "192.0.2.1"}),
        ("DEMO", {**DEMO, "TWILIO_API_BASE": ""}),
        ("DEMO", {**DEMO, "TWILIO_API_BASE": "https://api.twilio.com"}),
        ("DEMO", {**DEMO, "PUBLIC_URL": "https://example.org"}),
    ],
)
def test_a_bad_setting_is_refused_by_name(tmp_path: Path, name: str, env: dict[str, str]) -> None:
    with pytest.raises(BadSetting) as refusal:
        read(tmp_path, **env)

    assert refusal.value.name == name
    assert refusal.value.public.startswith(f"Setting {name}: ")


def test_the_program_does_not_start_on_a_bad_setting_and_says_which(tmp_path: Path) -> None:
    env = os.environ | {"INSTANCE_PATH": str(tmp_path), "HOLD_MINUTES": "none"}

    done = subprocess.run(
        [sys.executable, "wsgi.py"], env=env, cwd=PROJECT, capture_output=True, text=True, check=False
    )

    assert done.returncode != 0
    assert done.stderr.startswith("custodyfinder: Setting HOLD_MINUTES: must be a whole number")


def test_no_secret_shows_when_settings_are_printed(tmp_path: Path) -> None:
    shown = repr(read(tmp_path, **TWILIO, **OIDC, SECRET_KEY="s" * 32))

    assert TOKEN not in shown
    assert OIDC["OIDC_CLIENT_SECRET"] not in shown
    assert "s" * 32 not in shown


def test_an_issuer_that_no_column_keeps_is_refused_by_name(tmp_path: Path) -> None:
    env = {
        "OIDC_ISSUER": "https://id.example.org/" + "x" * 200,
        "OIDC_CLIENT_ID": "beds",
        "OIDC_CLIENT_SECRET": "o" * 40,
    }

    with pytest.raises(BadSetting, match="OIDC_ISSUER"):
        read(tmp_path, **env)


def test_a_secret_is_made_once_and_only_its_owner_reads_it(tmp_path: Path) -> None:
    first = secret_in(tmp_path / "secret")

    assert secret_in(tmp_path / "secret") == first
    assert len(first) == 64
    assert (tmp_path / "secret").stat().st_mode & 0o777 == 0o600
