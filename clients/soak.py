"""``bench soak``: sessions that come and go as they like: what grows, what is lost, whether time drifts."""

from __future__ import annotations

import argparse
import asyncio
import random
import time
import urllib.request
from collections import Counter
from typing import TYPE_CHECKING, Any

import numpy as np

from ..streaming.audio import AudioChunk
from ..streaming.errors import SeiyuuError
from ..streaming.protocol import Frame
from .client import Host, connect
from .link import Lost, WebSocketLink, websocket_opener
from .measures import header, resident_mb, token_pieces
from .texts import TEXTS, utterances

if TYPE_CHECKING:
    from .bench import Target

LIVES = ("listen", "listen", "cancel", "turn", "vanish", "stop_reading")
"""What a session does, drawn evenly; half of them misbehave in one way or another."""
EMOTIONS = ("joy", "anger", "sadness", "fear", "surprise", "neutral", "contempt", "tenderness")
SAMPLE_S = 1.0
CLEARING_S = 30.0
"""How long the server has to forget sessions whose client vanished; it waits 10 s for each to come back."""


def add(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--sessions", type=int, default=20, help="at the same time (20)")
    parser.add_argument("--seconds", type=float, default=120.0, help="how long (120)")
    parser.add_argument("--seed", type=int, default=1, help="of who does what when (1)")
    parser.add_argument("--language", choices=(*TEXTS, "all"), default="all")
    parser.add_argument(
        "--real-time",
        action="store_true",
        help="listen at the pace of ears, not as fast as it goes",
    )


async def run(target: Target, arguments: argparse.Namespace) -> dict[str, Any]:
    """Let the sessions live and watch the server's memory; in real time, one speaks without end beside them.

    Made as fast as it goes, sound leaves no processor free, and the lateness of ours would be taken for drift.
    """
    async with connect(
        target.url, api_key=target.api_key
    ):  # nothing is worth counting if nobody is there
        pass
    soak = _Soak(target, arguments)
    beside = [asyncio.create_task(soak.watch())]
    if arguments.real_time:
        beside.append(asyncio.create_task(soak.keep_time()))
    await asyncio.gather(*(soak.live(n) for n in range(arguments.sessions)))
    for task in beside:
        task.cancel()
    await asyncio.gather(*beside, return_exceptions=True)
    hours = soak.audio_s / 3600
    return {
        **header("soak", soak.engine),
        "sessions_at_once": arguments.sessions,
        "seed": arguments.seed,
        "wall_s": round(soak.elapsed_s, 1),
        "audio_hours": round(hours, 2),
        "lives": dict(sorted(soak.lives.items())),
        "errors": dict(sorted(soak.errors.items())),
        "sessions_left_behind": await soak.left_behind(),
        **soak.memory(hours),
        **soak.drift(),
    }


class _Line:
    """A connection that can stop reading, and can be gone from one moment to the next."""

    def __init__(self, link: WebSocketLink) -> None:
        self._link = link
        self.reads = asyncio.Event()
        self.reads.set()

    async def send(self, frame: str) -> None:
        await self._link.send(frame)

    async def receive(self) -> Frame:
        await self.reads.wait()
        return await self._link.receive()

    async def close(self) -> None:
        await self._link.close()

    def vanish(self) -> None:
        self._link.abort()


class _Soak:
    def __init__(self, target: Target, arguments: argparse.Namespace) -> None:
        self._target = target
        self._open = websocket_opener(target.url, target.api_key)
        self._seed = arguments.seed
        self._real_time = arguments.real_time
        languages = tuple(TEXTS) if arguments.language == "all" else (arguments.language,)
        self._texts = [text for language in languages for text in utterances(language, 40)]
        self._began = time.perf_counter()
        self._until = self._began + arguments.seconds
        self._resident: list[tuple[float, float]] = []  # seconds since the beginning, MB
        self._behind: list[tuple[float, float]] = []  # time, seconds behind the audio's own clock
        self.engine = ""
        self.audio_s = 0.0
        self.lives: Counter[str] = Counter()
        self.errors: Counter[str] = Counter()

    @property
    def elapsed_s(self) -> float:
        return time.perf_counter() - self._began

    async def live(self, number: int) -> None:
        """One life after another."""
        rng = random.Random(f"{self._seed}-{number}")
        while time.perf_counter() < self._until:
            kind = rng.choice(LIVES)
            self.lives[kind] += 1
            try:
                await self._one(kind, rng)
            except (Lost, SeiyuuError) as error:
                if kind != "vanish":  # whose end is an error on our own side
                    self.errors[f"{kind}: {error}"] += 1

    async def _one(self, kind: str, rng: random.Random) -> None:
        lines: list[_Line] = []

        async def open_line() -> _Line:
            lines.append(_Line(await self._open()))
            return lines[-1]

        host = connect(open_line, realtime=self._real_time, resume=False, marks=("char",))
        try:
            async with host:
                for _ in range(rng.randint(1, 4)):
                    await self._say(kind, host, lines[-1], rng)
        finally:
            for line in lines:
                line.vanish()

    async def _say(self, kind: str, host: Host, line: _Line, rng: random.Random) -> None:
        assert host.session is not None
        self.engine = host.session.engine
        speech = await host.say()
        for piece in token_pieces(rng.choice(self._texts), rng):
            await speech.write(piece)
        await speech.end()
        enough_s = rng.uniform(0.2, 3.0)
        heard_s = 0.0
        async for item in speech:
            if not isinstance(item, AudioChunk):
                continue
            length_s = len(item.samples) / host.sample_rate
            heard_s += length_s
            self.audio_s += length_s
            if heard_s - length_s < enough_s <= heard_s:
                if kind == "turn":
                    await speech.emotion(rng.choice(EMOTIONS), intensity=rng.random())
                elif kind == "cancel":
                    await speech.cancel()
                elif kind == "stop_reading":
                    line.reads.clear()
                    await asyncio.sleep(rng.uniform(0.5, 3.0))
                    line.reads.set()
                elif kind == "vanish":
                    line.vanish()

    async def keep_time(self) -> None:
        """Listen to one session that speaks without end, at the pace of ears."""
        async with connect(self._open, marks=()) as host:
            speech = await host.say()
            writing = asyncio.create_task(self._write_on(speech))
            try:
                async for item in speech:
                    if isinstance(item, AudioChunk):
                        now = time.perf_counter()
                        self._behind.append((now, now - item.start / host.sample_rate))
            finally:
                writing.cancel()

    async def _write_on(self, speech: Any) -> None:
        for n in range(1 << 20):
            await speech.write(self._texts[n % len(self._texts)])
            await asyncio.sleep(2.0)  # each lasts longer, so that it never runs dry

    async def watch(self) -> None:
        """Note the server's memory."""
        while self._target.pid is not None:
            if (resident := resident_mb(self._target.pid)) is not None:
                self._resident.append((self.elapsed_s, resident))
            await asyncio.sleep(SAMPLE_S)

    def memory(self, hours: float) -> dict[str, Any]:
        """How it grew in the second half, by time and by audio made."""
        half = self._resident[len(self._resident) // 2 :]
        if len(half) < 3:
            return {"resident_mb": None}
        at, resident = np.array(half).T
        per_s = float(np.polyfit(at, resident, 1)[0])
        per_audio_h = per_s * self._resident[-1][0] / hours if hours else 0.0
        return {
            "resident_mb": {
                "first": self._resident[0][1],
                "middle": half[0][1],
                "last": half[-1][1],
                "max": max(mb for _, mb in self._resident),
            },
            "growth_mb_per_hour_of_audio": round(per_audio_h, 3),
            "growth_mb_per_minute": round(60 * per_s, 2),
        }

    def drift(self) -> dict[str, Any]:
        """How the audio's clock runs against ours: the earliest of the first fifth against that of the last."""
        fifth = len(self._behind) // 5
        if fifth < 50:
            return {"drift_ms_per_hour": None}
        first = min(self._behind[fifth // 2 : fifth], key=_lateness)  # behind the burst of the lead
        last = min(self._behind[-fifth:], key=_lateness)
        wall_s = last[0] - first[0]
        drift_s = last[1] - first[1]
        return {
            "drift_ms": round(1000 * drift_s, 2),
            "drift_over_s": round(wall_s, 1),
            "drift_ms_per_hour": round(1000 * drift_s * 3600 / wall_s, 1),
        }

    async def left_behind(self) -> int | None:
        """Sessions the server still has when all clients have been gone for long enough."""
        url = self._target.url.replace("ws", "http", 1).split("/v1/")[0].rstrip("/") + "/metrics"
        until = time.perf_counter() + CLEARING_S
        left = None
        while left != 0 and time.perf_counter() < until:
            await asyncio.sleep(SAMPLE_S)
            left = await asyncio.to_thread(_open_sessions, url)
        return left


def _lateness(seen: tuple[float, float]) -> float:
    return seen[1]


def _open_sessions(url: str) -> int | None:
    with urllib.request.urlopen(url, timeout=5) as answer:  # noqa: S310  the server we measure
        for line in answer.read().decode().splitlines():
            if line.startswith("seiyuu_sessions_open "):
                return int(float(line.split()[1]))
    return None
