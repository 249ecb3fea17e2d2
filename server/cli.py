"""The ``seiyuu`` command: arguments to verbs, verbs to exit codes.

0 done · 1 the work failed, with one sentence on standard error · 2 the words were wrong · 130 stopped by Ctrl-C.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version

from ..streaming.errors import SeiyuuError
from .commands import avatar, bench, doctor, emotion, obs, read, say, serve, voices
from .config import ConfigError

VERBS = (serve, say, read, emotion, voices, obs, avatar, bench, doctor)
INTERRUPTED = 130
"""What a shell reports for a program that Ctrl-C ended: 128 + SIGINT."""


def parser() -> argparse.ArgumentParser:
    """The whole grammar of the command line."""
    top = argparse.ArgumentParser(
        prog="seiyuu",
        description="Real-time streaming voice server for virtual hosts.",
        epilog="Each verb explains itself: seiyuu say --help",
    )
    top.add_argument("--version", action="version", version=f"seiyuu {_version()}")
    verbs = top.add_subparsers(title="verbs", metavar="VERB", required=True)
    for verb in VERBS:
        verb.add(verbs)
    return top


def main(argv: Sequence[str] | None = None) -> int:
    """Run one verb and return the exit code."""
    arguments = parser().parse_args(argv)
    try:
        return int(arguments.run(arguments))
    except (SeiyuuError, ConfigError, OSError) as error:
        if isinstance(error, BrokenPipeError):  # whoever read our output has gone, as `| head` does
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            return 1
        print(f"seiyuu: {_words(error)}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return INTERRUPTED


def _words(error: Exception) -> str:
    """What went wrong with what, without the system's number for it."""
    if isinstance(error, OSError) and error.strerror:
        return f"{error.filename}: {error.strerror}" if error.filename else error.strerror
    return str(error)


def _version() -> str:
    try:
        return version("seiyuu")
    except PackageNotFoundError:  # run from a checkout that was not installed
        return "(not installed)"
