"""How the log of a record says what was done: a sentence for each kind of act."""

from __future__ import annotations

from .detention import Contradiction

SAID = {
    "accepted": "they accept the child",
    "refused": "they refuse",
    "ring_back": "they will ring back",
    "no_answer": "no answer",
}


OF_A_REQUEST = {
    "bed asked for": "Asked {authority} for a {kind} bed at {place} ({code}); one bed is held",
    "request accepted": "{authority} accepted the child at {place} ({code})",
    "request refused": "{authority} refused at {place} ({code})",
    "request withdrawn": "The request to {authority} for {place} ({code}) was withdrawn",
    "request expired": "Nobody at {authority} answered for {place} ({code}); the bed is free again",
    "asked to be rung": "{authority} asks to be rung about {place} ({code})",
    "arrival recorded": "The child arrived at {place} ({code})",
    "arrival asked about": "No arrival at {place} ({code}) was recorded: both sides were reminded",
    "bed given back": "The bed at {place} ({code}) was given back: the child does not come",
}
OF_THE_RECORD = {
    "detention opened": "Opened the record",
    "search started": "Started the search that keeps going",
    "search ended: stopped": "Stopped the search",
    "search ended: court": "The search ended: the court sits",
    "search ended: accepted": "The search ended: an authority accepted",
    "nobody left to ask": "Nobody is left to ask: every place that suits was asked",
    "non-secure instead": "Asks for non-secure accommodation from now on; other accommodation would do after all",
    "taken over": "Took the record over",
}


AGAINST = {
    Contradiction.UNDER_12: "the child is under 12",
    Contradiction.NOBODY_ASKED: "no authority was asked",
    Contradiction.STILL_ASKING: "a request was open",
    Contradiction.BED_OFFERED: "a non-secure bed was offered and open",
    Contradiction.SECURE_NOT_ASKED: "no secure accommodation was asked for",
    Contradiction.OTHER_WOULD_DO: "other accommodation would do",
    Contradiction.NOT_IMPRACTICABLE: "the circumstances are none of transport or travel",
}
