"""Measures the pitch of the packaged voices as a clip's is measured, for cloning to move it by the difference.

::

    python -m seiyuu.model.compact.training.measure_pitch model/compact/assets/voice_pitches.json
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np

from ...pitch import pitch_of
from ..personas import voice_vectors
from ..timbre_statistics import TimbreStatistics
from .sentences import SENTENCES
from .takes import Booth
from .voice_space import ACCENT_OF, TIMBRE

SENTENCES_EACH = 3


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("out", type=Path)
    arguments = parser.parse_args()
    booth = Booth(TimbreStatistics.packaged())
    measured = {}
    for name, style in sorted(voice_vectors().items()):
        spoken = []
        for text in SENTENCES[ACCENT_OF.get(name[0], "en")][:SENTENCES_EACH]:
            frames = booth.predict(text, ACCENT_OF.get(name[0], "en"), style)
            spoken.append(booth.render(frames, style[:TIMBRE]))
        pitch = pitch_of(np.concatenate(spoken))
        assert pitch is not None
        measured[name] = (round(pitch.median_hz, 2), round(pitch.spread_st, 3))
    arguments.out.write_text(json.dumps(measured, indent=0) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
