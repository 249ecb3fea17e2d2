"""``seiyuu voices``: which voices there are, and keeping your own."""

from __future__ import annotations

import argparse
import asyncio
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ...model.library import VoiceLibrary
    from ..config import ServerConfig


def add(verbs: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = verbs.add_parser("voices", help="list voices and keep your own")
    actions = parser.add_subparsers(title="actions", metavar="ACTION", required=True)
    listing = actions.add_parser("list", help="the voices there are")
    adding = actions.add_parser("add", help="make a voice from a clip of 5 to 15 seconds")
    adding.add_argument("name")
    adding.add_argument("clip", type=Path)
    adding.add_argument(
        "--consent",
        required=True,
        metavar="TEXT",
        help='who agreed, when, and for what: "Zhang Wei, 2026-05-01, live streams"',
    )
    adding.add_argument("--quick", action="store_true", help="do not refine the voice")
    removing = actions.add_parser("remove", help="forget a voice")
    removing.add_argument("name")
    exporting = actions.add_parser("export", help="write a voice to a file")
    exporting.add_argument("name")
    exporting.add_argument("file", type=Path)
    importing = actions.add_parser("import", help="read a voice from a file")
    importing.add_argument("file", type=Path)
    runs = {
        listing: run_list,
        adding: run_add,
        removing: run_remove,
        exporting: run_export,
        importing: run_import,
    }
    for action, run in runs.items():
        action.add_argument("--engine", help="compact, indextts2 or tone (compact)")
        action.add_argument("--config", type=Path, metavar="FILE", help="settings (seiyuu.toml)")
        action.set_defaults(run=run)


def run_list(arguments: argparse.Namespace) -> int:
    from ...model.registry import open_engine
    from ..voices import LibraryVoices, PresetVoices

    config, library = _library(arguments)
    engine = open_engine(config.engine, **config.engine_options)
    presets = PresetVoices(engine, config.voice)
    for voice in asyncio.run(LibraryVoices(presets, library, engine.info.name).list()):
        print(f"{voice.name}\t{','.join(voice.languages)}\t{voice.description}")
    return 0


def run_add(arguments: argparse.Namespace) -> int:
    from ...model.consent import Consent

    consent = Consent.parse(arguments.consent)
    data = arguments.clip.read_bytes()
    asyncio.run(_add(arguments, data, consent))
    return 0


async def _add(arguments: argparse.Namespace, data: bytes, consent: object) -> None:
    from ...model.registry import open_engine, refiner
    from ..clip_store import ClipStore
    from ..enrolment import Enrolment

    config, library = _library(arguments)
    engine = open_engine(config.engine, **config.engine_options)
    stored = ClipStore().add(data)
    for problem in stored.verdict.problems:
        print(f"seiyuu: {problem.message}: {problem.advice}", file=sys.stderr)
    await engine.start()
    try:
        enrolment = Enrolment(engine, library, refining=False)
        record = await enrolment.enrol(arguments.name, stored, consent)  # type: ignore[arg-type]
        print(f"{record.name} can speak")
        work = None if arguments.quick else refiner(record.engine)
        if work is not None:
            better = await asyncio.to_thread(work, library.get(record.name))
            library.refine(better, instead_of=record.content_hash)
            print(f"{record.name} is refined")
    finally:
        await engine.close()


def run_remove(arguments: argparse.Namespace) -> int:
    _library(arguments)[1].remove(arguments.name)
    return 0


def run_export(arguments: argparse.Namespace) -> int:
    from ...model.voice_file import export_voice

    data = export_voice(_library(arguments)[1].stored(arguments.name))
    arguments.file.write_bytes(data)
    return 0


def run_import(arguments: argparse.Namespace) -> int:
    from ...model.voice_file import import_voice

    stored = import_voice(arguments.file.read_bytes())
    record = stored.record
    _library(arguments)[1].add(
        stored.voice, record.consent, reference=stored.reference, verdict=dict(record.verdict)
    )
    print(record.name)
    return 0


def _library(arguments: argparse.Namespace) -> tuple[ServerConfig, VoiceLibrary]:
    """The settings, and the library they name; the engine's own names cannot be taken."""
    from ...model.registry import open_engine
    from ..config import load
    from ..enrolment import open_library

    config = load(arguments.config, flags={"engine": arguments.engine})
    presets = open_engine(config.engine, **config.engine_options).voices()
    return config, open_library(config, [voice.name for voice in presets])
