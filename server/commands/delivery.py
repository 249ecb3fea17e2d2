"""``seiyuu bench delivery``: whether the emotions of the compact engine sound as the literature says."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from ...streaming.segment import LANGUAGES, Language
from .prosody import add_prosody

VOICES = ("hoshino", "clara", "leo")


def add(benches: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = benches.add_parser(
        "delivery",
        help="pitch, rate, level and tilt of each emotion against neutral (needs the [eval] extra)",
        description="Speak short sentences in every emotion at three intensities and measure in the sound what "
        "changes against the neutral reading: a table, with ! where it is not as published.",
    )
    parser.add_argument("--n", type=int, default=3, help="sentences by each voice (3)")
    parser.add_argument("--language", choices=(*LANGUAGES, "all"), default="all")
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
    parser.add_argument("--threads", type=int, default=2, help="CPU threads (2)")
    add_prosody(parser)
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the result there as well")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    from ...clients.measures import header
    from ...model.compact.engine import CompactCore
    from ...model.evaluation.delivery import report, table
    from .progress import Progress
    from .quality import voices_named

    core = CompactCore(threads=arguments.threads, prosody=arguments.prosody or "ar")
    voices = voices_named(core, arguments.voice or VOICES)
    core.load()
    progress = Progress()
    asked: Language = arguments.language
    found = report(
        core,
        voices,
        LANGUAGES if arguments.language == "all" else (asked,),
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
