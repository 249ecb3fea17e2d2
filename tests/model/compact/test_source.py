"""The harmonic source: any window at any time equals the slice of the whole, and the packaged graph's."""

from __future__ import annotations

import numpy as np
import onnx
import onnxruntime
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seiyuu.model.compact.cuts import F0, SPECTRUM
from seiyuu.model.compact.graph import Graph
from seiyuu.model.compact.source import COLUMNS_PER_FRAME, FRAME_SAMPLES, HarmonicSource

pytestmark = pytest.mark.unit

WEIGHT = np.linspace(-0.5, 0.5, 9).astype(np.float32)
BIAS = np.array([-0.03], np.float32)
WAVE = "/decoder/decoder/generator/m_source/l_tanh/Tanh_output_0"
f0_values = st.one_of(st.just(0.0), st.floats(-5, 9), st.floats(60, 600))


def source_of(f0: np.ndarray) -> HarmonicSource:
    source = HarmonicSource(WEIGHT, BIAS)
    source.append(f0.astype(np.float32))
    return source


def contour(frames: int) -> np.ndarray:
    """Silence, a glide, an unvoiced gap, a glide."""
    f0 = 180 + 60 * np.sin(np.arange(2 * frames) / 5)
    f0[:6] = 5.0
    f0[frames : frames + 5] = 0.0
    return f0.astype(np.float32)


@settings(max_examples=30, deadline=None)
@given(st.lists(f0_values, min_size=24, max_size=24), st.integers(0, 10), st.integers(1, 5))
def test_a_window_is_the_slice_of_the_whole(f0: list[float], start: int, length: int) -> None:
    """Columns of frames a:b equal the columns of the whole clause there."""
    source = source_of(np.array(f0))
    stop = min(12, start + length)
    whole = source.spectrum(0, 12)
    window = source.spectrum(start, stop)
    columns = slice(COLUMNS_PER_FRAME * start, COLUMNS_PER_FRAME * stop + 1)
    np.testing.assert_allclose(window[:11], whole[:11, columns], atol=1e-6)
    # A phase says nothing where there is next to no magnitude, and -π is π.
    heard = whole[:11, columns] > 1e-4
    turn = np.angle(np.exp(1j * (window[11:] - whole[11:, columns])))
    assert np.abs(turn[heard]).max(initial=0.0) < 1e-3


@given(st.lists(st.integers(1, 7), min_size=1, max_size=12))
def test_pieces_appended_are_the_whole(lengths: list[int]) -> None:
    """However F0 arrives, the wave is the same."""
    f0 = contour(sum(lengths))
    pieces = HarmonicSource(WEIGHT, BIAS)
    at = 0
    for length in lengths:
        pieces.append(f0[2 * at : 2 * (at + length)])
        at += length
    samples = FRAME_SAMPLES * at
    np.testing.assert_allclose(pieces.wave(0, samples), source_of(f0).wave(0, samples), atol=1e-9)


def test_going_back_and_on_with_another_pitch_keeps_the_phase() -> None:
    """The wave has no jump where F0 was replaced, and what lies well before it is untouched."""
    source = source_of(np.full(40, 200.0))
    before = source.wave(0, 20 * FRAME_SAMPLES)
    source.truncate(10)
    source.append(np.full(20, 320.0, np.float32))
    after = source.wave(0, 20 * FRAME_SAMPLES)
    border = 10 * FRAME_SAMPLES
    np.testing.assert_array_equal(after[: border - 150], before[: border - 150])
    steps = np.abs(np.diff(after))
    assert steps[border - 160 : border + 160].max() <= 1.01 * steps[border + 200 :].max()
    assert np.abs(after[border + 600 :] - before[border + 600 :]).max() > 0.01


def test_it_matches_the_packaged_graph(graph: Graph) -> None:
    """Wave and magnitudes of the packaged source, whose own sums are in float32, to 3e-4."""
    f0 = contour(30)
    part = graph.cut({F0: (1, "half_frames")}, {WAVE: (1, "n", 1), SPECTRUM: (1, 22, "m")})
    session = onnxruntime.InferenceSession(part.SerializeToString())
    wave, spectrum = session.run([WAVE, SPECTRUM], {F0: f0[None]})
    source = HarmonicSource(*mixer(graph))
    source.append(f0)
    np.testing.assert_allclose(source.wave(0, wave.shape[1]), wave[0, :, 0], atol=3e-4)
    inner = slice(2, -2)  # the packaged transform mirrors the wave at its ends
    ours = source.spectrum(0, 30)
    np.testing.assert_allclose(ours[:11, inner], spectrum[0, :11, inner], atol=3e-3)
    heard = spectrum[0, :11, inner] > 0.05
    turn = np.angle(np.exp(1j * (ours[11:, inner] - spectrum[0, 11:, inner])))
    assert np.abs(turn[heard]).max() < 0.05


def test_an_unvoiced_column_is_the_packaged_one(graph: Graph) -> None:
    """Where nothing sounds, the phases of empty bins are those the decoder hears from the packaged graph."""
    part = graph.cut({F0: (1, "half_frames")}, {SPECTRUM: (1, 22, "m")})
    session = onnxruntime.InferenceSession(part.SerializeToString())
    (spectrum,) = session.run([SPECTRUM], {F0: np.zeros((1, 8), np.float32)})
    source = HarmonicSource(*mixer(graph))
    source.append(np.zeros(8, np.float32))
    ours = source.spectrum(0, 4)
    np.testing.assert_allclose(ours[:11, 100], spectrum[0, :11, 100], atol=1e-5)
    # Empty bins hold the rounding noise of the machine that computes it; the first two hold sound.
    np.testing.assert_allclose(np.abs(ours[11:13, 100]), np.abs(spectrum[0, 11:13, 100]), atol=1e-3)


def mixer(graph: Graph) -> tuple[np.ndarray, np.ndarray]:
    """Weights of the packaged source."""
    bias = graph.value("decoder.decoder.generator.m_source.l_linear.bias")
    return graph.value("onnx::MatMul_6993").reshape(-1), bias


def test_the_model_is_the_expected_one(packaged: onnx.ModelProto) -> None:
    """The tensors the source is cut at exist once."""
    names = [name for node in packaged.graph.node for name in node.output]
    assert names.count(SPECTRUM) == names.count(WAVE) == 1
