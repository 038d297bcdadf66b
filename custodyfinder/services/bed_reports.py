"""What people say of their beds: counts, and that nothing has changed.

Only a person's report says how many are free, and only a report renews `confirmed_at`. Reports are
added, never changed; each keeps what it replaced, so that it can be taken back by another.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from ..db import reading, transaction
from ..errors import BadInput, Conflict, NotFound
from ..models import BedReport, BedRequest, Place
from . import audit

FAST_CLOCK = timedelta(minutes=1)


class BedsChanged(Conflict):
    """The beds of a place moved, or somebody else reported them, while the duty officer was typing."""

    public = (
        "The beds here have changed since you opened the page: one was held or let go, or a colleague reported. "
        "Look at them as they are now, correct the numbers and save again. Nothing was saved."
    )

    def __init__(self, place_id: int) -> None:
        super().__init__(f"the beds of place {place_id} have changed")
        self.place_id = place_id


class Incomplete(BadInput):
    """The form came without what the page had put into it: a line that broke off, or a page of an older version."""

    public = "The page was incomplete. Go back, reload it and say the numbers again."


class OlderCount(Conflict):
    """A program reports how many beds were free at a time before the count that the place has."""

    public = "The count that is held is newer than yours. Read it, count again and send the new count."

    def __init__(self, place_id: int) -> None:
        super().__init__(f"place {place_id} has a newer count")


class MovedSince(Conflict):
    """A bed was held or let go after the moment that a program's count is of."""

    public = (
        "A bed here was held or let go after your count. Read the count as it is now, count again and send the new one."
    )

    def __init__(self, place_id: int) -> None:
        super().__init__(f"the beds of place {place_id} moved after the count")


@dataclass(frozen=True)
class Seen:
    """The beds of one place as a page showed them.

    Both numbers, because one alone hides a change: a child accepted and a bed held anew leave as many held.
    """

    free: int
    held: int

    @classmethod
    def read(cls, text: str) -> Seen:
        """From what a page hides in its form: beds free, a plus, beds held.

        Raises:
            Incomplete: it says something else, or nothing.
        """
        if not (found := re.fullmatch(r"([0-9]{1,4})\+([0-9]{1,4})", text)):
            raise Incomplete("what was seen")
        return cls(free=int(found[1]), held=int(found[2]))


@dataclass(frozen=True)
class Count:
    """What a duty officer says of one place: `free` beds besides those held, having `seen` what we had."""

    free: int
    seen: Seen

    @classmethod
    def read(cls, text: str, *, seen: str, place: PlaceBeds) -> Count:
        """From what was typed for this place, and what the page had shown of it.

        Raises:
            BadInput: it is no whole number; `field` is the place's id.
            Incomplete: what was shown is missing.
        """
        if not re.fullmatch(r"[0-9]{1,4}", text.strip()):
            raise BadInput(
                f"place {place.id}: no count",
                field=str(place.id),
                public=f"Beds free at {place.name} must be a whole number from 0 to {place.most_free}.",
            )
        return cls(free=int(text), seen=Seen.read(seen))


@dataclass(frozen=True)
class PlaceBeds:
    """One place as its duty officer sees it."""

    id: int
    code: str
    name: str
    beds_total: int
    beds_free: int
    beds_held: int
    confirmed_at: datetime | None
    out_of_service: str | None
    out_of_service_until: datetime | None

    @property
    def most_free(self) -> int:
        """How many beds can be free at most: those that are not held."""
        return self.beds_total - self.beds_held


def of_authority(authority_code: str) -> list[PlaceBeds]:
    """Every place of one authority with its beds, by name."""
    columns = [getattr(Place, name) for name in PlaceBeds.__dataclass_fields__]
    with reading() as connection:
        rows = connection.execute(select(*columns).where(Place.authority_code == authority_code).order_by(Place.name))
        return [PlaceBeds(*row) for row in rows]


def of_place(place_id: int, *, authority_code: str) -> PlaceBeds:
    """One place of this authority with its beds.

    Raises:
        NotFound: there is no such place of this authority.
    """
    for place in of_authority(authority_code):
        if place.id == place_id:
            return place
    raise NotFound(f"place {place_id} is not of {authority_code}")


def report(counts: Mapping[int, Count], *, authority_code: str, by: str, channel: str, now: datetime) -> None:
    """A person says how many beds are free in places of their authority. All are stored, or none.

    Raises:
        NotFound: a place is not this authority's.
        BadInput: a count is below 0 or above what the place has; `field` is the place's id.
        BedsChanged: the beds are no longer those that the person was shown.
    """
    with transaction() as session:
        for place in locked(session, counts, authority_code):
            count = counts[place.id]
            _check_seen(place, count.seen)
            if not 0 <= count.free <= most_free(place):
                raise BadInput(
                    f"place {place.id}: count out of range",
                    field=str(place.id),
                    public=f"Beds free at {place.name} must be from 0 to {most_free(place)}.",
                )
            write(session, place, count.free, by=by, channel=channel, occurred_at=now, now=now)


def confirm_all(seen: Mapping[int, Seen], *, authority_code: str, by: str, channel: str, now: datetime) -> int:
    """A person says that every count they were shown is right as it stands. Return how many were confirmed.

    Args:
        seen: What they were shown, by place. Places out of service are passed over.

    Raises:
        NotFound: a place is not this authority's.
        BedsChanged: the beds are no longer those that the person was shown.
    """
    with transaction() as session:
        places = [place for place in locked(session, seen, authority_code) if place.out_of_service is None]
        for place in places:
            _check_seen(place, seen[place.id])
            write(session, place, place.beds_free, by=by, channel=channel, occurred_at=now, now=now)
        return len(places)


def report_as_of(
    place_id: int, free: int, *, as_of: datetime, authority_code: str, by: str, channel: str, now: datetime
) -> PlaceBeds:
    """A program says how many beds were free at one place at a moment. Return the beds as they are now.

    Args:
        free: Beds besides those held for open requests.
        as_of: When they were counted; a clock that is a minute fast is forgiven.

    Raises:
        NotFound: there is no such place of this authority.
        BadInput: the count is below 0 or above what the place has, or the moment is ahead.
        OlderCount: the place has a count of a later moment.
        MovedSince: a bed was held or let go after that moment, so that the count does not know of it.
    """
    if as_of > now + FAST_CLOCK:
        raise BadInput("as of", field="as_of", public="The time of the count cannot be ahead. Check the clock.")
    as_of = min(as_of, now)
    with transaction() as session:
        (place,) = locked(session, {place_id: 0}, authority_code)
        if place.confirmed_at is not None and place.confirmed_at > as_of:
            raise OlderCount(place_id)
        moved = select(BedRequest.id).where(
            BedRequest.place_id == place_id, (BedRequest.asked_at > as_of) | (BedRequest.ended_at > as_of)
        )
        if session.scalar(moved.limit(1)) is not None:
            raise MovedSince(place_id)
        if not 0 <= free <= most_free(place):
            raise BadInput(
                f"place {place_id}: count out of range",
                field="beds_free",
                public=f"Beds free here must be from 0 to {most_free(place)}.",
            )
        write(session, place, free, by=by, channel=channel, occurred_at=as_of, now=now)
        return PlaceBeds(**{name: getattr(place, name) for name in PlaceBeds.__dataclass_fields__})


def _check_seen(place: Place, seen: Seen) -> None:
    if (place.beds_free, place.beds_held) != (seen.free, seen.held):
        raise BedsChanged(place.id)


def most_free(place: Place) -> int:
    """How many beds can be free at most: those that are not held."""
    return place.beds_total - place.beds_held


def write(
    session: Session,
    place: Place,
    free: int,
    *,
    by: str,
    channel: str,
    occurred_at: datetime,
    now: datetime,
    incoming_id: int | None = None,
    undoes_id: int | None = None,
    confirmed_at: datetime | None = None,
) -> bool:
    """Add one report and let the place have its count, in the caller's transaction, which has locked the place.

    A report that is older than the count on record is kept, and changes nothing: it replaced none.

    Args:
        occurred_at: When the person said it.
        undoes_id: The report that this one takes back; the place then has `confirmed_at` again, as it was before it.

    Returns:
        Whether the place has this count now.
    """
    counts = undoes_id is not None or place.confirmed_at is None or place.confirmed_at <= occurred_at
    session.add(
        BedReport(
            place_id=place.id,
            beds_free=free,
            occurred_at=occurred_at,
            recorded_at=now,
            reported_by=by,
            channel=channel,
            free_before=place.beds_free if counts else None,
            confirmed_before=place.confirmed_at if counts else None,
            incoming_id=incoming_id,
            undoes_id=undoes_id,
        )
    )
    audit.record(
        session,
        by,
        "beds reported" if counts else "beds reported too late",
        f"place:{place.id}",
        at=now,
        before=place.beds_free,
        said=free,
    )
    if counts:
        place.beds_free = free
        place.confirmed_at = confirmed_at if undoes_id is not None else occurred_at
    return counts


def locked(session: Session, place_ids: Mapping[int, object], authority_code: str) -> list[Place]:
    """These places, locked by id in the caller's transaction.

    Raises:
        NotFound: one is not of this authority.
    """
    places = list(
        session.scalars(
            select(Place)
            .where(Place.id.in_(place_ids), Place.authority_code == authority_code)
            .order_by(Place.id)  # the same order everywhere: two reports never wait for each other in a ring
            .with_for_update()
        )
    )
    if len(places) != len(place_ids):
        raise NotFound(f"a place reported on is not of {authority_code}")
    return places
