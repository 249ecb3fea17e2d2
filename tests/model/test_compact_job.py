"""An utterance of the compact engine, its sound replaced by numbers that tell which frame of which clause it is."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seiyuu.model.compact.job import CompactJob, Line
from seiyuu.model.compact.track import FRAME_SAMPLES, SAMPLE_RATE
from seiyuu.model.engine import Notice, StreamOptions, Turned
from seiyuu.streaming.audio import AudioChunk
from seiyuu.streaming.emotion import Emotion
from seiyuu.streaming.segment import Pace, Segment
from seiyuu.streaming.timeline import Mark

from .clauses import make_clause
from .jobs import NumberWorkshop, marks, run
from .listening import sound

pytestmark = pytest.mark.unit


def begin(*texts: str, **options: object) -> CompactJob:
    job = CompactJob(NumberWorkshop(), StreamOptions(**options))  # type: ignore[arg-type]
    at = 0
    for text in texts:
        job.push(Segment(text, at))
        at += len(text)
    job.end()
    return job


def test_every_character_is_marked_where_it_sounds() -> None:
    """In the middle of each character's mark the sound is that character's."""
    items = run(begin("one, two", "three"))
    samples = sound(items)
    found = marks(items)
    assert "".join(mark.text for mark in found) == "onetwothree"
    for mark in found:
        heard = int(samples[(mark.start + mark.end) // 2])
        # places count from the opening pad of each clause, which stands before its first character
        assert heard == mark.char_start + 2


def test_marks_are_never_later_than_their_audio() -> None:
    """When a chunk is given, every mark that starts in it was given."""
    at = 0
    for item in run(begin("one, two, three", "four, five")):
        if isinstance(item, AudioChunk):
            at = item.end
        elif isinstance(item, Mark):
            assert item.start >= at


def test_text_in_pieces_waits_and_goes_on() -> None:
    """A job without text is not ready; with more text it goes on where it stopped."""
    job = CompactJob(NumberWorkshop(), StreamOptions())
    job.push(Segment("one, ", 0))
    first = run(job)
    assert not job.ready
    assert not job.finished
    job.push(Segment("two", 5))
    job.end()
    items = [*first, *run(job)]
    assert job.finished
    np.testing.assert_array_equal(sound(items), sound(run(begin("one, ", "two"))))


def test_blank_text_ends_with_a_notice_and_no_sound() -> None:
    """What cannot be heard gives no audio, and its writer is told."""
    items = run(begin("   "))
    assert [type(item) for item in items] == [Notice]


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 120_000), st.integers(0, 40))
def test_a_turn_keeps_what_was_before_it(position: int, steps: int) -> None:
    """Turned anywhere at any time: the sound before is kept, behind it every character is still said once."""
    texts = ("one, two, three, ", "four, five and six, ", "seven")
    plain = sound(run(begin(*texts)))
    job = begin(*texts)
    before = run(job, steps)
    made = len(sound(before))
    job.turn(Emotion.of("joy", 1.0), position, 100)
    after = run(job)
    turned = next(item for item in after if isinstance(item, Turned))
    assert turned.start >= min(position, made)
    assert turned.start <= made
    whole = sound([*before, *after])
    keep = turned.start
    np.testing.assert_array_equal(whole[:keep], plain[:keep])
    said = [int(value) for value in whole[:: FRAME_SAMPLES // 4]]
    order = [value for i, value in enumerate(said) if value and (i == 0 or said[i - 1] != value)]
    assert order == sorted(order)
    spoken = {int(v) - 2 for v in whole}
    text = "".join(texts)
    assert {i for i, c in enumerate(text) if c.isalpha()} <= spoken
    assert job.finished


def test_a_turn_is_whole_after_its_ramp() -> None:
    """From 100 ms behind the turn on, everything to the end is joyful, later segments too."""
    job = begin("one, two, three, ", "four")
    items = [*run(job, 1)]
    job.turn(Emotion.of("joy", 1.0), 3000, 100)
    samples = sound([*items, *run(job)])
    behind = samples[3000 + 6 * FRAME_SAMPLES : -FRAME_SAMPLES]
    joy = (behind - np.floor(behind)) * 100
    assert np.mean(joy[behind > 1] > 0.98) > 0.98


@pytest.mark.parametrize("ratio", [0.75, 0.9, 1.1, 1.25])
def test_a_requested_duration_is_met_to_the_frame(ratio: float) -> None:
    """The whole utterance, pauses and edges included, is as long as asked."""
    texts = ("one, two, three, ", "four, five and six, ", "seven more words here")
    free = len(sound(run(begin(*texts))))
    wanted_ms = round(free * ratio / 24)
    items = run(begin(*texts, pace=Pace("controlled", duration_ms=wanted_ms)))
    assert abs(len(sound(items)) / 24 - wanted_ms) <= 25
    by_ratio = run(begin(*texts, pace=Pace("controlled", ratio=ratio)))
    assert abs(len(sound(by_ratio)) - free * ratio) <= 25 * 24


def test_late_text_still_meets_the_duration() -> None:
    """A budget given at the start is met although the second half of the text comes when the first was spoken."""
    job = CompactJob(NumberWorkshop(), StreamOptions(pace=Pace("controlled", duration_ms=4000)))
    job.push(Segment("one, two, three, ", 0))
    items = run(job)
    job.push(Segment("four, five and six", 17))
    job.end()
    items += run(job)
    assert abs(len(sound(items)) / 24 - 4000) <= 25


def test_a_budget_survives_a_turn() -> None:
    """A turn of emotion in the middle leaves the requested duration standing."""
    job = begin(
        "one, two, three, ", "four, five and six", pace=Pace("controlled", duration_ms=5000)
    )
    items = run(job, 2)
    job.turn(Emotion.of("sadness", 1.0), len(sound(items)) - 3000, 100)
    items += run(job)
    assert abs(len(sound(items)) / 24 - 5000) <= 25


def test_an_impossible_duration_is_said_to_be_one() -> None:
    """A target far outside what can be understood gets one notice with the range that can."""
    items = run(begin("one, two, three and four", pace=Pace("controlled", duration_ms=300)))
    codes = [item.code for item in items if isinstance(item, Notice)]
    assert codes == ["duration_out_of_range"]
    assert len(sound(items)) > 0


def test_writers_pauses_are_kept() -> None:
    """Silence asked for by the writer comes before the line it stands before."""
    job = CompactJob(NumberWorkshop(), StreamOptions())
    clause = make_clause("abc")
    job._lines.append(Line(clause, (), (), np.zeros(5, np.float32), 1.0, 0, SAMPLE_RATE // 2))
    job.end()
    samples = sound(run(job))
    assert not samples[: SAMPLE_RATE // 2].any()
    assert samples[SAMPLE_RATE // 2 + FRAME_SAMPLES] > 0
