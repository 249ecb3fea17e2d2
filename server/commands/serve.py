"""``seiyuu serve``: run the server until it is told to stop."""

from __future__ import annotations

import argparse
from pathlib import Path

from .prosody import add_prosody, engine_flags

EXAMPLES = """\
examples:
  seiyuu serve                              the compact engine, on this machine only
  seiyuu serve --open                       and open the Studio in a browser
  seiyuu serve --host 0.0.0.0 --port 9000   for the whole network (set api_keys in seiyuu.toml)
  SEIYUU_LIMITS_MAX_SESSIONS=2 seiyuu serve settings also come from the environment

Ctrl-C finishes what is being said and stops; a second Ctrl-C stops at once.
"""


def add(verbs: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = verbs.add_parser(
        "serve",
        help="run the server",
        description="Run the server until Ctrl-C.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--host", help="address to listen on (127.0.0.1)")
    parser.add_argument("--port", type=int, help="port to listen on (8765; 0 takes a free one)")
    parser.add_argument("--engine", help="compact, indextts2 or tone (compact)")
    parser.add_argument(
        "--engine-host",
        choices=("thread", "process", "ray"),
        help="where the engine lives: a thread of the server, a worker process, a Ray actor (thread)",
    )
    add_prosody(parser)
    parser.add_argument("--config", type=Path, metavar="FILE", help="settings (seiyuu.toml)")
    parser.add_argument("--open", action="store_true", help="open the Studio in a browser")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    from ..app import serve
    from ..config import load

    own = {name: getattr(arguments, name) for name in ("host", "port", "engine_host")}
    flags = {**own, **engine_flags(arguments)}
    serve(load(arguments.config, flags=flags), open_browser=arguments.open)
    return 0
