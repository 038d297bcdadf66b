"""Who may open which page. Closed by default: what is not in the table is refused."""

from __future__ import annotations

import re
from collections.abc import Collection
from enum import Enum
from urllib.parse import urlsplit

from flask import Flask, abort, g, redirect, request, session, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import ImmutableMultiDict
from werkzeug.routing import RequestRedirect

from .. import clock
from ..config import LOOPBACK
from ..domain.plain_text import visible
from ..domain.roles import Permission, Role
from ..errors import CustodyfinderError, NotAllowed, NotFound
from ..services import accounts, kept_forms, sessions
from ..wiring import wired


class Who(Enum):
    """Whom a page is for, where it is not one permission of the table of roles."""

    EVERYBODY = "everybody"
    SIGNED_IN = "anybody who is signed in"
    TWILIO = "Twilio, by signature"
    TOKEN = "a program, by its token"  # noqa: S105 - `web.api.calls` says which call needs what of it


P = Permission

RULES: dict[str, Who | Permission] = {
    "static": Who.EVERYBODY,
    "health.healthz": Who.EVERYBODY,
    "health.readyz": Who.EVERYBODY,
    "start.home": Who.EVERYBODY,
    "start.sign_in": Who.EVERYBODY,
    "start.code": Who.EVERYBODY,  # leads back to sign-in without a password
    "start.second_factor": Who.EVERYBODY,  # as above
    "start.set_up": Who.EVERYBODY,
    "oidc.begin": Who.EVERYBODY,
    "oidc.answer": Who.EVERYBODY,  # of what was begun in the same browser
    "start.sign_in_demo": Who.EVERYBODY,  # 404 unless this is the demonstration
    "start.sign_out": Who.SIGNED_IN,
    "account.keep": Who.EVERYBODY,  # of a session that has just ended; nothing is kept for anybody else
    "account.left": Who.SIGNED_IN,
    "account.stay": Who.SIGNED_IN,
    "account.kept": Who.SIGNED_IN,
    "account.forget": Who.SIGNED_IN,
    "account.show": Who.SIGNED_IN,
    "account.end_one": Who.SIGNED_IN,
    "account.sign_out_everywhere": Who.SIGNED_IN,
    "account.new_codes": Who.SIGNED_IN,
    "hooks.message": Who.TWILIO,
    "hooks.status": Who.TWILIO,
    "desk.board": P.ASK,
    "desk.children": P.ASK,
    "desk.new_detention": P.ASK,
    "desk.results": P.ASK,
    "desk.compare": P.ASK,
    "desk.ask": P.ASK,
    "desk.show_request": P.ASK,
    "desk.progress": P.ASK,
    "desk.withdraw": P.ASK,
    "desk.asked": P.ASK,
    "desk.start_search": P.ASK,
    "desk.stop_search": P.ASK,
    "desk.record_call": P.ASK,
    "desk.record_arrival": P.ASK,
    "record.board": P.READ_RECORD,
    "record.take_over": P.ASK,
    "record.show": P.READ_RECORD,
    "record.log": P.READ_RECORD,
    "record.record_call": P.ASK,
    "record.ask_for_non_secure": P.ASK,
    "record.end": P.END_RECORD,
    "record.reopen": P.END_RECORD,
    "certificate.show": P.READ_RECORD,
    "certificate.as_pdf": P.READ_RECORD,
    "given.show": P.GIVE_RECORD,
    "given.take_back": P.GIVE_RECORD,
    "duty.board": P.ANSWER,
    "duty.accept": P.ANSWER,
    "duty.refuse": P.ANSWER,
    "duty.record_arrival": P.ANSWER,
    "duty.report_beds": P.REPORT_BEDS,
    "duty.confirm_beds": P.REPORT_BEDS,
    "duty.take_out": P.REPORT_BEDS,
    "duty.put_back": P.REPORT_BEDS,
    "rota.now": P.RING,
    "rota.manage": P.KEEP_ROTA,
    "rota.add_contact": P.KEEP_ROTA,
    "rota.change_contact": P.KEEP_ROTA,
    "rota.remove_contact": P.KEEP_ROTA,
    "rota.send_check": P.KEEP_ROTA,
    "rota.make_fallback": P.KEEP_ROTA,
    "rota.make_manager": P.KEEP_ROTA,
    "rota.add_shift": P.KEEP_ROTA,
    "rota.remove_shift": P.KEEP_ROTA,
    "rota.export_csv": P.KEEP_ROTA,
    "rota.import_csv": P.KEEP_ROTA,
    "rota.add_override": P.KEEP_ROTA,
    "rota.remove_override": P.KEEP_ROTA,
    "rota.set_policy": P.KEEP_ROTA,
    "rota.set_texting": P.KEEP_ROTA,
    "figures.show": P.FIGURES,
    "figures.table_csv": P.FIGURES,
    "figures.returns_csv": P.RETURNS,
    "people.show": P.KEEP_PEOPLE,
    "people.add": P.KEEP_PEOPLE,
    "people.close": P.KEEP_PEOPLE,
    "people.start_afresh": P.KEEP_PEOPLE,
    "api.suites": Who.TOKEN,
    "api.authorities": Who.TOKEN,
    "api.places": Who.TOKEN,
    "api.report_beds": Who.TOKEN,
    "api.search_places": Who.TOKEN,
    "api.open_detention": Who.TOKEN,
    "api.show_detention": Who.TOKEN,
    "api.ask": Who.TOKEN,
    "api.requests_of_authority": Who.TOKEN,
    "api.show_request": Who.TOKEN,
    "api.accept": Who.TOKEN,
    "api.refuse": Who.TOKEN,
    "api.withdraw": Who.TOKEN,
    "api.openapi": Who.TOKEN,  # the description, for whoever asks
}

RESUMED = "cf-resumed"
"""The field by which a form says that it was kept, and is sent now."""

FOLLOWS = frozenset({"desk.progress", "desk.asked", "desk.children", "account.left"})
"""What a page asks for by itself: it keeps nobody signed in."""

ANY_HOST = frozenset({"health.healthz", "health.readyz", "hooks.message", "hooks.status"})
"""Whoever watches asks each machine by its own name; what Twilio calls is signed over PUBLIC_URL."""

OUR_PATH = re.compile("(/[A-Za-z0-9-]+)+")
"""The pages that sign-in may lead back to, and a kept form may be sent to: what is ours, not what is known to be
bad. Browsers read "//elsewhere", a backslash for the second slash, and a tab between the two, all as another origin."""

LARGEST_KEY = 2**63 - 1
"""The largest number that a column of either database takes."""

HOME = {
    Role.CUSTODY_OFFICER: "desk.board",
    Role.CUSTODY_INSPECTOR: "record.board",
    Role.FORCE_ADMIN: "people.show",
    Role.DUTY_OFFICER: "duty.board",
    Role.MANAGER: "rota.manage",
    Role.AUTHORITY_ADMIN: "people.show",
    Role.INSPECTOR: "figures.show",
    Role.OPERATOR: "people.show",
}
"""The first page of each role."""


class WrongHost(CustodyfinderError):
    """The request names another host than ours: a name that was made to point here, or an address by its number."""

    status = 400
    public = "This program does not answer to this address. Open it by the address that your organisation gave you."


def init_app(app: Flask) -> None:
    """Put the guard before every request."""
    app.before_request(guard)
    app.jinja_env.globals["Permission"] = Permission


def guard() -> ResponseReturnValue | None:
    """Let through what the table allows. Not signed in: to the sign-in page, and back."""
    g.person = g.ends_at = None
    g.origin = request.remote_addr or ""
    endpoint = request.endpoint
    _check_where(endpoint)
    if endpoint is None:
        return None  # no such page: Flask's own 404
    rule = RULES.get(endpoint)
    if rule is None:
        abort(403)
    if rule is Who.TWILIO or endpoint == "static":
        return None
    _refuse_what_no_column_takes()
    _leave_out_what_pretends()
    if rule is Who.TOKEN:
        return None  # a session opens nothing there, and is not looked at
    try:
        _find_person(endpoint)
    except sessions.Ended as ended:
        if rule is not Who.EVERYBODY:
            return _sign_in_and_back(ended, rule)
    if isinstance(rule, Permission) and not g.person.may(rule):
        raise NotAllowed(f"person {g.person.id} asked for {endpoint}")
    return None


def _check_where(endpoint: str | None) -> None:
    """Refuse what comes from where, or asks for whom, it should not."""
    if wired().settings.demo and not _from_this_machine():
        abort(403)  # anybody may be anybody in the demonstration: it answers its own machine only
    if endpoint not in ANY_HOST and not _by_our_name():
        raise WrongHost("a host that is not PUBLIC_URL's")
    if endpoint is None and isinstance(request.routing_exception, RequestRedirect):
        # "/desk//new": the redirect to "/desk/new" would repeat the host and port that the request claims.
        abort(404)


def _find_person(endpoint: str) -> None:
    """Put the person of the session where every page finds it."""
    if "token" not in session:
        raise sessions.Ended(sessions.Why.SIGNED_OUT)
    acting = endpoint not in FOLLOWS and "following" not in request.args
    current = sessions.current(session["token"], now=clock.now(), acting=acting)
    g.person, g.ends_at = current.person, current.ends_at
    if RESUMED in request.form:
        kept_forms.forget(g.person.id)  # it has been given back


def _sign_in_and_back(ended: sessions.Ended, rule: Who | Permission) -> ResponseReturnValue:
    """To the sign-in page. What was typed is kept where time ended the session, and nowhere else."""
    person = ended.person
    if person is not None:
        session["ended"] = ended.why.value
        if request.method == "POST" and isinstance(rule, Permission) and person.may(rule):
            keep_form(person.id, request.path, list(request.form.items(multi=True)))
    back = request.path if request.method == "GET" else None
    return redirect(url_for("start.sign_in", next=back), 303)


def keep_form(person_id: int, address: str, fields: list[tuple[str, str]]) -> None:
    """Keep what was typed for this person, without the token of a session that is no more."""
    typed = [(name, value) for name, value in fields if name != "csrf_token"]
    if typed:
        kept_forms.keep(person_id, address, typed, now=clock.now())


def _from_this_machine() -> bool:
    # The name as well as the address: a name of somebody else's may be made to point here.
    return request.remote_addr in LOOPBACK and _host() in LOOPBACK


def _by_our_name() -> bool:
    """Whether the request names the host of PUBLIC_URL, at whatever port a proxy may have put before ours."""
    ours = urlsplit(wired().settings.public_url).hostname
    return _host() in (LOOPBACK if ours in LOOPBACK else {ours})


def _host() -> str | None:
    try:
        return urlsplit(f"//{request.host}").hostname
    except ValueError:  # brackets that do not match
        return None


def _refuse_what_no_column_takes() -> None:
    # No page of ours sends these. A database answers them with an error of its own.
    for part in (request.view_args or {}).values():
        if ("\0" in part) if isinstance(part, str) else (part > LARGEST_KEY):
            raise NotFound("an address that names nothing")
    if any("\0" in value for _, value in request.form.items(multi=True)):
        abort(400)


def _leave_out_what_pretends() -> None:
    """Every page sees what a reader would see in what was typed. A password is taken as it is."""
    request.form = ImmutableMultiDict(
        (name, value if name == "password" else visible(value)) for name, value in request.form.items(multi=True)
    )


def suite_of_officer() -> int:
    """The suite of the custody officer who is signed in."""
    suite_id = g.person.suite_id
    assert isinstance(suite_id, int)  # noqa: S101 - the guard has checked the role; the database ties the suite to it
    return suite_id


def suites_of_person() -> frozenset[int]:
    """The suites whose records the person who is signed in may see."""
    return accounts.suites_of(g.person)


def suites_for(reference: str) -> Collection[int]:
    """The suites to look for this record in: of the person, or of the record that an inspector was given."""
    return accounts.suites_for(g.person, reference, now=clock.now())


def authority_of_officer() -> str:
    """The authority of the duty officer or manager who is signed in."""
    code = g.person.authority_code
    assert isinstance(code, str)  # noqa: S101 - as above
    return code
