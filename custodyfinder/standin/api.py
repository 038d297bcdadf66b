"""The part of Twilio's REST API (2010-04-01) that the application and its tests use.

Answers have Twilio's shape: what twilio-python reads here, it reads from Twilio.
"""

from __future__ import annotations

import hmac
import re
import time
from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import TypeVar
from urllib.parse import urlencode, urlsplit

from flask import Blueprint, current_app, jsonify, request
from flask.typing import ResponseReturnValue

from ..clock import now
from . import magic
from .carrier import SERVICE_NUMBER, the_carrier
from .segments import segments
from .store import Text

E164 = re.compile(r"\+[1-9][0-9]{7,14}")
LONGEST_BODY = 1600
FILTERS = frozenset({"To", "From", "DateSent>", "DateSent<", "PageSize", "Page", "PageToken"})

T = TypeVar("T")

bp = Blueprint("api", __name__, url_prefix="/2010-04-01/Accounts/<account_sid>")


class _Problem(Exception):
    """An answer that is an error, with Twilio's code."""

    def __init__(self, status: int, code: int, message: str) -> None:
        super().__init__(f"{status} {code}")
        self.status, self.code, self.message = status, code, message


@bp.errorhandler(_Problem)
def show_problem(problem: _Problem) -> ResponseReturnValue:
    """The error, in Twilio's shape."""
    answer = jsonify(
        code=problem.code,
        message=problem.message,
        more_info=f"https://www.twilio.com/docs/errors/{problem.code}",
        status=problem.status,
    )
    answer.status_code = problem.status
    if problem.status == 401:
        answer.headers["WWW-Authenticate"] = 'Basic realm="Twilio API"'
    if problem.status == 429:
        answer.headers["Retry-After"] = str(magic.BUSY_SECONDS)
    return answer


@bp.before_request
def check_caller() -> None:
    """Let the account in, after the delay that was asked for, and nobody else; in an outage nobody at all."""
    if the_carrier().store.is_down():
        raise _Problem(503, 20503, "Service Unavailable")
    time.sleep(current_app.config["ANSWER_DELAY"])
    account_sid, auth_token = the_carrier().account_sid, the_carrier().auth_token
    given = request.authorization
    name, password = (given.username or "", given.password or "") if given else ("", "")
    # Both are compared whole, so that the time taken tells nothing.
    name_is_good = hmac.compare_digest(name.encode(), account_sid.encode())
    password_is_good = hmac.compare_digest(password.encode(), auth_token.encode())
    if not (name_is_good and password_is_good):
        raise _Problem(401, 20003, "Authenticate")
    if (request.view_args or {}).get("account_sid") != account_sid:
        raise _Problem(404, 20404, "The requested resource was not found")


@bp.post("/Messages.json")
def create_message(account_sid: str) -> ResponseReturnValue:
    """Take a text, or refuse it as Twilio would."""
    to, body, service = _wanted()
    callback = _callback()
    _meet_magic(to)
    text = the_carrier().store.add(
        phone=to,
        service=service,
        body=body,
        direction="outbound-api",
        status="queued",
        callback=callback,
        messaging_service=request.form.get("MessagingServiceSid"),
        now=now(),
    )
    the_carrier().deliver(text)
    if to == magic.TAKEN_IN_SILENCE:
        time.sleep(magic.SILENT_SECONDS)
    return _shape(text, account_sid), 201


@bp.get("/Messages.json")
def list_messages(account_sid: str) -> ResponseReturnValue:
    """Texts, newest first, filtered by To, From, DateSent> and DateSent< (both inclusive)."""
    if unknown := set(request.args) - FILTERS:
        raise _Problem(400, 20001, f"The stand-in has no filter {min(unknown)}")
    size = _query("PageSize", _page_size) or 50
    texts = the_carrier().store.page(
        to=request.args.get("To"),
        sender=request.args.get("From"),
        since=_query("DateSent>", _instant),
        until=_query("DateSent<", _instant),
        before_seq=_query("PageToken", int),
        size=size + 1,
    )
    page, more = texts[:size], texts[size:]
    return {
        "messages": [_shape(text, account_sid) for text in page],
        "next_page_uri": _next_page(account_sid, page[-1]) if more else None,
        "page_size": size,
    }


@bp.get("/Messages/<sid>.json")
def show_message(account_sid: str, sid: str) -> ResponseReturnValue:
    """One text."""
    text = the_carrier().store.find(sid)
    if text is None:
        raise _Problem(404, 20404, "The requested resource was not found")
    return _shape(text, account_sid)


def _wanted() -> tuple[str, str, str]:
    """To, body and sender of the text asked for."""
    form = request.form
    service = SERVICE_NUMBER if "MessagingServiceSid" in form else form.get("From", "")
    if not service:
        raise _Problem(400, 21603, "A 'From' phone number is required.")
    if not form.get("To"):
        raise _Problem(400, 21604, "A 'To' phone number is required.")
    if not form.get("Body"):
        raise _Problem(400, 21602, "Message body is required.")
    if len(form["Body"]) > LONGEST_BODY:
        raise _Problem(400, 21617, f"The message body exceeds the {LONGEST_BODY} character limit.")
    if E164.fullmatch(form["To"]) is None:
        raise _Problem(400, 21211, f"The 'To' number {form['To']} is not a valid phone number.")
    return form["To"], form["Body"], service


def _callback() -> str | None:
    url = request.form.get("StatusCallback")
    if not url:
        return None
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise _Problem(400, 21609, "The 'StatusCallback' URL is not a valid URL.")
    return url


def _meet_magic(to: str) -> None:
    refusal = magic.OPTED_OUT if the_carrier().store.has_opted_out(to) else magic.REFUSED.get(to)
    if refusal is not None:
        code, words = refusal
        raise _Problem(400, code, words.format(to=to))
    if to == magic.BUSY:
        raise _Problem(429, 20429, "Too Many Requests")
    if to == magic.BROKEN:
        raise _Problem(500, 20500, "Internal Server Error")
    if to == magic.SILENT:
        time.sleep(magic.SILENT_SECONDS)
        raise _Problem(503, 20503, "Service Unavailable")


def _query(name: str, read: Callable[[str], T]) -> T | None:
    value = request.args.get(name)
    if value is None:
        return None
    try:
        return read(value)
    except ValueError:
        raise _Problem(400, 20001, f"{name} cannot be read") from None


def _page_size(value: str) -> int:
    return min(max(int(value), 1), 1000)


def _instant(value: str) -> datetime:
    # twilio-python writes "DateSent>=2026-03-01T02:14:00Z"; a date alone is its midnight, both in UTC.
    instant = datetime.fromisoformat(value)
    return instant if instant.tzinfo else instant.replace(tzinfo=UTC)


def _next_page(account_sid: str, last: Text) -> str:
    # From the origin on, as Twilio's: the client puts whatever base it uses in front.
    query = request.args.to_dict() | {"PageToken": str(last.seq)}
    return f"/2010-04-01/Accounts/{account_sid}/Messages.json?{urlencode(query)}"


def _shape(text: Text, account_sid: str) -> dict[str, object]:
    uri = f"/2010-04-01/Accounts/{account_sid}/Messages/{text.sid}"
    sender, to = (text.phone, text.service) if text.inbound else (text.service, text.phone)
    return {
        "account_sid": account_sid,
        "api_version": "2010-04-01",
        "body": text.body,
        "date_created": format_datetime(text.created_at),
        "date_sent": None if text.status == "queued" else format_datetime(text.created_at),
        "date_updated": format_datetime(text.updated_at),
        "direction": text.direction,
        "error_code": text.error_code,
        "error_message": None,
        "from": sender,
        "messaging_service_sid": text.messaging_service,
        "num_media": "0",
        "num_segments": str(segments(text.body)),
        "price": None,
        "price_unit": "GBP",
        "sid": text.sid,
        "status": text.status,
        "subresource_uris": {"media": f"{uri}/Media.json"},
        "to": to,
        "uri": f"{uri}.json",
    }
