"""``bench latency``: how soon a listener hears something, whether it goes on, and how fast it stops."""

from __future__ import annotations

import argparse
import asyncio
import random
import time
from typing import TYPE_CHECKING, Any

import numpy as np

from ..streaming.audio import AudioChunk
from ..streaming.continuity import Continuity, share_within
from ..streaming.protocol import Frame
from ..streaming.timeline import Mark
from .client import Host, connect
from .link import Link, Opener, websocket_opener
from .measures import header, percentiles, resident_mb, token_pieces
from .texts import TEXTS, first_clause

if TYPE_CHECKING:
    from .bench import Target

AUDIBLE = 10 ** (-50 / 20)
"""-50 dBFS."""

FIGURES = (
    "first_packet",
    "audible_onset",
    "onset_after_clause",
    "cancel_to_last_byte",
    "heard_error_chars",
)
"""What is measured in milliseconds (the last in characters). ``audible_onset`` begins with the first piece of text and
so holds the wait for the rest of its first clause; ``onset_after_clause`` begins when that clause has been sent."""


def add(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--n", type=int, default=20, help="utterances for each figure (20)")
    parser.add_argument("--cancels", type=int, help="interruptions (as many as utterances)")
    parser.add_argument("--language", choices=tuple(TEXTS), default="zh")
    parser.add_argument("--voice", help="a voice by name")
    parser.add_argument(
        "--pieces-per-s", type=float, default=25.0, help="how fast the text comes (25)"
    )
    parser.add_argument("--streams", type=int, default=1, help="sessions at the same time (1)")
    parser.add_argument("--seed", type=int, default=1, help="of the arrival pattern (1)")


async def run(target: Target, arguments: argparse.Namespace) -> dict[str, Any]:
    """Measure; the figures are milliseconds unless they say otherwise."""
    runs = [
        _Run(target, arguments, random.Random(arguments.seed + stream))
        for stream in range(arguments.streams)
    ]
    await asyncio.gather(*(run.speak() for run in runs))
    await asyncio.gather(*(run.cancel() for run in runs))
    rtf = await runs[0].real_time_factor()
    continuity = [c for run in runs for c in run.continuity]
    gathered = {
        name: percentiles([v for run in runs for v in run.figures[name]]) for name in FIGURES
    }
    return {
        **header("latency", runs[0].engine),
        "language": arguments.language,
        "streams": arguments.streams,
        "ms": gathered,
        "underrun": percentiles([1000 * c.worst_s for c in continuity]),
        "c100_percent": share_within(continuity, 100).percent,
        "c50_percent": share_within(continuity, 50).percent,
        "rtf": rtf,
        "resident_mb": None if target.pid is None else resident_mb(target.pid),
    }


class _Run:
    """One session after another of one client, and what it saw."""

    def __init__(self, target: Target, arguments: argparse.Namespace, rng: random.Random) -> None:
        self._texts = TEXTS[arguments.language]
        self._language = arguments.language
        self._voice = arguments.voice
        self._n = arguments.n
        self._cancels = arguments.n if arguments.cancels is None else arguments.cancels
        self._interval_s = 1 / arguments.pieces_per_s
        self._rng = rng
        self._last_audio_at = 0.0
        self._opener = self._watched(websocket_opener(target.url, target.api_key))
        self.engine = ""
        self.continuity: list[Continuity] = []
        self.figures: dict[str, list[float]] = {name: [] for name in FIGURES}

    def _host(self, **options: Any) -> Host:
        return connect(
            self._opener,
            voice=self._voice,
            language=self._language,
            marks=("char", "word"),
            **options,
        )

    async def speak(self) -> None:
        """Utterances one after another, their text arriving as from a language model."""
        async with self._host() as host:
            assert host.session is not None
            self.engine = host.session.engine
            for n in range(self._n):
                await self._utterance(host, self._texts[n % len(self._texts)])

    async def _utterance(self, host: Host, text: str) -> None:
        speech = await host.say()
        began = clause_sent = time.perf_counter()

        async def write() -> None:
            nonlocal clause_sent
            written, clause = 0, len(first_clause(text))
            for piece in token_pieces(text, self._rng):
                if written < clause:
                    clause_sent = time.perf_counter()
                await speech.write(piece)
                written += len(piece)
                await asyncio.sleep(self._interval_s)
            await speech.end()

        writing = asyncio.create_task(write())
        player = Continuity(host.sample_rate)
        first_at = onset_s = None
        async for item in speech:
            if not isinstance(item, AudioChunk):
                continue
            now = time.perf_counter()
            player.arrived(now, len(item.samples))
            if first_at is None:
                first_at = now
                self.figures["first_packet"].append(1000 * (now - began))
            if onset_s is None and len(loud := np.flatnonzero(np.abs(item.samples) > AUDIBLE)):
                position = item.start + int(loud[0])
                played_at = first_at + player.total_s + position / host.sample_rate
                onset_s = max(played_at, now) - began
                self.figures["audible_onset"].append(1000 * onset_s)
                after = onset_s - (clause_sent - began)
                self.figures["onset_after_clause"].append(1000 * after)
        await writing
        self.continuity.append(player)

    async def cancel(self) -> None:
        """Interrupt long utterances at random places; what still comes, and what is said to have been heard."""
        text = "".join(self._texts)
        async with self._host() as host:
            for _ in range(self._cancels):
                speech = await host.say(text)
                stop_s = self._rng.uniform(0.6, 2.5)
                began: float | None = None
                marks: list[Mark] = []
                async for item in speech:
                    now = time.perf_counter()
                    if isinstance(item, AudioChunk) and began is None:
                        began = now
                    if isinstance(item, Mark) and item.kind == "char":
                        marks.append(item)
                    if began is not None and now - began >= stop_s:
                        break
                if began is None:
                    continue
                asked = time.perf_counter()
                played = asked - began
                told = await speech.cancel(played_ms=1000 * played)
                await asyncio.sleep(0.1)  # whatever else the server might still send
                late = max(0.0, self._last_audio_at - asked)
                self.figures["cancel_to_last_byte"].append(1000 * late)
                if told is not None and marks:
                    heard = _heard(text, marks, round(played * host.sample_rate))
                    error = abs(_letters(told.heard_text) - _letters(heard))
                    self.figures["heard_error_chars"].append(error)

    async def real_time_factor(self) -> dict[str, float]:
        """Wall time of a long text made as fast as the server can, by its length."""
        text = "".join(self._texts) * 3
        async with self._host(realtime=False) as host:
            began = time.perf_counter()
            speech = await host.say(text)
            end = 0
            async for item in speech:
                if isinstance(item, AudioChunk):
                    end = max(end, item.end)
                    ready = time.perf_counter()
            audio_s = end / host.sample_rate
        return {"audio_s": round(audio_s, 2), "rtf": round((ready - began) / audio_s, 4)}

    def _watched(self, opener: Opener) -> Opener:
        """Connections that note when audio last arrived, before anything drops it."""

        async def open_link() -> Link:
            return _Watch(await opener(), self)

        return open_link

    def audio_arrived(self) -> None:
        self._last_audio_at = time.perf_counter()


class _Watch:
    def __init__(self, link: Link, run: _Run) -> None:
        self._link = link
        self._run = run

    async def send(self, frame: str) -> None:
        await self._link.send(frame)

    async def receive(self) -> Frame:
        frame = await self._link.receive()
        if isinstance(frame, bytes):
            self._run.audio_arrived()
        return frame

    async def close(self) -> None:
        await self._link.close()


def _heard(text: str, marks: list[Mark], played: int) -> str:
    """The text up to the last character of which half had sounded at sample ``played``."""
    ends = [mark.char_end for mark in marks if mark.start + mark.end <= 2 * played]
    return text[: max(ends, default=0)]


def _letters(text: str) -> int:
    """Characters that sound; whether a comma was heard is nobody's business."""
    return sum(character.isalnum() for character in text)
