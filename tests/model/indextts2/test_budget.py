"""Sharing the time that is left."""

from fractions import Fraction

import pytest

from seiyuu.model.indextts2.budget import Budget
from seiyuu.model.indextts2.marks import Script
from seiyuu.model.indextts2.passage import Passage
from seiyuu.model.indextts2.stretch import NATURAL
from seiyuu.model.indextts2.text import Token
from seiyuu.streaming.emotion import NEUTRAL
from seiyuu.streaming.segment import FREE, Pace

pytestmark = pytest.mark.unit

RATE, HOP = 22_050, 256


def passage(codes: int, tokens: int = 5, gap: int = 0, done: bool = True) -> Passage:
    made = [Token(i, i, i + 1) for i in range(tokens)]
    found = Passage(0, made, Script("x" * tokens, 0, made), gap, NEUTRAL, NATURAL)
    found.codes, found.done = list(range(codes)), done
    return found


def budget(frames: int) -> Budget:
    return Budget(Pace("controlled", duration_ms=round(frames * HOP * 1000 / RATE)), RATE, HOP)


def test_free_speech_has_no_target() -> None:
    """Neither ratio nor duration."""
    free = Budget(FREE, RATE, HOP)
    assert (free.ratio, free.target, free.fixed) == (Fraction(1), 0, False)


def test_the_last_passage_takes_what_is_left() -> None:
    """To the frame, while that is between half and twice its length."""
    assert budget(200).share(passage(100), [], 10, last=True) == 190


def test_passages_share_in_proportion() -> None:
    """Two alike, the silence between them taken off first."""
    got = budget(220).share(passage(100), [passage(100, gap=20)], 0, last=True)
    assert got == pytest.approx(100, abs=1)


def test_speech_is_not_stretched_beyond_understanding() -> None:
    """Twice or half its natural length at most."""
    natural = 100 * 1.72
    assert budget(2000).share(passage(100), [], 0, last=True) == pytest.approx(2 * natural, abs=1)
    assert budget(10).share(passage(100), [], 0, last=True) == pytest.approx(natural / 2, abs=1)


def test_nothing_is_made_longer_while_text_may_come() -> None:
    """Later text may need the time; but what is known to be too long is shortened at once."""
    open_end = budget(1000).share(passage(100), [], 0, last=False)
    assert open_end == pytest.approx(172, abs=1)
    assert budget(200).share(passage(100), [passage(100)], 0, last=False) == pytest.approx(
        100, abs=1
    )


def test_codes_are_shared_by_tokens() -> None:
    """For the count embedding, at the natural rate of codes."""
    first, second = passage(0, tokens=10, done=False), passage(0, tokens=30, done=False)
    assert budget(172).codes(first, [first, second], 0) == 25
    assert Budget(FREE, RATE, HOP).codes(first, [first], 0) is None
