"""The searches that were made for a child, kept with their answers as evidence."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import select

from ..db import transaction
from ..domain.ranking import Ranking
from ..models import SearchKept

KEPT = 20
"""Options and left-out places of one search that are kept: what a page shows."""


def keep(detention_id: int, ranking: Ranking, *, by: str, now: datetime) -> None:
    """Keep a search and its answer. Where the answer is that of the last one, only that it was the same."""
    answer = _as_kept(ranking)
    with transaction() as session:
        last = session.scalar(
            select(SearchKept)
            .where(SearchKept.detention_id == detention_id, SearchKept.answer.is_not(None))
            .order_by(SearchKept.id.desc())
            .limit(1)
        )
        same = last is not None and last.answer is not None and _gist(last.answer) == _gist(answer)
        session.add(
            SearchKept(
                detention_id=detention_id,
                at=now,
                by=by,
                answer=None if same else answer,
                same_as_id=last.id if same and last is not None else None,
            )
        )


def _as_kept(ranking: Ranking) -> dict[str, Any]:
    """Ids, metres, minutes and codes: what was shown, without what can be looked up."""
    return {
        "options": [
            {
                "place": option.place.id,
                "distance_m": round(option.distance_m),
                "cost_minutes": option.cost_minutes,
                "beds_free": option.place.beds_free,
                "confirmed_at": option.place.confirmed_at and option.place.confirmed_at.isoformat(),
                "reasons": [reason.code for reason in option.reasons],
            }
            for option in ranking.options[:KEPT]
        ],
        "left_out": [
            {"place": out.place.id, "reasons": [reason.code for reason in out.reasons]}
            for out in ranking.ruled_out[:KEPT]
        ],
        "considered": ranking.considered,
    }


def _gist(answer: dict[str, Any]) -> Any:
    """What makes two answers the same to a reader: the order, the beds, the reasons; not minutes that a count aged."""
    return (
        [(each["place"], each["beds_free"], each["reasons"]) for each in answer["options"]],
        [(each["place"], each["reasons"]) for each in answer["left_out"]],
    )
