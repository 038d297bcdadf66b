"""The first page, and signing in and out."""

from __future__ import annotations

import re

from flask import Blueprint, g, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue

from .. import clock
from ..errors import NotFound
from ..models import Role
from ..services import accounts
from ..services.accounts import SignedIn
from ..wiring import wired
from .access import HOME
from .forms import SignInForm

bp = Blueprint("start", __name__)

SUGGESTED = ("officer.wood-green", "duty.haringey", "manager.haringey", "inspector.met")
"""The four that the demonstration begins with."""

OUR_PATH = re.compile("(/[A-Za-z0-9-]+)+")
"""The pages that sign-in may lead back to: what is ours, not what is known to be bad. Browsers read "//elsewhere",
a backslash for the second slash, and a tab between the two, all as another origin."""


@bp.get("/")
def home() -> ResponseReturnValue:
    """What this is; in the demonstration, sign-in with one press. Who is signed in goes to their own first page."""
    if g.person is not None:
        return redirect(url_for(HOME[g.person.role]), 303)
    if not wired().settings.demo:
        return redirect(url_for(".sign_in"), 303)
    people = accounts.everybody()
    others = [person for person in people if person.username not in SUGGESTED]
    return render_template(
        "start/home.html",
        suggested=[person for person in people if person.username in SUGGESTED],
        officers=[person for person in others if person.role is Role.CUSTODY_OFFICER],
        duty=[person for person in others if person.role is Role.DUTY_OFFICER],
        managers=[person for person in others if person.role is Role.MANAGER],
        inspectors=[person for person in others if person.role is Role.INSPECTOR],
    )


@bp.route("/sign-in", methods=["GET", "POST"])
def sign_in() -> ResponseReturnValue:
    """Username and password; one message for every failure."""
    form = SignInForm()
    if form.validate_on_submit():
        try:
            return _enter(accounts.sign_in(form.username.data, form.password.data, now=clock.now()))
        except accounts.SignInFailed as error:
            form.username.errors = [error.public]
    return render_template("start/sign_in.html", form=form), 422 if form.errors else 200


@bp.post("/demo/sign-in/<string:username>")
def sign_in_demo(username: str) -> ResponseReturnValue:
    """One press, in the demonstration only."""
    if not wired().settings.demo:
        raise NotFound("this is not the demonstration")
    return _enter(accounts.sign_in_demo(username, now=clock.now()))


def _enter(person: SignedIn) -> ResponseReturnValue:
    session.clear()  # nothing of whoever sat here before
    session["person"] = person.id
    back = request.args.get("next", "")
    return redirect(back if OUR_PATH.fullmatch(back) else url_for(HOME[person.role]), 303)


@bp.post("/sign-out")
def sign_out() -> ResponseReturnValue:
    """End the session."""
    session.clear()
    return redirect(url_for(".home"), 303)
