"""What Twilio tells us: texts that came in, and what became of those that went out. Kept here, worked later.

Only a request that Twilio has signed over our public address is taken; anything else is 403 and
writes nothing. Without Twilio settings nothing can be signed, so everything is refused.
"""

from __future__ import annotations

from flask import Blueprint, Response, abort, request
from flask.typing import ResponseReturnValue

from .. import clock
from ..domain.wording import pages
from ..gateways.twilio import signature_is_good
from ..services import inbox, receipts
from ..wiring import wired

bp = Blueprint("hooks", __name__, url_prefix="/hooks/twilio")


@bp.before_request
def check_signature() -> None:
    """Refuse what Twilio has not signed."""
    settings = wired().settings
    query = f"?{request.query_string.decode('latin-1')}" if request.query_string else ""
    if not signature_is_good(
        settings.twilio_auth_token or "",
        url=f"{settings.public_url}{request.path}{query}",
        params=request.form.to_dict(flat=False),
        signature=request.headers.get("X-Twilio-Signature", ""),
    ):
        abort(403)


@bp.post("/message")
def message() -> ResponseReturnValue:
    """A text came in: kept here, worked by a delivery process, answered by a text of its own."""
    inbox.receive(
        provider_id=_said("MessageSid", most=34),
        from_number=_said("From", most=16),
        body=request.form.get("Body", ""),
        now=clock.now(),
    )
    return "", 204


@bp.post("/status")
def status() -> ResponseReturnValue:
    """What became of a text that went out. Its own id is in the address, under Twilio's signature."""
    text_id = request.args.get("text", "")
    if not (text_id.isascii() and text_id.isdigit() and len(text_id) < 16):
        return pages.RECEIPT_OF_NO_TEXT, 400
    receipts.take(
        int(text_id),
        provider_id=_said("MessageSid", most=34) if request.form.get("MessageSid") else None,
        status=_said("MessageStatus", most=20),
        error_code=_said("ErrorCode", most=10) if request.form.get("ErrorCode") else None,
        now=clock.now(),
    )
    return "", 204


def _said(field: str, *, most: int) -> str:
    """What Twilio says in one field, within what its column takes."""
    value = request.form.get(field, "")
    if not 0 < len(value) <= most or "\0" in value:
        abort(Response(pages.receipt_lacks(field), 400))
    return value
