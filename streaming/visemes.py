"""Phoneme → mouth shape.

Our names are the fifteen of the Oculus lip-sync set, as listed by OpenXR's ``XR_META_face_tracking_visemes``; beside
them stands the number in Microsoft's set of 22 (SAPI 5 ``SPVISEMES``, used by Azure). The phonemes are the alphabet of
the compact engine's acoustic model: IPA with one capital letter for each English diphthong. Sounds of Chinese, Japanese
and Korean that neither set lists take the shape of the nearest articulation.
"""

from __future__ import annotations

from dataclasses import dataclass

OCULUS = (
    "sil",
    "PP",
    "FF",
    "TH",
    "DD",
    "kk",
    "CH",
    "SS",
    "nn",
    "RR",
    "aa",
    "E",
    "ih",
    "oh",
    "ou",
)


@dataclass(frozen=True, slots=True)
class Viseme:
    """A mouth shape: ``name`` of :data:`OCULUS`, ``microsoft`` 0…21."""

    name: str
    microsoft: int


_ROWS: tuple[tuple[str, str, int], ...] = (
    # symbols, Oculus, Microsoft
    (';:,.!?—…"()“” ʔ', "sil", 0),
    ("pbm", "PP", 21),
    ("fvɸβʋ", "FF", 18),
    ("θð", "TH", 17),
    ("tdʈɖɾTɽ", "DD", 19),
    ("kɡgcɟqxɣχʁɰ", "kk", 20),
    ("ŋɴ", "kk", 20),
    ("h", "kk", 12),
    ("ʃʒʂɕʝçʧʤʨʥꭧ", "CH", 16),
    ("szʦʣS", "SS", 15),
    ("nɲɳ", "nn", 19),
    ("lʎ", "nn", 14),
    ("ɹrɻ", "RR", 13),
    ("ɜɚ", "RR", 5),
    ("aɑɒ", "aa", 2),
    ("æɐʌəᵊ", "aa", 1),
    ("eɛ", "E", 4),
    ("œø", "E", 1),
    ("ɤ", "E", 1),
    ("iɪᵻɨjy", "ih", 6),
    ("ɔ", "oh", 3),
    ("o", "oh", 8),
    ("uwɯɥ", "ou", 7),
    ("ʊ", "ou", 4),
    # Diphthongs are one symbol each; the shape is that of their longer first half.
    ("A", "E", 4),
    ("I", "aa", 11),
    ("W", "aa", 9),
    ("Y", "oh", 10),
    ("OQ", "oh", 8),
)
MODIFIERS = frozenset("ˈˌːʰʲ̃ᵝ↓→↗↘")
"""Stress, length, tone and the like: they shape the sound before them and have no mouth of their own."""

_VISEMES = {symbol: Viseme(name, number) for symbols, name, number in _ROWS for symbol in symbols}


def viseme_of(phoneme: str) -> Viseme | None:
    """The shape of a phoneme; None for a modifier or a symbol that is not in the alphabet.

    Of a phoneme of several symbols the first that has a shape counts.
    """
    return next((_VISEMES[symbol] for symbol in phoneme if symbol in _VISEMES), None)
