"""The handset: every phone that has been texted, on a web page; answers are typed or pressed there.

No page on which something is typed reloads itself: a frame of one line looks for new texts instead.
"""

from __future__ import annotations

import re
import time
from datetime import datetime
from zoneinfo import ZoneInfo

from flask import Blueprint, abort, current_app, make_response, redirect, render_template, request, url_for
from flask.sansio.blueprints import BlueprintSetupState
from flask.typing import ResponseReturnValue
from werkzeug.routing import BaseConverter

from ..clock import now
from .api import E164, LONGEST_BODY
from .carrier import NotTaken, the_carrier
from .segments import segments
from .store import Text

ANSWERS = ("ACCEPT", "REFUSE", "RING")
LOOK_AGAIN_SECONDS = 2

_LONDON = ZoneInfo("Europe/London")
_OFFERED = re.compile(r"\b(?=[A-Z]*[0-9])(?=[0-9]*[A-Z])([A-Z0-9]{3,8}) ACCEPT\b")
"""A reference, which has a letter and a digit, and the word that goes with it."""


class _Phone(BaseConverter):
    """A number in E.164; anything else is 404."""

    regex = E164.pattern


bp = Blueprint("handset", __name__)


@bp.record_once
def add_converter(state: BlueprintSetupState) -> None:
    """Teach the application `<phone:number>`; before the routes below, which use it."""
    state.app.url_map.converters["phone"] = _Phone


@bp.before_request
def refuse_other_sites() -> None:
    """403 to a form that was not sent from these pages."""
    if request.method == "POST" and not _from_our_page():
        abort(403)


@bp.context_processor
def words() -> dict[str, object]:
    """What the templates write times, numbers and lengths with, and whether Twilio is down."""
    return {"clock": _clock, "national": _national, "segments": segments, "down": the_carrier().store.is_down()}


@bp.get("/")
def phones() -> ResponseReturnValue:
    """The phones, the one with the latest text first."""
    latest = the_carrier().store.latest_by_phone()
    return _looking_again(render_template("standin/phones.html", latest=latest))


@bp.post("/")
def switch() -> ResponseReturnValue:
    """Take Twilio down, or bring it back."""
    if request.form.get("twilio") == "down":
        the_carrier().store.begin_outage(now=now())
    else:
        the_carrier().store.end_outage()
    return redirect(url_for(".phones"), 303)


@bp.get("/phones/<phone:number>")
def phone(number: str) -> ResponseReturnValue:
    """One phone's conversation, with the answers to its last text ready to press."""
    return _conversation(number, typed="", error=None)


@bp.get("/phones/<phone:number>/news")
def news(number: str) -> ResponseReturnValue:
    """One line, for a frame: whether texts came after the one whose `seq` is given."""
    after = request.args.get("after", default=0, type=int)
    came = len(_came(number, after=after))
    return _looking_again(render_template("standin/news.html", number=number, came=came))


@bp.post("/phones/<phone:number>")
def answer(number: str) -> ResponseReturnValue:
    """Send what was typed or pressed."""
    # A browser sends each line's end as two characters; a phone has one.
    typed = request.form.get("body", "").replace("\r\n", "\n")
    if not typed.strip():
        return _conversation(number, typed=typed, error="Type an answer."), 422
    if len(typed) > LONGEST_BODY:
        error = f"A text has {LONGEST_BODY} characters at most; this one has {len(typed)}."
        return _conversation(number, typed=typed, error=error), 422
    try:
        text = the_carrier().bring(typed, phone=number)
    except NotTaken as refusal:
        return _conversation(number, typed=typed, error=refusal.public), refusal.status
    _wait_for_reply(number, after=text.seq)
    return redirect(url_for(".phone", number=number), 303)


def _wait_for_reply(number: str, *, after: int) -> None:
    # The application answers with a text of its own, a moment later: most people would look before it came.
    deadline = time.monotonic() + current_app.config["REPLY_WAIT"]
    while not _came(number, after=after) and time.monotonic() < deadline:
        time.sleep(0.05)


def _came(number: str, *, after: int) -> list[Text]:
    return [text for text in the_carrier().store.conversation(number, after_seq=after) if not text.inbound]


def _conversation(number: str, *, typed: str, error: str | None) -> str:
    texts = the_carrier().store.conversation(number)
    return render_template(
        "standin/phone.html",
        number=number,
        texts=texts,
        answers=_answers(texts),
        opted_out=the_carrier().store.has_opted_out(number),
        typed=typed,
        error=error,
    )


def _answers(texts: list[Text]) -> list[str]:
    """Every answer to the last text that came, for each reference that it offers."""
    came = [text for text in texts if not text.inbound and text.status != "undelivered"]
    references = dict.fromkeys(_OFFERED.findall(came[-1].body)) if came else {}
    return [f"{reference} {word}" for reference in references for word in ANSWERS]


def _from_our_page() -> bool:
    # In place of a form token: a browser says where a form was sent from, and no page can change it.
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site == "same-origin"
    return request.headers.get("Origin") == request.host_url.rstrip("/")


def _looking_again(page: str) -> ResponseReturnValue:
    response = make_response(page)
    response.headers["Refresh"] = str(LOOK_AGAIN_SECONDS)
    return response


def _clock(instant: datetime) -> str:
    """The time in London, with the day unless it is today."""
    here = instant.astimezone(_LONDON)
    if here.date() == now().astimezone(_LONDON).date():
        return f"{here:%H:%M}"
    return f"{here.day} {here:%B, %H:%M}"


def _national(number: str) -> str:
    """A number as people in Britain write it: 07700 900123; others stay as they are."""
    if not number.startswith("+44"):
        return number
    size = 3 if number.startswith("+4420") else 5
    local = f"0{number.removeprefix('+44')}"
    if size == 3:
        return f"{local[:3]} {local[3:7]} {local[7:]}"
    return f"{local[:5]} {local[5:]}"
