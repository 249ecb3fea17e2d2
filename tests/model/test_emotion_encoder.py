"""The emotion of a clip, whoever speaks."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from seiyuu.model.clips import Clip, decode
from seiyuu.model.emotion_encoder import EMBEDDING, EmotionEncoder, emotion_of_clip
from seiyuu.model.emotion_features import SIZE, emotion_features
from seiyuu.streaming.errors import BadAudio

pytestmark = pytest.mark.golden

GOLDEN = Path(__file__).parents[1] / "golden"


def clip(name: str) -> Clip:
    """A recorded synthetic voice."""
    return decode((GOLDEN / f"{name}.flac").read_bytes())


@pytest.mark.parametrize("emotion", ["anger", "fear"])
def test_a_known_clip_is_heard_as_before(emotion: str) -> None:
    """Two clips of voices that took no part in the training; how often it is right at large the training tells."""
    heard = emotion_of_clip(clip(f"speech_{emotion}"))
    assert heard.strongest == emotion
    assert heard.intensity > 0.3


def test_level_says_nothing() -> None:
    """A quieter recording of the same speech is the same emotion."""
    loud = clip("speech_anger")
    quiet = Clip(loud.samples * np.float32(0.1), loud.sample_rate)
    assert emotion_of_clip(quiet).strongest == emotion_of_clip(loud).strongest


def test_what_is_no_speech_has_no_emotion() -> None:
    """Silence is an error with advice."""
    with pytest.raises(BadAudio):
        emotion_of_clip(Clip(np.zeros(80_000, np.float32), 16_000))


@settings(max_examples=20, deadline=None)
@given(arrays(np.float32, st.integers(1, 9000), elements=st.floats(-1, 1, width=32)))
def test_any_sound_is_a_point_in_the_space(samples: np.ndarray) -> None:
    """Features are finite, the axes share one, whatever the sound."""
    features = emotion_features(samples)
    assert features.shape == (SIZE,)
    assert np.isfinite(features).all()
    encoder = EmotionEncoder.packaged()
    shares, _ = encoder.shares(features)
    assert encoder.embed(features).shape == (EMBEDDING,)
    assert shares.sum() == pytest.approx(1.0, abs=1e-5)
    assert 0.0 <= encoder.listen(samples).intensity <= 1.0
