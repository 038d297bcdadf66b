"""The numbers that fail on purpose; the package's docstring lists them."""

from __future__ import annotations

REFUSED = {
    "+447700900990": (21211, "The 'To' number {to} is not a valid phone number."),
    "+447700900991": (21610, "Attempt to send to unsubscribed recipient {to}."),
}
"""Number to code and words. The words hold the number because Twilio's do: nobody may log them."""

UNDELIVERED = {"+447700900992": 30003, "+447700900993": 30005}

BUSY = "+447700900994"
BUSY_SECONDS = 2

BROKEN = "+447700900995"

SILENT = "+447700900996"
SILENT_SECONDS = 6.0
