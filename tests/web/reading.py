"""Reading a page as its reader does."""

from __future__ import annotations

import re
from typing import Any

from ..conftest import NIGHT
from ..world import HARINGEY

CHILD = {
    "regime": "charged",
    "custody_record": "01YE/4711/26",
    "charged_day": "2026-11-24",
    "charged_time": "01:10",
    "bail_refused_day": "2026-11-24",
    "bail_refused_time": "01:40",
    "bail_ground": "fail_to_appear",
    "court_day": "2026-11-24",
    "court_time": "10:00",
    "age": "15",
    "sex": "male",
    "kind": "non-secure",
}
"""What the form for a child needs at the least, an hour after the charge."""

SECURE = CHILD | {
    "kind": "secure",
    "secure_reasons": "Two robberies with a knife this week, the last on bail.",
    "other_would_do": "no",
}
"""The same, asking for secure accommodation."""


def words(answer: Any) -> str:
    """The text of a page, its spaces made one."""
    return " ".join(re.sub(r"<[^>]+>", " ", answer.get_data(as_text=True)).split()).replace("&#39;", "'")


def answer_page(request: int, **more: Any) -> dict[str, Any]:
    """What `requests.accept` and `refuse` take besides the request, for Haringey's duty officer."""
    return {"authority_code": HARINGEY, "by": "duty.haringey", "channel": "page", "now": NIGHT} | more
