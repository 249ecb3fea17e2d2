"""How many readings are right, by category: ``python -m seiyuu.model.frontend.accuracy [--json] [--wrong] [FOLDER]``.

A table of readings is a TSV of input, expected reading and category. The expected reading is one of: syllables of
pinyin; ``字=zi4`` for the characters that matter; for ``ko_sound`` and Japanese, the sound in hangul or kana; for
``border``, the languages in order; otherwise the words to be said, which are read in their turn.
"""

from __future__ import annotations

import argparse
import csv
import json
import re
import sys
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from . import kana
from .read import read
from .reading import Reading, Unit

FOLDER = Path(__file__).parents[2] / "tests" / "data"
_PINYIN = re.compile(
    r"([a-zü]+[1-5])( [a-zA-Züíìǐōāǎà]+[1-5]?)*$|([a-zü]+[1-5] )+\S+( [a-z]+[1-5])*$"
)
_ARROWS = {"→": "1", "↗": "2", "↓": "3", "↘": "4"}


@dataclass(frozen=True, slots=True)
class Row:
    text: str
    expected: str
    category: str


@dataclass(slots=True)
class Score:
    right: int = 0
    wrong: list[tuple[Row, str]] = field(default_factory=list)

    @property
    def total(self) -> int:
        return self.right + len(self.wrong)

    @property
    def share(self) -> float:
        return self.right / self.total


def rows(folder: Path = FOLDER) -> Iterator[Row]:
    """All rows of the tables in ``folder``."""
    for path in sorted(folder.glob("readings_*.tsv")):
        with path.open(encoding="utf-8", newline="") as lines:
            table = csv.reader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)
            next(table)
            for text, expected, category in table:
                yield Row(text, expected, category)


def measure(folder: Path = FOLDER) -> dict[str, Score]:
    """The score of every category."""
    scores: dict[str, Score] = defaultdict(Score)
    for row in rows(folder):
        got, wanted = _compare(row)
        if got == wanted:
            scores[row.category].right += 1
        else:
            scores[row.category].wrong.append((row, got))
    return dict(scores)


def _compare(row: Row) -> tuple[str, str]:
    """What was read and what should have been, in comparable form."""
    language = row.category[:2]
    if language not in ("zh", "en", "ja", "ko"):
        language = "auto"
    reading = read(row.text, language)
    if row.category.startswith("border"):
        return _borders(reading), row.expected
    if "=" in row.expected:
        return _targets(row, reading), row.expected
    if row.category == "ko_sound":
        return _readings(reading).replace(" ", ""), row.expected
    if language == "ja":
        return _kana(_readings(reading)), _kana(row.expected)
    if _PINYIN.match(row.expected):
        return _readings(reading), row.expected
    return _sounds(reading), _sounds(read(row.expected, language))


def _borders(reading: Reading) -> str:
    found: list[str] = []
    for word in reading.words:
        if word.kind == "word" and found[-1:] != [word.language]:
            found.append(word.language)
    return " ".join(found)


def _targets(row: Row, reading: Reading) -> str:
    chars = row.expected.partition("=")[0]
    at = row.text.find(chars)
    units = [unit for unit in reading.units() if at <= unit.char_start < at + len(chars)]
    if row.category.startswith("en"):
        return chars + "=" + "".join(unit.phonemes for unit in units)
    said = [_spoken_tone(unit) if row.category == "zh_sandhi" else unit.reading for unit in units]
    return chars + "=" + " ".join(said)


def _spoken_tone(unit: Unit) -> str:
    tone = next((_ARROWS[symbol] for symbol in unit.phonemes if symbol in _ARROWS), "5")
    return unit.reading[:-1] + tone


def _readings(reading: Reading) -> str:
    return " ".join(u.reading for word in reading.words if word.kind == "word" for u in word.units)


def _kana(text: str) -> str:
    return kana.sounded(re.sub(r"[\s、。,.]", "", text))


def _sounds(reading: Reading) -> str:
    words = (
        "".join(u.phonemes for u in word.units) for word in reading.words if word.kind == "word"
    )
    return re.sub("[ˈˌ ]", "", "".join(words))


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="accuracy", description=(__doc__ or "").partition("\n")[0]
    )
    parser.add_argument("folder", nargs="?", type=Path, default=FOLDER)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--wrong", action="store_true", help="list the rows that are wrong")
    words = parser.parse_args()
    scores = measure(words.folder)
    if words.json:
        report = {
            name: {"right": s.right, "rows": s.total, "share": s.share}
            for name, s in scores.items()
        }
        sys.stdout.write(json.dumps(report, indent=2) + "\n")
        return
    for name, score in sorted(scores.items()):
        sys.stdout.write(f"{name:16} {score.right:4}/{score.total:<4} {100 * score.share:6.1f} %\n")
        for row, got in score.wrong if words.wrong else ():
            sys.stdout.write(f"    {row.text!r}: expected {row.expected!r}, got {got!r}\n")
    right, total = sum(s.right for s in scores.values()), sum(s.total for s in scores.values())
    sys.stdout.write(f"{'all':16} {right:4}/{total:<4} {100 * right / total:6.1f} %\n")


if __name__ == "__main__":
    main()
