"""A stand-in for Twilio: for the demonstration, and for tests over real HTTP.

It takes texts like Twilio's REST API, reports what became of them, and shows them on a web page
that plays every phone, the handset. What is typed there reaches the application as Twilio would
bring it. Nothing ever leaves this machine.

Texts to these numbers fail, each with Twilio's own code. Like every number here they are Ofcom's
for drama, and ring nowhere:

    +447700900990   refused: HTTP 400, code 21211 (not a phone number)
    +447700900991   refused: HTTP 400, code 21610 (the person has sent STOP)
    +447700900992   taken, then undelivered with code 30003 (phone off or out of reach)
    +447700900993   taken, then undelivered with code 30005 (no such phone)
    +447700900994   HTTP 429, code 20429, Retry-After: 2
    +447700900995   HTTP 500, code 20500
    +447700900996   no answer for 6 seconds, longer than the application waits; the text is not taken
"""

from __future__ import annotations

from .app import create_standin

__all__ = ["create_standin"]
