"""The emotion space."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seiyuu.streaming.emotion import AXES, NAMES, NEUTRAL, SYNONYMS, Emotion, axis_of
from seiyuu.streaming.errors import UnknownEmotion

pytestmark = pytest.mark.unit

weights = st.lists(st.floats(0, 100), min_size=8, max_size=8)


@pytest.mark.parametrize("axis", AXES)
def test_every_axis_has_words_in_four_languages(axis: str) -> None:
    """Each axis is reached by itself and by Chinese, Japanese, Korean and English words."""
    words = SYNONYMS[axis].split()
    assert axis_of(axis.upper()) == axis
    assert all(axis_of(f" {word} ") == axis for word in words)
    assert any("가" <= word[0] <= "힣" for word in words)
    assert any("一" <= word[0] <= "鿿" for word in words)


def test_no_word_means_two_axes() -> None:
    """A synonym stands under one axis only."""
    words = [word for synonyms in SYNONYMS.values() for word in synonyms.split()]
    assert len(words) == len(set(words))
    assert {*words, *AXES} == NAMES


def test_an_unknown_word_is_named_with_what_is_known() -> None:
    """The error says what was got, shortened, and what could be."""
    with pytest.raises(UnknownEmotion, match=r"unknown emotion 'hun', expected one of: joy"):
        axis_of("hun")
    with pytest.raises(UnknownEmotion) as caught:
        axis_of("x" * 10_000)
    assert len(str(caught.value)) < 200


@given(weights)
def test_a_vector_is_a_mixture(values: list[float]) -> None:
    """Whatever the weights, the proportions sum to 1 and the intensity is their sum, at most 1."""
    emotion = Emotion.from_vector(values)
    assert math.isclose(sum(emotion.vector), 1.0)
    assert math.isclose(sum(emotion.strength), 1.0)
    assert emotion.intensity == (min(sum(values), 1.0) if sum(values) > 0 else 0.0)


def test_no_weight_at_all_is_neutral() -> None:
    """Zeros mean neutral, also when an intensity is given."""
    assert Emotion.from_vector([0.0] * 8) == NEUTRAL
    assert Emotion.from_vector([0.0] * 8, 0.5) == NEUTRAL


def test_a_mix_adds_synonyms_of_one_axis() -> None:
    """喜悦 and joy are the same axis."""
    assert Emotion.mix({"joy": 0.3, "喜悦": 0.3, "fear": 0.2}).vector[0] == pytest.approx(0.75)
    assert Emotion.mix({"joy": 0.3, "fear": 0.3}).intensity == pytest.approx(0.6)
    assert Emotion.mix({"joy": 3, "fear": 1}, 0.5).intensity == 0.5


def test_the_strongest_axis_has_a_name() -> None:
    """strongest names the largest weight."""
    assert Emotion.of("生气").strongest == "anger"
    assert NEUTRAL.strongest == "neutral"


@pytest.mark.parametrize(
    ("vector", "intensity", "sentence"),
    [
        ((1.0,), 0.5, "8 numbers, got 1"),
        ((math.nan,) * 8, 0.5, "finite"),
        ((-1.0,) + (0.0,) * 7, 0.5, "not negative"),
        ((1.0,) + (0.0,) * 7, 1.5, "between 0 and 1"),
        ((1.0,) + (0.0,) * 7, math.nan, "between 0 and 1"),
    ],
)
def test_what_is_no_point_of_the_space_is_refused(
    vector: tuple[float, ...], intensity: float, sentence: str
) -> None:
    """Lengths, signs and ranges are checked, with a sentence each."""
    with pytest.raises(UnknownEmotion, match=sentence):
        Emotion(vector, intensity)


@pytest.mark.parametrize("bad", [math.inf, math.nan])
def test_a_weight_that_is_no_number_is_refused(bad: float) -> None:
    """Infinity and NaN do not get into a mixture."""
    with pytest.raises(UnknownEmotion):
        Emotion.from_vector([bad] + [0.0] * 7)
