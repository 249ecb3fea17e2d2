"""Who speaks: the d-vector equals the published encoder's, and tells voices apart."""

from pathlib import Path

import numpy as np
import pytest

from seiyuu.model import speaker
from seiyuu.model.clips import decode
from seiyuu.model.speaker import (
    WINDOW,
    at_level,
    d_vector,
    mel_spectrum,
    partial_d_vectors,
)
from seiyuu.streaming.audio import Samples

pytestmark = pytest.mark.golden

GOLDEN = Path(__file__).parents[1] / "golden"


def speech(name: str) -> Samples:
    """A recorded synthetic voice at 16 kHz."""
    return decode((GOLDEN / f"{name}.flac").read_bytes()).samples


def test_features_and_vector_equal_the_published_encoder() -> None:
    """Mel powers to rounding, the vector to half precision of the weights."""
    with np.load(GOLDEN / "d_vector.npz") as file:
        samples, mel, vector = file["pcm"].astype(np.float32) / 32767, file["mel"], file["vector"]
    assert np.allclose(mel_spectrum(samples)[: len(mel)], mel, rtol=1e-4, atol=1e-6)
    assert np.abs(d_vector(samples) - vector).max() < 2e-3


def test_halves_of_a_voice_are_closer_than_two_voices() -> None:
    """The vector belongs to the voice, not to the words."""
    one, two = speech("speech_one"), speech("speech_two")
    middle = len(one) // 2
    same = d_vector(one[:middle]) @ d_vector(one[middle:])
    assert same > d_vector(one) @ d_vector(two) + 0.1


def test_level_is_not_identity() -> None:
    """A quieter copy has the same vector; silence has one too."""
    one = speech("speech_one")
    assert np.allclose(d_vector(one), d_vector(one * 0.05), atol=1e-4)
    assert np.isfinite(d_vector(np.zeros(8000, np.float32))).all()
    assert not at_level(np.zeros(10, np.float32)).any()


@pytest.mark.parametrize(
    ("samples", "windows"), [(1, 1), (16_000, 1), (WINDOW * 160, 1), (48_000, 3)]
)
def test_every_length_has_its_windows(samples: int, windows: int) -> None:
    """A short clip is padded to one window, a long one is covered by several."""
    noise = np.random.default_rng(0).standard_normal(samples).astype(np.float32)
    assert partial_d_vectors(noise).shape == (windows, 256)


@pytest.mark.parametrize("at_once", [1, 3])
def test_how_much_is_worked_on_at_once_changes_nothing(
    monkeypatch: pytest.MonkeyPatch, at_once: int
) -> None:
    """Memory is bounded, the vectors are the same."""
    whole = np.concatenate([speech("speech_one"), speech("speech_two")])
    expected, mel = partial_d_vectors(whole), mel_spectrum(whole)
    monkeypatch.setattr(speaker, "AT_ONCE", at_once)
    assert np.allclose(partial_d_vectors(whole), expected, atol=1e-5)
    assert np.allclose(mel_spectrum(whole), mel, rtol=1e-5)
