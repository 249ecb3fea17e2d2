"""The benches by name. Each measures a server from outside, as a client meets it."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from . import durations, latency, listeners, load, reciting, soak, turns


@dataclass(frozen=True, slots=True)
class Target:
    """The server to measure; ``pid`` if it was started for this and its memory and time can be read."""

    url: str
    pid: int | None
    api_key: str | None


@dataclass(frozen=True, slots=True)
class Bench:
    """One bench: what it measures, its own arguments, and how it is run to a JSON object."""

    help: str
    add: Callable[[argparse.ArgumentParser], None]
    run: Callable[[Any, argparse.Namespace], Coroutine[Any, Any, dict[str, Any]]]
    engine: str = "compact"
    """Measured when no other is named."""


BENCHES: Mapping[str, Bench] = {
    "latency": Bench(
        "first sound, continuity, cancel, heard text, RTF, memory", latency.add, latency.run
    ),
    "recite": Bench(
        "a long text as a language model types it: speech into a file, underruns",
        reciting.add,
        reciting.run,
    ),
    "emotion": Bench("how soon a turned emotion is heard", turns.add, turns.run),
    "duration": Bench("length asked for against length given", durations.add, durations.run),
    "listeners": Bench(
        "many listeners on one session, by WebRTC and Ogg: lateness, drift, underruns, memory",
        listeners.add,
        listeners.run,
        engine="tone",
    ),
    "soak": Bench(
        "sessions that come and go as they like: memory, slots, the clock of the audio",
        soak.add,
        soak.run,
        engine="tone",
    ),
    "load": Bench("many sockets at once: what each frame waits", load.add, load.run, engine="tone"),
}


def add_common(parser: argparse.ArgumentParser) -> None:
    """Arguments of every bench."""
    parser.add_argument("--server", metavar="URL", help="measure this one instead of starting one")
    parser.add_argument("--api-key", metavar="KEY", help="its key")
    parser.add_argument("--engine", help="compact, indextts2 or tone")
    parser.add_argument("--config", type=Path, metavar="FILE", help="settings (seiyuu.toml)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the result there as well")
