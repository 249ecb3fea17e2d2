"""An hour of a session as its audience gets it, on virtual time."""

import asyncio
import resource
from collections.abc import Callable
from typing import Any

import pytest

from seiyuu.server.broadcast import CURRENT, Broadcast
from seiyuu.server.monitor import BEAT_SAMPLES, RATE_HZ
from seiyuu.server.transports.listening import OggBody
from seiyuu.server.transports.peer_track import beat_track

pytestmark = pytest.mark.integration

HOUR_S = 3600.0
LINE = "大家好欢迎来到直播间今天我们一起玩一个新的游戏" * 10


def ended(what: Any) -> bool:
    return isinstance(what, dict) and what["type"] == "utterance.ended"


async def test_an_hour_keeps_its_clock(make_harness: Callable[..., Any]) -> None:
    """After an hour by WebRTC and by Ogg, sound and wall clock differ by less than 20 ms, nothing was bridged or
    missing, and memory is what it was after ten minutes.
    """
    harness = await make_harness()
    peer = await harness.connect(lead_ms=400)
    broadcast: Broadcast = harness.server.broadcast
    session = harness.server.sessions.live[0]
    track = beat_track(broadcast.listen(session.id), lambda beat: None)
    player = broadcast.listen(CURRENT)
    loop = asyncio.get_running_loop()
    began = loop.time()
    drift_s: list[float] = []
    resident_mb: list[float] = []
    spoken: list[str] = []

    async def hear() -> None:
        expected = 0
        while loop.time() - began < HOUR_S:
            packet = await track.recv()
            assert packet.pts == expected
            expected += BEAT_SAMPLES
            if packet.pts % (60 * RATE_HZ) == 0:
                drift_s.append(loop.time() - began - packet.pts / RATE_HZ)
                resident_mb.append(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
                peer.got[:] = [one for one in peer.got if ended(one[1])]

    async def play() -> int:
        body = OggBody()
        body.head()
        pages = 0
        while loop.time() - began < HOUR_S:
            beat = await player.next()
            assert beat is not None
            granule = int.from_bytes(body.part(beat)[6:14], "little")
            pages += 1
            assert granule == pages * BEAT_SAMPLES
        return pages

    async def talk() -> None:
        while loop.time() - began < HOUR_S:
            await peer.say(LINE)
            spoken.append(LINE)
            await peer.until("utterance.ended", utterance=len(spoken))

    talking = asyncio.create_task(talk())
    _, pages = await asyncio.gather(hear(), play())
    monitor = broadcast._monitors[session]
    print(
        f"drift {1000 * (drift_s[-1] - drift_s[0]):.3f} ms, resident {resident_mb[10]:.0f} MB "
        f"after ten minutes, {resident_mb[-1]:.0f} MB at the end"
    )
    assert abs(drift_s[-1] - drift_s[0]) < 0.020
    assert abs(pages * 0.02 - HOUR_S) < 0.1
    assert monitor._buffer.underruns == 0
    assert monitor._buffer.concealed == 0
    assert player.skipped == 0
    assert len(spoken) > 100
    assert resident_mb[-1] - resident_mb[10] < 16
    talking.cancel()
    await asyncio.gather(talking, return_exceptions=True)
    track.stop()
