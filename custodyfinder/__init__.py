"""custodyfinder: a bed tonight for a child charged and refused bail."""

from __future__ import annotations

from pathlib import Path

from flask import Flask
from werkzeug.middleware.dispatcher import DispatcherMiddleware

from . import cli, logs, web
from .config import PROJECT, Settings
from .db import db, migrate, prepare_engine
from .domain.retention import Retention
from .domain.weights import Weights
from .errors import BadInput, BadSetting
from .gateways.identity import IdentityProvider
from .gateways.postcodes import PostcodeDirectory
from .gateways.sms import Sender
from .gateways.twilio import TwilioSender
from .standin import create_standin
from .wiring import Wiring


def create_app(settings: Settings) -> Flask:
    """Wire one application: settings, database, gateways, pages, commands; nothing else."""
    logs.keep_to_one_line()
    app = Flask(
        __name__,
        template_folder=str(PROJECT / "templates"),
        static_folder=str(PROJECT / "static"),
        instance_path=str(settings.instance.resolve()),
    )
    settings.instance.mkdir(parents=True, exist_ok=True)
    app.config.from_mapping(
        SECRET_KEY=settings.secret_key,
        SQLALCHEMY_DATABASE_URI=settings.database_url,
        SQLALCHEMY_ENGINE_OPTIONS={
            "pool_pre_ping": settings.database_url.startswith("postgresql"),
            # As many as the threads of one process, sixteen that send or serve and a few that do not.
            "pool_size": 5,
            "max_overflow": 20,
            "hide_parameters": True,  # numbers and words of texts would stand in the log with every error
        },
    )
    db.init_app(app)
    migrate.init_app(app, db, directory=str(Path(__file__).parent / "migrations"))
    with app.app_context():
        prepare_engine(db.engine)
    app.extensions["custodyfinder"] = Wiring(
        settings=settings,
        weights=_weights(settings),
        retention=_retention(settings),
        postcodes=PostcodeDirectory(settings.instance / "postcodes.sqlite"),
        sender=_sender(settings),
        identity_provider=_identity_provider(settings),
    )
    web.init_app(app)
    cli.init_app(app)
    if settings.demo:
        _mount_handset(app, settings)
    return app


def _weights(settings: Settings) -> Weights:
    if settings.weights_file is None:
        return Weights()
    try:
        return Weights.from_toml(settings.weights_file.read_text(encoding="utf-8"))
    except BadInput as error:
        raise BadSetting("WEIGHTS_FILE", error.public) from None


def _retention(settings: Settings) -> Retention:
    if settings.retention_file is None:
        return Retention()
    try:
        return Retention.from_toml(settings.retention_file.read_text(encoding="utf-8"))
    except BadInput as error:
        raise BadSetting("RETENTION_FILE", error.public) from None


def _identity_provider(settings: Settings) -> IdentityProvider | None:
    if settings.oidc_issuer is None or settings.oidc_client_id is None or settings.oidc_client_secret is None:
        return None
    return IdentityProvider(settings.oidc_issuer, settings.oidc_client_id, settings.oidc_client_secret)


def _sender(settings: Settings) -> Sender | None:
    if settings.twilio_account_sid is None or settings.twilio_auth_token is None:
        return None
    return TwilioSender(
        settings.twilio_account_sid,
        settings.twilio_auth_token,
        from_number=settings.twilio_from,
        messaging_service_sid=settings.twilio_messaging_service_sid,
        api_base=settings.twilio_api_base,
    )


def _mount_handset(app: Flask, settings: Settings) -> None:
    # The stand-in for Twilio shares the port, and nothing else: our side reaches it over HTTP like Twilio.
    if settings.twilio_account_sid is None or settings.twilio_auth_token is None:
        return
    standin = create_standin(
        store=settings.instance / "handset.sqlite",
        account_sid=settings.twilio_account_sid,
        auth_token=settings.twilio_auth_token,
        message_url=f"{settings.public_url}/hooks/twilio/message",
    )
    app.wsgi_app = DispatcherMiddleware(app.wsgi_app, {"/handset": standin})  # type: ignore[method-assign]
