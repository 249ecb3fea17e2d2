"""``seiyuu emotion``: how a description of an emotion is understood."""

from __future__ import annotations

import argparse
import json


def add(verbs: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = verbs.add_parser(
        "emotion",
        help="show how an emotion is understood",
        description="Show how an emotion, by name or in plain words, is understood.",
    )
    parser.add_argument("text", metavar="TEXT", help='"joy", "生气", "冷冷地嘲讽"')
    parser.add_argument("--json", action="store_true", help="one JSON object")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    from ...streaming.emotion import AXES, Emotion
    from ...streaming.errors import UnknownEmotion, Unsupported

    try:
        emotion = Emotion.of(arguments.text)
    except UnknownEmotion as error:
        raise Unsupported(
            f"{error}; descriptions in plain words cannot be read by this installation"
        ) from error
    vector = dict(zip(AXES, emotion.vector, strict=True))
    if arguments.json:
        found = {"vector": vector, "intensity": emotion.intensity, "pace": 1.0, "confidence": 1.0}
        print(json.dumps(found, ensure_ascii=False))
    else:
        print(f"{emotion.strongest}, intensity {emotion.intensity:g}")
    return 0
