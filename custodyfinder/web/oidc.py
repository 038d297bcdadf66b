"""Signing in with one's organisation: to its identity provider, and back."""

from __future__ import annotations

from dataclasses import asdict

from flask import Blueprint, flash, g, redirect, request, session, url_for
from flask.typing import ResponseReturnValue

from .. import clock
from ..errors import NotFound
from ..gateways.identity import Begun, IdentityProvider, NotIdentified
from ..services import identities
from ..services.signing_in import SignInFailed
from ..wiring import wired
from .start import enter

bp = Blueprint("oidc", __name__, url_prefix="/sign-in/organisation")

_BEGUN = "oidc"


@bp.get("")
def begin() -> ResponseReturnValue:
    """To the provider."""
    try:
        begun = _provider().begin(_back_here(), now=clock.now())
    except NotIdentified as error:
        return _to_sign_in(error.public)
    session[_BEGUN] = asdict(begun) | {"url": "", "next": request.args.get("next")}
    return redirect(begun.url, 303)


@bp.get("/answer")
def answer() -> ResponseReturnValue:
    """Back from the provider. What was begun ends here, whatever comes of it: an answer is taken once."""
    begun = session.pop(_BEGUN, None)
    if begun is None:
        return _to_sign_in(NotIdentified.public)
    onward = begun.pop("next")
    try:
        identity = _provider().finish(request.args, Begun(**begun), _back_here(), now=clock.now())
        token = identities.enter_identity(identity, origin=g.origin, now=clock.now())
    except (NotIdentified, SignInFailed):
        return _to_sign_in(NotIdentified.public)
    return enter(token, onward)


def _provider() -> IdentityProvider:
    provider = wired().identity_provider
    if provider is None:
        raise NotFound("no identity provider is set up")
    return provider


def _back_here() -> str:
    return wired().settings.public_url + url_for(".answer")


def _to_sign_in(why: str) -> ResponseReturnValue:
    flash(why)
    return redirect(url_for("start.sign_in", next=request.args.get("next")), 303)
