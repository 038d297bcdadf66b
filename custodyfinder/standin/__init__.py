"""A stand-in for Twilio: for the demonstration, and for tests over real HTTP.

It takes texts like Twilio's REST API, reports what became of them, and shows them on a web page
that plays every phone, the handset. What is typed there reaches the application as Twilio would
bring it. Nothing ever leaves this machine.

Texts to these numbers fail, each with Twilio's own code. Like every number here they are Ofcom's
for drama, and ring nowhere:

    +447700900988   taken, but no answer for 6 seconds, longer than the application waits
    +447700900989   taken, then undelivered with code 30006 (a landline)
    +447700900990   refused: HTTP 400, code 21211 (not a phone number)
    +447700900991   refused: HTTP 400, code 21610 (the person has sent STOP), always
    +447700900992   taken, then undelivered with code 30003 (phone off or out of reach)
    +447700900993   taken, then undelivered with code 30005 (no such phone)
    +447700900994   HTTP 429, code 20429, Retry-After: 2
    +447700900995   HTTP 500, code 20500
    +447700900996   no answer for 6 seconds, longer than the application waits; the text is not taken

A phone that sends STOP, STOPALL, UNSUBSCRIBE, CANCEL, END, QUIT, REVOKE or OPTOUT is refused with
21610 from then on, until it sends START, YES or UNSTOP; the application gets those texts as well.

A button on the handset's first page takes Twilio down: every call of the API is then answered with
HTTP 503, code 20503, at once, until it is pressed again. What phones send still arrives.
"""

from __future__ import annotations

from .app import create_standin

__all__ = ["create_standin"]
