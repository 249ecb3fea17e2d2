"""Negation, contrast, pretence, degree and pace turn what the words say."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seiyuu.model.emotion.cues import Cues, weigh
from seiyuu.model.emotion.fold import fold
from seiyuu.model.emotion.lexicon import find
from seiyuu.streaming.emotion import AXES

pytestmark = pytest.mark.unit


def read(text: str) -> Cues:
    """The cues of a text by the shipped lexicon."""
    folded = fold(text)
    return weigh(folded, find(folded))


def strongest(text: str) -> str:
    """The axis the words alone point to."""
    vector = read(text).vector
    return AXES[vector.index(max(vector))]


@pytest.mark.parametrize(
    ("text", "axis"),
    [
        ("不是愤怒,而是悲伤", "sadness"),
        ("不是生气是难过", "sadness"),
        ("没有恐惧,只有喜悦", "joy"),
        ("not angry but sad", "sadness"),
        ("without fear, joyful", "joy"),
        ("joyful rather than sad", "joy"),
        ("怒りではなく悲しみ", "sadness"),
        ("悲しいわけではなく、嬉しい", "joy"),
        ("화난 게 아니라 슬픈", "sadness"),
        ("슬프지 않고 기쁘게", "joy"),
    ],
)
def test_what_is_denied_does_not_count(text: str, axis: str) -> None:
    """Each language's negation takes the emotion it governs away."""
    assert strongest(text) == axis


@pytest.mark.parametrize(
    "text",
    [
        "neither angry nor afraid",
        "既不愤怒也不恐惧",
        "悲しくも怖くもない",
        "슬프지도 무섭지도 않게",
    ],
)
def test_all_denied_is_neutral(text: str) -> None:
    """When every emotion named is denied, nothing is meant."""
    cues = read(text)
    assert cues.evidence == 0
    assert strongest(text) == "neutral"


def test_denied_joy_leans_to_sadness() -> None:
    """ "Not happy" is not neutral."""
    assert strongest("not joyful") == "sadness"


@pytest.mark.parametrize(
    ("text", "axis"),
    [
        ("表面高兴,其实悲伤", "sadness"),
        ("pretending to be glad, actually furious", "anger"),
        ("嬉しいふりをして、本当は悲しい", "sadness"),
        ("겉으로는 기쁘지만 속으로는 슬픈", "sadness"),
        ("高兴但是害怕", "fear"),
        ("angry at first, but then sad", "sadness"),
    ],
)
def test_what_follows_the_turn_weighs_more(text: str, axis: str) -> None:
    """After "but" and behind a mask stands what is meant."""
    assert strongest(text) == axis


@pytest.mark.parametrize(
    ("weak", "plain", "strong"),
    [
        ("有点生气", "生气", "极其生气"),
        ("slightly angry", "angry", "extremely angry"),
        ("少し悲しい", "悲しい", "とても悲しい"),
        ("조금 슬픈", "슬픈", "매우 슬픈"),
    ],
)
def test_degree_words_scale_the_intensity(weak: str, plain: str, strong: str) -> None:
    """A little is less than plain, very is more."""
    assert read(weak).intensity < read(plain).intensity < read(strong).intensity


@pytest.mark.parametrize(
    ("text", "direction"),
    [
        ("语速急促", 1),
        ("speaking fast", 1),
        ("早口で", 1),
        ("빠르게", 1),
        ("慢慢地说", -1),
        ("slowly", -1),
        ("ゆっくり", -1),
        ("천천히", -1),
        ("高兴", 0),
    ],
)
def test_pace_words_turn_the_pace(text: str, direction: int) -> None:
    """Fast is above 1, slow below, and without such a word the pace is natural."""
    pace = read(text).pace
    assert (pace > 1.05) - (pace < 0.95) == direction


def test_a_degree_of_pace_is_not_a_degree_of_emotion() -> None:
    """ "Very slowly" makes the pace slower and leaves the intensity alone."""
    very, plain = read("sad, very slowly"), read("sad, slowly")
    assert very.pace < plain.pace
    assert very.intensity == plain.intensity


@given(st.text(max_size=120))
def test_cues_stay_in_their_ranges(text: str) -> None:
    """Any text gives proportions that sum to 1, an intensity in 0…1 and a bounded pace."""
    cues = read(text)
    assert sum(cues.vector) == pytest.approx(1.0)
    assert 0 <= cues.intensity <= 1
    assert 0.6 <= cues.pace <= 1.5
