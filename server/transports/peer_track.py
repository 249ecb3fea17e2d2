"""The audio track of a peer: beats as ready-made Opus packets, on the server's 48 kHz clock."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

from ..broadcast import Listener
from ..monitor import BEAT_SAMPLES, RATE_HZ, Beat


def beat_track(listener: Listener, on_beat: Callable[[Beat | None], None]) -> Any:
    """A track for aiortc, which is imported here and not before. ``on_beat`` sees each beat as it leaves; None at
    the end.
    """
    from aiortc.mediastreams import MediaStreamError, MediaStreamTrack
    from av import Packet

    class BeatTrack(MediaStreamTrack):
        kind = "audio"

        def __init__(self) -> None:
            super().__init__()
            self._first: int | None = None

        async def recv(self) -> Any:
            beat = await listener.next()
            if beat is None or self.readyState != "live":
                self.stop()
                on_beat(None)
                raise MediaStreamError
            if self._first is None:
                self._first = beat.number
            on_beat(beat)
            packet = Packet(beat.opus)
            packet.time_base = Fraction(1, RATE_HZ)
            packet.pts = (beat.number - self._first) * BEAT_SAMPLES
            return packet

    return BeatTrack()
