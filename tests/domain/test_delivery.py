"""How far a text has come, and what may follow what."""

from __future__ import annotations

from itertools import pairwise

from custodyfinder.domain.delivery import MEANING, TextState, covers, is_settled


def test_a_text_only_ever_moves_on() -> None:
    order = [TextState.WAITING, TextState.SENDING, TextState.SENT, TextState.FAILED, TextState.DELIVERED]

    assert all(covers(later, earlier) and not covers(earlier, later) for earlier, later in pairwise(order))
    assert not any(covers(state, state) for state in TextState)


def test_of_two_words_for_not_arrived_the_first_that_comes_stays() -> None:
    assert not covers(TextState.FAILED, TextState.UNDELIVERED)
    assert not covers(TextState.UNDELIVERED, TextState.FAILED)


def test_undelivered_did_not_arrive_though_it_sounds_like_delivered() -> None:
    assert [status for status, state in MEANING.items() if state is TextState.DELIVERED] == ["delivered", "read"]
    assert [state for state in TextState if is_settled(state)] == ["delivered", "undelivered", "failed"]
