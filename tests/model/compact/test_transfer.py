"""One person's clip, another's voice: the emotion goes over, the timbre stays."""

from pathlib import Path

import pytest

from seiyuu.model.clips import decode
from seiyuu.model.compact.engine import CompactCore
from seiyuu.model.compact.training.transfer import measured
from seiyuu.model.emotion_encoder import emotion_of_clip
from seiyuu.streaming.emotion import NEUTRAL

pytestmark = pytest.mark.golden

GOLDEN = Path(__file__).parents[2] / "golden"
SAME_PERSON = 0.75
"""Cosine of d-vectors; two presets have 0.53."""


def test_a_sad_clip_makes_another_voice_sad_and_leaves_it_itself(core: CompactCore) -> None:
    """Lower, slower and softer than its neutral reading, as the clip is, with the d-vector of the same person."""
    sad, calm = (decode((GOLDEN / f"speech_{n}.flac").read_bytes()) for n in ("sadness", "calm"))
    voice = core.voices()[0]
    before, own = measured(core, voice, NEUTRAL)
    after, vector = measured(core, voice, emotion_of_clip(sad, calm))
    assert after["pitch"] < before["pitch"] - 0.5
    assert after["pace"] < before["pace"] - 0.03
    assert after["level"] < before["level"] - 0.5
    assert float(vector @ own) > SAME_PERSON
