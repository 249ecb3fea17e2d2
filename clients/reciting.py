"""``bench recite``: a long text sent as a language model types it, its speech into a file, and every underrun."""

from __future__ import annotations

import argparse
import asyncio
import random
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ..streaming.audio import AudioChunk, Samples
from ..streaming.continuity import Continuity
from ..streaming.timeline import Mark
from .client import connect
from .link import websocket_opener
from .measures import header, resident_mb, token_pieces
from .wav import WavWriter

if TYPE_CHECKING:
    from .bench import Target


def add(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", type=Path, help="the text, UTF-8")
    parser.add_argument(
        "--out", type=Path, metavar="FILE.wav", help="write the first stream's speech"
    )
    parser.add_argument("--streams", type=int, default=1, help="sessions at the same time (1)")
    parser.add_argument("--voice", help="a voice by name")
    parser.add_argument(
        "--pieces-per-s", type=float, default=25.0, help="how fast the text comes (25)"
    )
    parser.add_argument("--seed", type=int, default=1, help="of the arrival pattern (1)")


async def run(target: Target, arguments: argparse.Namespace) -> dict[str, Any]:
    text = arguments.file.read_text(encoding="utf-8")
    recitals = [_Recital(target, arguments, text, seed) for seed in range(arguments.streams)]
    await asyncio.gather(*(recital.speak() for recital in recitals))
    first = recitals[0]
    if arguments.out is not None:
        with WavWriter(arguments.out, first.sample_rate) as out:
            out.write(np.concatenate(first.sound))
    return {
        **header("recite", first.engine),
        "characters": len(text),
        "streams": arguments.streams,
        "audio_s": round(sum(len(s) for s in first.sound) / first.sample_rate, 2),
        "first_packet_ms": [round(r.first_packet_ms, 1) for r in recitals],
        "worst_underrun_ms": [round(1000 * r.player.worst_s, 1) for r in recitals],
        "characters_marked": first.marked,
        "resident_mb": None if target.pid is None else resident_mb(target.pid),
    }


class _Recital:
    def __init__(self, target: Target, arguments: argparse.Namespace, text: str, seed: int) -> None:
        self._opener = websocket_opener(target.url, target.api_key)
        self._voice = arguments.voice
        self._interval_s = 1 / arguments.pieces_per_s
        self._pieces = token_pieces(text, random.Random(arguments.seed + seed))
        self.engine = ""
        self.sample_rate = 0
        self.sound: list[Samples] = []
        self.marked = 0
        self.first_packet_ms = 0.0
        self.player: Continuity

    async def speak(self) -> None:
        async with connect(self._opener, voice=self._voice, marks=("char",)) as host:
            assert host.session is not None
            self.engine, self.sample_rate = host.session.engine, host.sample_rate
            self.player = Continuity(host.sample_rate)
            speech = await host.say()
            began = time.perf_counter()

            async def write() -> None:
                for piece in self._pieces:
                    await speech.write(piece)
                    await asyncio.sleep(self._interval_s)
                await speech.end()

            writing = asyncio.create_task(write())
            async for item in speech:
                if isinstance(item, AudioChunk):
                    now = time.perf_counter()
                    self.first_packet_ms = self.first_packet_ms or 1000 * (now - began)
                    self.player.arrived(now, len(item.samples))
                    self.sound.append(item.samples)
                self.marked += isinstance(item, Mark)
            await writing
