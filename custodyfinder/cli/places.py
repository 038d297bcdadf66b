"""`flask --app wsgi places …`"""

from __future__ import annotations

import json
from typing import Any, BinaryIO

import click
from flask.cli import AppGroup

from .. import clock
from ..domain.geo import METRES_PER_MILE
from ..domain.needs import Need, Sex
from ..domain.ranking import Ranking
from ..errors import BadInput
from ..services import enquiries, places, search
from ..services.reference import Origin, authority_code, origin_of
from ..wiring import wired
from .base import OneLine, says_why

places_group = AppGroup("places", help="The places, and the ranking of them for one child.")


@places_group.command("list", cls=OneLine)
@click.option("--json", "as_json", is_flag=True, help="JSON, with everything that the rules read.")
@says_why
def places_list(as_json: bool) -> None:
    """Every place.

    Example: flask --app wsgi places list --json
    """
    everything = places.everything()
    if as_json:
        click.echo(json.dumps(everything, ensure_ascii=False, indent=1))
        return
    for place in everything:
        state = (
            f"out of service: {place['out_of_service']}" if place["out_of_service"] else f"{place['beds_free']} free"
        )
        click.echo(f"{place['code']:8} {place['name']} ({place['authority']}, {place['kind']}): {state}")


class Area(click.ParamType[tuple[str, float]]):
    """ "PC:KM": a circle round a postcode."""

    name = "PC:KM"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, float]:
        """Split at the last colon."""
        postcode, _, kilometres = str(value).rpartition(":")
        try:
            return postcode, float(kilometres)
        except ValueError:
            self.fail(f'{value!r} is not of the form "N22 6XH:2.5" (postcode, colon, kilometres)', param, ctx)


@places_group.command("find", cls=OneLine)
@click.option("--suite", "suite_slug", metavar="SLUG", help="The custody suite that the child is in.")
@click.option("--postcode", metavar="PC", help="Or any postcode to start from.")
@click.option("--age", type=int, required=True, help="10 to 17.")
@click.option("--sex", type=click.Choice([sex.value for sex in Sex]), required=True)
@click.option("--secure", is_flag=True, help="Secure accommodation. Non-secure otherwise.")
@click.option("--approved-under-13", is_flag=True, help="The Secretary of State has approved secure under 13.")
@click.option("--home-postcode", metavar="PC", help="Gives the responsible authority; stays on this machine.")
@click.option("--looked-after-by", metavar="CODE", help="ONS code of the authority that looks after the child.")
@click.option("--avoid", type=Area(), multiple=True, help='Area to keep out of: "N22 6XH:2.5". May be repeated.')
@click.option("--avoid-geojson", type=click.File("rb"), help="Areas to keep out of, WGS84 polygons.")
@click.option(
    "--need",
    "needs",
    type=click.Choice([need.value for need in Need]),
    multiple=True,
    help="May be repeated.",
)
@click.option(
    "--limit",
    type=click.IntRange(1, 100_000),
    default=search.LIMIT,
    show_default=True,
    help="Caps both lists.",
)
@click.option("--json", "as_json", is_flag=True, help="JSON: distances in kilometres, times in UTC.")
@says_why
def places_find(
    suite_slug: str | None, postcode: str | None, limit: int, as_json: bool, avoid_geojson: Any, **said: Any
) -> None:
    """The places for one child, cheapest first, and the nearest that were left out.

    Nothing is kept: no postcode given here is stored or logged.

    \b
    Examples:
      flask --app wsgi places find --suite wood-green --age 15 --sex male
      flask --app wsgi places find --postcode "N22 6XH" --age 12 --sex female --secure \\
            --need step_free --avoid "N17 0AD:3" --limit 5 --json
    """
    now = clock.now()
    origin = origin_of(suite_slug, postcode)
    enquiry = enquiries.Enquiry(
        age=said["age"],
        sex=Sex(said["sex"]),
        secure=said["secure"],
        approved_under_13=said["approved_under_13"],
        needs=frozenset(Need(need) for need in said["needs"]),
        home_postcode=said["home_postcode"],
        looked_after_by=authority_code(said["looked_after_by"]),
        avoid=said["avoid"],
        avoid_geojson=_text_of(avoid_geojson),
    )
    child = enquiries.child_of(
        enquiry, origin=origin.point, suite_authority=origin.authority_code, postcodes=wired().postcodes
    )
    ranking = search.find(child, at=now, limit=limit)
    if as_json:
        click.echo(json.dumps({"origin": origin.as_json()} | search.as_json(ranking), ensure_ascii=False, indent=1))
    else:
        _print(ranking, origin)


def _text_of(file: BinaryIO | None) -> str | None:
    if file is None:
        return None
    try:
        return file.read().decode("utf-8")
    except UnicodeDecodeError:
        raise BadInput("geojson", public="The file of --avoid-geojson is not UTF-8 text.") from None


def _print(ranking: Ranking, origin: Origin) -> None:
    click.echo(f"From {origin.name}. Minutes are an estimate from the straight line.")
    if origin.note:
        click.echo(origin.note)
    for number, option in enumerate(ranking.options, 1):
        place = option.place
        click.echo(
            f"{number:3}. {place.name} ({place.authority_name}): {option.distance_m / METRES_PER_MILE:.1f} miles, "
            f"about {option.travel_minutes:.0f} minutes; {place.beds_free} free; cost {option.cost_minutes:.0f}"
        )
        for reason in option.reasons:
            click.echo(f"       +{reason.minutes:.0f}  {reason.text}")
    if not ranking.options:
        click.echo("No place suits. The nearest, and why not:")
    elif ranking.ruled_out:
        click.echo("Left out, nearest first:")
    for out in ranking.ruled_out:
        reasons = " ".join(reason.text for reason in out.reasons)
        click.echo(f"     {out.place.name}, {out.distance_m / METRES_PER_MILE:.1f} miles: {reasons}")
