"""The proof that a webhook call came from Twilio."""

from __future__ import annotations

import hmac
from base64 import b64encode

import pytest

from custodyfinder.gateways.twilio import signature_is_good

DUTY = "+447700900123"
DESK = "+442079460123"

SIGNED_URL = "https://finder.example.org/hooks/twilio/message?text=7"
SIGNED_FORM = {"To": [DESK], "Body": ["K7R4 ACCEPT"], "From": [DUTY], "NumMedia": ["0"]}
SIGNED_WITH = "12345"


def signed(token: str, written_out: str) -> str:
    # As Twilio's documentation says: HMAC-SHA1 over the address, then every field and value by name.
    return b64encode(hmac.digest(token.encode(), written_out.encode(), "sha1")).decode()


SIGNATURE = signed(SIGNED_WITH, f"{SIGNED_URL}BodyK7R4 ACCEPTFrom{DUTY}NumMedia0To{DESK}")


def test_the_signature_that_twilio_documents_is_good() -> None:
    assert signature_is_good(SIGNED_WITH, url=SIGNED_URL, params=SIGNED_FORM, signature=SIGNATURE)


def test_every_value_of_a_repeated_field_is_signed() -> None:
    signature = signed(SIGNED_WITH, f"{SIGNED_URL}MediaaMediab")

    assert signature_is_good(SIGNED_WITH, url=SIGNED_URL, params={"Media": ["b", "a"]}, signature=signature)
    assert not signature_is_good(SIGNED_WITH, url=SIGNED_URL, params={"Media": ["b"]}, signature=signature)


@pytest.mark.parametrize(
    ("token", "url", "form", "signature"),
    [
        ("12346", SIGNED_URL, SIGNED_FORM, SIGNATURE),
        (SIGNED_WITH, SIGNED_URL + "&more=1", SIGNED_FORM, SIGNATURE),
        (SIGNED_WITH, SIGNED_URL, {**SIGNED_FORM, "Body": ["K7R4 REFUSE"]}, SIGNATURE),
        (SIGNED_WITH, SIGNED_URL, {**SIGNED_FORM, "Body": ["K7R4 ACCEPT", "K7R4 REFUSE"]}, SIGNATURE),
        (SIGNED_WITH, SIGNED_URL, {**SIGNED_FORM, "More": ["1"]}, SIGNATURE),
        (SIGNED_WITH, SIGNED_URL, SIGNED_FORM, ""),
        (SIGNED_WITH, SIGNED_URL, SIGNED_FORM, SIGNATURE.lower()),
        (SIGNED_WITH, SIGNED_URL, SIGNED_FORM, "£" * len(SIGNATURE)),
    ],
    ids=["token", "address", "value", "second value", "field", "none", "case", "not base64"],
)
def test_a_signature_over_anything_else_is_bad(
    token: str, url: str, form: dict[str, list[str]], signature: str
) -> None:
    assert not signature_is_good(token, url=url, params=form, signature=signature)


def test_an_empty_token_vouches_for_nothing_even_with_the_signature_it_would_make() -> None:
    made = signed("", f"{SIGNED_URL}BodyK7R4 ACCEPT")

    assert not signature_is_good("", url=SIGNED_URL, params={"Body": ["K7R4 ACCEPT"]}, signature=made)
