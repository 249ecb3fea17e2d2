"""What an audience hears, on a clock of our own: captions, emotions, levels."""

from typing import Any

import numpy as np
import pytest

from seiyuu.clients.obs import caption
from seiyuu.clients.playout import Playout
from seiyuu.streaming.audio import to_pcm16
from seiyuu.streaming.clock import ManualClock
from seiyuu.streaming.packet import Packet

pytestmark = pytest.mark.unit
AUDIO = {"codec": "pcm_s16le", "sample_rate": 24_000, "ptime_ms": 20}


def mark(text: str, char: int, start_ms: float, utterance: int = 1, **more: Any) -> dict[str, Any]:
    """A word of a second's length, unless said otherwise."""
    fields = {"char_start": char, "char_end": char + len(text), "start_ms": start_ms}
    fields |= {"end_ms": start_ms + 1000, "kind": "word"}
    return {"type": "mark", "utterance": utterance, "text": text, **fields, **more}


def turned(name: str, at_ms: float) -> dict[str, Any]:
    fields = {"utterance": 1, "char": 0, "at_ms": at_ms, "after_ms": 1.0}
    return {"type": "emotion.applied", **fields, "emotion": {"name": name, "intensity": 1.0}}


def send(playout: Playout, utterance: int, packets: int, level: float = 0.0) -> None:
    """So many packets of 20 ms, of a constant level."""
    payload = to_pcm16(np.full(480, level, np.float32)).tobytes()
    for n in range(packets):
        playout.packet(Packet(utterance, n, n * 480, payload))


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def playout(clock: ManualClock) -> Playout:
    one = Playout(clock)
    one.message({"type": "session.started", "audio": AUDIO})
    return one


def test_captions_come_when_they_are_heard(playout: Playout, clock: ManualClock) -> None:
    """Packets leave ahead of time; a word stands there when its sound is due, and goes a while after the end."""
    send(playout, 1, 50)
    playout.message(mark("hello", 0, 0))
    playout.message(mark("there", 6, 500))
    assert caption(playout) == "hello"
    clock.advance(0.49)
    assert caption(playout) == "hello"
    clock.advance(0.02)
    assert caption(playout) == "hello there"
    assert playout.speaking
    clock.advance(0.5)
    assert not playout.speaking
    assert caption(playout) == "hello there"
    clock.advance(2.0)
    assert caption(playout) == " "


def test_what_was_taken_back_is_not_shown(playout: Playout, clock: ManualClock) -> None:
    """A rewind voids the marks behind it, a cancel all of them."""
    send(playout, 1, 50)
    playout.message(mark("keep", 0, 0))
    playout.message(mark("drop", 5, 600))
    rewind = {"type": "audio.rewind", "utterance": 1, "from_timestamp": 12_000, "next_seq": 50}
    playout.message(rewind)
    clock.advance(0.7)
    assert caption(playout) == "keep"
    playout.message({"type": "speech.cancelled", "utterance": 1})
    assert caption(playout) == " "


def test_the_next_utterance_waits_for_the_one_before(playout: Playout, clock: ManualClock) -> None:
    """Sound that is sent early begins when the sound before it ends, also when that was shortened by a rewind."""
    send(playout, 1, 50)
    playout.message(mark("one", 0, 0))
    send(playout, 2, 1)
    playout.message(mark("two", 0, 0, utterance=2))
    clock.advance(0.9)
    assert caption(playout) == "one"
    clock.advance(0.11)
    assert caption(playout) == "two"


def test_a_delayed_sink_is_shown_later(clock: ManualClock) -> None:
    """Each sink has a delay of its own, so that picture and sound agree."""
    late = Playout(clock, delay_s=0.3)
    late.message({"type": "session.started", "audio": AUDIO})
    send(late, 1, 50)
    late.message(mark("hello", 0, 0))
    clock.advance(0.29)
    assert caption(late) == " "
    clock.advance(0.02)
    assert caption(late) == "hello"


def test_an_emotion_is_heard_at_its_place_and_outlives_its_utterance(
    playout: Playout, clock: ManualClock
) -> None:
    """A turn counts from its position on, and until the next one."""
    send(playout, 1, 50)
    playout.message(turned("joy", 500.0))
    assert playout.emotion().strongest == "neutral"
    clock.advance(0.51)
    assert playout.emotion().strongest == "joy"
    clock.advance(10.0)
    assert playout.begun() is None
    assert playout.emotion().strongest == "joy"


def test_the_level_is_that_of_the_sound(playout: Playout, clock: ManualClock) -> None:
    """Root mean square of the packet that is heard; nothing after the end."""
    send(playout, 1, 10, level=0.5)
    clock.advance(0.1)
    assert playout.level() == pytest.approx(0.5, abs=1e-3)
    clock.advance(0.2)
    assert playout.level() == 0.0
