"""The first page, and signing in and out."""

from __future__ import annotations

from datetime import datetime, timedelta

import segno
from flask import Blueprint, g, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response as BaseResponse

from .. import clock
from ..domain.wording import pages
from ..errors import BadInput, NotFound
from ..services import accounts, kept_forms, second_factor, sessions, signing_in
from ..services.signing_in import HalfIn, SignInFailed
from ..wiring import wired
from .access import HOME, OUR_PATH
from .forms import CodeForm, SetUpForm, SignInForm

bp = Blueprint("start", __name__)

SUGGESTED = ("officer.wood-green", "duty.haringey", "manager.haringey", "inspector.met")
"""The four that the demonstration begins with, in the order of its steps."""

HALF_FOR = timedelta(minutes=10)
"""From the password to the second factor."""


@bp.get("/")
def home() -> ResponseReturnValue:
    """What this is; in the demonstration, sign-in with one press. Who is signed in goes to their own first page."""
    if g.person is not None:
        return redirect(url_for(HOME[g.person.role]), 303)
    if not wired().settings.demo:
        return redirect(url_for(".sign_in"), 303)
    people = accounts.everybody()
    others = [person for person in people if person.username not in SUGGESTED]
    headings = pages.OTHERS_OF_THE_DEMONSTRATION
    return render_template(
        "start/home.html",
        suggested=sorted(
            (person for person in people if person.username in SUGGESTED),
            key=lambda person: SUGGESTED.index(person.username),
        ),
        groups=[
            *((heading, [person for person in others if person.role is role]) for role, heading in headings.items()),
            (pages.ALL_OTHERS_OF_THE_DEMONSTRATION, [person for person in others if person.role not in headings]),
        ],
    )


@bp.route("/sign-in", methods=["GET", "POST"])
def sign_in() -> ResponseReturnValue:
    """Username and password; one message for every failure."""
    form = SignInForm()
    if form.validate_on_submit():
        try:
            half = signing_in.check_password(form.username.data, form.password.data, origin=g.origin, now=clock.now())
        except SignInFailed as error:
            form.username.errors = [error.public]
        else:
            return _half_in(half)
    return _page("start/sign_in.html", form, ended=session.get("ended"))


def _half_in(half: HalfIn) -> ResponseReturnValue:
    session.clear()  # nothing of whoever sat here before
    session["half"] = [half.person_id, clock.now().isoformat()]
    return redirect(url_for(".code" if half.enrolled else ".second_factor", next=request.args.get("next")), 303)


def _person_half_in() -> int | None:
    """Whoever has given the right password just now."""
    person_id, since = session.get("half", (None, None))
    if since is None or clock.now() - datetime.fromisoformat(since) > HALF_FOR:
        return None
    return int(person_id)


@bp.route("/sign-in/code", methods=["GET", "POST"])
def code() -> ResponseReturnValue:
    """The second factor: the code that the app shows, or a recovery code."""
    person_id, form = _person_half_in(), CodeForm()
    if person_id is None:
        return redirect(url_for(".sign_in", next=request.args.get("next")), 303)
    if form.validate_on_submit():
        try:
            return enter(signing_in.check_code(person_id, form.code.data, origin=g.origin, now=clock.now()))
        except SignInFailed as error:
            form.code.errors = [error.public]
    return _page("start/code.html", form)


@bp.route("/sign-in/second-factor", methods=["GET", "POST"], endpoint="second_factor")
def set_up_second_factor() -> ResponseReturnValue:
    """Set up the second factor: once, at the first sign-in."""
    person_id, form = _person_half_in(), CodeForm()
    if person_id is None:
        return redirect(url_for(".sign_in"), 303)
    if form.validate_on_submit():
        try:
            token, codes = signing_in.enrol(person_id, form.code.data, origin=g.origin, now=clock.now())
        except (BadInput, SignInFailed) as error:
            form.code.errors = [error.public]
        else:
            onward = enter(token)
            return render_template("start/recovery_codes.html", codes=codes, onward=onward.location)
    try:
        secret, address = second_factor.secret_to_enrol(person_id)
    except NotFound:  # it has one by now: set up in another window
        return redirect(url_for(".sign_in"), 303)
    picture = segno.make(address, micro=False).svg_inline(scale=5, border=2)
    return _page("start/second_factor.html", form, secret=secret, picture=picture)


@bp.route("/set-up", methods=["GET", "POST"])
def set_up() -> ResponseReturnValue:
    """Whoever was given a code by their administrator chooses a password."""
    form = SetUpForm()
    if form.validate_on_submit():
        try:
            half = signing_in.set_up(
                form.username.data, form.code.data, form.password.data, origin=g.origin, now=clock.now()
            )
        except BadInput as error:
            form.password.errors = [error.public]
        except SignInFailed as error:
            form.username.errors = [error.public]
        else:
            return _half_in(half)
    return _page("start/set_up.html", form)


def _page(template: str, form: SignInForm | CodeForm | SetUpForm, **more: object) -> ResponseReturnValue:
    return render_template(template, form=form, **more), 422 if form.errors else 200


@bp.post("/demo/sign-in/<string:username>")
def sign_in_demo(username: str) -> ResponseReturnValue:
    """One press, in the demonstration only."""
    if not wired().settings.demo:
        raise NotFound("this is not the demonstration")
    return enter(signing_in.enter_demo(username, origin=g.origin, now=clock.now()))


def enter(token: str, onward: str | None = None) -> BaseResponse:
    """Begin with nothing of whoever sat here before; to what they had typed, else where they wanted to go."""
    session.clear()
    session["token"] = token
    current = sessions.current(token, now=clock.now())
    # A phone lets go of its browser in a pocket, and of the cookies of that hour with it. A shared terminal should.
    session.permanent = not current.person.role.shares_a_terminal
    if kept_forms.of_person(current.person.id, now=clock.now()) is not None:
        return redirect(url_for("account.kept"), 303)
    back = onward or request.args.get("next", "")
    return redirect(back if OUR_PATH.fullmatch(back) else url_for(HOME[current.person.role]), 303)


@bp.post("/sign-out")
def sign_out() -> ResponseReturnValue:
    """End the session."""
    sessions.sign_out(session["token"], now=clock.now())
    session.clear()
    return redirect(url_for(".home"), 303)
