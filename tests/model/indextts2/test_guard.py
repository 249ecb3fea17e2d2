"""Passages gone astray."""

from fractions import Fraction

import pytest

from seiyuu.model.indextts2.guard import LOOP, astray, stop_bias
from seiyuu.model.indextts2.marks import Script
from seiyuu.model.indextts2.options import StreamingOptions
from seiyuu.model.indextts2.passage import Passage
from seiyuu.model.indextts2.text import Token
from seiyuu.streaming.emotion import NEUTRAL

pytestmark = pytest.mark.unit

OPTIONS = StreamingOptions()


def passage(codes: list[int], done: bool = False) -> Passage:
    tokens = [Token(5, 0, 1)]
    made = Passage(0, tokens, Script("a", 0, tokens), 0, NEUTRAL, Fraction(25, 43))
    made.codes, made.done = codes, done
    return made


def test_ordinary_codes_are_fine() -> None:
    """Varied codes below the limit."""
    assert not astray(passage(list(range(80))), OPTIONS)
    assert not astray(passage([3] * (LOOP - 1)), OPTIONS)


@pytest.mark.parametrize("pattern", [[3], [3, 4], [3, 4, 5, 6]])
def test_a_repeated_pattern_is_a_loop(pattern: list[int]) -> None:
    """Up to four codes, over and over."""
    assert astray(passage([9, 8, *(pattern * LOOP)][: LOOP + 2]), OPTIONS)


def test_running_on_and_saying_nothing_are_noticed() -> None:
    """More codes than the text could need, or an end before the first."""
    assert astray(passage(list(range(OPTIONS.limit(1)))), OPTIONS)
    assert astray(passage([], done=True), OPTIONS)


def test_the_end_grows_likelier_with_progress() -> None:
    """Blocked at first, free around the number wanted, forced far beyond."""
    made = passage([])
    assert stop_bias(made) is None
    made.wanted_codes = 10
    biases = []
    for count in (0, 6, 10, 14, 20):
        made.codes = [0] * count
        biases.append(stop_bias(made))
    assert biases == sorted(biases, key=float)
    assert biases[2] == 0
