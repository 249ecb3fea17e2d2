"""A description in plain words becomes an emotion, a pace and a confidence."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seiyuu.model.emotion.accuracy import load
from seiyuu.model.emotion.describe import LONGEST, cautions, read_emotion
from seiyuu.streaming.emotion import AXES, NEUTRAL, SYNONYMS, Emotion
from seiyuu.streaming.errors import BadText, UnknownEmotion

pytestmark = pytest.mark.unit

DATA = Path(__file__).parents[1] / "data"


@pytest.mark.parametrize(
    ("text", "axis"),
    [
        ("冷冷地嘲讽", "contempt"),
        ("激动地宣布", "joy"),
        ("愤怒地质问,语气急促且带有压迫感", "anger"),
        ("whispering, close to tears", "sadness"),
        ("うれしそうに、でも少し照れて", "joy"),
        ("비꼬듯이 차갑게", "contempt"),
        ("like a snake about to strike", "anger"),
        ("not angry, just tired", "sadness"),
    ],
)
def test_descriptions_are_understood(text: str, axis: str) -> None:
    """The strongest emotion of a description is the one a listener expects."""
    assert read_emotion(text).emotion.strongest == axis


def test_mixed_emotions_give_a_mixed_vector() -> None:
    """Joy with shyness is mostly joy, with tenderness in it."""
    vector = dict(
        zip(AXES, read_emotion("うれしそうに、でも少し照れて").emotion.vector, strict=True)
    )
    assert vector["joy"] > vector["tenderness"] > 0.1


def test_pace_and_intensity_are_read() -> None:
    """An urgent question is faster than natural; a little anger is less than anger."""
    assert read_emotion("愤怒地质问,语气急促且带有压迫感").pace > 1.1
    assert read_emotion("有点生气").emotion.intensity < read_emotion("生气").emotion.intensity


@pytest.mark.parametrize("text", ["voice 3", "...", "1234", "第二段台词", "本文", "본문"])
def test_a_description_without_emotion_is_neutral_and_says_so(text: str) -> None:
    """Nothing meant gives neutral, a low confidence and a warning."""
    reading = read_emotion(text)
    assert reading.emotion.strongest == "neutral"
    assert reading.confidence < 0.42
    assert reading.warnings


def test_plain_calm_is_neutral_for_certain() -> None:
    """A description that asks for neutral is no ambiguous one."""
    reading = read_emotion("calm, matter-of-fact")
    assert reading.emotion.strongest == "neutral"
    assert reading.confidence > 0.8
    assert not reading.warnings


def test_strong_intensity_is_allowed_and_warned_about() -> None:
    """Above 0.8 the writer is told that speech may distort; at 0.8 not."""
    assert "distort" in " ".join(read_emotion("极其愤怒").warnings)
    assert cautions(Emotion.of("joy", 0.81))
    assert not cautions(Emotion.of("joy", 0.8))


def test_every_name_of_the_wire_is_read_as_its_axis() -> None:
    """Single names mean in a description what they mean on the wire, but for a handful."""
    names = [(axis, word) for axis, words in SYNONYMS.items() for word in words.split()]
    wrong = [(axis, word) for axis, word in names if read_emotion(word).emotion.strongest != axis]
    assert len(wrong) <= len(names) * 0.05, wrong


def test_the_json_has_the_documented_shape() -> None:
    """Vector by axis, intensity, pace, confidence; warnings only where there are some."""
    said = read_emotion("gently").as_json()
    assert set(said) == {"vector", "intensity", "pace", "confidence"}
    vector = said["vector"]
    assert isinstance(vector, dict)
    assert list(vector) == list(AXES)
    assert set(read_emotion("voice 3").as_json()) == {*said, "warnings"}


@pytest.mark.parametrize("text", ["", "   \n", "\x00\x07", "\u202e\u200b", "\ud800"])
def test_an_empty_description_is_unknown(text: str) -> None:
    """Nothing, or nothing that has a shape, is no emotion."""
    with pytest.raises(UnknownEmotion, match="empty"):
        read_emotion(text)


def test_a_text_to_be_spoken_is_refused() -> None:
    """What is far too long for a description says how long one may be."""
    with pytest.raises(BadText, match=str(LONGEST)):
        read_emotion("很" * 10_000)


@given(st.text(min_size=1, max_size=LONGEST))
def test_any_text_is_read_or_refused(text: str) -> None:
    """Garbage gives a valid reading or one clear error."""
    try:
        reading = read_emotion(text)
    except UnknownEmotion:
        return
    assert sum(reading.emotion.vector) == pytest.approx(1.0)
    assert 0 <= reading.confidence <= 1
    assert 0.6 <= reading.pace <= 1.5
    if reading.emotion == NEUTRAL:
        assert reading.warnings


def test_the_held_out_descriptions_are_many_and_apart_from_the_others() -> None:
    """At least 240, 50 in each language, none of them among those used for tuning."""
    held_out = load(DATA / "descriptions_heldout.tsv")
    tuned = {row.text for row in load(DATA / "descriptions_dev.tsv")}
    assert len(held_out) >= 240
    for language in ("zh", "en", "ja", "ko"):
        assert sum(row.language == language for row in held_out) >= 50
    assert not tuned & {row.text for row in held_out}


@pytest.mark.parametrize("name", ["heldout", "fresh"])
def test_the_held_out_descriptions_reach_the_aim(name: str) -> None:
    """The strongest emotion is right for at least 85 in 100, also of those written after the weights."""
    rows = load(DATA / f"descriptions_{name}.tsv")
    right = sum(read_emotion(row.text).emotion.strongest == row.strongest for row in rows)
    assert right / len(rows) >= 0.85
