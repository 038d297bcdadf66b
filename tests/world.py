"""A small world for the tests: Haringey and Camden, the suite at Wood Green, places and children at will."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVar

from sqlalchemy import Table, delete, func, select
from sqlalchemy.orm import Session

from custodyfinder.db import Base, db, transaction
from custodyfinder.domain import court
from custodyfinder.domain.needs import Sex
from custodyfinder.domain.record import BailGround
from custodyfinder.domain.roles import Role
from custodyfinder.models import (
    BAND_M,
    AuditHead,
    Authority,
    Contact,
    Detention,
    Person,
    Place,
    Suite,
    TextMessage,
    Told,
    WeeklyShift,
)
from custodyfinder.services import asking, charges, detentions, enquiries, signing_in

T = TypeVar("T", bound=Base)

_OF_THE_CHARGE = set(charges.Charge.__dataclass_fields__)

HARINGEY, CAMDEN = "E09000014", "E09000007"
WOOD_GREEN = (531150, 190350)
HARINGEY_PHONE, CAMDEN_PHONE = "+447700900014", "+447700900007"  # on duty, day and night
HARINGEY_FALLBACK, CAMDEN_FALLBACK = "+447700900214", "+447700900207"
HARINGEY_MANAGER, CAMDEN_MANAGER = "+447700900414", "+447700900407"
MET, KENT = "Metropolitan Police", "Kent Police"  # a force without a suite here: another one's inspector sees nothing
PASSWORD = "correct horse battery"

_Rows = list[tuple[Table, list[dict[str, Any]]]]

_KEPT: dict[datetime, _Rows] = {}
"""The fixed part as rows: to make it of objects, for each of thousands of tests, is an eighth of their time."""


def _every_row() -> _Rows:
    with db.engine.connect() as connection:
        found = (
            (table, [dict(row) for row in connection.execute(table.select()).mappings()])
            for table in db.metadata.sorted_tables
            if table.name != AuditHead.__tablename__  # an empty database has it
        )
        return [(table, rows) for table, rows in found if rows]


def _put_back(kept: _Rows) -> None:
    with db.engine.begin() as connection:
        for table, rows in kept:
            connection.execute(table.insert(), rows)
            if connection.dialect.name == "postgresql" and "id" in rows[0]:
                last = max(row["id"] for row in rows)
                connection.execute(select(func.setval(f"{table.name}_id_seq", last)))


@dataclass
class World:
    """What a test puts in, and counts."""

    now: datetime
    suite_id: int
    other_suite_id: int
    made_places: int = 0
    made_children: int = 0

    @classmethod
    def made(cls, *, now: datetime) -> World:
        """Put the fixed part in."""
        if now not in _KEPT:
            cls._fixed(now)
            _KEPT[now] = _every_row()
        else:
            _put_back(_KEPT[now])
        with Session(db.engine) as session:
            first, second = session.scalars(select(Suite.id).order_by(Suite.id))
        return cls(now, first, second)

    @classmethod
    def _fixed(cls, now: datetime) -> None:
        with transaction() as session:
            for code, name in ((HARINGEY, "Haringey"), (CAMDEN, "Camden")):
                session.add(Authority(code=code, name=name, nation="England"))
            session.flush()
            suites = [
                _suite("wood-green", "Wood Green", WOOD_GREEN, HARINGEY, "+442079460014"),
                _suite("kentish-town", "Kentish Town", (529000, 185500), CAMDEN, "+442079460007"),
            ]
            session.add_all(suites)
            for code, name, mobiles in (
                (HARINGEY, "Haringey", (HARINGEY_PHONE, HARINGEY_FALLBACK, HARINGEY_MANAGER)),
                (CAMDEN, "Camden", (CAMDEN_PHONE, CAMDEN_FALLBACK, CAMDEN_MANAGER)),
            ):
                people = [
                    _contact(code, f"{who}, {name}", role, mobile, now)
                    for who, role, mobile in zip(
                        ("Duty officer", "Fallback", "Manager"),
                        ("Emergency Duty Team", "Duty desk", "Service manager"),
                        mobiles,
                        strict=True,
                    )
                ]
                people[1].is_fallback = people[2].is_manager = True
                session.add_all(people)
                session.flush()
                session.add_all(
                    WeeklyShift(authority_code=code, contact_id=people[0].id, day=day, starts=0, ends=0)
                    for day in range(7)
                )
            hashed = signing_in.hasher.hash(PASSWORD)
            for username, role, suite, force, authority in (
                ("officer.wood-green", Role.CUSTODY_OFFICER, suites[0].id, None, None),
                ("officer.kentish-town", Role.CUSTODY_OFFICER, suites[1].id, None, None),
                ("inspector.met", Role.CUSTODY_INSPECTOR, None, MET, None),
                ("inspector.kent", Role.CUSTODY_INSPECTOR, None, KENT, None),
                ("admin.met", Role.FORCE_ADMIN, None, MET, None),
                ("admin.kent", Role.FORCE_ADMIN, None, KENT, None),
                ("duty.haringey", Role.DUTY_OFFICER, None, None, HARINGEY),
                ("duty.camden", Role.DUTY_OFFICER, None, None, CAMDEN),
                ("manager.haringey", Role.MANAGER, None, None, HARINGEY),
                ("manager.camden", Role.MANAGER, None, None, CAMDEN),
                ("admin.haringey", Role.AUTHORITY_ADMIN, None, None, HARINGEY),
                ("admin.camden", Role.AUTHORITY_ADMIN, None, None, CAMDEN),
                ("inspectorate", Role.INSPECTOR, None, None, None),
                ("operator", Role.OPERATOR, None, None, None),
            ):
                session.add(
                    Person(
                        username=username,
                        name=username,
                        role=role.value,
                        suite_id=suite,
                        force=force,
                        authority_code=authority,
                        password_hash=hashed,
                    )
                )

    def place(self, **said: Any) -> int:
        """A place that takes any child of 10 to 17 at any hour, 1 km east of the suite, unless said otherwise."""
        self.made_places += 1
        number = self.made_places
        values: dict[str, Any] = {
            "code": f"TST{number}",
            "name": f"Example House {number}",
            "authority_code": HARINGEY,
            "kind": "residential",
            "town": "Haringey",
            "address": f"{number} Fictional Row",
            "postcode": "N22 6XH",
            "easting": WOOD_GREEN[0] + 1000,
            "northing": WOOD_GREEN[1],
            "age_min": 10,
            "age_max": 17,
            "sexes": 3,
            "needs_met": 0,
            "needs_not_met": 0,
            "beds_total": 4,
            "beds_free": 2,
            "confirmed_at": self.now,
        } | said
        values["secure"] = values["kind"] == "secure"
        values["band"] = values["northing"] // BAND_M
        with transaction() as session:
            made = Place(**values)
            session.add(made)
            session.flush()
            return made.id

    def contact(self, mobile: str) -> int:
        """The contact with this mobile."""
        with Session(db.engine) as session:
            return session.scalars(select(Contact.id).where(Contact.mobile == mobile)).one()

    def change(self, table: type[T], key: Any, **values: Any) -> None:
        """Set columns of one row, as nobody but a test may."""
        with transaction() as session:
            row = session.get_one(table, key)
            for name, value in values.items():
                setattr(row, name, value)

    def texts(self, number: str | None = None, *, kind: str | None = None) -> list[TextMessage]:
        """The texts in the outbox, in order; to one number, of one kind."""
        return [
            text for text in self.rows(TextMessage) if number in (None, text.to_number) and kind in (None, text.kind)
        ]

    def detention(self, *, telling: bool = False, **said: Any) -> str:
        """A boy of 15 at Wood Green, non-secure, unless said otherwise. Returns the reference.

        Args:
            telling: Whether the text that tells the authority at once stays in the outbox.
        """
        suite_id, at = said.pop("suite_id", self.suite_id), said.pop("at", self.now)
        if said.get("secure"):
            said = {"secure_reasons": "Two robberies with a knife this week.", "other_would_do": False} | said
        charge = self.charge(at, **{name: said.pop(name) for name in list(said) if name in _OF_THE_CHARGE})
        usual: dict[str, Any] = {"age": 15, "sex": Sex.MALE}
        enquiry = enquiries.Enquiry(**usual | said)
        reference = detentions.open_detention(enquiry, charge, suite_id=suite_id, by="officer.wood-green", now=at)
        if not telling:
            self._forget_telling()
        return reference

    def charge(self, at: datetime, **said: Any) -> charges.Charge:
        """Charged an hour ago, bail refused half an hour ago, court at ten, unless said otherwise."""
        self.made_children += 1
        usual: dict[str, Any] = {
            "custody_record": f"01YE/{self.made_children}/26",
            "charged_at": at - timedelta(hours=1),
            "bail_refused_at": at - timedelta(minutes=30),
            "court_at": court.next_sitting(at),
            "bail_ground": BailGround.FAIL_TO_APPEAR,
        }
        return charges.Charge(**usual | said)

    def _forget_telling(self) -> None:
        """Most tests are about the texts that follow, and count those."""
        with transaction() as session:
            told = session.scalars(select(Told.text_id).where(Told.text_id.is_not(None))).all()
            session.execute(delete(Told))
            session.execute(delete(TextMessage).where(TextMessage.id.in_(told)))

    def ask(self, place_id: int, *, detention: str | None = None, at: datetime | None = None) -> int:
        """Ask for a bed there, for a new child unless one is given. Returns the request's id."""
        return asking.ask(
            detention or self.detention(),
            place_id,
            suite_id=self.suite_id,
            by="officer.wood-green",
            shown=None,
            now=at or self.now,
        )

    def beds(self, place_id: int) -> tuple[int, int]:
        """Beds free and held there."""
        place = self.get(Place, place_id)
        return place.beds_free, place.beds_held

    def get(self, table: type[T], key: Any) -> T:
        """One row, as the database has it now."""
        with Session(db.engine, expire_on_commit=False) as session:
            return session.get_one(table, key)

    def rows(self, table: type[T]) -> list[T]:
        """Every row, by key."""
        with Session(db.engine, expire_on_commit=False) as session:
            return list(session.scalars(select(table).order_by(*table.__table__.primary_key)))

    def count(self, *tables: type[Base]) -> tuple[int, ...]:
        """How many rows each of these has."""
        with Session(db.engine) as session:
            return tuple(session.scalar(select(func.count()).select_from(table)) or 0 for table in tables)

    def detention_id(self, reference: str) -> int:
        """The key of a detention."""
        with Session(db.engine) as session:
            return session.scalars(select(Detention.id).where(Detention.reference == reference)).one()


def _contact(code: str, name: str, role: str, mobile: str, now: datetime) -> Contact:
    return Contact(authority_code=code, name=name, role=role, mobile=mobile, landline="+442079460100", verified_at=now)


def _suite(slug: str, name: str, at: tuple[int, int], authority: str, phone: str) -> Suite:
    return Suite(
        slug=slug,
        name=name,
        force=MET,
        postcode="N22 6XH",
        easting=at[0],
        northing=at[1],
        authority_code=authority,
        phone=phone,
    )
