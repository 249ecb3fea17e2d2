"""``bench emotion``: how soon a turned emotion is heard."""

from __future__ import annotations

import argparse
import asyncio
import random
import time
from typing import TYPE_CHECKING, Any

from ..streaming.audio import AudioChunk
from ..streaming.continuity import Continuity, share_within
from ..streaming.emotion import AXES
from ..streaming.messages import AudioRewind, EmotionApplied
from .client import Host, connect
from .link import websocket_opener
from .measures import header, percentiles
from .texts import TEXTS, utterances

if TYPE_CHECKING:
    from .bench import Target

EMOTIONS = tuple(axis for axis in AXES if axis != "neutral")
INTENSITIES = (0.3, 0.6, 1.0)

AFTER_S = 2.0
"""How long is listened on once the turn is heard; holes it leaves come in the first of these seconds."""


def add(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--n", type=int, default=100, help="utterances in a language (100)")
    parser.add_argument("--language", choices=(*TEXTS, "all"), default="all")
    parser.add_argument("--voice", help="a voice by name")
    parser.add_argument("--streams", type=int, default=1, help="sessions at the same time (1)")
    parser.add_argument("--seed", type=int, default=1, help="of when and what is turned (1)")


async def run(target: Target, arguments: argparse.Namespace) -> dict[str, Any]:
    """In each utterance the emotion is turned once, at a random time while it sounds."""
    languages = tuple(TEXTS) if arguments.language == "all" else (arguments.language,)
    results: dict[str, Any] = {}
    engine = ""
    for language in languages:
        seen = await asyncio.gather(
            *(_session(target, arguments, language, stream) for stream in range(arguments.streams))
        )
        engine = seen[0][0]
        turns = [turn for _, some in seen for turn in some]
        heard = [turn for turn in turns if turn.heard_ms is not None]
        results[language] = {
            "heard_ms": percentiles([turn.heard_ms for turn in heard if turn.heard_ms is not None]),
            "server_after_ms": percentiles([t.after_ms for t in turns if t.after_ms is not None]),
            "not_applied": len(turns) - len(heard),
            "underrun_ms": percentiles([1000 * turn.player.worst_s for turn in turns]),
            "c100_percent": share_within([turn.player for turn in turns], 100).percent,
            "c50_percent": share_within([turn.player for turn in turns], 50).percent,
        }
    return {**header("emotion", engine), "streams": arguments.streams, "languages": results}


async def _session(
    target: Target, arguments: argparse.Namespace, language: str, stream: int
) -> tuple[str, list[_Turn]]:
    """One session's share of the utterances, one after another; the engine's name, and what was seen."""
    rng = random.Random(arguments.seed + stream)
    share = utterances(language, arguments.n)[stream :: arguments.streams]
    opener = websocket_opener(target.url, target.api_key)
    async with connect(opener, voice=arguments.voice, language=language, marks=()) as host:
        assert host.session is not None
        turns = [
            await _turn(host, text, EMOTIONS[n % len(EMOTIONS)], rng)
            for n, text in enumerate(share)
        ]
        return host.session.engine, turns


class _Turn:
    """What one turn looked like from the listener's chair."""

    def __init__(self, sample_rate: int) -> None:
        self.player = Continuity(sample_rate)
        self.after_ms: float | None = None
        self.heard_ms: float | None = None


async def _turn(host: Host, text: str, emotion: str, rng: random.Random) -> _Turn:
    """Say ``text`` and turn the emotion between 0.3 s and 1.5 s after it began to sound."""
    seen = _Turn(host.sample_rate)
    speech = await host.say()
    await speech.write(text)
    await speech.end()
    began: float | None = None
    asked = 0.0
    received = 0
    changed_from: int | None = None
    asking: asyncio.Task[None] | None = None
    wait_s, intensity = rng.uniform(0.3, 1.5), rng.choice(INTENSITIES)

    async def ask() -> None:
        nonlocal asked
        await asyncio.sleep(wait_s)
        asked = time.perf_counter()
        await speech.emotion(emotion, intensity=intensity)

    async for item in speech:
        now = time.perf_counter()
        if isinstance(item, AudioChunk):
            if began is None:
                began = now
                asking = asyncio.create_task(ask())
            if seen.heard_ms is not None and now - asked > seen.heard_ms / 1000 + AFTER_S:
                await speech.cancel()
                break
            if changed_from is not None and item.end > changed_from and seen.heard_ms is None:
                # It sounds when the player comes to it, or when it arrives if the player waits for it.
                due = began + seen.player.total_s + changed_from / host.sample_rate
                seen.heard_ms = 1000 * (max(due, now) - asked)
            seen.player.arrived(now, len(item.samples))
            received = item.end
        elif isinstance(item, AudioRewind):
            changed_from = item.from_timestamp
            seen.player.rewound(max(0, received - changed_from))
        elif isinstance(item, EmotionApplied):
            seen.after_ms = item.after_ms
            if changed_from is None:  # it took effect before anything had to be dropped
                changed_from = round(item.at_ms * host.sample_rate / 1000)
    if asking is not None:
        await asking
    return seen
