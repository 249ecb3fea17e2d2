"""The phoneme alphabet of the acoustic model, and the pause symbols punctuation is spoken with."""

from __future__ import annotations

# The symbols Kokoro-82M was trained on (its published vocabulary, without the unused ids).
SYMBOLS = frozenset(
    ';:,.!?—…"()“” \u0303ʣʥʦʨᵝꭧAIOQSTWYᵊabcdefhijklmnopqrstuvwxyz'
    "ɑɐɒæβɔɕçɖðʤəɚɛɜɟɡɥɨɪʝɯɰŋɳɲɴøɸθœɹɾɻʁɽʂʃʈʧʊʋʌɣɤχʎʒʔˈˌːʰʲ↓→↗↘ᵻ"
)

PAUSES = {
    **dict.fromkeys(",，、､", ","),
    **dict.fromkeys(".。．｡", "."),
    **dict.fromkeys("!！", "!"),
    **dict.fromkeys("?？", "?"),
    **dict.fromkeys(":：", ":"),
    **dict.fromkeys(";；", ";"),
    **dict.fromkeys("…⋯‥", "…"),
    **dict.fromkeys("—–―─~～〜", "—"),
    **dict.fromkeys("“「『《〈«【〖", "“"),
    **dict.fromkeys("”」』》〉»】〗", "”"),
    **dict.fromkeys("(（[［〔{｛", "("),
    **dict.fromkeys(")）]］〕}｝", ")"),
    '"': '"',
    "＂": '"',
    "\n": ".",
}


def spoken(phonemes: str) -> str:
    """Only the symbols the model knows; a stray sign would otherwise be an unknown token."""
    if SYMBOLS.issuperset(phonemes):
        return phonemes
    return "".join(symbol for symbol in phonemes if symbol in SYMBOLS)
