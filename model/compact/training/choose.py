"""Chooses timbres for the personas from the table that ``timbres`` prints.

``python -m seiyuu.model.compact.training.choose < tables/timbres.tsv``: of the candidates that are understood and sound
well in every language, one register at a time, the best first, then always the one farthest from those chosen.
"""

from __future__ import annotations

import csv
import sys
from collections.abc import Mapping, Sequence

import numpy as np

from ..personas import blend
from .timbres import SHARE, TEXTS

COUNTS: Mapping[str, int] = {"f": 9, "m": 7}
MAX_ERROR = 0.01
"""Mean share of phonemes not recognised; one wrong phoneme in one of three sentences passes."""

MIN_QUALITY = 3.25
"""DNSMOS in the language the candidate is worst in."""

Row = Mapping[str, str]


def mean_of(row: Row, key: str) -> float:
    """A column's mean over the languages."""
    return float(np.mean([float(row[f"{key}_{language}"]) for language in TEXTS]))


def fit(row: Row) -> bool:
    """Whether a candidate may be chosen at all."""
    worst = min(float(row[f"quality_{language}"]) for language in TEXTS)
    return mean_of(row, "error") <= MAX_ERROR and worst >= MIN_QUALITY


def distance(left: Row, right: Row) -> float:
    """Between two timbres; packaged voices are 2.3 apart on average."""
    timbres = [
        blend({row["first"]: SHARE, row["second"]: 1 - SHARE})[:128] for row in (left, right)
    ]
    return float(np.linalg.norm(timbres[0] - timbres[1]))


def choose(rows: Sequence[Row], count: int) -> list[Row]:
    """The best, then the farthest."""
    pool = [row for row in rows if fit(row)]
    chosen = [max(pool, key=lambda row: mean_of(row, "quality"))]
    while len(chosen) < min(count, len(pool)):
        left = [row for row in pool if row not in chosen]
        chosen.append(max(left, key=lambda row: min(distance(row, other) for other in chosen)))
    return chosen


def main() -> None:
    rows = list(csv.DictReader(sys.stdin, delimiter="\t"))
    for register, count in COUNTS.items():
        chosen = choose([row for row in rows if row["register"] == register], count)
        for row in chosen:
            nearest = min(distance(row, other) for other in chosen if other is not row)
            sys.stdout.write(
                f"{row['first']}\t{row['second']}\tquality {mean_of(row, 'quality'):.2f}\t"
                f"centroid {mean_of(row, 'centroid'):.0f} Hz\tnearest {nearest:.2f}\n"
            )


if __name__ == "__main__":
    main()
