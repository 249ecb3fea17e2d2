"""The whole engine on its real weights: one text, one sound, whatever runs beside it and wherever it is turned."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from seiyuu.model.compact.engine import CompactCore, sound_of
from seiyuu.model.compact.job import CompactJob
from seiyuu.model.engine import StreamItem, StreamOptions, Turned
from seiyuu.model.evaluation.report import ELSEWHERE
from seiyuu.model.evaluation.seams import Joins, seams
from seiyuu.model.voice import Voice
from seiyuu.streaming.audio import AudioChunk, Samples
from seiyuu.streaming.emotion import Emotion
from seiyuu.streaming.segment import Pace, Segment
from seiyuu.streaming.segmenter import Segmenter
from seiyuu.streaming.timeline import Mark

from ..jobs import run
from ..listening import sound

pytestmark = pytest.mark.unit

TEXT = ("今天的天气很好,", "我们一起去公园散步吧。")


def begin(core: CompactCore, voice: int = 0, **options: object) -> CompactJob:
    job = core.open(core.voices()[voice], StreamOptions(**options))  # type: ignore[arg-type]
    at = 0
    for text in TEXT:
        job.push(Segment(text, at))
        at += len(text)
    job.end()
    return job


def test_a_session_sounds_the_same_beside_others(core: CompactCore) -> None:
    """Three sessions, each turned once, stepped by the engine in turn: samples and marks are those it has alone."""
    asked: tuple[dict[str, object], ...] = (
        {},
        {"emotion": Emotion.of("anger")},
        {"pace": Pace("controlled", ratio=1.2)},
    )

    def spoken(jobs: list[CompactJob]) -> list[list[StreamItem]]:
        """Each job is turned before its seventh step, from where it then is back by a fifth of a second."""
        items: list[list[StreamItem]] = [[] for _ in jobs]
        steps = [0] * len(jobs)
        while ready := [n for n, job in enumerate(jobs) if job.ready]:
            first = min(ready, key=lambda n: steps[n])
            order = [first, *(n for n in ready if n != first)]
            if steps[first] == 6:
                jobs[first].turn(Emotion.of("joy", 1.0), len(sound(items[first])) - 4800, 120)
            steps[first] += 1
            for output in core.step([jobs[n] for n in order]):
                items[first] += output.items
        return items

    together = spoken([begin(core, 4 * n, **options) for n, options in enumerate(asked)])
    for n, options in enumerate(asked):
        (alone,) = spoken([begin(core, 4 * n, **options)])
        np.testing.assert_array_equal(sound(together[n]), sound(alone))
        told = [
            [item for item in items if not isinstance(item, AudioChunk)]
            for items in (together[n], alone)
        ]
        assert told[0] == told[1]
        assert sum(isinstance(item, Turned) for item in told[0]) == 1


@pytest.mark.parametrize("emotion", ["joy", "sadness"])
def test_a_turn_makes_no_click(core: CompactCore, emotion: str) -> None:
    """Where the sound is made anew it joins on: no jump above the hundredth largest found elsewhere."""
    job = begin(core)
    items = run(job, 5)
    job.turn(Emotion.of(emotion, 1.0), len(sound(items)) * 2 // 3, 120)
    more = run(job)
    turned = next(item for item in more if isinstance(item, Turned))
    whole = sound([*items, *more])
    found = seams(whole, [turned.start, turned.start + 240])
    assert found.borders == 2
    assert found.border_jump <= found.elsewhere_p99


def test_chunk_borders_cannot_be_told(core: CompactCore) -> None:
    """A border adds nothing to the jump, the level step and the pitch step that its place has without one."""
    items = run(begin(core))
    chunks = [item for item in items if isinstance(item, AudioChunk)]
    other = begin(core)
    other.windows = ELSEWHERE
    joins = Joins(24_000)
    joins.add(sound(items), [chunk.start for chunk in chunks[1:]], sound(run(other)))
    found = joins.summary()
    assert found["borders"] >= 5
    assert found["jump_added_against_p99"] <= 0.1
    assert found["level_step_added_db_p95"] <= 1.0
    assert found["f0_step_added_st_p95"] <= 0.5


@pytest.mark.parametrize("cuts", [(1,) * 40, (2, 1, 3) * 14, (5, 9, 26)])
def test_text_cut_anywhere_is_the_same_speech(core: CompactCore, cuts: tuple[int, ...]) -> None:
    """Where the segments agree, every sample agrees, however the text came and whatever was spoken meanwhile."""
    text = "今天的天气很好。We go for a walk, 一起去公园吧!"
    segmenter = Segmenter()
    whole = [*segmenter.write(text), *segmenter.flush()]
    together = core.open(core.voices()[0], StreamOptions())
    for segment in whole:
        together.push(segment)
    together.end()
    segmenter, at, came, items = Segmenter(), 0, [], []
    piecewise = core.open(core.voices()[0], StreamOptions())
    for length in cuts:
        for segment in segmenter.write(text[at : at + length]):
            piecewise.push(segment)
            came.append(segment)
        at += length
        items += run(piecewise, 2)
    for segment in segmenter.flush():
        piecewise.push(segment)
        came.append(segment)
    piecewise.end()
    assert at >= len(text)
    assert [(s.text, s.char_start) for s in came] == [(s.text, s.char_start) for s in whole]
    np.testing.assert_array_equal(sound(items + run(piecewise)), sound(run(together)))


def test_every_character_is_marked_once(core: CompactCore) -> None:
    """All that is said is marked, in order, within the sound."""
    items = run(begin(core))
    marks = [item for item in items if isinstance(item, Mark) and item.kind == "char"]
    assert "".join(m.text for m in marks) == "今天的天气很好我们一起去公园散步吧"
    assert all(a.start <= b.start for a, b in zip(marks, marks[1:], strict=False))
    assert marks[-1].end <= len(sound(items))


def test_loudness_stays_below_the_ceiling(core: CompactCore) -> None:
    """The loudest emotion of every fourth preset stays below −1 dB."""
    for voice in range(0, len(core.voices()), 4):
        samples = sound(run(begin(core, voice, emotion=Emotion.of("anger", 1.0))))
        assert 0.05 < np.abs(samples).max() <= 0.9


def test_a_language_may_have_a_timbre_of_its_own(core: CompactCore) -> None:
    """A voice with another's timbre for Chinese sounds like the other in Chinese, and like itself in English."""
    plain, lender = core.voices()[0], core.voices()[1]
    lent = {key: lender.tensors[key] for key in ("timbre", "mean", "variance")}
    two = replace(
        plain, tensors={**plain.tensors, **{f"{key}_zh": value for key, value in lent.items()}}
    )
    other = replace(plain, tensors={**plain.tensors, **lent})

    def said(voice: Voice, text: str) -> Samples:
        job = core.open(voice, StreamOptions())
        job.push(Segment(text, 0))
        job.end()
        return sound_of(job)

    np.testing.assert_array_equal(said(two, "你好,朋友。"), said(other, "你好,朋友。"))
    np.testing.assert_array_equal(said(two, "Hello, friend."), said(plain, "Hello, friend."))
    assert not np.array_equal(said(two, "你好,朋友。"), said(plain, "你好,朋友。"))


def test_a_lexicon_changes_what_is_said(core: CompactCore, tmp_path: Path) -> None:
    """A reading of the user's own wins over the ordinary one."""
    lexicon = tmp_path / "lexicon.tsv"
    lexicon.write_text("公园\tgong4 yuan3\n", encoding="utf-8")
    own = CompactCore(threads=2, lexicon=lexicon)
    own._stages, own._decoder = core._stages, core._decoder  # the weights need no second load
    assert not np.array_equal(sound(run(begin(own)))[-30000:], sound(run(begin(core)))[-30000:])
