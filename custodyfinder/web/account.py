"""One's own account: where one is signed in, recovery codes, what was typed when a session ended."""

from __future__ import annotations

from flask import Blueprint, flash, g, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue

from .. import clock
from ..domain.wording import pages
from ..services import kept_forms, second_factor, sessions
from .access import HOME, OUR_PATH, keep_form

bp = Blueprint("account", __name__)

_OF_THE_PAGE = "cf-address"
"""The field that says which page a kept form is of."""


@bp.get("/account")
def show() -> ResponseReturnValue:
    """Where one is signed in, and what is left of the recovery codes."""
    return render_template(
        "account/show.html",
        here=sessions.current(session["token"], now=clock.now(), acting=False).id,
        places=sessions.of_person(g.person, now=clock.now()),
        codes_left=second_factor.codes_left(g.person),
    )


@bp.post("/account/sessions/<int:session_id>/end")
def end_one(session_id: int) -> ResponseReturnValue:
    """Sign out in one other place."""
    sessions.end_one(g.person, session_id, now=clock.now())
    return redirect(url_for(".show"), 303)


@bp.post("/account/sign-out-everywhere")
def sign_out_everywhere() -> ResponseReturnValue:
    """Sign out here and wherever else."""
    sessions.sign_out_everywhere(g.person, now=clock.now())
    session.clear()
    return redirect(url_for("start.home"), 303)


@bp.post("/account/recovery-codes")
def new_codes() -> ResponseReturnValue:
    """Ten new codes, shown once."""
    codes = second_factor.renew_recovery_codes(g.person, now=clock.now())
    return render_template("start/recovery_codes.html", codes=codes, onward=url_for(".show"))


# --- the end of a session, as the page sees it ---------------------------------------------------


@bp.get("/account/left")
def left() -> ResponseReturnValue:
    """Seconds until the session ends. To ask is not to do something."""
    return {"seconds": _seconds_left()}


@bp.post("/account/stay")
def stay() -> ResponseReturnValue:
    """The person is there."""
    return {"seconds": _seconds_left()}


def _seconds_left() -> int:
    return max(0, int((g.ends_at - clock.now()).total_seconds()))


@bp.post("/account/keep")
def keep() -> ResponseReturnValue:
    """The page keeps what was typed when time has ended the session, or is about to."""
    try:
        person = sessions.current(session.get("token", ""), now=clock.now(), acting=False).person
    except sessions.Ended as ended:
        if ended.person is None:
            return "", 204  # signed out: nothing is kept for nobody
        person = ended.person
        session["ended"] = ended.why.value
    typed = [(name, value) for name, value in request.form.items(multi=True) if name != _OF_THE_PAGE]
    address = request.form.get(_OF_THE_PAGE, "")
    if OUR_PATH.fullmatch(address):
        keep_form(person.id, address, typed)
    return "", 204


@bp.get("/account/kept")
def kept() -> ResponseReturnValue:
    """What was typed, to go on with or to throw away."""
    found = kept_forms.of_person(g.person.id, now=clock.now())
    if found is None:
        return redirect(url_for(HOME[g.person.role]), 303)
    return render_template("account/kept.html", kept=found)


@bp.post("/account/kept/forget")
def forget() -> ResponseReturnValue:
    """Throw it away."""
    kept_forms.forget(g.person.id)
    flash(pages.KEPT_FORM_GONE)
    return redirect(url_for(HOME[g.person.role]), 303)
