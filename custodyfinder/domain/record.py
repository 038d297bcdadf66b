"""The closed lists of the detention record: what is asked in the order of the Act, and how it may end."""

from __future__ import annotations

from enum import StrEnum


class Answer(StrEnum):
    """What is known of a risk or a need. Not known is never read as no."""

    YES = "yes"
    NO = "no"
    NOT_KNOWN = "not_known"

    @property
    def label(self) -> str:
        """For a form and a page."""
        return {Answer.YES: "Yes", Answer.NO: "No", Answer.NOT_KNOWN: "Not known"}[self]


class Regime(StrEnum):
    """Why the child is held. Only the first is what s.38(6) and its certificate are for."""

    CHARGED = "charged"
    NOT_CHARGED = "not_charged"
    BREACH_OF_BAIL = "breach_of_bail"
    WARRANT = "warrant"

    @property
    def label(self) -> str:
        """For a form."""
        return {
            Regime.CHARGED: "Charged, and bail refused",
            Regime.NOT_CHARGED: "Not charged yet",
            Regime.BREACH_OF_BAIL: "Arrested for breach of bail",
            Regime.WARRANT: "Arrested on a warrant",
        }[self]


class BailGround(StrEnum):
    """Why bail was refused: the closed list of PACE 1984 s.38(1)."""

    NAME_OR_ADDRESS = "name_or_address"
    FAIL_TO_APPEAR = "fail_to_appear"
    PREVENT_OFFENCE = "prevent_offence"
    PREVENT_INJURY_OR_DAMAGE = "prevent_injury_or_damage"
    INTERFERE_WITH_JUSTICE = "interfere_with_justice"
    OWN_PROTECTION = "own_protection"
    SAMPLE = "sample"
    OWN_INTERESTS = "own_interests"
    MURDER = "murder"
    NOT_RECORDED = "not_recorded"
    """Only in records that were opened before the program asked. Never offered."""

    @property
    def label(self) -> str:
        """For a form, a page and the certificate."""
        return _GROUNDS[self][0]

    @property
    def paragraph(self) -> str:
        """Where in the Act it stands."""
        return _GROUNDS[self][1]


_GROUNDS = {
    BailGround.NAME_OR_ADDRESS: ("Name or address cannot be ascertained, or is doubted", "s.38(1)(a)(i)"),
    BailGround.FAIL_TO_APPEAR: ("The child will fail to appear in court", "s.38(1)(a)(ii)"),
    BailGround.PREVENT_OFFENCE: ("Imprisonable offence: to prevent an offence", "s.38(1)(a)(iii)"),
    BailGround.PREVENT_INJURY_OR_DAMAGE: (
        "Not imprisonable: to prevent injury, or loss of or damage to property",
        "s.38(1)(a)(iv)",
    ),
    BailGround.INTERFERE_WITH_JUSTICE: (
        "To prevent interference with justice or with an investigation",
        "s.38(1)(a)(v)",
    ),
    BailGround.OWN_PROTECTION: ("For the child's own protection", "s.38(1)(a)(vi)"),
    BailGround.SAMPLE: ("To take a sample for drug testing, where that applies", "s.38(1)(a)(iiia)"),
    BailGround.OWN_INTERESTS: ("The child ought to be detained in their own interests", "s.38(1)(b)(ii)"),
    BailGround.MURDER: ("Charged with murder", "s.38(1)(c)"),
    BailGround.NOT_RECORDED: ("Not recorded", "s.38(1)"),
}

GROUNDS_OFFERED = tuple(ground for ground in BailGround if ground is not BailGround.NOT_RECORDED)


class Ethnicity(StrEnum):
    """As the child says it themselves; optional; for equality monitoring only and never in the match."""

    ASIAN = "asian"
    BLACK = "black"
    MIXED = "mixed"
    WHITE = "white"
    OTHER = "other"
    NOT_STATED = "not_stated"

    @property
    def label(self) -> str:
        """The five groups of the Home Office's custody statistics, and not stated."""
        return {
            Ethnicity.ASIAN: "Asian or Asian British",
            Ethnicity.BLACK: "Black or Black British",
            Ethnicity.MIXED: "Mixed",
            Ethnicity.WHITE: "White",
            Ethnicity.OTHER: "Another ethnic group",
            Ethnicity.NOT_STATED: "Not stated",
        }[self]


class Risk(StrEnum):
    """What the record asks of every child: yes, no or not known."""

    LOOKED_AFTER = "looked_after"
    CHILD_PROTECTION = "child_protection"
    MISSING_BEFORE = "missing_before"
    EXPLOITATION = "exploitation"

    @property
    def label(self) -> str:
        """For a form and a page."""
        return {
            Risk.LOOKED_AFTER: "Looked after by a local authority",
            Risk.CHILD_PROTECTION: "On a child protection plan",
            Risk.MISSING_BEFORE: "Has been missing before",
            Risk.EXPLOITATION: "At risk of exploitation",
        }[self]

    @property
    def follows(self) -> str:
        """What to do where the answer is yes: shown on the record's page."""
        return {
            Risk.LOOKED_AFTER: "The authority that looks after the child is asked first. "
            "Tell the child's social worker.",
            Risk.CHILD_PROTECTION: "Tell the child's social worker tonight.",
            Risk.MISSING_BEFORE: "Say so when you arrange the move. Near and known is better.",
            Risk.EXPLOITATION: "Places that support a child at risk of exploitation come first. "
            "Give areas to keep away from, and say so when you arrange the move.",
        }[self]


class OutcomeKind(StrEnum):
    """How a child's time after charge ended, for this program."""

    TRANSFERRED = "transferred"
    BAILED = "bailed"
    COURT_FIRST = "court_first"
    NOT_TRANSFERRED = "not_transferred"
    REOPENED = "reopened"
    """The outcome before it was recorded by mistake, and the record goes on. Not among those that are offered."""

    @property
    def label(self) -> str:
        """For a form, a page and the certificate."""
        return {
            OutcomeKind.REOPENED: "Opened again: the outcome was recorded by mistake",
            OutcomeKind.TRANSFERRED: "Moved to local-authority accommodation",
            OutcomeKind.BAILED: "Bailed after all",
            OutcomeKind.COURT_FIRST: "Taken to court before a move could be made",
            OutcomeKind.NOT_TRANSFERRED: "Not moved: a certificate for the court is needed",
        }[self]


OUTCOMES_OFFERED = tuple(kind for kind in OutcomeKind if kind is not OutcomeKind.REOPENED)


class CertificateGround(StrEnum):
    """The two grounds on which a child may stay in the station: PACE 1984 s.38(6)(a) and (b)."""

    IMPRACTICABLE = "impracticable"
    NO_SECURE = "no_secure"

    @property
    def label(self) -> str:
        """In the words of the Act, shortened."""
        return {
            CertificateGround.IMPRACTICABLE: "By reason of the circumstances below it is impracticable to "
            "move the child",
            CertificateGround.NO_SECURE: "The child has attained 12, no secure accommodation is available, and other "
            "local-authority accommodation would not be adequate to protect the public from serious harm from them",
        }[self]

    @property
    def paragraph(self) -> str:
        """Where in the Act it stands."""
        return {
            CertificateGround.IMPRACTICABLE: "PACE 1984 s.38(6)(a)",
            CertificateGround.NO_SECURE: "PACE 1984 s.38(6)(b)",
        }[self]


class Impracticable(StrEnum):
    """What made a move impracticable: transport and travel can, and nothing else (Code C Note 16D).

    The last is there because it is what happens: a child stays since nobody took them. It is no
    circumstance that the Code accepts, so that an inspector has to sign for it; and it is counted.
    """

    NO_TRANSPORT = "no_transport"
    ROADS = "roads"
    TOO_FAR_FOR_COURT = "too_far_for_court"
    NO_ACCOMMODATION = "no_accommodation"

    @property
    def label(self) -> str:
        """For a form and the certificate."""
        return {
            Impracticable.NO_TRANSPORT: "No transport could be had, from the authority or the police",
            Impracticable.ROADS: "Weather, or roads that cannot be passed",
            Impracticable.TOO_FAR_FOR_COURT: "The way there and back to court takes longer than the time that is left",
            Impracticable.NO_ACCOMMODATION: "No authority that was asked provided accommodation",
        }[self]


class Transport(StrEnum):
    """Who took the child there."""

    POLICE = "police"
    AUTHORITY = "authority"
    CONTRACTOR = "contractor"
    FAMILY = "family"
    OTHER = "other"

    @property
    def label(self) -> str:
        """For a form, a page and the certificate."""
        return {
            Transport.POLICE: "Police vehicle",
            Transport.AUTHORITY: "The authority's own staff",
            Transport.CONTRACTOR: "The authority's contractor",
            Transport.FAMILY: "Family, as the authority arranged",
            Transport.OTHER: "Another way",
        }[self]


class Rank(StrEnum):
    """Who may supervise: inspector or above (Code C 16.7)."""

    INSPECTOR = "inspector"
    CHIEF_INSPECTOR = "chief_inspector"
    SUPERINTENDENT = "superintendent"
    CHIEF_SUPERINTENDENT = "chief_superintendent"

    @property
    def label(self) -> str:
        """For a form, a page and the certificate."""
        return self.value.replace("_", " ").capitalize()
