"""The flag ``--prosody``: who decides the compact engine's prosody."""

from __future__ import annotations

import argparse
from typing import Any

KINDS = ("ar", "rules")


def add_prosody(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--prosody",
        choices=KINDS,
        help="who decides the compact engine's prosody: the autoregressive network or rules (ar)",
    )


def engine_flags(arguments: argparse.Namespace) -> dict[str, Any]:
    """Engine and its options as flags of the configuration; what was not given is left as it is."""
    options = {} if arguments.prosody is None else {"prosody": arguments.prosody}
    return {"engine": arguments.engine, "engine_options": options}
