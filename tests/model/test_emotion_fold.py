"""Spellings of one word are one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seiyuu.model.emotion.fold import fold

pytestmark = pytest.mark.unit


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("憤怒地質問", "愤怒地质问"),
        ("ドキドキ", "どきどき"),
        ("ｷﾞﾘｷﾞﾘ", "ぎりぎり"),
        ("Close-To  Tears", "close to tears"),
        ("어쩔 줄 모르게", "어쩔줄모르게"),
        ("can’t", "can't"),
        ("うれしーーー", "うれしー"),
    ],
)
def test_variants_fold_to_the_same_text(one: str, other: str) -> None:
    """Script, width, case and spacing variants are equal once folded."""
    assert fold(one).text == fold(other).text


def test_a_korean_stem_is_a_prefix_of_its_forms() -> None:
    """A syllable is taken apart, so that a final consonant does not hide the stem."""
    assert fold("슬픈").text.startswith(fold("슬프").text)


def test_written_words_are_remembered_when_gaps_close() -> None:
    """Where a gap was closed a word still begins."""
    folded = fold("안 무섭게")
    assert folded.text.index(fold("무").text) in folded.starts


@pytest.mark.parametrize(
    ("text", "languages"),
    [
        ("冷冷地", ("zh", "ja", "any")),
        ("うれしい", ("ja", "any")),
        ("悲しい", ("ja", "any")),
        ("차갑게 angry", ("ko", "en", "any")),
        ("123", ("any",)),
    ],
)
def test_scripts_tell_the_languages(text: str, languages: tuple[str, ...]) -> None:
    """The languages whose words can stand in a text follow from its letters."""
    assert fold(text).languages == languages


@given(st.text(max_size=200))
def test_folding_takes_any_text_and_keeps_no_control_character(text: str) -> None:
    """Garbage folds without error, and what has no shape is gone."""
    folded = fold(text)
    assert not any(
        c < " " or "\ud800" <= c <= "\udfff" or "\u202a" <= c <= "\u202e" for c in folded.text
    )
    assert all(0 <= start < len(folded.text) for start in folded.starts)
