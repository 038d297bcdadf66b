"""What the pages say where a view has to choose the words; all other sentences stand in the templates and forms."""

from __future__ import annotations

from ..escalation import Target
from ..roles import Role

OF_STATUS = {
    404: "There is nothing here. Check the address, or start again from the first page.",
    405: "This page cannot be used like that. Go back and use the buttons on the page.",
    413: "That was too much at once. Send less.",
}
SOMETHING_WRONG = "Something went wrong. Nothing was changed. Try again."
FORM_TOO_OLD = "This form was opened too long ago, or in another session. Go back, reload the page and send it again."

KEPT_FORM_GONE = "What you had typed is gone."
ACCOUNT_CLOSED = "The account is closed, and signed out everywhere."

DAY_MISSING = "Choose a day."
CONTACT_MISSING = "Choose a contact."
FILE_MISSING = "Choose a CSV file."
TIME_NEEDED = "Enter a time such as 17:00."
DAY_AND_TIME_NEEDED = "Enter a day such as 2026-11-25 and a time such as 17:00."
MINUTES_NEEDED = "Enter minutes as whole numbers, such as 10."
ONE_OF_TWO_NEEDED = "Choose one of the two."

TARGETS = {
    Target.ON_DUTY: "Whoever is on duty",
    Target.FALLBACK: "The fallback",
    Target.MANAGER: "The manager",
}

OTHERS_OF_THE_DEMONSTRATION = {
    Role.CUSTODY_OFFICER: "Custody officers of the other suites",
    Role.DUTY_OFFICER: "Duty officers of the other authorities",
    Role.MANAGER: "Managers of the other authorities",
    Role.CUSTODY_INSPECTOR: "Custody inspectors of the other forces",
}
ALL_OTHERS_OF_THE_DEMONSTRATION = "Administrators, inspectors, the operator"

CHILDREN_SERIES = ("Transferred", "Not transferred")
UNMET_SERIES = ("No secure bed", "No non-secure bed")
PARTS_KEPT_BACK = "Parts kept back"
NOT_IN_THESE_FIGURES = "not in these figures"
A_NIGHT = "night"

CERTIFICATE_MADE_UP = "MADE UP: this is a demonstration and no certificate"
CERTIFICATE_TAKEN_BACK = "TAKEN BACK: the record was opened again, and this certificate no longer counts"

RECEIPT_OF_NO_TEXT = "The address of this receipt names no text."


def receipt_lacks(field: str) -> str:
    """What a webhook without a field is told."""
    return f"The field {field} is missing or too long."


def home_note(note: str) -> str:
    """What the officer should know of the home postcode."""
    return f"Home postcode: {note}"


def taken_over(number: int) -> str:
    """After the change of shift."""
    return "You have taken over 1 record." if number == 1 else f"You have taken over {number} records."
