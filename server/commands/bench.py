"""``seiyuu bench``: measure a server from outside."""

from __future__ import annotations

import argparse
from pathlib import Path


def add(verbs: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    from ...clients.bench import BENCHES, add_common
    from . import clone, delivery, quality
    from .prosody import add_prosody

    parser = verbs.add_parser(
        "bench",
        help="measure latency, load and more",
        description="Measure a server from outside: n, percentiles, hardware and date are in the result.",
    )
    benches = parser.add_subparsers(title="benches", metavar="BENCH", required=True)
    for name, bench in BENCHES.items():
        one = benches.add_parser(name, help=bench.help, description=bench.help)
        add_common(one)
        add_prosody(one)
        if name == "emotion":
            one.add_argument(
                "--picture",
                type=Path,
                metavar="DIR",
                help="draw turns into this folder instead of timing them (needs the [eval] extra)",
            )
        bench.add(one)
        one.set_defaults(run=run, bench=bench)
    quality.add(benches)
    clone.add(benches)
    delivery.add(benches)


def run(arguments: argparse.Namespace) -> int:
    if getattr(arguments, "picture", None) is not None:
        from .picture import draw

        return draw(arguments)
    from .benching import measure

    return measure(arguments)
