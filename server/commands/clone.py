"""``seiyuu bench clone``: how soon a clip is a voice, and what its length and quality do to the likeness."""

from __future__ import annotations

import argparse
from pathlib import Path

from .result import give


def add(benches: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = benches.add_parser(
        "clone",
        help="from a clip to a voice: time, likeness by the clip's length and quality",
        description="Enrol packaged voices that cloning was not trained on, from clips of 5 and 15 seconds.",
    )
    parser.add_argument("--n", type=int, default=10, help="voices, at most 10 of the packaged (10)")
    parser.add_argument(
        "--people",
        type=Path,
        metavar="FOLDER",
        help="clone from recordings instead, those of each person in a folder there",
    )
    parser.add_argument(
        "--refine", type=int, default=0, metavar="N", help="refine N voices as well"
    )
    parser.add_argument("--conditions", action="store_true", help="clips of various quality")
    parser.add_argument(
        "--errors",
        type=int,
        default=0,
        metavar="N",
        help="N sentences of every clone in zh, en and ja to a speech recogniser, beside as many presets",
    )
    parser.add_argument("--threads", type=int, default=2, help="CPU threads (2)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the result there as well")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    from ...clients.measures import header, percentiles
    from ...model.compact.engine import CompactCore
    from ...model.evaluation import cloning
    from .progress import Progress

    core = CompactCore(threads=arguments.threads)
    core.load()
    note = Progress().note
    people = cloning.subjects(core, arguments.n, arguments.people)
    times = cloning.timings(core, people, note)
    result = {
        **header("clone", core.info.name),
        "clips": {
            length: {key: percentiles(values) for key, values in kinds.items()}
            for length, kinds in times.items()
            if kinds["voice_ms"]
        },
    }
    closer, spent = cloning.refined(people[: arguments.refine], note)
    if spent:
        result["refined_s"] = percentiles(spent)
    if arguments.conditions:
        result["likeness"] = cloning.conditions(core, people, note)
    if arguments.errors:
        result["errors"] = cloning.errors(core, people, closer, arguments.errors, note)
    note("")
    give(result, arguments.json)
    return 0
