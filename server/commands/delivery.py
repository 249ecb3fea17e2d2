"""``seiyuu bench delivery``: whether the emotions of the compact engine sound as the literature says."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from .quality import add_judged, languages_of, voices_named
from .result import give

if TYPE_CHECKING:
    from ...model.compact.engine import CompactCore
    from ...model.voice import Voice

VOICES = ("hoshino", "clara", "kaito")
"""High, low, and a man's; in the deepest ones Mandarin's low tone creaks, and no tracker of pitch is sure of it."""


def add(benches: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = benches.add_parser(
        "delivery",
        help="pitch, rate, level and tilt of each emotion against neutral (needs the [eval] extra)",
        description="Speak short sentences in every emotion at three intensities and measure in the sound what "
        "changes against the neutral reading: a table, with ! where it is not as published.",
    )
    parser.add_argument("--n", type=int, default=3, help="sentences by each voice (3)")
    parser.add_argument(
        "--voice",
        action="append",
        metavar="NAME",
        help=f"may be repeated ({', '.join(VOICES)})",
    )
    parser.add_argument(
        "--errors",
        type=int,
        default=0,
        metavar="N",
        help="sentences for a recogniser, in the first voice at full intensity (none)",
    )
    parser.add_argument(
        "--turns",
        type=int,
        default=0,
        metavar="N",
        help="instead: turn the emotion in N utterances of each language and measure whether pitch, level or the "
        "wave step there (none)",
    )
    add_judged(parser)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    from ...clients.measures import header
    from ...model.compact.engine import CompactCore
    from ...model.evaluation.delivery import report, table
    from .progress import Progress

    core = CompactCore(threads=arguments.threads, prosody=arguments.prosody or "ar")
    voices = voices_named(core, arguments.voice or VOICES)
    core.load()
    progress = Progress()
    if arguments.turns:
        return _turns(core, voices, arguments, progress.note)
    found = report(
        core,
        voices,
        languages_of(arguments),
        count=arguments.n,
        error_count=arguments.errors,
        progress=progress.note,
    )
    progress.note("")
    sys.stdout.write("\n".join(table(found)) + "\n")
    if arguments.json is not None:
        result = {**header("delivery", core.info.name), **found}
        arguments.json.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    return 0


def _turns(
    core: CompactCore,
    voices: Sequence[Voice],
    arguments: argparse.Namespace,
    progress: Callable[[str], None],
) -> int:
    from ...clients.measures import header
    from ...model.evaluation.turning import turning

    found = {
        language: turning(core, voices, language, arguments.turns, progress=progress)
        for language in languages_of(arguments)
    }
    progress("")
    give({**header("turns", core.info.name), "languages": found}, arguments.json)
    return 0
