"""The words that say something about how to speak, and where they stand in a text."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from typing import Literal

from ...streaming.emotion import AXES
from .fold import Folded, fold

LANGUAGES = ("zh", "en", "ja", "ko", "any")
Role = Literal["", "not >", "not <", "but", "pretend"]
_HANGUL = ("\u1100", "\u11ff")


@dataclass(frozen=True, slots=True)
class Meaning:
    """What one entry says.

    ``vector`` over the axes sums to the entry's evidence (at most 1), None when it names no emotion;
    ``strength`` is the intensity it implies; ``degree`` multiplies intensity, ``pace`` the speaking rate.
    ``prefix`` entries take any ending, ``whole`` ones stand alone between gaps, ``initial`` ones begin a word.
    """

    vector: tuple[float, ...] | None = None
    strength: float = 0.65
    degree: float | None = None
    pace: float | None = None
    role: Role = ""
    prefix: bool = False
    whole: bool = False
    initial: bool = False


@dataclass(frozen=True, slots=True)
class Hit:
    """An entry met at ``start:end`` of the folded text."""

    start: int
    end: int
    meaning: Meaning


def sections(source: str, mark: str = ",") -> Iterator[tuple[str, list[str]]]:
    """The ``[head]`` and the entries, parted by ``mark``, of each section of a word file."""
    head, lines = "", list[str]()
    for line in [*source.splitlines(), "[]"]:
        if line.startswith("["):
            entries = [e for e in (x.strip() for x in " ".join(lines).split(mark)) if e]
            if entries:
                yield head, entries
            head, lines = line.strip()[1:-1], []
        elif line and not line.startswith("#"):
            lines.append(line)


def _with_head(meaning: Meaning, head: str) -> Meaning:
    """The meaning after one more section named the entry: later sections overrule the same property."""
    words = head.split()
    match words:
        case ["skip"]:
            return meaning
        case ["degree", factor]:
            return replace(meaning, degree=float(factor))
        case ["pace", factor]:
            return replace(meaning, pace=float(factor))
        case ["not", ">"]:
            return replace(meaning, role="not >")
        case ["not", "<"]:
            return replace(meaning, role="not <")
        case ["but"]:
            return replace(meaning, role="but")
        case ["pretend"]:
            return replace(meaning, role="pretend")
    strength = next((float(w[1:]) for w in words if w.startswith("@")), None)
    names = [w for w in words if not w.startswith("@")]
    weights = dict.fromkeys(names, 1.0) if len(names) == 1 else _pairs(names)
    vector = tuple(weights.get(axis, 0.0) for axis in AXES)
    return replace(meaning, vector=vector, strength=strength or meaning.strength)


def _pairs(words: list[str]) -> dict[str, float]:
    return {name: float(weight) for name, weight in zip(words[::2], words[1::2], strict=True)}


def read_source(language: str) -> str:
    """The lexicon file of a language, as written."""
    path = files(__package__) / f"data/lexicon_{language}.txt"
    return path.read_text(encoding="utf-8")


class Lexicon:
    """One language's entries. Finding takes time linear in the text."""

    def __init__(self, source: str) -> None:
        self.meanings: dict[str, Meaning] = {}
        for head, entries in sections(source):
            for entry in entries:
                self._add(entry, head)
        self._inherit()
        lengths: dict[str, set[int]] = {}
        for key in self.meanings:
            lengths.setdefault(key[0], set()).add(len(key))
        self._lengths = {first: sorted(ns, reverse=True) for first, ns in lengths.items()}

    def _add(self, entry: str, head: str) -> None:
        key = fold(entry.removesuffix("*")).text
        if not key:
            return
        meaning = _with_head(self.meanings.get(key, Meaning()), head)
        one_syllable = len(key) <= 3 and all(_HANGUL[0] <= c <= _HANGUL[1] for c in key)
        self.meanings[key] = replace(
            meaning,
            prefix=meaning.prefix or entry.endswith("*"),
            initial=one_syllable,
            whole=one_syllable and meaning.vector is None,
        )

    def _inherit(self) -> None:
        """ "gently", a degree, is also what ``gentl*`` says; only a skipped entry says nothing."""
        starred = {key for key, meaning in self.meanings.items() if meaning.prefix}
        for key, meaning in self.meanings.items():
            stems = (key[:n] for n in range(len(key) - 1, 2, -1))
            stem = next((s for s in stems if s in starred), None)
            if stem is not None and meaning != Meaning() and meaning.vector is None:
                said = self.meanings[stem]
                self.meanings[key] = replace(meaning, vector=said.vector, strength=said.strength)

    def match(self, folded: Folded, at: int) -> Hit | None:
        """The longest entry that begins at ``at``."""
        text = folded.text
        for length in self._lengths.get(text[at], ()):
            meaning = self.meanings.get(text[at : at + length])
            end = at + length
            if meaning is not None and end <= len(text) and _fits(folded, at, end, meaning):
                return Hit(at, end, meaning)
        return None


def _fits(folded: Folded, start: int, end: int, meaning: Meaning) -> bool:
    """Whether the words' borders allow the entry here: Latin words are whole, short hangul begins a word."""
    text = folded.text
    after = text[end : end + 1]
    if "a" <= text[start] <= "z" and "a" <= text[start - 1 : start] <= "z":
        return False
    if "a" <= text[end - 1] <= "z" and "a" <= after <= "z" and not meaning.prefix:
        return False
    if meaning.initial and start not in folded.starts:
        return False
    return not (meaning.whole and after and end not in folded.starts and after.isalnum())


@cache
def lexicon(language: str) -> Lexicon:
    """The shipped lexicon of a language, read once."""
    return Lexicon(read_source(language))


def find(folded: Folded, lexicons: Mapping[str, Lexicon] | None = None) -> list[Hit]:
    """Entries in the text from left to right, the longest first, without overlap.

    An entry with a ``*`` swallows the rest of its Latin word.
    """
    asked = [lexicons[x] if lexicons else lexicon(x) for x in folded.languages]
    hits: list[Hit] = []
    at, text = 0, folded.text
    while at < len(text):
        found = [hit for hit in (x.match(folded, at) for x in asked) if hit is not None]
        if not found:
            at += 1
            continue
        hit = max(found, key=lambda h: h.end)
        end = hit.end
        while hit.meaning.prefix and end < len(text) and "a" <= text[end] <= "z":
            end += 1
        hits.append(Hit(hit.start, end, hit.meaning))
        at = end
    return hits
