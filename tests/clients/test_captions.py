"""Marks as files."""

import json
from pathlib import Path

import pytest

from seiyuu.clients.captions import Spoken, cues, write_marks
from seiyuu.streaming.timeline import Mark

pytestmark = pytest.mark.unit


def words(text: str, *, ms: float = 100, gaps: dict[int, float] | None = None) -> list[Spoken]:
    """Each letter a word of its own, one after another; ``gaps`` before some of them."""
    found, at = [], 0.0
    for n, character in enumerate(text):
        if character.isalnum():
            at += (gaps or {}).get(n, 0.0)
            found.append(Spoken("word", character, n, n + 1, at, at + ms))
            at += ms
    return found


def test_a_cue_ends_with_its_sentence() -> None:
    """Punctuation goes with what it follows."""
    text = "你好。再见!"
    assert [cue.text for cue in cues(text, words(text))] == ["你好。", "再见!"]


def test_a_cue_ends_at_a_pause_and_when_it_is_full() -> None:
    """600 ms of silence, five seconds or 42 characters."""
    assert [c.text for c in cues("abcd", words("abcd", gaps={2: 700}))] == ["ab", "cd"]
    assert len(cues("x" * 100, words("x" * 100, ms=1))) == 3
    assert len(cues("x" * 12, words("x" * 12, ms=1000))) == 3


def test_a_mark_is_placed_in_the_whole_recording() -> None:
    """Behind the characters and samples of the utterances before."""
    mark = Mark("word", "好", 1, 2, 2400, 4800)
    placed = Spoken.of(mark, 24_000, chars=10, samples=24_000)
    assert (placed.char_start, placed.char_end) == (11, 12)
    assert (placed.start_ms, placed.end_ms) == (1100, 1200)


def test_three_formats(tmp_path: Path) -> None:
    """SubRip has commas and numbers, WebVTT points and escapes, JSON everything."""
    text = "a<b&c"
    marks = [Spoken("word", "a", 0, 1, 3_661_001, 3_661_500)]
    for ending, wanted in (
        (".srt", "1\n01:01:01,001 --> 01:01:01,500\na<b&c\n\n"),
        (".vtt", "WEBVTT\n\n01:01:01.001 --> 01:01:01.500\na&lt;b&amp;c\n\n"),
    ):
        write_marks(tmp_path / f"x{ending}", text, marks)
        assert (tmp_path / f"x{ending}").read_text() == wanted
    write_marks(tmp_path / "x.json", text, marks)
    found = json.loads((tmp_path / "x.json").read_text())
    assert found["marks"][0]["start_ms"] == 3_661_001
    assert "viseme" not in found["marks"][0]
    with pytest.raises(ValueError, match="expected one of"):
        write_marks(tmp_path / "x.txt", text, marks)
