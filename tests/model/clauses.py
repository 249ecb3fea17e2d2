"""Small clauses made by hand, for what needs no weights."""

import numpy as np

from seiyuu.model.compact.clause import Clause
from seiyuu.model.frontend import Unit, Word


def make_clause(
    spoken: str = "a b, c", durations: list[int] | None = None, char_start: int = 0
) -> Clause:
    """A clause whose symbols are the characters of ``spoken``; each letter is a unit and a word of its own."""
    words: list[Word | None] = []
    units: list[Unit | None] = []
    for at, character in enumerate(spoken):
        if character == " ":
            units.append(None)
            words.append(None)
            continue
        unit = Unit(at, at + 1, character, character)
        kind = "word" if character.isalpha() else "punctuation"
        units.append(unit)
        words.append(Word(character, "en", (unit,), kind))
    count = len(spoken) + 2
    frames = np.array(durations or [8, *([4] * len(spoken)), 12], np.int64)
    assert len(frames) == count
    total = int(frames.sum())
    rng = np.random.default_rng(len(spoken))
    f0 = (180 + 40 * np.sin(np.arange(2 * total) / 7)).astype(np.float32)
    f0[rng.random(2 * total) < 0.1] = 0.0
    return Clause(
        symbols=("", *spoken, ""),
        units=(None, *units, None),
        words=(None, *words, None),
        durations=frames,
        features=rng.standard_normal((512, count)).astype(np.float32),
        encoded=rng.standard_normal((count, 640)).astype(np.float32),
        f0=f0,
        energy=rng.standard_normal(2 * total).astype(np.float32),
        style=np.zeros(128, np.float32),
        char_start=char_start,
    )
