"""The pages of records of which the schedule of retention has taken something, or all."""

from __future__ import annotations

import pytest
from flask import Flask

from custodyfinder.models import BedRequest

from ..services.expired import a_whole_night, expire, keep
from ..world import World
from .conftest import SignIn
from .reading import words
from .test_every_page import check


def test_the_log_says_of_each_text_that_its_words_are_no_longer_kept(world: World, sign_in: SignIn) -> None:
    reference = a_whole_night(world)
    officer = sign_in("officer.wood-green")
    assert "no longer kept" not in words(officer.get(f"/records/{reference}/log"))
    expire(31)

    page = officer.get(f"/records/{reference}/log")

    check(page.get_data(as_text=True))
    assert words(page).count("Words no longer kept") == 3  # the request, its answer, and what was answered to that


@pytest.mark.parametrize("username", ["officer.wood-green", "inspector.met"])
def test_a_record_without_its_free_text_and_certificate_can_be_read(
    app: Flask, world: World, sign_in: SignIn, username: str
) -> None:
    reference = a_whole_night(world)
    keep(app, texts=5, words=5, certificates=5)
    expire(6)
    person = sign_in(username)

    page = person.get(f"/records/{reference}")

    check(page.get_data(as_text=True))
    assert "Why secure is asked for No longer kept" in words(page)
    assert "The certificate for the court" not in words(page)
    assert person.get(f"/records/{reference}/certificate").status_code == 404
    check(person.get(f"/records/{reference}/log").get_data(as_text=True))


def test_a_reduced_record_is_nowhere_and_every_list_can_be_read_without_it(world: World, sign_in: SignIn) -> None:
    reference = a_whole_night(world)
    (request,) = world.rows(BedRequest)
    expire(400)
    officer, duty, inspector = (
        sign_in(username) for username in ("officer.wood-green", "duty.haringey", "inspector.met")
    )

    for address in (f"/records/{reference}", f"/records/{reference}/log", f"/desk/requests/{request.id}"):
        assert officer.get(address).status_code == 404, address
    lists = ((officer, "/desk"), (officer, "/records/handover"), (inspector, "/records"), (duty, "/duty"))
    for person, address in (*lists, (inspector, "/figures")):
        page = person.get(address)
        assert page.status_code == 200, address
        check(page.get_data(as_text=True))
        assert reference not in words(page)
