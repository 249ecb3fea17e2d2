"""Phoneme → mouth shape."""

import pytest

from seiyuu.streaming.visemes import MODIFIERS, OCULUS, Viseme, viseme_of

pytestmark = pytest.mark.unit

# The phoneme alphabet of the compact engine's acoustic model.
ALPHABET = ';:,.!?—…"()“” ̃ʣʥʦʨᵝꭧAIOQSTWYᵊabcdefhijklmnopqrstuvwxyz' + (
    "ɑɐɒæβɔɕçɖðʤəɚɛɜɟɡɥɨɪʝɯɰŋɳɲɴøɸθœɹɾɻʁɽʂʃʈʧʊʋʌɣɤχʎʒʔˈˌːʰʲ↓→↗↘ᵻ"
)


@pytest.mark.parametrize("symbol", sorted(set(ALPHABET)))
def test_every_symbol_of_the_alphabet_is_known(symbol: str) -> None:
    """It has a shape of both sets, or modifies the one before it."""
    viseme = viseme_of(symbol)
    if symbol in MODIFIERS:
        assert viseme is None
    else:
        assert viseme is not None
        assert viseme.name in OCULUS
        assert 0 <= viseme.microsoft <= 21


def test_both_sets_are_used_whole() -> None:
    """Each shape of either set belongs to some sound; number 1…21 and all fifteen names."""
    shapes = [viseme for symbol in ALPHABET if (viseme := viseme_of(symbol))]
    assert {viseme.name for viseme in shapes} == set(OCULUS)
    assert {viseme.microsoft for viseme in shapes} == set(range(22))


@pytest.mark.parametrize(
    ("phoneme", "viseme"),
    [
        ("m", Viseme("PP", 21)),
        ("ʰˈa", Viseme("aa", 2)),
        ("ʨʰ", Viseme("CH", 16)),
        ("ɯː", Viseme("ou", 7)),
        ("I", Viseme("aa", 11)),
        ("…", Viseme("sil", 0)),
    ],
)
def test_sounds_have_their_shapes(phoneme: str, viseme: Viseme) -> None:
    """Modifiers before or behind do not count."""
    assert viseme_of(phoneme) == viseme


@pytest.mark.parametrize("phoneme", ["", "ˈ", "→", "你"])
def test_what_has_no_shape_has_none(phoneme: str) -> None:
    """Modifiers alone and symbols of no alphabet."""
    assert viseme_of(phoneme) is None
