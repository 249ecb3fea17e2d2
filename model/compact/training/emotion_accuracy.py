"""How often the shipped encoder hears the emotion of a clip rightly, and what it tells of the speaker.

::

    python -m seiyuu.model.compact.training.emotion_accuracy TEST_TAKES [--sentences 4]

``TEST_TAKES`` are those of the held-out voices (:mod:`.emotion_takes`). Clips are heard as a user's are: speech found,
noise reduced, alone and beside all of the same person's reference sentences.
"""

from __future__ import annotations

import argparse
import json
import logging
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from ....streaming.audio import Samples
from ....streaming.emotion import AXES
from ...clips import Clip
from ...emotion_encoder import ALONE, BESIDE, EmotionEncoder, spoken_stretches
from ...emotion_features import manner
from .augment import RATE
from .emotion_takes import REFERENCE
from .fit_emotion import probe

log = logging.getLogger(__name__)


def clips(path: Path, axis: str, sentences: int) -> Iterator[list[Samples]]:
    """Stretches of speech of every ``sentences`` sentences of one voice in one emotion."""
    with np.load(path) as file:
        keys = sorted(k for k in file.files if k.startswith(f"{axis}/") and k.endswith("/audio"))
        said = [file[key].astype(np.float32) / 32767 for key in keys]
    for begin in range(0, len(said) - sentences + 1, sentences):
        yield spoken_stretches(Clip(np.concatenate(said[begin : begin + sentences]), RATE))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0] if __doc__ else None)
    parser.add_argument("test_takes", type=Path)
    parser.add_argument("--sentences", type=int, default=4)
    arguments = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    encoder = EmotionEncoder.packaged()
    rows: list[tuple[int, int]] = []
    told: dict[str, list[Samples]] = {ALONE: [], BESIDE: []}
    for speaker, path in enumerate(sorted(arguments.test_takes.glob("test-*.npz"))):
        calm = np.mean([manner(heard) for heard in clips(path, REFERENCE, 4)], axis=0)
        for emotion, axis in enumerate(AXES):
            for heard in clips(path, axis, arguments.sentences):
                rows.append((speaker, emotion))
                told[ALONE].append(encoder.embed(encoder.alone(heard)))
                told[BESIDE].append(encoder.embed(manner(heard) - calm, BESIDE))
    speakers, emotions = np.array(rows).T
    for kind, vectors in told.items():
        answer = np.array(vectors)
        heard_as = answer[:, :-1].argmax(axis=1)
        confusion = np.zeros((len(AXES), len(AXES)), int)
        np.add.at(confusion, (emotions, heard_as), 1)
        folds = [np.isin(emotions, (2 * fold, 2 * fold + 1)) for fold in range(4)]
        leaks = float(np.mean([probe(answer, speakers, ~fold, fold) for fold in folds]))
        right = float((heard_as == emotions).mean())
        figures = {"n": len(rows), "right": right, "speaker read": leaks}
        log.info("%s: %s\n%s", kind, json.dumps(figures), confusion)


if __name__ == "__main__":
    main()
