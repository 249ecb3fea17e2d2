"""A sound card at the end of a session: packets through the jitter buffer, and reports of what was played."""

from __future__ import annotations

import asyncio
import threading
from types import TracebackType
from typing import Any, Self

import numpy as np

from ..streaming.audio import samples_to_ms
from ..streaming.errors import Unsupported
from ..streaming.ids import UtteranceId
from ..streaming.jitter import Arrived, JitterBuffer
from ..streaming.messages import PlaybackReport
from .client import Host

REPORT_S = 0.1
DRAIN_S = 0.05


class Player:
    """Plays everything a host says. Use as ``async with Player(host)``.

    The sound card's thread takes samples from the buffer, the event loop puts them in; a lock is between them.
    """

    def __init__(self, host: Host, *, target_ms: int = 60, device: str | int | None = None) -> None:
        self._host = host
        self._buffer = JitterBuffer(host.sample_rate, target_ms)
        self._device = device
        self._lock = threading.Lock()
        self._stream: Any = None
        self._reports: asyncio.Task[None] | None = None
        self._held = False

    @property
    def underruns(self) -> int:
        """How often the sound card wanted more than there was."""
        return self._buffer.underruns

    async def __aenter__(self) -> Self:
        library = load_sounddevice()
        self._host.tap(self)
        self._stream = library.OutputStream(
            samplerate=self._host.sample_rate,
            channels=1,
            dtype="float32",
            latency="low",
            device=self._device,
            callback=self._fill,
        )
        self._stream.start()
        self._reports = asyncio.create_task(self._report(), name="playback-reports")
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Play what is buffered, unless an error is on its way out."""
        if kind is None:
            await self._drained()
        if self._reports is not None:
            self._reports.cancel()
        self._stream.stop()
        self._stream.close()
        self._host.tap(None)

    def hold(self, held: bool) -> None:
        """Play silence and keep the place, for as long as the voice is paused."""
        self._held = held

    # What the host hands over, on the event loop.

    def packet(self, packet: Arrived) -> None:
        with self._lock:
            self._buffer.put(packet)

    def rewind(self, utterance: UtteranceId, from_timestamp: int, next_seq: int) -> None:
        with self._lock:
            self._buffer.rewind(utterance, from_timestamp, next_seq)

    def drop(self, utterance: UtteranceId) -> None:
        with self._lock:
            self._buffer.drop(utterance)

    async def _drained(self) -> None:
        """The sound card's thread tells nobody when it is done; its pace is known."""
        waiting = 1
        while waiting:
            with self._lock:
                waiting = self._buffer.buffered
            await asyncio.sleep(waiting / self._host.sample_rate + DRAIN_S)

    def _fill(self, out: Any, count: int, time: object, status: object) -> None:
        """Called by the sound card's thread."""
        del time, status
        with self._lock:
            samples = np.zeros(count, np.float32) if self._held else self._buffer.take(count)
        out[:, 0] = samples

    async def _report(self) -> None:
        before: tuple[UtteranceId, int] | None = None
        while True:
            await asyncio.sleep(REPORT_S)
            with self._lock:
                played = self._buffer.played
            if played is not None and played != before and self._host.is_live(played[0]):
                before = played
                ms = samples_to_ms(played[1], self._host.sample_rate)
                await self._host.send(PlaybackReport(utterance=played[0], played_ms=ms))


def load_sounddevice() -> Any:
    """The sound library.

    Raises:
        Unsupported: it is not installed, or finds no PortAudio or no output.
    """
    try:
        import sounddevice
    except (ImportError, OSError) as error:
        raise Unsupported(
            "no sound card can be used: install sounddevice (pip install 'seiyuu[play]') and PortAudio, "
            "or write a file with --out"
        ) from error
    try:
        sounddevice.query_devices(kind="output")
    except (sounddevice.PortAudioError, ValueError) as error:
        raise Unsupported("this machine has no sound output; write a file with --out") from error
    return sounddevice
