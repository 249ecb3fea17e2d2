"""``seiyuu emotion``: how a description of an emotion is understood."""

from __future__ import annotations

import argparse
import json

from ...streaming.emotion import AXES

UNSURE = 0.35
"""A confidence below this is told to whoever asked."""


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
    from ...model.emotion.describe import read_emotion

    reading = read_emotion(arguments.text)
    if arguments.json:
        print(json.dumps(reading.as_json(), ensure_ascii=False))
        return 0
    emotion = reading.emotion
    mixed = sorted(zip(emotion.vector, AXES, strict=True), reverse=True)
    shares = ", ".join(f"{axis} {share:.0%}" for share, axis in mixed if share >= 0.05)
    print(f"{shares}; intensity {emotion.intensity:.2f}, pace {reading.pace:.2f}")
    if reading.confidence < UNSURE:
        print(f"not sure (confidence {reading.confidence:.2f}): say which feeling you mean")
    for warning in reading.warnings:
        print(f"note: {warning}")
    return 0
