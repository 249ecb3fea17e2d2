"""Choosing the prompt's stretch, and the manner of another clip."""

from typing import Any

import numpy as np
import pytest
import torch

from seiyuu.model.indextts2.conditioning import SAMPLE_RATE, quietest_window
from seiyuu.model.indextts2.engine import IndexTTS2Core
from seiyuu.streaming.emotion import Emotion
from seiyuu.streaming.errors import BadAudio

from ..listening import sound
from ..speaking import TEXTS, alone, run, say

pytestmark = pytest.mark.unit


def test_a_short_prompt_is_kept_whole() -> None:
    """Nothing to choose."""
    assert quietest_window(torch.zeros(4, 20), 30) == (0, 20)
    assert quietest_window(torch.zeros(4, 20), 20) == (0, 20)


def test_a_long_prompt_is_cut_where_it_is_quiet() -> None:
    """Both ends fall into pauses where there is such a place."""
    energy = torch.ones(100)
    energy[[13, 42]] = -5.0
    assert quietest_window(energy.expand(4, -1), 30) == (13, 43)


def in_manner(key: str, intensity: float) -> Emotion:
    return Emotion(Emotion.of("anger").vector, intensity, key)


def test_a_voice_speaks_in_another_clips_manner(shared: IndexTTS2Core, clip: Any) -> None:
    """Who speaks stays; how is gone towards by the intensity, whatever the eight axes say."""
    other = clip[::-1].copy()
    key = shared.manner(other, SAMPLE_RATE)
    assert shared.manner(other, SAMPLE_RATE) == key
    with torch.inference_mode():
        state = shared._conditioner.place(shared.voices()[0])
        half, full = (state.vector(in_manner(key, share)) for share in (0.5, 1.0))
    torch.testing.assert_close(half, (state.own + full) / 2)
    assert not torch.allclose(full, state.own)
    recorded = shared._conditioner.enroll(other, SAMPLE_RATE, "other")
    np.testing.assert_allclose(full.numpy(), recorded.tensors["own"], atol=1e-5)
    said = alone(shared, *TEXTS, emotion=in_manner(key, 1.0))
    axes = alone(shared, *TEXTS, emotion=in_manner("", 1.0))
    plain = alone(shared, *TEXTS)
    assert len({x.tobytes() for x in (said, axes, plain)}) == 3


def test_a_manner_not_known_any_more_leaves_the_axes(shared: IndexTTS2Core) -> None:
    """A key from before a restart, or of another engine."""
    axes = alone(shared, *TEXTS, emotion=in_manner("", 0.7))
    np.testing.assert_array_equal(alone(shared, *TEXTS, emotion=in_manner("lost", 0.7)), axes)


def test_speech_turns_into_a_manner(shared: IndexTTS2Core, clip: Any) -> None:
    """In the middle of an utterance, as into any emotion."""
    key = shared.manner(clip[::-1].copy(), SAMPLE_RATE)
    job = say(shared, *TEXTS, seed=1)
    items = run(shared, job)[0]
    plain = sound(items)
    job.turn(in_manner(key, 1.0), len(plain) // 2, 120)
    turned = sound([*items, *run(shared, job)[0]])
    half = len(plain) // 2
    np.testing.assert_array_equal(turned[:half], plain[:half])
    assert not np.array_equal(turned[half:][:4000], plain[half:][:4000])
    job.close()


def test_a_clip_without_speech_has_no_manner(shared: IndexTTS2Core) -> None:
    """As for a voice."""
    with pytest.raises(BadAudio, match="silent"):
        shared.manner(np.zeros(40_000, np.float32), SAMPLE_RATE)
