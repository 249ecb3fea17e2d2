"""The emotion of a clip, whoever speaks."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from seiyuu.model.clips import Clip, decode
from seiyuu.model.emotion_encoder import (
    ALONE,
    BESIDE,
    EMBEDDING,
    EmotionEncoder,
    emotion_of_clip,
)
from seiyuu.model.emotion_features import MANNER, MEDIAN_PITCH, clauses, manner
from seiyuu.streaming.errors import BadAudio

pytestmark = pytest.mark.golden

RANGE = 7
"""Place of the spread of F0, in semitones."""

GOLDEN = Path(__file__).parents[1] / "golden"


def clip(name: str) -> Clip:
    """A recorded synthetic voice."""
    return decode((GOLDEN / f"{name}.flac").read_bytes())


def test_a_known_clip_is_heard_as_before() -> None:
    """Clips of voices that took no part in the training; how often it is right at large the training tells."""
    assert emotion_of_clip(clip("speech_fear")).strongest == "fear"


def test_a_clip_beside_the_same_persons_calm_one_is_heard_with_its_intensity() -> None:
    """Sadness at 0.8 of a voice that took no part in the training, and the calm clip itself."""
    heard = emotion_of_clip(clip("speech_sadness"), clip("speech_calm"))
    assert heard.strongest == "sadness"
    assert heard.intensity == pytest.approx(0.8, abs=0.2)


def test_level_says_nothing() -> None:
    """A quieter recording of the same speech is the same emotion."""
    loud = clip("speech_anger")
    quiet = Clip(loud.samples * np.float32(0.1), loud.sample_rate)
    assert emotion_of_clip(quiet).strongest == emotion_of_clip(loud).strongest


def test_what_is_no_speech_has_no_emotion() -> None:
    """Silence is an error with advice."""
    with pytest.raises(BadAudio):
        emotion_of_clip(Clip(np.zeros(80_000, np.float32), 16_000))


def test_a_clip_beside_itself_is_calm() -> None:
    """Where the calm clip is the same clip, nothing differs, and what is heard is hardly an emotion."""
    same = clip("speech_anger")
    assert emotion_of_clip(same, same).strongest == "neutral"


def test_pauses_are_cut_out() -> None:
    """Two tones with a second of silence before, between and behind are two clauses of about their length."""
    tone = (0.1 * np.sin(np.arange(16_000) / 10)).astype(np.float32)
    quiet = np.zeros(16_000, np.float32)
    parts = clauses(np.concatenate([quiet, tone, quiet, tone, quiet]))
    assert [len(part) / 16_000 for part in parts] == pytest.approx([1.0, 1.0], abs=0.1)
    assert len(clauses(quiet)) == 1


@settings(max_examples=20, deadline=None)
@given(arrays(np.float32, st.integers(1, 9000), elements=st.floats(-1, 1, width=32)))
def test_any_sound_is_a_point_in_the_space(samples: np.ndarray) -> None:
    """Features are finite, the axes share one, whatever the sound."""
    features = manner([samples])
    assert features.shape == (MANNER,)
    assert np.isfinite(features).all()
    encoder = EmotionEncoder.packaged()
    for kind, inputs in ((ALONE, encoder.alone([samples])), (BESIDE, features)):
        told = encoder.embed(inputs, kind)
        assert told.shape == (EMBEDDING,)
        assert told[:-1].sum() == pytest.approx(1.0, abs=1e-5)
    assert 0.0 <= encoder.listen([samples]).intensity <= 1.0


def test_a_slower_and_lower_voice_is_heard_as_one() -> None:
    """Pitch comes in semitones, so a transposed melody moves the median and leaves the range."""
    at = np.arange(32_000) / 16_000
    melody = 180 * 2 ** (np.sin(2 * np.pi * 1.5 * at) / 6)

    def tone(factor: float) -> np.ndarray:
        phase = 2 * np.pi * np.cumsum(factor * melody) / 16_000
        return np.sum([np.sin(k * phase) / k for k in range(1, 20)], axis=0).astype(np.float32)

    one, other = manner([tone(1.0)]), manner([tone(2 ** (-3 / 12))])
    assert other[MEDIAN_PITCH] - one[MEDIAN_PITCH] == pytest.approx(-3, abs=0.1)
    assert other[RANGE] - one[RANGE] == pytest.approx(0, abs=0.1)
