"""``seiyuu bench emotion --picture``: how a turn of emotion looks, instead of how soon it comes."""

from __future__ import annotations

import argparse
import json
import sys
from typing import Any

EMOTIONS = ("joy", "anger", "sadness", "surprise")


def draw(arguments: argparse.Namespace) -> int:
    """A picture for each language and each of four emotions, and the steps of F0 at the turns as JSON."""
    from ...clients.texts import TEXTS
    from ...model.compact.engine import CompactCore
    from ...model.evaluation import picture
    from ...streaming.emotion import Emotion
    from .quality import voices_named

    core = CompactCore(prosody=arguments.prosody or "ar")
    names = [arguments.voice] if arguments.voice else [core.voices()[0].name]
    voice = voices_named(core, names)[0]
    core.load()
    arguments.picture.mkdir(parents=True, exist_ok=True)
    languages: Any = TEXTS if arguments.language == "all" else (arguments.language,)
    found: dict[str, Any] = {}
    for language in languages:
        text = TEXTS[language][0]
        plain = picture.speak(core, voice, text, language)
        for name in EMOTIONS:
            turned = picture.speak(core, voice, text, language, Emotion.of(name, 1.0))
            path = arguments.picture / f"{language}_{name}.png"
            picture.draw(path, plain, turned, f"{language}, {voice.name}: neutral → {name}")
            here, elsewhere = picture.steps_st(turned)
            found[path.name] = {
                "f0_step_st_at_turn": round(here, 2),
                "p95_elsewhere_st": round(elsewhere, 2),
            }
    sys.stdout.write(json.dumps(found, indent=1) + "\n")
    return 0
