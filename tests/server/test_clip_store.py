"""The clips that were sent: kept by what they hold, those used last, each worked on once."""

from pathlib import Path

import pytest

from seiyuu.server import clip_store
from seiyuu.server.clip_store import HEARD_BESIDE, ClipStore
from seiyuu.streaming.emotion import NEUTRAL, Emotion
from seiyuu.streaming.errors import BadAudio

pytestmark = pytest.mark.unit

GOLDEN = Path(__file__).parents[1] / "golden"


def clip(name: str) -> bytes:
    return (GOLDEN / f"{name}.flac").read_bytes()


def test_a_clip_that_is_sent_again_is_not_worked_on_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same bytes are the same clip; it counts as used."""
    clips = ClipStore()
    first = clips.add(clip("speech_one"))

    def refuse(data: bytes) -> None:
        raise AssertionError("decoded again")

    monkeypatch.setattr(clip_store, "decode", refuse)
    assert clips.add(clip("speech_one")) is first
    assert clips.get(first.id) is first


def test_the_clip_used_last_is_kept() -> None:
    """What was not used for longest goes when there is no more room, and what was found in it goes with it."""
    one, two = ClipStore().add(clip("speech_one")), ClipStore().add(clip("speech_two"))
    clips = ClipStore(kept_bytes=one.nbytes + two.nbytes)
    for name in ("speech_one", "speech_two"):
        clips.add(clip(name))
    clips.get(one.id)
    clips.add(clip("speech_calm"))
    with pytest.raises(BadAudio, match="send it again"):
        clips.get(two.id)


def test_what_cannot_be_used_is_not_kept() -> None:
    """An error leaves nothing behind."""
    clips = ClipStore()
    with pytest.raises(BadAudio):
        clips.add(b"a text")
    assert not clips._kept


def test_a_few_emotions_are_kept_of_a_clip() -> None:
    """One for each calm clip it was heard beside, those asked for first given up."""
    stored = ClipStore().add(clip("speech_one"))
    asked: list[str] = []

    def hear(beside: str) -> Emotion:
        return stored.heard(beside, lambda: (asked.append(beside), NEUTRAL)[1])

    for number in range(HEARD_BESIDE + 1):
        hear(str(number))
    hear("1")
    assert asked == [str(number) for number in range(HEARD_BESIDE + 1)]
    hear("0")
    assert asked[-1] == "0"
