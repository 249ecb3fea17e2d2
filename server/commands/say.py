"""``seiyuu say``: speak a text, to the sound card, a file or a pipe."""

from __future__ import annotations

import argparse
import asyncio
from pathlib import Path
from typing import Any

from .prosody import add_prosody

EXAMPLES = """\
examples:
  seiyuu say "大家好,今天我们来玩一个新游戏!" --out hello.wav
  seiyuu say "[joy]やった!" --voice hoshino --marks hello.srt --out hello.ogg
  tail -f chat.txt | seiyuu say -                     speaks while the text still comes
  seiyuu say "Hello." --out - | aplay -f S16_LE -r 24000
  seiyuu say "你好" --server ws://192.168.1.5:8765     through a running server
"""


def add(verbs: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = verbs.add_parser(
        "say",
        help="speak a text",
        description="Speak a text on the sound card, into a file or into a pipe.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "text", metavar="TEXT", help="what to say; - reads standard input as it comes"
    )
    parser.add_argument(
        "--out", metavar="FILE", help=".wav, .ogg, .mp3, or - for PCM s16le on standard output"
    )
    parser.add_argument(
        "--voice", metavar="NAME", help="a voice by name, or a clip of speech to sound like"
    )
    parser.add_argument("--language", choices=("auto", "zh", "en", "ja", "ko"), default="auto")
    parser.add_argument("--emotion", metavar="NAME[:INTENSITY],…", help="joy, anger:0.6, or a mix")
    parser.add_argument("--describe", metavar="TEXT", help="the emotion in plain words")
    parser.add_argument("--emotion-clip", metavar="FILE", help="the emotion heard in a clip")
    parser.add_argument("--intensity", type=_share, metavar="X", help="how strongly, 0 to 1")
    length = parser.add_mutually_exclusive_group()
    length.add_argument(
        "--duration", type=_positive, metavar="SECONDS", help="length of the speech"
    )
    length.add_argument(
        "--duration-ratio", type=_positive, metavar="R", help="length by natural length"
    )
    parser.add_argument(
        "--marks", type=Path, metavar="FILE", help="when what was said: .json, .srt, .vtt"
    )
    parser.add_argument(
        "--server", metavar="URL", help="speak through this server instead of in here"
    )
    parser.add_argument("--api-key", metavar="KEY", help="the server's key")
    parser.add_argument("--engine", help="compact, indextts2 or tone (compact)")
    add_prosody(parser)
    parser.add_argument("--config", type=Path, metavar="FILE", help="settings (seiyuu.toml)")
    parser.add_argument(
        "--notice", action="store_true", help="say first that the voice is synthetic"
    )
    parser.add_argument("--seed", type=int, metavar="N", help="another rendering of the same text")
    parser.set_defaults(run=run, parser=parser)


def run(arguments: argparse.Namespace) -> int:
    from .saying import say

    try:
        emotion = _emotion(arguments)
        _check_endings(arguments)
    except ValueError as error:
        arguments.parser.error(str(error))
    asyncio.run(say(arguments, emotion))
    return 0


def _emotion(arguments: argparse.Namespace) -> dict[str, Any] | None:
    """The emotion as on the wire.

    Raises:
        ValueError: more than one way to say it, or a number that is none.
    """
    ways = [arguments.emotion, arguments.describe, arguments.emotion_clip]
    if sum(way is not None for way in ways) > 1:
        raise ValueError("give one of --emotion, --describe and --emotion-clip")
    intensity = {} if arguments.intensity is None else {"intensity": arguments.intensity}
    if arguments.describe is not None:
        return {"describe": arguments.describe, **intensity}
    if arguments.emotion_clip is not None:
        return {"reference": arguments.emotion_clip, **intensity}
    if arguments.emotion is None:
        if intensity:
            raise ValueError("--intensity needs an emotion")
        return None
    parts = [part.partition(":") for part in arguments.emotion.split(",")]
    try:
        weights = {name.strip(): float(weight) if weight else None for name, _, weight in parts}
    except ValueError:
        raise ValueError(f"--emotion {arguments.emotion!r}: expected NAME or NAME:0.7") from None
    if len(weights) == 1:
        ((name, weight),) = weights.items()
        own = {} if weight is None else {"intensity": weight}
        return {"name": name, **own, **intensity}
    return {
        "mix": {name: 0.5 if weight is None else weight for name, weight in weights.items()},
        **intensity,
    }


def _check_endings(arguments: argparse.Namespace) -> None:
    """Refuse file names no format belongs to before anything is spoken."""
    out, marks = arguments.out, arguments.marks
    if out not in (None, "-") and Path(out).suffix.lower() not in (".wav", ".ogg", ".mp3"):
        raise ValueError(f"--out {out}: expected a name ending in .wav, .ogg or .mp3, or -")
    if marks is not None and marks.suffix.lower() not in (".json", ".srt", ".vtt"):
        raise ValueError(f"--marks {marks}: expected a name ending in .json, .srt or .vtt")


def _positive(text: str) -> float:
    value = float(text)
    if not 0 < value < float("inf"):
        raise argparse.ArgumentTypeError(f"{text} is not a positive number")
    return value


def _share(text: str) -> float:
    value = float(text)
    if not 0 <= value <= 1:
        raise argparse.ArgumentTypeError(f"{text} does not lie between 0 and 1")
    return value
