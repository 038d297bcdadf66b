"""What an incoming text means."""

# Long because every text that must not be taken for an acceptance is written out.

from __future__ import annotations

import re
import time
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custodyfinder.domain.needs import RefusalReason
from custodyfinder.domain.replies import (
    DIGITS,
    LETTERS,
    LONGEST_READ,
    MOST_WORDS,
    REFERENCE_ALPHABET,
    REFERENCE_LENGTH,
    Kind,
    Reply,
    new_reference,
    parse,
)

COMMANDS = {"ACCEPT", "REFUSE", "RING", "RG", "BEDS", "UNDO", "A", "R"}
# YES is bare: somebody who sends it means the bed.
CARRIER_WORDS = ["STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "REVOKE", "OPTOUT"]
CARRIER_WORDS += ["START", "UNSTOP", "HELP", "INFO"]
ACTING = (Kind.ACCEPT, Kind.REFUSE, Kind.RING)

references = st.builds(
    lambda a, b, c, d: a + b + c + d,
    st.sampled_from(LETTERS),
    st.sampled_from(DIGITS),
    st.sampled_from(LETTERS),
    st.sampled_from(REFERENCE_ALPHABET),
)


@pytest.mark.parametrize(
    "body",
    [
        "K7R4 ACCEPT",
        "accept k7r4",
        "K7R4-A",
        "K7R4 A",
        '"K7R4 A"',
        "a k7r4",
        "K7R4ACCEPT",
        "k7r4a",
        "AcceptK7R4",
        "K 7 R 4 accept",
        "k.7.r.4 Accept.",
        "  k7r4 :\n accept !! ",
        "K7R4 accepted",
        "K7R4 accepting, thanks",
        "Hello, yes please, we will accept K7R4. Thank you",
        "OK K7R4 I’ll accept",
        "K7R4 \u200baccept\u202e",
        "Ｋ７Ｒ４ ＡＣＣＥＰＴ",
    ],
)
def test_the_reference_and_the_word_accept(body: str) -> None:
    assert parse(body) == Reply(kind=Kind.ACCEPT, reference="K7R4")


@pytest.mark.parametrize(
    "body",
    [
        "K7R4",
        "K7R4 yes",
        "K7R4 ok thanks",
        "K7R4 ACCEPT REFUSE",
        "K7R4 refuse accept",
        "K7R4 A/R",
        "K7R4 A R",
        "K7R4 accept or ring",
        "K7R4 ring accept",
        "K7R4 don't accept",
        "K7R4 dont accept",
        "K7R4 not accept",
        "K7R4 can't accept",
        "K7R4 cannot accept",
        "K7R4 accept NOT",
        "K7R4 unaccept",
        "K7R4 never accepted",
        "K7R4 accept?",
        "Will you accept K7R4",
        "will we accept K7R4",
        "K7R4 accept if she is 15",
        "K7R4 accept tomorrow",
        "K7R4 accept 2",
        "K7R4 a bed",
        "K7R4 we a",
        "K7R4 ACCEPT не",
        "K7R4 АCCEPT",  # the first letter is Cyrillic
        "K7R4 accept 👎",
        "K7R4 A\u0336",  # struck through
        "K7R4 R u able to wait",
        "K7R4 r you sure",
        "K7R4 don't refuse",
        "K7R4 don't ring",
        "K7R4 HELP",
        "K7R4 stop",
    ],
)
def test_whatever_is_in_doubt_is_unclear(body: str) -> None:
    assert parse(body) == Reply(kind=Kind.UNCLEAR, reference="K7R4")


def test_two_references_in_one_text_are_unclear() -> None:
    assert parse("K7R4 M3N9 accept") == Reply(kind=Kind.UNCLEAR)
    assert parse("K7R4 accept. M 3 N 9 refuse") == Reply(kind=Kind.UNCLEAR)


def test_the_same_reference_twice_is_one() -> None:
    assert parse("K7R4 k7r4 accept") == Reply(kind=Kind.ACCEPT, reference="K7R4")


def test_a_text_that_may_have_been_cut_is_never_an_acceptance() -> None:
    start = "K7R4 accept"
    whole = start.ljust(LONGEST_READ - 1)

    assert parse(whole).kind is Kind.ACCEPT
    assert parse(whole + " ").kind is Kind.UNCLEAR
    assert parse(whole + " not").kind is Kind.UNCLEAR


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("K7R4 REFUSE", ""),
        ("k7r4: refuse - no bed", "no bed"),
        ("K7R4 R", ""),
        ("r k7r4", ""),
        ("R K 7 R 4 no bed", "no bed"),
        ("K7R4R no bed", "no bed"),
        ("K7R4 R: Full tonight", "Full tonight"),
        ("refused K7R4 No bed.", "No bed"),
        ("Sorry, we will refuse K7R4, no staff", "no staff"),
        ("K7R4 refusing; we've Zoë's room only", "we've Zoë's room only"),
        ("K7R4 refuse, but will accept tomorrow", "but will accept tomorrow"),
        ("K7R4 REFUSE no\u200b b\u202eed\x07\n here", "no bed here"),
        ("K7R4 refuse why now?", "why now?"),
    ],
)
def test_refuse_keeps_what_was_said_after_it(body: str, words: str) -> None:
    reply = parse(body)

    assert (reply.kind, reply.reference, reply.words) == (Kind.REFUSE, "K7R4", words)


def test_a_long_refusal_is_kept_to_200_characters() -> None:
    reply = parse("K7R4 REFUSE " + "full " * 400)

    assert reply.kind is Kind.REFUSE
    assert MOST_WORDS - 5 < len(reply.words) <= MOST_WORDS
    assert reply.words.startswith("full full")


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        ("", RefusalReason.NOT_GIVEN),
        ("!!", RefusalReason.NOT_GIVEN),
        ("no bed", RefusalReason.NO_BED),
        ("We are FULL.", RefusalReason.NO_BED),
        ("no vacancies", RefusalReason.NO_BED),
        ("no bed with staff on", RefusalReason.STAFFING),
        ("no foster carer awake", RefusalReason.STAFFING),
        ("asked too late", RefusalReason.TOO_LATE),
        ("no bed, ask again later", RefusalReason.NO_BED),
        ("not enough notice", RefusalReason.TOO_LATE),
        ("we do not know enough", RefusalReason.OTHER),
        ("not enough is known", RefusalReason.NOT_ENOUGH_KNOWN),
        ("no grounds for secure", RefusalReason.SECURE_WITHOUT_GROUNDS),
        ("not from our area", RefusalReason.OUT_OF_AREA),
        ("try another authority", RefusalReason.OUT_OF_AREA),
        ("need more information", RefusalReason.NOT_ENOUGH_KNOWN),
        ("risk to other children here", RefusalReason.MIX_OF_CHILDREN),
        ("wrong mix tonight", RefusalReason.MIX_OF_CHILDREN),
        ("no transport until 6", RefusalReason.TRANSPORT),
        ("boiler broken", RefusalReason.OTHER),
        ("😀", RefusalReason.OTHER),
    ],
)
def test_the_words_of_a_refusal_name_its_reason(words: str, reason: RefusalReason) -> None:
    assert parse(f"K7R4 REFUSE {words}").reason is reason


@pytest.mark.parametrize(
    "body",
    ["K7R4 RING", "rg K7R4", "K7R4RING", "please ring K7R4", "K7R4 can you ring me in a minute?", "ring 🙏 k7r4"],
)
def test_ring_asks_to_be_rung(body: str) -> None:
    assert parse(body) == Reply(kind=Kind.RING, reference="K7R4")


@pytest.mark.parametrize(
    "body", ["yes", "YES!", "ok", "No", "accept", "A", "r", "refuse no bed", "ring me", "We accept"]
)
def test_an_answer_without_a_reference_is_bare(body: str) -> None:
    assert parse(body) == Reply(kind=Kind.BARE)


@pytest.mark.parametrize("word", CARRIER_WORDS)
def test_the_networks_words_are_theirs_only_when_alone(word: str) -> None:
    kind = Kind.CARRIER if word in ("HELP", "INFO") else Kind.START if word in ("START", "UNSTOP") else Kind.STOP
    assert parse(f" {word.lower()}. ") == Reply(kind=kind)
    assert parse(f"{word} texting me").kind is Kind.UNCLEAR


@pytest.mark.parametrize("body", ["", "   ", "?", "hello there", "\0", "😀" * 2000, "KTR4", "KK7R4", "K7R4C", "\ud800"])
def test_anything_else_is_unclear(body: str) -> None:
    assert parse(body) == Reply(kind=Kind.UNCLEAR)


# --- properties -----------------------------------------------------------------------------

PUNCTUATION = st.text(alphabet=' .,:;!-–—()"/*\n\t\u00a0\u200b\u2060\u202e', max_size=6)
ANSWERS = {
    "accept": Kind.ACCEPT,
    "accepted": Kind.ACCEPT,
    "a": Kind.ACCEPT,
    "refuse": Kind.REFUSE,
    "r": Kind.REFUSE,
    "ring": Kind.RING,
    "rg": Kind.RING,
}


@given(
    reference=references,
    answer=st.sampled_from(sorted(ANSWERS)),
    noise=st.tuples(PUNCTUATION, PUNCTUATION, PUNCTUATION),
    reference_first=st.booleans(),
    case=st.sampled_from([str.upper, str.lower, str.title, str.swapcase]),
    spelt=st.booleans(),
)
def test_case_spacing_punctuation_and_order_never_change_the_meaning(
    reference: str,
    answer: str,
    noise: tuple[str, str, str],
    reference_first: bool,
    case: type[str],
    spelt: bool,
) -> None:
    written = " ".join(reference) if spelt else reference
    parts = (written, answer) if reference_first else (answer, written)
    before, between, after = noise

    reply = parse(f"{before}{case(parts[0])}{between} {case(parts[1])}{after}")

    assert reply == Reply(kind=ANSWERS[answer], reference=reference)


FRAGMENTS = st.sampled_from(
    [
        *("K7R4", "k7r4", "M3N9", "K", "7", "R", "4", "accept", "ACCEPTED", "A", "refuse", "ring", "RG", "stop"),
        *("we", "will", "I", "please", "thanks", "yes", "ok", "not", "don't", "never", "no", "bed", "U", "help"),
        *("?", "!", ".", "'d", "👎", "👍", "\u0336", "\u200b"),
    ]
)
SOUP = st.lists(FRAGMENTS | st.text(max_size=4), max_size=10).map(" ".join) | st.lists(FRAGMENTS, max_size=8).map(
    "".join
)


@given(st.text() | SOUP)
def test_any_text_at_all_can_be_read(body: str) -> None:
    reply = parse(body)

    assert len(reply.words) <= MOST_WORDS
    assert not any(unicodedata.category(character).startswith("C") for character in reply.words)
    assert reply.kind is Kind.REFUSE or (reply.words == "" and reply.reason is RefusalReason.NOT_GIVEN)


@given(st.text() | SOUP)
def test_no_text_without_a_reference_acts(body: str) -> None:
    shape = f"[{LETTERS}] *[{DIGITS}] *[{LETTERS}] *[{REFERENCE_ALPHABET}]"
    visible = "".join(c for c in unicodedata.normalize("NFKC", body) if unicodedata.category(c) != "Cf")
    has_one = re.search(shape.replace(" *", r"[\W_]*"), visible, re.IGNORECASE)
    reply = parse(body)

    assert (reply.reference is not None) == (reply.kind in ACTING) or reply.kind is Kind.UNCLEAR
    assert has_one or reply.kind not in ACTING


NEGATIONS = [
    "not",
    "NOT",
    "don't",
    "dont",
    "can't",
    "cannot",
    "can’t",
    "won't",
    "never",
    "no",
    "unable",
    "n't",
    "👎",
    "❌",
]


@given(
    reference=references,
    negation=st.sampled_from(NEGATIONS),
    around=st.lists(st.sampled_from(["accept", "A", "we", "will", "please", "thanks", "yes", "ok"]), max_size=5),
    where=st.integers(0, 6),
    joined=st.sampled_from([" ", "  ", ", ", "\n", "-", ". "]),
)
def test_no_text_with_a_negation_is_an_acceptance(
    reference: str, negation: str, around: list[str], where: int, joined: str
) -> None:
    words = [reference, "accept", *around]
    words.insert(where, negation)

    assert parse(joined.join(words)).kind is not Kind.ACCEPT


@given(reference=references, stranger=st.from_regex(r"[a-z]{2,8}", fullmatch=True), first=st.booleans())
def test_a_word_that_is_not_known_to_be_polite_stops_an_acceptance(reference: str, stranger: str, first: bool) -> None:
    polite = {"hi", "hello", "please", "thanks", "ok", "okay", "yes", "we", "will", "rg"}
    polite |= {"accept", "accepted", "accepting"}
    body = f"{stranger} accept {reference}" if first else f"{reference} accept {stranger}"

    assert stranger in polite or parse(body).kind is not Kind.ACCEPT


@pytest.mark.parametrize(
    "piece",
    [
        "😀",
        "K7R4 ",
        "K " * 3,
        "ACCEPT",
        "A ",
        "please ",
        "ok",
        "R",
        "K....",
        "\u0336",
        "\ufdfa",
        "'",
        "we will ",
        "\u200b",
    ],
)
def test_reading_takes_no_longer_for_a_hundred_kilobytes(piece: str) -> None:
    body = (piece * 100_000)[:100_000]
    started = time.perf_counter()

    for text in (body, "K7R4 refuse " + body, body[:2000]):
        parse(text)

    assert time.perf_counter() - started < 1.0  # about 10 ms; a regular expression that backtracks takes minutes


# --- references -----------------------------------------------------------------------------


@given(st.data())
def test_a_new_reference_reads_back_and_is_no_word_of_ours(data: st.DataObject) -> None:
    reference = new_reference(lambda characters: data.draw(st.sampled_from(characters)))

    assert len(reference) == REFERENCE_LENGTH
    assert set(reference) <= set(REFERENCE_ALPHABET)
    assert any(c in LETTERS for c in reference)
    assert any(c in DIGITS for c in reference)
    assert reference not in COMMANDS
    assert parse(f"{reference} ACCEPT") == Reply(kind=Kind.ACCEPT, reference=reference)


def test_no_character_of_a_reference_looks_like_another_or_makes_a_word() -> None:
    assert not set(REFERENCE_ALPHABET) & set("0O1IL2Z5S8BUV" + "AEIOU")
    assert len(set(REFERENCE_ALPHABET)) == len(REFERENCE_ALPHABET)


def test_a_reference_is_drawn_from_22500() -> None:
    sizes: list[int] = []

    def choose(characters: str) -> str:
        sizes.append(len(characters))
        return characters[0]

    new_reference(choose)

    product = 1
    for size in sizes:
        product *= size
    assert product == 22_500


# --- beds -----------------------------------------------------------------------------------


@pytest.mark.parametrize("body", ["BEDS", "beds", " Beds. ", "bed", "BEDS?", "ＢＥＤＳ"])
def test_beds_alone_asks_what_we_hold(body: str) -> None:
    assert parse(body) == Reply(kind=Kind.BEDS)


@pytest.mark.parametrize(
    ("body", "counts"),
    [
        ("BEDS HAR1 2", (("HAR1", 2),)),
        ("beds har1 2.", (("HAR1", 2),)),
        ("Bed har1: 0", (("HAR1", 0),)),
        ("BEDS HAR1=2 HAR2=0", (("HAR1", 2), ("HAR2", 0))),
        ("BEDS HAR1 2, HAR2 0", (("HAR1", 2), ("HAR2", 0))),
        ("beds HAR1 2 and HAR2 0", (("HAR1", 2), ("HAR2", 0))),
        ("beds HAR1 2\nHAR2 0", (("HAR1", 2), ("HAR2", 0))),
        ("BEDS HAR1 2 HAR1 2", (("HAR1", 2),)),
        ("BEDS 3", (("", 3),)),
    ],
)
def test_beds_with_places_and_numbers_reports(body: str, counts: tuple[tuple[str, int], ...]) -> None:
    assert parse(body) == Reply(kind=Kind.BEDS_REPORT, counts=counts)


@pytest.mark.parametrize("body", ["BEDS SAME", "beds ok!", "Beds unchanged", "BEDS all same"])
def test_beds_same_confirms(body: str) -> None:
    assert parse(body) == Reply(kind=Kind.BEDS_SAME)


@pytest.mark.parametrize(
    "body",
    [
        *("BEDS HAR1", "BEDS HAR1 two", "BEDS HAR1 -2", "BEDS HAR1 2.5", "BEDS HAR1 2?", "BEDS HAR1 1000"),
        *(
            "BEDS HAR1 2 HAR1 3",
            "BEDS HAR1 2 HAR2",
            "BEDS 2 HAR1",
            "BEDS 2 3",
            "BEDS HAR1 2 please",
            "BEDS K7R4 NO",
        ),
        *("BEDS HAR1 ½", "BEDS HAR1 2 👍", "BEDS not HAR1 2", "BEDS " + "HAR1 2 " * 300 + "HAR1"),
    ],
)
def test_what_is_in_doubt_about_beds_reports_nothing(body: str) -> None:
    assert parse(body) == Reply(kind=Kind.BEDS_UNCLEAR)


@pytest.mark.parametrize("body", ["UNDO", "undo.", " Undo!"])
def test_undo_takes_back(body: str) -> None:
    assert parse(body) == Reply(kind=Kind.UNDO)


@pytest.mark.parametrize("body", ["493764", " 493 764. ", "49-37-64"])
def test_six_digits_are_a_code(body: str) -> None:
    assert parse(body) == Reply(kind=Kind.CODE, code="493764")


@pytest.mark.parametrize("body", ["49376", "4937641", "code 493764", "bedside", "undo that", "K7R4 BEDS", "K7R4 UNDO"])
def test_what_is_nearly_a_code_a_count_or_an_undo_changes_nothing(body: str) -> None:
    assert parse(body).kind is Kind.UNCLEAR


@given(st.text(alphabet="BEDS HAR12,.:=-?andk7R4\n", max_size=60))
def test_no_text_about_beds_is_ever_an_acceptance_or_breaks_the_parser(rest: str) -> None:
    assert parse(f"BEDS {rest}").kind in (Kind.BEDS, Kind.BEDS_REPORT, Kind.BEDS_SAME, Kind.BEDS_UNCLEAR, Kind.UNCLEAR)
