"""Sound into packets and messages, and back again."""

from typing import Any

import numpy as np
import pytest

from seiyuu.model.engine import Turned
from seiyuu.server.outbox import Outbox
from seiyuu.server.outlet import Outlet
from seiyuu.server.requests import Requests
from seiyuu.streaming.audio import AudioChunk, AudioFormat
from seiyuu.streaming.emotion import Emotion
from seiyuu.streaming.ids import UtteranceId
from seiyuu.streaming.messages import AudioRewind, EmotionApplied, MarkMessage
from seiyuu.streaming.packet import Packet
from seiyuu.streaming.timeline import Mark

pytestmark = [pytest.mark.unit, pytest.mark.virtual_time]

RATE = 24_000
JOY = Emotion.of("joy")


class Rig:
    """An outlet, its outbox, and what came out."""

    def __init__(self, **format_: Any) -> None:
        self.format = AudioFormat(**format_)
        self.outbox = Outbox(10_000, lambda: None)
        self.requests = Requests()
        kinds = frozenset({"char"})
        self.outlet = Outlet(
            UtteranceId(1),
            RATE,
            self.format,
            kinds,
            self.outbox,
            self.requests,
            keep_s=5,  # type: ignore[arg-type]
        )

    def sound(self, start: int, count: int, level: float = 0.1) -> None:
        self.outlet.take(AudioChunk(np.full(count, level, np.float32), RATE, start))

    def bodies(self) -> list[Any]:
        found = []
        while self.outbox.head is not None:
            found.append(self.outbox.pop().body)
        return found


@pytest.mark.parametrize("codec", ["pcm_s16le", "pcm_f32le", "mulaw", "opus"])
@pytest.mark.parametrize("rate", [8_000, 24_000, 48_000])
async def test_every_codec_and_rate_gives_whole_packets(codec: str, rate: int) -> None:
    """A second of sound is fifty packets and the padding, whatever the client asked for."""
    rig = Rig(codec=codec, sample_rate=rate)
    for start in range(0, RATE, 2_400):
        rig.sound(start, 2_400)
    rig.outlet.finish()
    packets = rig.bodies()
    assert [p.timestamp for p in packets] == [n * rate // 50 for n in range(len(packets))]
    assert len(packets) in (50, 51)
    assert [p.last for p in packets[-2:]] == [False, True]
    assert rig.outlet.duration_s == pytest.approx(1.0, abs=0.001)
    assert all(p.payload for p in packets)


async def test_finishing_twice_adds_nothing() -> None:
    """Only a turn brings more."""
    rig = Rig()
    rig.sound(0, 500)
    rig.outlet.finish()
    rig.outlet.finish()
    assert [p.timestamp for p in rig.bodies()] == [0, 480]


async def test_no_sound_gives_no_packet() -> None:
    """An utterance of nothing is complete at once."""
    rig = Rig()
    rig.outlet.finish()
    assert rig.bodies() == []
    assert rig.outbox.complete


async def test_a_mark_stands_before_its_packet() -> None:
    """Marks wait for the packet in which they begin; kinds nobody asked for are only kept."""
    rig = Rig()
    for kind in ("char", "word"):
        rig.outlet.take(Mark(kind, "好", 1, 2, 600, 900))  # type: ignore[arg-type]
    rig.sound(0, 1440)
    assert [type(body) for body in rig.bodies()] == [Packet, MarkMessage, Packet, Packet]
    assert rig.outlet.heard("你好", 1.0).char == 2


async def test_a_turn_makes_the_last_packets_again() -> None:
    """The packet that holds the place comes again, its head as before; the client is told if it had left."""
    rig = Rig()
    rig.sound(0, 2400, 0.1)
    sent = [rig.outbox.pop().body for _ in range(4)]
    rig.requests.add(JOY, 3.0)
    rig.outlet.take(Turned(1000, 0, JOY))
    rig.sound(1000, 1400, 0.5)
    rewind, applied, *packets = rig.bodies()
    assert isinstance(rewind, AudioRewind)
    assert rewind.from_timestamp == 960
    assert isinstance(applied, EmotionApplied)
    assert applied.at_ms == pytest.approx(1000 / 24, abs=0.001)
    assert [p.timestamp for p in packets] == [960, 1440, 1920]
    samples = np.frombuffer(packets[0].payload, "<i2")
    assert samples[39] == np.frombuffer(sent[2].payload, "<i2")[39]
    assert samples[40] > 4 * samples[39]
    assert rig.outlet.emotion_at(0.03) is None
    assert rig.outlet.emotion_at(0.05) == JOY


async def test_a_turn_of_what_had_not_left_is_silent() -> None:
    """Nothing to drop at the client, so nothing is said of it."""
    rig = Rig()
    rig.sound(0, 2400)
    rig.outbox.pop()
    rig.outlet.take(Turned(1440, 0, JOY))
    rig.sound(1440, 480)
    assert [type(b) for b in rig.bodies()] == [Packet] * 3


async def test_a_turn_behind_the_end_waits_for_the_next_utterance() -> None:
    """There was nothing left to be made again; the request is not lost."""
    rig = Rig()
    rig.sound(0, 960)
    rig.outlet.finish()
    rig.bodies()
    rig.requests.add(JOY, 1.0)
    rig.outlet.take(Turned(960, 0, JOY))
    rig.outlet.finish()
    assert rig.bodies() == []
    assert [request.emotion for request in rig.requests.rest()] == [JOY]


async def test_the_onset_is_the_first_loud_sample() -> None:
    """Leading silence does not count as sound."""
    rig = Rig()
    rig.sound(0, 2400, 0.001)
    assert rig.outlet.onset_s is None
    rig.sound(2400, 2400, 0.1)
    assert rig.outlet.onset_s == pytest.approx(0.1)
