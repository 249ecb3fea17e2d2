"""The text corpus: sentences and chat lines put together from this project's own templates and words.

Nothing is taken from elsewhere, so nothing needs a licence. The lines need not be true or wise; they need every
sound, sentence form and length that speech has, in four languages.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from . import corpus_en, corpus_ja, corpus_ko, corpus_zh

GRAMMARS: Mapping[str, Mapping[str, str]] = {
    "zh": corpus_zh.GRAMMAR,
    "en": corpus_en.GRAMMAR,
    "ja": corpus_ja.GRAMMAR,
    "ko": corpus_ko.GRAMMAR,
}
"""Of each language: slot → choices parted by ``|``; a choice may name further slots in braces."""

_SLOT = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the corpus."""

    language: str
    text: str


class Grammar:
    """Expands the slot ``line`` into texts."""

    def __init__(self, choices: Mapping[str, str]) -> None:
        self._choices: dict[str, Sequence[str]] = {
            slot: [choice.strip() for choice in text.split("|") if choice.strip()]
            for slot, text in choices.items()
        }

    def line(self, rng: random.Random) -> str:
        """One text, drawn at random."""
        text = self._expand("line", rng)
        return text[:1].upper() + text[1:]

    def _expand(self, slot: str, rng: random.Random) -> str:
        if slot == "number":
            return str(
                rng.choice((rng.randint(2, 20), rng.randint(2, 999), rng.randint(1000, 9999)))
            )
        choice = rng.choice(self._choices[slot])
        return _SLOT.sub(lambda match: self._expand(match.group(1), rng), choice)


def lines(count: int, seed: int, languages: Sequence[str] = tuple(GRAMMARS)) -> Iterator[Line]:
    """``count`` different lines, the languages in turn; the same seed gives the same lines."""
    rng = random.Random(seed)
    grammars = {language: Grammar(GRAMMARS[language]) for language in languages}
    seen: set[str] = set()
    while len(seen) < count:
        language = languages[len(seen) % len(languages)]
        text = grammars[language].line(rng)
        if text not in seen:
            seen.add(text)
            yield Line(language, text)
