"""Pages: read the request, call one service, render."""

from __future__ import annotations

import logging

from flask import Flask, render_template, request
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError, CSRFProtect
from govuk_frontend_wtf.main import WTFormsHelpers
from jinja2 import ChoiceLoader, PackageLoader, PrefixLoader
from werkzeug.exceptions import HTTPException
from werkzeug.middleware.proxy_fix import ProxyFix

from .. import clock
from ..domain.wording import pages
from ..errors import CustodyfinderError
from ..services import health as health_service
from ..wiring import wired
from . import (
    access,
    account,
    api,
    certificate,
    desk,
    duty,
    figures,
    given,
    headers,
    health,
    hooks,
    looking,
    oidc,
    people,
    record,
    rota,
    start,
    static_files,
    words,
)
from .api import problems

log = logging.getLogger(__name__)

csrf = CSRFProtect()

LARGEST_BODY = 64 * 1024
"""Bytes. A text of 2,000 emoji takes 24 kB as a form; nothing of ours is larger."""


def init_app(app: Flask) -> None:
    """Register the pages, and what holds for all of them."""
    settings = app.extensions["custodyfinder"].settings
    app.config.update(
        MAX_CONTENT_LENGTH=LARGEST_BODY,
        WTF_CSRF_TIME_LIMIT=None,  # as long as the session: a form half filled at 2 am is sent at 3
        WTF_CSRF_SSL_STRICT=False,  # it needs a referrer, and our pages send none
    )
    if settings.proxies:  # their word on who asks, and how; nobody else's
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=settings.proxies, x_proto=settings.proxies)  # type: ignore[method-assign]
    headers.init_app(app, https=settings.public_url.startswith("https"))
    static_files.init_app(app)
    csrf.init_app(app)
    csrf.exempt(hooks.bp)  # Twilio signs instead
    csrf.exempt(api.bp)  # a token in a header, which no page of somebody else's can send
    # The components of the GOV.UK Design System, as macros.
    app.jinja_loader = ChoiceLoader(
        [
            *([app.jinja_loader] if app.jinja_loader else []),
            PrefixLoader(
                {
                    "govuk_frontend_jinja": PackageLoader("govuk_frontend_jinja"),
                    "govuk_frontend_wtf": PackageLoader("govuk_frontend_wtf"),
                }
            ),
        ]
    )
    WTFormsHelpers(app)
    words.init_app(app)
    app.jinja_env.globals["now"] = lambda: clock.now()
    app.jinja_env.globals["texts_delayed_since"] = lambda: health_service.texts_delayed_since(now=clock.now())
    access.init_app(app)
    looking.init_app(app)
    for module in (
        start,
        oidc,
        account,
        desk,
        record,
        certificate,
        given,
        duty,
        rota,
        figures,
        people,
        hooks,
        health,
        api,
    ):
        app.register_blueprint(module.bp)
    app.register_error_handler(CustodyfinderError, _our_error)
    app.register_error_handler(HTTPException, _http_error)
    app.context_processor(lambda: {"settings": wired().settings})


def _our_error(error: CustodyfinderError) -> ResponseReturnValue:
    log.info("%s answered %s: %s", request.endpoint, error.status, error)
    if problems.wanted():
        return problems.of_ours(error)
    return render_template("error.html", message=error.public), error.status


def _http_error(error: HTTPException) -> ResponseReturnValue:
    if problems.wanted():
        return problems.of_http(error)
    if isinstance(error, CSRFError):
        message = pages.FORM_TOO_OLD
    else:
        message = pages.OF_STATUS.get(error.code or 500, pages.SOMETHING_WRONG)
    # Its own headers stay, such as the methods that a 405 allows; the page is ours.
    own = [(name, value) for name, value in error.get_headers() if name != "Content-Type"]
    return render_template("error.html", message=message), error.code or 500, own
