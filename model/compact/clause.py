"""A clause ready to be spoken: tokens with their places in the text, and the neutral reading of the predictors."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ...streaming.audio import Samples
from ..frontend.reading import Reading, Unit, Word

MAX_SYMBOLS = 400
"""Longest run of symbols the text stage is given at once; the weights know 512 positions, pads included."""

VOWELS = frozenset("AIOQWYaeiouyæøœɐɑɒɔɘəɚɛɜɞɤɨɪɯɵɶɷʉʊʌʏᵊᵻɿʅ")
PAUSES = frozenset(' ;:,.!?—…"()“”、。！？「」')
MODIFIERS = frozenset("ˈˌːʰʲ↓→↗↘ʔ̃")
"""Length, stress and tone marks: they colour the sound before or after them."""


@dataclass(frozen=True, slots=True)
class Symbol:
    """One symbol of the phoneme alphabet with the unit and word it belongs to (None for a space between words)."""

    text: str
    unit: Unit | None
    word: Word | None


def symbols_of(reading: Reading) -> Iterator[Symbol]:
    """The symbols of a reading in order; their texts joined are ``reading.phonemes``."""
    word_of = {id(unit): word for word in reading.words for unit in word.units}
    for text, unit in reading.symbols():
        yield Symbol(text, unit, word_of.get(id(unit)))


def split(symbols: list[Symbol], limit: int = MAX_SYMBOLS) -> Iterator[list[Symbol]]:
    """Cut what is too long for the text stage: at the last punctuation that fits, else between words."""
    while len(symbols) > limit:
        borders = [i for i in range(1, limit) if symbols[i].word is not symbols[i - 1].word]
        marks = [i for i in borders if _ends_phrase(symbols[i - 1])]
        cut = (marks or borders or [limit])[-1]
        yield symbols[:cut]
        symbols = symbols[cut:]
    if symbols:
        yield symbols


def _ends_phrase(symbol: Symbol) -> bool:
    return symbol.word is not None and symbol.word.kind == "punctuation"


def sounding(symbols: list[Symbol]) -> bool:
    """True if there is anything to hear."""
    return any(symbol.text not in PAUSES for symbol in symbols)


def elasticity(symbol: str) -> float:
    """How readily a sound gives way when the pace changes: pauses most, then vowels, consonants least.

    The order is that of Gay, "Effect of speaking rate on vowel formant movements", J. Acoust. Soc. Am. 63 (1978),
    and Miller, Grosjean & Lomanto, Phonetica 41 (1984): articulation changes less than pausing.
    """
    if symbol in PAUSES or symbol == "":
        return 1.6
    if symbol in VOWELS or symbol in MODIFIERS:
        return 1.0
    return 0.6


@dataclass(frozen=True, slots=True, eq=False)
class Clause:
    """One pass of the text and prosody stages, in 25 ms frames of the neutral reading.

    Tokens are the symbols between two pads: token 0 is the opening pad, token ``n - 1`` the closing one.

    * ``symbols [n]`` texts ("" for a pad); ``units [n]`` the unit of each, or None
    * ``durations [n]`` frames of each token, ≥ 1
    * ``features [512, n]`` what the decoder hears of each token
    * ``encoded [n, 640]`` what the prosody stages hear of each token
    * ``f0 [2·T]`` Hz, 0 where unvoiced, and ``energy [2·T]``, at two values a frame
    * ``style [128]`` the prosody half that was used
    """

    symbols: tuple[str, ...]
    units: tuple[Unit | None, ...]
    words: tuple[Word | None, ...]
    durations: npt.NDArray[np.int64]
    features: Samples
    encoded: Samples
    f0: Samples
    energy: Samples
    style: Samples
    char_start: int

    @property
    def frames(self) -> int:
        """Length of the neutral reading with its edge silence."""
        return int(self.durations.sum())

    @property
    def speech(self) -> tuple[int, int]:
        """Tokens ``first:last`` from the first sound to just after the last."""
        heard = [i for i, s in enumerate(self.symbols) if s and s not in PAUSES]
        return heard[0], heard[-1] + 1
