"""The real voice turned anywhere, as often as anybody can: no click, no character lost or said twice."""

import itertools
from collections.abc import Sequence

import pytest

from seiyuu.model.compact.engine import CompactCore
from seiyuu.model.compact.job import CompactJob
from seiyuu.model.engine import StreamItem, StreamOptions, Turned
from seiyuu.model.evaluation.seams import seams
from seiyuu.streaming.emotion import AXES, Emotion
from seiyuu.streaming.segment import Segment

from ..jobs import marks, run
from ..listening import sound

pytestmark = pytest.mark.unit

TEXT = "今天的天气很好,我们一起去公园散步吧。"
SAID = "".join(character for character in TEXT if character.isalnum())
MIXED = 240
"""Samples over which old and new sound are mixed."""

TENTH_S = 2400


def begin(core: CompactCore) -> CompactJob:
    job = core.open(core.voices()[0], StreamOptions(language="zh"))
    job.push(Segment(TEXT, 0))
    job.end()
    return job


def check(items: Sequence[StreamItem]) -> None:
    """All is said once and in order, and the joins cannot be told from what is between them."""
    left: list[StreamItem] = []
    joins: list[int] = []
    for item in items:
        if isinstance(item, Turned):
            left = [one for one in left if one.start < item.start]
            joins += [item.start, item.start + MIXED]
        left.append(item)
    assert "".join(mark.text for mark in marks(left)) == SAID
    found = seams(sound(items), joins)
    assert found.borders
    assert found.border_jump <= 1.5 * found.elsewhere_p99


@pytest.mark.parametrize("character", ["天", "公", "步"])
def test_a_turn_in_the_middle_of_a_word(core: CompactCore, character: str) -> None:
    """The word goes on in the new tone from where it was."""
    plain = marks(run(begin(core)))
    word = next(mark for mark in plain if mark.text == character)
    job = begin(core)
    items: list[StreamItem] = []
    while len(sound(items)) < word.end:
        items += job.step()
    job.turn(Emotion.of("anger", 1.0), (word.start + word.end) // 2, 120)
    check([*items, *run(job)])


def test_ten_turns_in_a_second(core: CompactCore) -> None:
    """Each takes back a part of what the one before had made."""
    job = begin(core)
    items = run(job, 4)
    emotions = itertools.cycle([axis for axis in AXES if axis != "neutral"])
    for position in range(TENTH_S, 11 * TENTH_S, TENTH_S):
        while len(sound(items)) < position:
            items += job.step()
        job.turn(Emotion.of(next(emotions), 1.0), position, 120)
        items += run(job, 2)
    items += run(job)
    assert sum(isinstance(item, Turned) for item in items) == 10
    check(items)


def test_a_turn_when_all_was_made(core: CompactCore) -> None:
    """A finished job makes its unheard rest again."""
    job = begin(core)
    items = run(job)
    assert job.finished
    job.turn(Emotion.of("sadness", 1.0), len(sound(items)) * 3 // 4, 120)
    assert not job.finished
    items += run(job)
    assert job.finished
    check(items)
