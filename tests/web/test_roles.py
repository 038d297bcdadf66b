"""Every page as every role of every organisation, against the table of roles."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from custodyfinder.config import PROJECT
from custodyfinder.db import db, transaction
from custodyfinder.domain.roles import ADDS, TABLE, Permission, Reach, Role, markdown
from custodyfinder.models import Contact, Detention, Person, RecordGrant, RotaOverride, SignInSession, WeeklyShift
from custodyfinder.services import grants, requests, standing
from custodyfinder.web.access import FOLLOWS, HOME, RULES, Who

from ..conftest import NIGHT
from ..services.ending import not_moved, record, refuse
from ..world import HARINGEY, World
from .conftest import SignIn

OWN = {
    Role.CUSTODY_OFFICER: "officer.wood-green",
    Role.CUSTODY_INSPECTOR: "inspector.met",
    Role.FORCE_ADMIN: "admin.met",
    Role.DUTY_OFFICER: "duty.haringey",
    Role.MANAGER: "manager.haringey",
    Role.AUTHORITY_ADMIN: "admin.haringey",
    Role.INSPECTOR: "inspectorate",
    Role.OPERATOR: "operator",
}
"""Somebody of each role whose suite, force or authority the things of the test belong to."""

OTHERS = {
    Role.CUSTODY_OFFICER: "officer.kentish-town",
    Role.CUSTODY_INSPECTOR: "inspector.kent",
    Role.FORCE_ADMIN: "admin.kent",
    Role.DUTY_OFFICER: "duty.camden",
    Role.MANAGER: "manager.camden",
    Role.AUTHORITY_ADMIN: "admin.camden",
}
"""Somebody of the same role, and of another organisation."""

SECRET = "99ZZ/4711/26"
"""The custody record number: nobody outside the force ever sees it."""

BODIES = {
    "duty.take_out": {"reason": "The boiler is broken"},
    "rota.change_contact": {"name": "Duty desk", "role": "EDT", "mobile": "07700 900014", "landline": ""},
}
"""What has to be right before it matters whose it is."""

OF_A_PERMISSION = [name for name, rule in RULES.items() if isinstance(rule, Permission)]


class Things:
    """Of Wood Green, the Metropolitan Police and Haringey: what the addresses of the pages name."""

    def __init__(self, world: World, endpoint: str) -> None:
        self.world, self.endpoint = world, endpoint
        self.reference = world.detention(custody_record=SECRET)
        self.made: dict[str, Callable[[], Any]] = {
            "reference": self._reference,
            "place_id": lambda: self._place,
            "request_id": self._request,
            "contact_id": lambda: self._of(Contact),
            "shift_id": self._shift,
            "override_id": self._override,
            "grant_id": self._grant,
            "person_id": self._person,
            "table": lambda: "children-by-month",
        }
        self._place = world.place()

    def address(self, rule: str) -> str:
        return re.sub(r"<\w+:(\w+)>", lambda found: str(self.made[found[1]]()), rule)

    def _reference(self) -> str:
        if self.endpoint.startswith(("certificate.", "record.reopen")):
            refuse(self.world.ask(self._place, detention=self.reference))
            record(self.world, self.reference, not_moved())
        if self.endpoint == "desk.stop_search":
            self._start_search()
        return self.reference

    def _start_search(self) -> None:
        said: dict[str, Any] = {"suite_id": self.world.suite_id, "by": "officer.wood-green", "now": NIGHT}
        standing.start(self.reference, at_once=1, until=NIGHT + timedelta(hours=8), **said)

    def _request(self) -> int:
        request = self.world.ask(self._place, detention=self.reference)
        if self.endpoint.endswith("record_arrival"):
            requests.accept(request, authority_code=HARINGEY, by="duty.haringey", channel="page", now=NIGHT)
        return request

    def _of(self, table: type[Any]) -> int:
        with Session(db.engine) as session:
            return int(session.scalars(select(table.id).where(table.authority_code == HARINGEY)).all()[-1])

    def _shift(self) -> int:
        return self._of(WeeklyShift)

    def _override(self) -> int:
        with transaction() as session:
            made = RotaOverride(
                authority_code=HARINGEY,
                contact_id=self._of(Contact),
                starts_at=NIGHT + timedelta(days=1),
                ends_at=NIGHT + timedelta(days=2),
                made_by="manager.haringey",
                made_at=NIGHT,
            )
            session.add(made)
            session.flush()
            return made.id

    def _grant(self) -> int:
        self.give()
        return self.world.rows(RecordGrant)[-1].id

    def give(self) -> None:
        grants.give(
            self.reference,
            "inspectorate",
            days=3,
            why="Inspection of custody",
            suites=[self.world.suite_id],
            by="inspector.met",
            now=NIGHT,
        )

    def _person(self) -> int:
        raise NotImplementedError  # see `test_an_account_is_kept_by_its_own_administrator_only`


def test_every_page_is_closed_to_strangers_and_to_every_role_that_is_not_in_its_line_of_the_table(
    app: Flask, sign_in: SignIn
) -> None:
    clients = {username: (role, sign_in(username)) for role, username in [*OWN.items(), *OTHERS.items()]}
    for rule in app.url_map.iter_rules():
        permission = RULES[rule.endpoint]
        if not isinstance(permission, Permission):
            continue
        address = re.sub(r"<int:\w+>", "1", re.sub(r"<string:\w+>", "X", rule.rule))
        method = "POST" if "POST" in (rule.methods or ()) else "GET"
        stranger = app.test_client().open(address, method=method)
        assert (stranger.status_code, stranger.location.split("?")[0]) == (303, "/sign-in")
        for username, (role, client) in clients.items():
            if role not in TABLE[permission]:
                assert client.open(address, method=method).status_code == 403, (username, address)


@pytest.mark.parametrize("endpoint", [name for name in OF_A_PERMISSION if not name.startswith("people.")])
def test_a_page_is_open_to_its_roles_for_their_own_and_not_there_for_the_same_role_elsewhere(
    app: Flask, world: World, sign_in: SignIn, endpoint: str
) -> None:
    permission, rule = RULES[endpoint], _rule(app, endpoint)
    assert isinstance(permission, Permission)
    things = Things(world, endpoint)
    address = things.address(rule.rule)
    method = "POST" if "POST" in (rule.methods or ()) else "GET"
    allowed = TABLE[permission]

    for username in [*_others(allowed, rule.arguments), *_not_given(allowed)]:
        answer = sign_in(username).open(address, method=method, data=BODIES.get(endpoint))
        assert answer.status_code == (404 if rule.arguments - {"table"} else answer.status_code), (username, address)
        assert answer.status_code != 403, (username, address)
        assert SECRET not in answer.get_data(as_text=True), (username, address)
    if Reach.GIVEN in allowed.values():
        things.give()
    for role in allowed:
        answer = sign_in(OWN[role]).open(address, method=method, data=BODIES.get(endpoint))
        assert answer.status_code in (200, 303, 409, 422), (OWN[role], address, answer.status_code)


def _others(allowed: Any, arguments: set[str]) -> Iterator[str]:
    """Whoever has the role and not the thing."""
    for role, reach in allowed.items():
        if role in OTHERS and reach is not Reach.ALL:
            yield OTHERS[role]


def _not_given(allowed: Any) -> Iterator[str]:
    for role, reach in allowed.items():
        if reach is Reach.GIVEN:
            yield OWN[role]


def _rule(app: Flask, endpoint: str) -> Any:
    (rule,) = [rule for rule in app.url_map.iter_rules() if rule.endpoint == endpoint]
    return rule


def person_id(username: str) -> int:
    with Session(db.engine) as session:
        return session.scalars(select(Person.id).where(Person.username == username)).one()


@pytest.mark.parametrize("verb", ["close", "start-afresh"])
def test_an_account_is_kept_by_its_own_administrator_only(world: World, sign_in: SignIn, verb: str) -> None:
    admins = {name: sign_in(name) for name in ("admin.met", "admin.kent", "admin.haringey", "admin.camden", "operator")}
    kept_by = {
        "officer.wood-green": "admin.met",
        "inspector.met": "admin.met",
        "inspector.kent": "admin.kent",
        "duty.haringey": "admin.haringey",
        "manager.camden": "admin.camden",
        "inspectorate": "operator",
    }
    for username, keeper in kept_by.items():
        address = f"/people/{person_id(username)}/{verb}"
        for admin, client in admins.items():
            if admin != keeper:
                assert client.post(address).status_code == 404, (username, admin)
        assert admins[keeper].post(address).status_code in (200, 303), (username, keeper)
    for username in (*OWN.values(), *OTHERS.values()):
        if username not in admins and username not in kept_by:
            assert sign_in(username).post(f"/people/{person_id('duty.haringey')}/{verb}").status_code == 403


def test_nobody_but_the_person_ends_their_sessions(world: World, sign_in: SignIn) -> None:
    officer, other = sign_in("officer.wood-green"), sign_in("officer.kentish-town")
    (theirs, _) = [session.id for session in world.rows(SignInSession)]

    assert other.post(f"/account/sessions/{theirs}/end").status_code == 404
    assert officer.get("/desk").status_code == 200
    assert sign_in("officer.wood-green").post(f"/account/sessions/{theirs}/end").status_code == 303
    assert officer.get("/desk").status_code == 303


def test_every_role_has_a_first_page_that_is_open_to_it(sign_in: SignIn) -> None:
    for role, username in OWN.items():
        permission = RULES[HOME[role]]
        assert isinstance(permission, Permission)
        assert role in TABLE[permission]
        assert sign_in(username).get("/").location == sign_in(username).get("/", follow_redirects=True).request.path


def test_pages_that_follow_by_themselves_are_pages(app: Flask) -> None:
    assert set(RULES) >= FOLLOWS


def test_nobody_is_given_a_role_by_somebody_who_may_not_see_what_it_sees() -> None:
    """An operator makes administrators, and no officer; no administrator makes an inspector or an operator."""
    for giver, given in ADDS.items():
        for role in given:
            assert role.of is giver.of or giver is Role.OPERATOR
    assert not {Role.CUSTODY_OFFICER, Role.CUSTODY_INSPECTOR, Role.DUTY_OFFICER, Role.MANAGER} & {*ADDS[Role.OPERATOR]}


def test_the_readme_shows_the_table_of_roles() -> None:
    assert markdown() in (PROJECT / "README.md").read_text(encoding="utf-8")


# --- what crosses from one organisation to another ------------------------------------------------


def test_an_authority_sees_what_is_needed_to_decide_and_neither_the_custody_record_nor_the_reference(
    world: World, sign_in: SignIn
) -> None:
    reference = world.detention(custody_record=SECRET)
    request = world.ask(world.place(), detention=reference)
    duty = sign_in("duty.haringey")

    for address in ("/duty", f"/duty/requests/{request}/accept", f"/duty/requests/{request}/refuse"):
        page = duty.get(address).get_data(as_text=True)
        assert "15" in page
        assert "Wood Green" in page
        assert SECRET not in page
        assert reference not in page


def test_a_force_sees_a_places_town_and_count_and_its_address_only_once_it_was_accepted(
    world: World, sign_in: SignIn
) -> None:
    place = world.place(address="77 Hidden Row", postcode="N22 6XH", town="Tottenham", beds_free=2)
    reference = world.detention()
    officer = sign_in("officer.wood-green")
    pages = [f"/desk/detentions/{reference}"]
    before = "".join(officer.get(page).get_data(as_text=True) for page in pages)
    request = world.ask(place, detention=reference)
    pages = [f"/desk/detentions/{reference}", f"/desk/requests/{request}", f"/records/{reference}"]
    before += "".join(officer.get(page).get_data(as_text=True) for page in pages)
    requests.accept(request, authority_code=HARINGEY, by="duty.haringey", channel="page", now=NIGHT)
    after = officer.get(f"/desk/requests/{request}").get_data(as_text=True)

    assert "Tottenham" in before
    assert "77 Hidden Row" not in before
    assert "N22 6XH" not in before
    assert "77 Hidden Row" in after


def test_a_record_that_was_given_can_be_read_until_it_is_taken_back_or_its_time_is_over(
    world: World, sign_in: SignIn, inspector: FlaskClient
) -> None:
    things = Things(world, "record.show")
    reader = sign_in("inspectorate")
    assert reader.get(f"/records/{things.reference}").status_code == 404
    things.give()
    assert reader.get(f"/records/{things.reference}").status_code == 200
    assert reader.get(f"/records/{world.detention()}").status_code == 404
    assert reader.post(f"/records/{things.reference}/end").status_code == 403
    grant = world.rows(RecordGrant)[-1].id

    assert inspector.post(f"/records/{things.reference}/readers/{grant}/take-back").status_code == 303

    assert reader.get(f"/records/{things.reference}").status_code == 404
    world.change(RecordGrant, grant, until=NIGHT + timedelta(minutes=1))
    assert reader.get(f"/records/{things.reference}").status_code == 200
    world.change(RecordGrant, grant, until=NIGHT)
    assert reader.get(f"/records/{things.reference}").status_code == 404


def test_a_record_is_given_on_its_page_with_a_reason(world: World, inspector: FlaskClient, sign_in: SignIn) -> None:
    reference = world.detention()
    said = {"inspector": "inspectorate", "days": "7", "why": "Inspection of custody in November"}

    for wrong in ({"days": "0"}, {"days": "91"}, {"why": "x"}, {"inspector": "duty.haringey"}):
        refused = inspector.post(f"/records/{reference}/readers", data=said | wrong)
        assert refused.status_code == 422
        assert world.count(RecordGrant) == (0,)
    assert inspector.post(f"/records/{reference}/readers", data=said).status_code == 303

    assert "made-up" not in inspector.get(f"/records/{reference}/readers").get_data(as_text=True)
    assert reference in sign_in("inspectorate").get("/records").get_data(as_text=True)
    assert world.count(Detention) == (1,)


def test_rules_for_everybody_are_few_and_known() -> None:
    assert {name.split(".")[0] for name, rule in RULES.items() if rule is Who.EVERYBODY} == {
        "static",
        "health",
        "start",
        "oidc",
        "account",
    }
