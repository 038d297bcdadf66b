"""The searches that were made for a child, kept with their answers as evidence."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import select

from ..db import transaction
from ..domain.ranking import Ranking
from ..domain.suitability import Child
from ..models import SearchKept
from .enquiries import Enquiry
from .reference import Origin

KEPT = 20
"""Options and left-out places of one search that are kept: what a page shows."""


def keep(detention_id: int, ranking: Ranking, *, by: str, now: datetime) -> int:
    """Keep a search and its answer; return its id. Where the answer is that of the last one, only that it was."""
    answer = _as_kept(ranking)
    with transaction() as session:
        last = session.scalar(
            select(SearchKept)
            .where(SearchKept.detention_id == detention_id, SearchKept.answer.is_not(None))
            .order_by(SearchKept.id.desc())
            .limit(1)
        )
        same = last is not None and last.answer is not None and _gist(last.answer) == _gist(answer)
        kept = SearchKept(
            detention_id=detention_id,
            at=now,
            by=by,
            answer=None if same else answer,
            same_as_id=last.id if same and last is not None else None,
        )
        session.add(kept)
        session.flush()
        return kept.id


def keep_without_record(
    enquiry: Enquiry, origin: Origin, child: Child, ranking: Ranking, *, by: str, now: datetime
) -> int:
    """Keep a search that was made before there is a record, with what was asked; return its id.

    No postcode is kept: of where it started the suite or the district, of areas how many there were.
    """
    question = {
        "suite": origin.suite,
        "district": origin.postcode.split(" ")[0],
        "age": enquiry.age,
        "sex": enquiry.sex.value,
        "secure": enquiry.secure,
        "approved_under_13": enquiry.approved_under_13,
        "needs": sorted(enquiry.needs),
        "responsible": child.responsible,
        "areas": len(child.avoid.circles) + len(child.avoid.polygons),
    }
    with transaction() as session:
        kept = SearchKept(question=question, at=now, by=by, answer=_as_kept(ranking))
        session.add(kept)
        session.flush()
        return kept.id


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
