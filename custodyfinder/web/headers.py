"""What every answer says to the browser: what may run, frame, keep and hear of it; and the session's cookie."""

from __future__ import annotations

from flask import Flask, Response, request

from ..services import sessions

PDF = "application/pdf"
POLICY = "; ".join(
    (
        "default-src 'none'",
        "style-src 'self'",
        "script-src 'self'",
        "img-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
    )
)
"""Nothing inline and nothing from elsewhere."""

# A browser's own viewer shows a PDF; under the policy of our pages some of them stay blank.
POLICY_OF_PDF = "frame-ancestors 'none'"

UNUSED = (
    "accelerometer",
    "bluetooth",
    "browsing-topics",
    "camera",
    "display-capture",
    "fullscreen",
    "geolocation",
    "gyroscope",
    "hid",
    "magnetometer",
    "microphone",
    "midi",
    "payment",
    "picture-in-picture",
    "publickey-credentials-get",
    "screen-wake-lock",
    "serial",
    "usb",
    "xr-spatial-tracking",
)
"""What a browser can do, and no page of ours has a use for."""

ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Permissions-Policy": ", ".join(f"{feature}=()" for feature in UNUSED),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
STAYS_ON_HTTPS = f"max-age={365 * 24 * 60 * 60}"
"""Seconds. Of this name only: what else a region has under its domain is not ours to decide."""


def init_app(app: Flask, *, https: bool) -> None:
    """Put the headers on every answer, and the session in a cookie that only this origin sets and sends."""
    app.config.update(
        # A browser takes a name that begins so only with Secure and Path=/, and without Domain: a neighbour
        # under the same domain cannot put a session of theirs in its place.
        SESSION_COOKIE_NAME="__Host-session" if https else "session",
        SESSION_COOKIE_SECURE=https,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_PATH="/",
        # Of the cookies that outlive the browser; the session in the database ends by its own clock.
        PERMANENT_SESSION_LIFETIME=sessions.IN_ALL_ON_A_PHONE,
    )

    def add(response: Response) -> Response:
        response.headers.update(ALWAYS)
        response.headers["Content-Security-Policy"] = POLICY_OF_PDF if response.mimetype == PDF else POLICY
        if https:
            response.headers["Strict-Transport-Security"] = STAYS_ON_HTTPS
        if request.endpoint != "static" or response.status_code >= 400:
            response.headers["Cache-Control"] = "no-store"
        return response

    app.after_request(add)
