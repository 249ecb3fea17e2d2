"""``seiyuu read``: how a text will be read."""

from __future__ import annotations

import argparse
import json
import sys

EXAMPLES = """\
examples:
  seiyuu read "重庆的行长在2026年跑了3.2公里。"
  seiyuu read --json - < script.txt
"""


def add(verbs: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = verbs.add_parser(
        "read",
        help="show how a text will be read",
        description="Show how a text will be read: languages, syllables, numbers.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("text", metavar="TEXT", help="the text; - reads standard input")
    parser.add_argument("--language", choices=("auto", "zh", "en", "ja", "ko"), default="auto")
    parser.add_argument("--json", action="store_true", help="one JSON array")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    from ...model.frontend import Lexicon, read
    from ..config import load
    from ..enrolment import library_lexicon

    text = sys.stdin.read() if arguments.text == "-" else arguments.text
    config = load()
    path = config.engine_options.get("lexicon") or library_lexicon(config)
    reading = read(text, arguments.language, lexicon=None if path is None else Lexicon(path))
    words = [
        {"text": word.text, "language": word.language, "reading": list(word.reading)}
        for word in reading.words
    ]
    if arguments.json:
        print(json.dumps(words, ensure_ascii=False))
    else:
        for word in reading.words:
            print(f"{word.text}\t{word.language}\t{' '.join(word.reading)}")
    for warning in reading.warnings:
        print(f"seiyuu: {warning}", file=sys.stderr)
    return 0
