"""Units, words and marks of one passage."""

import pytest

from seiyuu.model.indextts2.marks import Script, units, words
from seiyuu.model.indextts2.text import Token

pytestmark = pytest.mark.unit


def test_tokens_of_the_same_characters_are_one_unit() -> None:
    """A word border's piece and a number's many words belong to what they stand for."""
    tokens = [Token(3, 0, 1), Token(9, 0, 1), Token(4, 1, 4), Token(5, 1, 4), Token(6, 4, 5)]
    found = [(u.first, u.last, u.start, u.end) for u in units(tokens)]
    assert found == [(0, 2, 0, 1), (2, 4, 1, 4), (4, 5, 4, 5)]


def test_words_are_characters_or_letters_together() -> None:
    """Chinese one by one, letters and digits as written."""
    text = "大家say hi2你"
    assert [text[a:b] for a, b in words(text)] == ["大", "家", "say", "hi2", "你"]


def test_characters_of_a_unit_share_its_time() -> None:
    """Evenly, and signs get none."""
    script = Script("ab,", 10, [Token(7, 10, 13)])
    marks = list(script.marks([1000], 3000, 0))
    chars = [(m.text, m.char_start, m.start, m.end) for m in marks if m.kind == "char"]
    assert chars == [("a", 10, 1000, 2000), ("b", 11, 2000, 3000)]
    assert [(m.text, m.start, m.end) for m in marks if m.kind == "word"] == [("ab", 1000, 3000)]


def test_a_word_of_several_units_ends_with_the_last() -> None:
    """And no later than what is known."""
    tokens = [Token(7, 0, 2), Token(8, 2, 4)]
    script = Script("abcd", 0, tokens)
    whole = [m for m in script.marks([0, 100], 300, 0) if m.kind == "word"]
    assert [(m.text, m.start, m.end) for m in whole] == [("abcd", 0, 300)]
    part = [m for m in script.marks([0], 80, 0) if m.kind == "word"]
    assert [(m.text, m.end) for m in part] == [("abcd", 80)]


def test_the_character_at_a_place_is_the_last_that_began() -> None:
    """Before the first it is the first."""
    script = Script("abc", 5, [Token(1, 5, 6), Token(2, 6, 7), Token(3, 7, 8)])
    assert [script.char_at([10, 20, 30], at) for at in (0, 10, 29, 99)] == [5, 5, 6, 7]
