"""Reading a page as its reader does."""

from __future__ import annotations

import re
from typing import Any

from ..conftest import NIGHT
from ..world import HARINGEY

CHILD = {"age": "15", "sex": "male", "kind": "non-secure"}
"""What the form for a child needs at the least."""


def words(answer: Any) -> str:
    """The text of a page, its spaces made one."""
    return " ".join(re.sub(r"<[^>]+>", " ", answer.get_data(as_text=True)).split()).replace("&#39;", "'")


def answer_page(request: int, **more: Any) -> dict[str, Any]:
    """What `requests.accept` and `refuse` take besides the request, for Haringey's duty officer."""
    return {"authority_code": HARINGEY, "by": "duty.haringey", "channel": "page", "now": NIGHT} | more
