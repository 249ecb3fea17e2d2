"""``bench duration``: the length that was asked for against the length that came."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

from ..streaming.audio import AudioChunk
from ..streaming.errors import SeiyuuError
from ..streaming.messages import WarningMessage
from .client import Host, connect
from .link import websocket_opener
from .measures import header, percentiles
from .texts import TEXTS, utterances

if TYPE_CHECKING:
    from .bench import Target

RATIOS = (0.75, 0.9, 1.0, 1.1, 1.25)

GATE_MS = 25
"""By how much an utterance may miss the length that was asked for."""

TRIES = 3


def add(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--n", type=int, default=100, help="utterances in a language (100)")
    parser.add_argument("--language", choices=(*TEXTS, "all"), default="all")
    parser.add_argument("--voice", help="a voice by name")


async def run(target: Target, arguments: argparse.Namespace) -> dict[str, Any]:
    """Each utterance is said freely, then in one of the ratios of that, by milliseconds and by ratio in turn."""
    languages = tuple(TEXTS) if arguments.language == "all" else (arguments.language,)
    results: dict[str, Any] = {}
    engine = ""
    for language in languages:
        errors: list[float] = []
        warnings = 0
        for n, text in enumerate(utterances(language, arguments.n)):
            engine, error_ms, warned = await _asked(target, arguments.voice, language, text, n)
            errors.append(abs(error_ms))
            warnings += warned
        results[language] = {
            "error_ms": percentiles(errors),
            "within_gate": sum(error <= GATE_MS for error in errors),
            "warnings": warnings,
        }
    return {**header("duration", engine), "ratios": RATIOS, "languages": results}


async def _asked(
    target: Target, voice: str | None, language: str, text: str, number: int
) -> tuple[str, float, int]:
    """The engine's name, by how much the length missed the one asked for (ms), and warnings.

    Whoever was held up for minutes finds its connection timed out; then the utterance is said anew.
    """
    for tries_left in reversed(range(TRIES)):
        opener = websocket_opener(target.url, target.api_key)
        host = connect(
            opener, voice=voice, language=language, realtime=False, marks=(), resume=False
        )
        try:
            async with host:
                assert host.session is not None
                free_ms, _ = await _length(host, text)
                ratio = RATIOS[number % len(RATIOS)]
                wanted_ms = round(free_ms * ratio)
                pace = {"duration_ms": wanted_ms} if number % 2 else {"duration_ratio": ratio}
                got_ms, warned = await _length(host, text, **pace)
                return host.session.engine, got_ms - wanted_ms, warned
        except (ConnectionError, SeiyuuError):
            if not tries_left:
                raise
    raise AssertionError("the last try returns or raises")


async def _length(host: Host, text: str, **pace: Any) -> tuple[float, int]:
    """Milliseconds of sound received for a text, and warnings with it."""
    speech = await host.say()
    await speech.write(text, **pace)
    await speech.end()
    samples = warnings = 0
    async for item in speech:
        if isinstance(item, AudioChunk):
            samples = max(samples, item.end)
        warnings += isinstance(item, WarningMessage)
    assert speech.ended is not None
    # The last packet is filled up with silence; what the server says was spoken is exact.
    assert abs(speech.ended.duration_ms - samples * 1000 / host.sample_rate) <= 40
    return speech.ended.duration_ms, warnings
