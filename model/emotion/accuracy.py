"""Measures the embedded reader on labelled descriptions: ``python -m seiyuu.model.emotion.accuracy [--json]``."""

from __future__ import annotations

import argparse
import csv
import json
import sys
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from ...streaming.emotion import AXES
from .describe import prepare, read_emotion

HELD_OUT = Path(__file__).parents[2] / "tests/data/descriptions_heldout.tsv"
"""Lies in the source tree, not in the installed package."""
_NATURAL = 0.05


@dataclass(frozen=True, slots=True)
class Labelled:
    """A description with what it means; ``pace`` "fast", "slow" or "" where none is asked for."""

    language: str
    strongest: str
    pace: str
    text: str


@dataclass(frozen=True, slots=True)
class Report:
    """``confusion[i][j]`` counts descriptions of axis i that were read as axis j. Times in ms."""

    right: dict[str, int]
    count: dict[str, int]
    confusion: tuple[tuple[int, ...], ...]
    pace_right: int
    pace_count: int
    median_ms: float
    slowest_ms: float
    wrong: tuple[tuple[Labelled, str], ...]

    @property
    def accuracy(self) -> float:
        """Share of descriptions whose strongest emotion is right."""
        return sum(self.right.values()) / sum(self.count.values())


def load(path: Path) -> list[Labelled]:
    """Labelled descriptions of a tab-separated file with a head line."""
    with path.open(encoding="utf-8", newline="") as lines:
        rows = csv.reader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)
        next(rows)
        return [
            Labelled(language, axis, "" if pace == "." else pace, text)
            for language, axis, pace, text in rows
        ]


def _direction(pace: float) -> str:
    return "fast" if pace > 1 + _NATURAL else "slow" if pace < 1 - _NATURAL else ""


def measure(rows: Sequence[Labelled]) -> Report:
    """Read every description and compare."""
    prepare()
    right, count = dict[str, int](), dict[str, int]()
    confusion = [[0] * len(AXES) for _ in AXES]
    wrong, times, pace_right = [], [], 0
    for row in rows:
        began = time.perf_counter()
        reading = read_emotion(row.text)
        times.append((time.perf_counter() - began) * 1000)
        found = reading.emotion.strongest
        confusion[AXES.index(row.strongest)][AXES.index(found)] += 1
        count[row.language] = count.get(row.language, 0) + 1
        right[row.language] = right.get(row.language, 0) + (found == row.strongest)
        pace_right += bool(row.pace) and _direction(reading.pace) == row.pace
        if found != row.strongest:
            wrong.append((row, found))
    times.sort()
    return Report(
        right,
        count,
        tuple(map(tuple, confusion)),
        pace_right,
        sum(bool(row.pace) for row in rows),
        times[len(times) // 2],
        times[-1],
        tuple(wrong),
    )


def as_json(report: Report) -> dict[str, object]:
    """The report as plain values."""
    return {
        "accuracy": round(report.accuracy, 4),
        "n": sum(report.count.values()),
        "languages": {
            language: {"n": n, "accuracy": round(report.right[language] / n, 4)}
            for language, n in report.count.items()
        },
        "axes": list(AXES),
        "confusion": [list(row) for row in report.confusion],
        "pace": {"n": report.pace_count, "right": report.pace_right},
        "ms": {"median": round(report.median_ms, 3), "slowest": round(report.slowest_ms, 3)},
    }


def as_text(report: Report, *, errors: bool = False) -> Iterable[str]:
    """The report as lines for a person."""
    total = sum(report.count.values())
    yield f"strongest emotion right: {report.accuracy:.1%} of {total}"
    for language, n in report.count.items():
        yield f"  {language}  {report.right[language] / n:.1%} of {n}"
    yield f"pace right: {report.pace_right} of {report.pace_count}"
    yield f"time a description: median {report.median_ms:.2f} ms, slowest {report.slowest_ms:.2f} ms"
    yield "meant \\ read  " + " ".join(f"{axis[:8]:>8}" for axis in AXES)
    for axis, counts in zip(AXES, report.confusion, strict=True):
        yield f"{axis:<13} " + " ".join(f"{n:>8}" for n in counts)
    if errors:
        for row, found in report.wrong:
            yield f"{row.language}  {row.strongest} read as {found}: {row.text}"


def main() -> int:
    """Print the accuracy; 1 when the descriptions are not there."""
    parser = argparse.ArgumentParser(description="accuracy of the embedded emotion reader")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--data", type=Path, default=HELD_OUT, help="labelled descriptions, TSV")
    parser.add_argument("--errors", action="store_true", help="list what was read wrongly")
    asked = parser.parse_args()
    if not asked.data.is_file():
        sys.stderr.write(
            f"no descriptions at {asked.data}: give --data, or run in the source tree\n"
        )
        return 1
    report = measure(load(asked.data))
    lines = [json.dumps(as_json(report))] if asked.json else as_text(report, errors=asked.errors)
    sys.stdout.write("\n".join(lines) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
