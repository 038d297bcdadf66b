"""The numbers that fail on purpose, and the words that Twilio keeps; the package's docstring lists them."""

from __future__ import annotations

REFUSED = {
    "+447700900990": (21211, "The 'To' number {to} is not a valid phone number."),
    "+447700900991": (21610, "Attempt to send to unsubscribed recipient {to}."),
}
"""Number to code and words. The words hold the number because Twilio's do: nobody may log them."""

OPTED_OUT = REFUSED["+447700900991"]
"""What a phone that has sent STOP is refused with."""

UNDELIVERED = {"+447700900989": 30006, "+447700900992": 30003, "+447700900993": 30005}

BUSY = "+447700900994"
BUSY_SECONDS = 2

BROKEN = "+447700900995"

SILENT = "+447700900996"
TAKEN_IN_SILENCE = "+447700900988"
SILENT_SECONDS = 6.0

STOP_WORDS = frozenset({"STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "REVOKE", "OPTOUT"})
START_WORDS = frozenset({"START", "YES", "UNSTOP"})
"""What Twilio takes for itself when it is the whole text, in capitals or not."""
