"""The phoneme alphabet."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seiyuu.model.compact.vocabulary import PAD, TOKEN_OF, tokens_of, unknown_symbols

pytestmark = pytest.mark.unit


def test_every_symbol_has_a_token_of_its_own() -> None:
    """114 symbols of 178 places; the pad is none of them."""
    assert len(TOKEN_OF) == len(set(TOKEN_OF.values())) == 114
    assert min(TOKEN_OF.values()) > PAD
    assert max(TOKEN_OF.values()) == 177
    assert all(len(symbol) == 1 for symbol in TOKEN_OF)


def test_known_places_are_kept() -> None:
    """Some tokens from the published table."""
    known = {";": 1, " ": 16, "a": 43, "ɡ": 92, "ʨ": 21, "ˈ": 156, "→": 171, "ᵻ": 177, "\u0303": 17}
    assert {symbol: TOKEN_OF[symbol] for symbol in known} == known


@given(st.text(st.sampled_from(sorted(TOKEN_OF))))
def test_a_string_becomes_its_tokens_between_pads(phonemes: str) -> None:
    """One token a symbol."""
    tokens = tokens_of(phonemes)
    assert tokens[0] == tokens[-1] == PAD
    assert tokens[1:-1].tolist() == [TOKEN_OF[symbol] for symbol in phonemes]


@given(st.text())
def test_unknown_symbols_are_named_once(text: str) -> None:
    """What is named is not in the alphabet, and without it the rest has tokens."""
    unknown = unknown_symbols(text)
    assert len(set(unknown)) == len(unknown)
    assert len(tokens_of("".join(c for c in text if c not in unknown))) >= 2
    assert not set(unknown) & set(TOKEN_OF)
