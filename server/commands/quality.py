"""``seiyuu bench quality``: what a recogniser understands of the compact engine, and how good it is said to sound."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ...streaming.errors import UnknownVoice
from ...streaming.segment import LANGUAGES, Language
from .prosody import add_prosody
from .result import give

if TYPE_CHECKING:
    from ...model.compact.engine import CompactCore
    from ...model.voice import Voice


SENTENCES = 40
CAST_SENTENCES = 2


def add(benches: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = benches.add_parser(
        "quality",
        help="intelligibility, predicted quality, joins and tones (needs the [eval] extra)",
        description="Speak the measuring sentences with the compact engine and judge what is heard: syllable, word, "
        "kana or jamo errors of a recogniser, opinion scores streamed and unstreamed, joins, Mandarin tones.",
    )
    parser.add_argument(
        "--cast",
        action="store_true",
        help="instead: every preset in each language, n sentences (2): errors, loudness, true peak",
    )
    parser.add_argument("--n", type=int, help="sentences of each language (40)")
    parser.add_argument(
        "--voice", action="append", metavar="NAME", help="may be repeated; else the first voice"
    )
    add_judged(parser)
    parser.set_defaults(run=run)


def add_judged(parser: argparse.ArgumentParser) -> None:
    """Arguments of a bench that speaks and judges inside this process."""
    parser.add_argument("--language", choices=(*LANGUAGES, "all"), default="all")
    parser.add_argument("--threads", type=int, default=2, help="CPU threads (2)")
    add_prosody(parser)
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the result there as well")


def run(arguments: argparse.Namespace) -> int:
    from ...clients.measures import header
    from ...model.compact.engine import CompactCore
    from ...model.evaluation.report import Report
    from .progress import Progress

    core = CompactCore(threads=arguments.threads, prosody=arguments.prosody or "ar")
    voices = voices_named(core, arguments.voice or [core.voices()[0].name])
    core.load()
    progress = Progress()
    languages = languages_of(arguments)
    if arguments.cast:
        chosen = voices if arguments.voice else list(core.voices())
        return _cast(core, chosen, languages, arguments, progress.note)
    count = arguments.n or SENTENCES
    report = Report(core, threads=arguments.threads, progress=progress.note)
    result = {
        **header("quality", core.info.name),
        "languages": {
            language: [report.language(voice, language, count) for voice in voices]
            for language in languages
        },
    }
    progress.note("")
    give(result, arguments.json)
    return 0


def _cast(
    core: CompactCore,
    voices: Sequence[Voice],
    languages: Sequence[Language],
    arguments: argparse.Namespace,
    note: Callable[[str], None],
) -> int:
    from ...clients.measures import header
    from ...model.evaluation.cast import cast

    count = arguments.n or CAST_SENTENCES
    rows = list(cast(core, voices, languages, count, threads=arguments.threads, progress=note))
    note("")
    give({**header("cast", core.info.name), "n": count, "rows": rows}, arguments.json)
    return 0


def languages_of(arguments: argparse.Namespace) -> tuple[Language, ...]:
    """The languages that were asked for."""
    asked: Language = arguments.language
    return LANGUAGES if arguments.language == "all" else (asked,)


def voices_named(core: CompactCore, names: Sequence[str]) -> list[Voice]:
    """The engine's own voices of these names.

    Raises:
        UnknownVoice: one is none of them.
    """
    voices = {voice.name: voice for voice in core.voices()}
    for name in names:
        if name not in voices:
            raise UnknownVoice(f"no voice is named {name!r}, expected one of: {', '.join(voices)}")
    return [voices[name] for name in names]
