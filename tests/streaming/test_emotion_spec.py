"""How emotions are named on the wire."""

import pytest
from pydantic import TypeAdapter, ValidationError

from seiyuu.streaming.emotion import NEUTRAL, Emotion
from seiyuu.streaming.emotion_spec import (
    ClipEmotion,
    DescribedEmotion,
    EmotionSpec,
    EmotionVector,
    MixedEmotion,
    NamedEmotion,
    resolve,
)
from seiyuu.streaming.errors import UnknownEmotion

pytestmark = pytest.mark.unit

SPEC: TypeAdapter[EmotionSpec] = TypeAdapter(EmotionSpec)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("joy", Emotion.of("joy")),
        ("かなしい", Emotion.of("sadness")),
        ({"name": "生气", "intensity": 0.3}, Emotion.of("anger", 0.3)),
        ({"mix": {"joy": 0.6, "surprise": 0.3}}, Emotion.mix({"joy": 0.6, "surprise": 0.3})),
        (
            {"mix": {"joy": 1, "surprise": 1}, "intensity": 0.2},
            Emotion.mix({"joy": 1, "surprise": 1}, 0.2),
        ),
        ({"vector": [0, 1, 0, 0, 0, 0, 0, 0], "intensity": 0.9}, Emotion.of("anger", 0.9)),
        ({"vector": [0] * 8}, NEUTRAL),
        ({"describe": "冷冷地嘲讽", "intensity": 0.8}, None),
        ({"reference": "clip-1"}, None),
    ],
)
def test_every_form_means_a_point_or_needs_a_reader(written: object, meant: Emotion | None) -> None:
    """Names, mixes and vectors resolve; descriptions and clips do not."""
    assert resolve(SPEC.validate_python(written)) == meant


@pytest.mark.parametrize(
    "model",
    [
        NamedEmotion(name="joy"),
        MixedEmotion(mix={"joy": 0.5}),
        EmotionVector(vector=(1.0,) + (0.0,) * 7),
        DescribedEmotion(describe="whispering, close to tears"),
        ClipEmotion(reference="clip-1"),
    ],
)
def test_a_form_is_accepted_as_an_object_of_python(model: EmotionSpec) -> None:
    """Models pass as they are, and come back from their own JSON."""
    assert SPEC.validate_python(model) == model
    assert SPEC.validate_python(SPEC.dump_python(model, exclude_none=True)) == model


def test_a_bare_word_is_resolved_without_validation() -> None:
    """What a caller writes in Python may be a plain name."""
    assert resolve("温柔") == Emotion.of("tenderness")
    with pytest.raises(UnknownEmotion):
        resolve("hungry")


def test_a_point_has_a_wire_form() -> None:
    """of() gives a vector that means the same point, to four places."""
    emotion = Emotion.mix({"joy": 1, "fear": 2}, 0.123456)
    back = resolve(EmotionVector.of(emotion))
    assert back is not None
    assert back.vector == pytest.approx(emotion.vector, abs=1e-4)
    assert back.intensity == 0.1235


@pytest.mark.parametrize(
    "bad",
    [
        3,
        {},
        {"name": "joy", "vector": [0] * 8},
        {"name": "hungry"},
        {"name": "joy", "intensity": 1.1},
        {"name": "joy", "strength": 1},
        {"mix": {}},
        {"mix": {"hungry": 1}},
        {"mix": {"joy": -1}},
        {"vector": [1, 2]},
        {"vector": [True] + [0] * 7},
        {"vector": [float("nan")] + [0] * 7},
        {"describe": ""},
        {"describe": "x" * 501},
        {"reference": 5},
    ],
)
def test_other_forms_are_refused(bad: object) -> None:
    """What is none of the forms, or two, or out of range, is an error."""
    with pytest.raises(ValidationError):
        SPEC.validate_python(bad)
