"""Words of Latin letters to phonemes: dictionary, inflections, initialisms, then espeak-ng."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Sequence
from functools import lru_cache
from importlib import resources

from . import espeak, homographs

_VOWELS = frozenset("AIOQWYaiuæɑɒɔəɛɜɪʊʌᵻ")
_STRESSES = "ˈˌ"
_FLAPPING = frozenset("AIOWYiuæɑəɛɪɹʊʌ")
_CAPITALS = frozenset(
    {
        "US",
        "IT",
        "ID",
        "PM",
        "AM",
        "AD",
        "UN",
        "PR",
        "OBS",
        "LED",
        "FAQ",
        "ASMR",
        "DIY",
        "AFK",
        "ASAP",
        "LMAO",
    }
)
# Function words that lose their stress in running speech, as the acoustic model's training text had them.
_WEAK = {"a": "ɐ", "an": "ɐn", "i": "ˌI", "am": "æm", "and": "ænd", "by": "bI", "in": "ɪn"}


class Dictionary:
    """The pronouncing dictionary of the ``misaki`` package (Apache-2.0): hand-checked entries, then derived ones.

    Names that it lacks, from this project's own list, go before.
    """

    def __init__(self) -> None:
        names = resources.files(__package__) / "data" / "names_en.tsv"
        rows = names.read_text("utf-8").splitlines()
        self._names = dict(row.split("\t") for row in rows if not row.startswith("#"))
        data = resources.files("misaki") / "data"
        self._gold = json.loads((data / "us_gold.json").read_text("utf-8"))
        self._silver = json.loads((data / "us_silver.json").read_text("utf-8"))

    def entry(self, word: str, tag: str = "DEFAULT") -> str | None:
        """Phonemes of a word spelled like this, or with other capitals."""
        for spelled in (word, word.lower(), word.capitalize()):
            for table in (self._names, self._gold, self._silver):
                found = table.get(spelled)
                if isinstance(found, dict):
                    found = found.get(tag) or found.get("DEFAULT")
                if found:
                    return str(found)
        return None

    def letter(self, letter: str) -> str:
        return str(self._gold.get(letter.upper(), ""))


@lru_cache(maxsize=1)
def _dictionary() -> Dictionary:
    return Dictionary()


_loading = threading.Lock()


def dictionary() -> Dictionary:
    with _loading:
        return _dictionary()


def pronounce(words: Sequence[str]) -> list[str]:
    """Phonemes of each word of a stretch; the neighbours decide between weak forms and homographs."""
    sounds: list[str] = []
    following = ""
    small = [word.lower().replace("’", "'") for word in words]
    for index in range(len(words) - 1, -1, -1):
        following = _in_context(words[index], small, index, following)
        sounds.append(following)
    return sounds[::-1]


def _in_context(word: str, small: Sequence[str], index: int, following: str) -> str:
    before = small[index - 1] if index else ""
    after = small[index + 1] if index + 1 < len(small) else ""
    lower = word.lower()
    vowel = next((symbol in _VOWELS for symbol in following if symbol not in _STRESSES), False)
    if lower == "the":
        return "ði" if vowel else "ðə"
    if lower == "to" and after:
        return "tʊ" if vowel else "tə"
    if lower in _WEAK and after and (word != "A" or before):
        return _WEAK[lower]
    if word in _CAPITALS:
        return spell(word)
    return lookup(word, homographs.tag_of(small, index))


@lru_cache(maxsize=16384)
def lookup(word: str, tag: str = "DEFAULT") -> str:
    """Phonemes of one word out of context."""
    word = word.replace("’", "'")
    if len(word) > espeak.MAX_WORD:
        half = len(word) // 2
        return lookup(word[:half]) + lookup(word[half:])
    if _is_initialism(word):
        return spell(word)
    known = (
        homographs.EXTRA.get((word.lower(), tag))
        or dictionary().entry(word, tag)
        or _inflected(word.lower(), tag)
    )
    if known:
        return known
    parts = re.findall(r"[A-Z]?[a-z']+|[A-Z]+(?![a-z])|[A-Z]", word)
    short = next(
        (s for n in (2, 1) if (s := _shortened(word, n)) != word and dictionary().entry(s)), ""
    )
    if short:
        return lookup(short, tag)
    if len(parts) > 1 and "".join(parts) == word:  # camelCase
        return " ".join(lookup(part) for part in parts)
    if not re.search(r"[aeiouyAEIOUYÀ-ɏ]", word):
        return spell(word)
    return espeak.english(word.lower())


def _shortened(word: str, count: int) -> str:
    """``hellooooo`` with no letter more than ``count`` times in a row, where it was three times or more."""
    return re.sub(r"([A-Za-z])\1{2,}", lambda match: match[1] * count, word)


def _is_initialism(word: str) -> bool:
    """GPU, TV, AI: capitals that the dictionary does not know as a word of capitals."""
    return (
        len(word) > 1
        and word.isascii()
        and word.isalpha()
        and word.isupper()
        and (len(word) <= 3 and dictionary().entry(word) is None or not re.search("[AEIOUY]", word))
    )


def spell(letters: str) -> str:
    """The names of the letters, the last one stressed."""
    names = [dictionary().letter(letter) for letter in letters if letter.isalpha()]
    if not names:
        return ""
    return "".join(name.replace("ˈ", "ˌ") for name in names[:-1]) + names[-1]


def _inflected(word: str, tag: str) -> str | None:
    """A regular inflection of a word the dictionary has."""
    entry = dictionary().entry
    if word.endswith(("'s", "s'")):
        stem = entry(word[:-2])
        return _plural(stem) if stem else None
    if word.endswith("s") and not word.endswith("ss"):
        stems = [word[:-1]] + ([word[:-2]] if word.endswith("es") else [])
        stems += [word[:-3] + "y"] if word.endswith("ies") else []
        return next((_plural(stem) for s in stems if (stem := entry(s, tag))), None)
    if word.endswith("ed") and len(word) > 3:
        stems = [word[:-1], word[:-2]] + ([word[:-3]] if word[-3] == word[-4] else [])
        return next((_past(stem) for s in stems if (stem := entry(s, "VERB"))), None)
    if word.endswith("ing") and len(word) > 4:
        stems = [word[:-3], word[:-3] + "e"] + ([word[:-4]] if word[-4] == word[-5] else [])
        return next((_participle(stem) for s in stems if (stem := entry(s, "VERB"))), None)
    return None


def _plural(stem: str) -> str:
    if stem[-1] in "ptkfθ":
        return stem + "s"
    return stem + ("ᵻz" if stem[-1] in "szʃʒʧʤ" else "z")


def _past(stem: str) -> str:
    if stem[-1] in "pkfθʃsʧ":
        return stem + "t"
    if stem[-1] == "t":
        return (stem[:-1] + "ɾᵻd") if stem[-2:-1] and stem[-2] in _FLAPPING else stem + "ᵻd"
    return stem + ("ᵻd" if stem[-1] == "d" else "d")


def _participle(stem: str) -> str:
    if stem[-1] == "t" and stem[-2:-1] and stem[-2] in _FLAPPING:
        return stem[:-1] + "ɾɪŋ"
    return stem + "ɪŋ"
