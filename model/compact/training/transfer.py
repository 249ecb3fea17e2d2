"""Does an emotion heard in one person's clip move another's voice, and leave it theirs?

::

    python -m seiyuu.model.compact.training.transfer TEST_TAKES [--voices hoshino atlas] [--json FILE]

``TEST_TAKES`` are clips of the held-out voices (:mod:`.emotion_takes`), heard beside the same person's neutral
clip. Each emotion that is heard is spoken by presets; what is compared with their neutral reading is F0, pace and level
(signs, against what the emotion that was meant does to them), and the cosine of d-vectors.
"""

from __future__ import annotations

import argparse
import json
import logging
from pathlib import Path

import numpy as np

from ....streaming.audio import Samples
from ....streaming.emotion import AXES, NEUTRAL, Emotion
from ...clip_measures import level_db
from ...clips import Clip
from ...emotion_encoder import emotion_of_clip
from ...evaluation.sentences import sentences
from ...pitch import pitch_of
from ...speaker import RATE, d_vector
from ...verdict import find_speech
from ...voice import Voice
from ..delivery import FULL
from ..engine import CompactCore
from .emotion_takes import REFERENCE, say

log = logging.getLogger(__name__)

TEXTS = 2
SMALLEST = {"pitch": 0.5, "pace": 0.03, "level": 0.5}
"""Changes an emotion must ask for at full strength to be counted (semitones, logarithm, dB)."""


def measured(core: CompactCore, voice: Voice, emotion: Emotion) -> tuple[dict[str, float], Samples]:
    """Pitch (semitones), pace (logarithm), level (dB) and d-vector of two sentences."""
    texts = sentences("en")[-TEXTS:]
    spoken = find_speech(
        Clip(np.concatenate([say(core, voice, text, "en", emotion) for text in texts]), RATE)
    ).spoken
    pitch = pitch_of(spoken)
    tone = 12 * float(np.log2(pitch.median_hz)) if pitch is not None else 0.0
    told = {"pitch": tone, "pace": -float(np.log(len(spoken))), "level": level_db(spoken)}
    return told, d_vector(spoken)


def meant(axis: str) -> dict[str, float]:
    """What an emotion does to each of the three."""
    full = FULL[axis]
    return {"pitch": full.pitch_st, "pace": full.rate_log, "level": full.level_db}


def clip_of(path: Path, axis: str) -> Clip:
    """All of a test voice's sentences in one emotion."""
    with np.load(path) as file:
        keys = sorted(k for k in file.files if k.startswith(f"{axis}/") and k.endswith("/audio"))
        parts = [file[key].astype(np.float32) / 32767 for key in keys]
    return Clip(np.concatenate(parts), RATE)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("test_takes", type=Path)
    parser.add_argument("--voices", nargs="+", default=["hoshino", "leo"])
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    core = CompactCore(threads=1)
    core.load()
    voices = [voice for voice in core.voices() if voice.name in arguments.voices]
    plain = {voice.name: measured(core, voice, NEUTRAL) for voice in voices}
    paths = sorted(arguments.test_takes.glob("test-*.npz"))
    agreed: dict[str, list[bool]] = {key: [] for key in SMALLEST}
    alike: dict[str, list[float]] = {axis: [] for axis in AXES}
    for number, axis in enumerate(axis for axis in AXES if axis != "neutral"):
        for path in (paths[number % len(paths)], paths[(number + 5) % len(paths)]):
            heard = emotion_of_clip(clip_of(path, axis), clip_of(path, REFERENCE))
            for voice in voices:
                told, vector = measured(core, voice, heard)
                before, own = plain[voice.name]
                for key, full in meant(axis).items():
                    if abs(full) >= SMALLEST[key]:
                        agreed[key].append((told[key] - before[key]) * full > 0)
                alike[axis].append(float(vector @ own))
        log.info("%s: cosine %.3f", axis, np.mean(alike[axis]))
    others = [float(a @ b) for n, (_, a) in plain.items() for m, (_, b) in plain.items() if n < m]
    result = {
        "in the clip's direction": {key: float(np.mean(told)) for key, told in agreed.items()},
        "n": len(agreed["pitch"]),
        "cosine to the own neutral": float(np.mean([c for told in alike.values() for c in told])),
        "least": float(np.min([c for told in alike.values() for c in told])),
        "between the voices": float(np.mean(others)),
    }
    log.info("%s", json.dumps(result, indent=1))
    if arguments.json:
        arguments.json.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
