"""A writer's own readings, from a file that may change while the server runs."""

from __future__ import annotations

import re
import threading
import tomllib
from dataclasses import dataclass, field
from pathlib import Path

from ...streaming.errors import BadText
from . import pinyin
from .markup import Marked
from .spanned import SpannedBuilder

_HAN = re.compile(r"[\u3400-\u9fff]+")
_MAX_ENTRIES = 20_000


@dataclass(frozen=True, slots=True)
class Entries:
    """Words to readings: pinyin for words of hanzi, other words ("say as") for the rest."""

    syllables: dict[str, list[str]] = field(default_factory=dict)
    spoken: dict[str, str] = field(default_factory=dict)
    pattern: re.Pattern[str] | None = None


class Lexicon:
    """Readings from a TSV (word, tab, reading) or a TOML (``"word" = "reading"``) file.

    A word of hanzi takes pinyin (``行长 → hang2 zhang3``, tone marks or digits); any word may take other words
    to be said in its place (``Seiyuu → say you``). The file is read again when its time of change is another;
    a change that cannot be read leaves the old readings, and ``problem`` says why. Safe from any thread.

    Raises:
        BadText: the file cannot be read at the first time.
    """

    def __init__(self, path: Path | str) -> None:
        self.path = Path(path)
        self.problem: str | None = None
        self._lock = threading.Lock()
        self._stamp = self._seen()
        try:
            self._entries = _parse(self.path)
        except (OSError, ValueError) as error:
            raise BadText(f"lexicon {self.path.name}: {error}") from error

    def entries(self) -> Entries:
        """The readings as the file has them now."""
        with self._lock:
            stamp = self._seen()
            if stamp != self._stamp:
                self._stamp = stamp
                try:
                    self._entries, self.problem = _parse(self.path), None
                except (OSError, ValueError) as error:
                    self.problem = (
                        f"lexicon {self.path.name}: {error}; the readings before the change stay"
                    )
            return self._entries

    def _seen(self) -> tuple[int, int]:
        try:
            status = self.path.stat()
        except OSError:
            return (0, 0)
        return (status.st_mtime_ns, status.st_size)


def _parse(path: Path) -> Entries:
    text = path.read_text("utf-8")
    pairs = _toml(text) if path.suffix == ".toml" else _tsv(text)
    if len(pairs) > _MAX_ENTRIES:
        raise ValueError(f"{len(pairs)} words, at most {_MAX_ENTRIES}")
    entries = Entries()
    for word, reading in pairs.items():
        found = pinyin.syllables(reading, len(word)) if _HAN.fullmatch(word) else None
        if found is not None:
            entries.syllables[word] = found
        elif _HAN.fullmatch(word) and re.search(r"[a-zA-Zā-ǜ]", reading):
            raise ValueError(f"{reading!r} is no pinyin of {len(word)} syllables for {word!r}")
        else:
            entries.spoken[word] = reading
    words = sorted([*entries.syllables, *entries.spoken], key=len, reverse=True)
    pattern = re.compile("|".join(_whole(word) for word in words)) if words else None
    return Entries(entries.syllables, entries.spoken, pattern)


def _whole(word: str) -> str:
    """Latin words match as whole words only."""
    left = r"(?<![A-Za-z0-9])" if re.match("[A-Za-z0-9]", word) else ""
    right = r"(?![A-Za-z0-9])" if re.search("[A-Za-z0-9]$", word) else ""
    return left + re.escape(word) + right


def _tsv(text: str) -> dict[str, str]:
    pairs: dict[str, str] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip() or line.startswith("#"):
            continue
        word, tab, reading = line.partition("\t")
        if not tab or not word.strip() or not reading.strip():
            raise ValueError(
                f"line {number}: expected a word, a tab and a reading, got {line[:40]!r}"
            )
        pairs[word.strip()] = reading.strip()
    return pairs


def _toml(text: str) -> dict[str, str]:
    table = tomllib.loads(text)
    pairs = table.get("words", table)
    for word, reading in pairs.items():
        if not isinstance(reading, str) or not word or not reading:
            raise ValueError(f"{word!r}: expected a reading in quotes, got {reading!r}")
    return dict(pairs)


def take_in(marked: Marked, entries: Entries) -> None:
    """Put the readings in: pinyin into ``marked.given`` (the writer's own stays), other words into the text."""
    if entries.pattern is None:
        return
    text = marked.text
    built = SpannedBuilder(text)
    moved: list[tuple[int, int]] = []
    done = shift = 0
    for match in entries.pattern.finditer(text.text):
        word = match.group()
        if word in entries.syllables:
            for index, syllable in enumerate(entries.syllables[word], start=match.start()):
                marked.given.setdefault(text.starts[index], syllable)
            continue
        built.copy(done, match.start())
        built.say(entries.spoken[word], match.start(), match.end())
        done = match.end()
        shift += len(entries.spoken[word]) - len(word)
        moved.append((done, shift))
    if done:
        built.copy(done, len(text))
        marked.text = built.build()
        marked.move(moved)
