"""Measuring a voice's statistics."""

from __future__ import annotations

import numpy as np
import pytest

from seiyuu.model.compact.calibration import SENTENCES, Calibrator
from seiyuu.model.compact.decoder import Decoder
from seiyuu.model.compact.personas import personas, statistics_of
from seiyuu.model.compact.prepare import Parts
from seiyuu.model.compact.stages import Stages
from seiyuu.model.compact.statistics import CHANNELS
from seiyuu.model.compact.synthesis import Frames, render
from seiyuu.model.compact.vocabulary import unknown_symbols

pytestmark = pytest.mark.golden


@pytest.fixture(scope="module")
def calibrator(parts: Parts, stages: Stages) -> Calibrator:
    return Calibrator(parts, stages)


def test_the_sentences_can_be_spoken() -> None:
    """All their symbols are in the alphabet."""
    assert not any(unknown_symbols(text) for texts in SENTENCES.values() for text in texts)


def test_a_quick_calibration_gives_the_voice_that_ships(
    calibrator: Calibrator, decoder: Decoder, frames: Frames
) -> None:
    """One sentence a language comes within 1.5 dB of the level that the stored statistics give, and speaks."""
    voice = personas()[0]
    prosody = {language: voice.tensors[f"prosody_{language}"] for language in SENTENCES}
    quick = calibrator.calibrate(voice.tensors["timbre"], prosody, sentences=1)
    assert quick.mean.shape == quick.variance.shape == (CHANNELS,)
    levels = [
        np.std(render(decoder, frames, decoder.condition(voice.tensors["timbre"], statistics)))
        for statistics in (quick, statistics_of(voice))
    ]
    assert abs(20 * np.log10(levels[0] / levels[1])) < 1.5


def test_only_the_languages_given_are_spoken(calibrator: Calibrator) -> None:
    """A voice with one prosody half is measured in that language."""
    voice = personas()[0]
    half = {"en": voice.tensors["prosody_en"]}
    first, again = (calibrator.calibrate(voice.tensors["timbre"], half, sentences=1) for _ in "12")
    np.testing.assert_allclose(first.mean, again.mean, rtol=1e-3, atol=1e-3)
