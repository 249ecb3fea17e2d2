"""A description as numbers: hashed pieces of its letters, and what the lexicon's cues say."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from zlib import crc32

import numpy as np
import numpy.typing as npt

from .cues import Cues
from .fold import Folded

BUCKETS = 1 << 15
DENSE = 18
_RUN = re.compile("[a-z']+|[\u1100-\u11ff]+|[\u3040-\u30ff\u3400-\u9fff]+")
# letters of an alphabet say little alone, a hanzi says much
_SIZES = {"latin": (3, 4, 5), "hangul": (4, 5, 6, 7), "han": (1, 2, 3)}

Indices = npt.NDArray[np.int32]
Dense = npt.NDArray[np.float32]


def _pieces(folded: Folded) -> Iterator[tuple[int, str]]:
    """Yield (place, piece): n-grams of each run of one script, whole Latin words and pairs of them."""
    previous = ""
    for run in _RUN.finditer(folded.text):
        word, at = run.group(), run.start()
        if "a" <= word[0] <= "z":
            yield at, f"w {word}"
            if previous:
                yield at, f"p {previous} {word}"
            previous = word
            word, sizes = f"<{word}>", _SIZES["latin"]
        else:
            sizes = _SIZES["hangul" if word[0] < "\u3000" else "han"]
        for size in sizes:
            for i in range(len(word) - size + 1):
                yield at + i, word[i : i + size]


def hashed(folded: Folded, cues: Cues) -> Indices:
    """Buckets of the description's pieces, each once; a piece under a negation has a bucket of its own."""
    denied = {at for start, end in cues.denied_spans for at in range(start, end)}
    found = {
        crc32(f"{'!' if at in denied else ''}{piece}".encode()) % BUCKETS
        for at, piece in _pieces(folded)
    }
    return np.fromiter(sorted(found), np.int32, len(found))


def dense(cues: Cues) -> Dense:
    """What the cues say, ``float32 [18]``: shares meant and shares denied, grown with the evidence, and two flags."""
    evidence, against = cues.evidence, sum(cues.denied)
    values = [x / evidence * math.tanh(evidence) if evidence else 0.0 for x in cues.meant]
    values += [x / against * math.tanh(against) if against else 0.0 for x in cues.denied]
    values += [float(evidence == 0), float(evidence == 0 and against > 0)]
    return np.array(values, np.float32)
