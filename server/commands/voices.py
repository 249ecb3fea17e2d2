"""``seiyuu voices``: which voices there are."""

from __future__ import annotations

import argparse
from pathlib import Path


def add(verbs: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = verbs.add_parser("voices", help="list voices and keep your own")
    actions = parser.add_subparsers(title="actions", metavar="ACTION", required=True)
    listing = actions.add_parser("list", help="the voices there are")
    listing.add_argument("--engine", help="compact, indextts2 or tone (compact)")
    listing.add_argument("--config", type=Path, metavar="FILE", help="settings (seiyuu.toml)")
    listing.set_defaults(run=run_list)
    adding = actions.add_parser("add", help="make a voice from a clip")
    adding.add_argument("name")
    adding.add_argument("clip", type=Path)
    adding.add_argument("--consent", required=True, metavar="TEXT", help="who agreed, when")
    removing = actions.add_parser("remove", help="forget a voice")
    removing.add_argument("name")
    exporting = actions.add_parser("export", help="write a voice to a file")
    exporting.add_argument("name")
    exporting.add_argument("file", type=Path)
    importing = actions.add_parser("import", help="read a voice from a file")
    importing.add_argument("file", type=Path)
    for action in (adding, removing, exporting, importing):
        action.set_defaults(run=run_unsupported)


def run_list(arguments: argparse.Namespace) -> int:
    from ...model.registry import open_engine
    from ..config import load
    from ..voices import PresetVoices

    config = load(arguments.config, flags={"engine": arguments.engine})
    engine = open_engine(config.engine, **config.engine_options)
    for voice in PresetVoices(engine, config.voice).list():
        print(f"{voice.name}\t{','.join(voice.languages)}\t{voice.description}")
    return 0


def run_unsupported(arguments: argparse.Namespace) -> int:
    from ...streaming.errors import Unsupported

    raise Unsupported("this installation keeps no voices of your own; see: seiyuu voices list")
