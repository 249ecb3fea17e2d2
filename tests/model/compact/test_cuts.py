"""Cutting, freezing and rewriting the packaged network leaves its sound as it was."""

from __future__ import annotations

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import TensorProto, helper

from seiyuu.model.compact.calibration import Calibrator
from seiyuu.model.compact.cuts import (
    AUDIO,
    COLUMNS,
    CONTENT_FRAMES,
    ENERGY,
    F0,
    SPECTRUM,
    SPEED,
    STFT_BINS,
    STYLE,
    TOKENS,
    cut_all,
)
from seiyuu.model.compact.decoder import Decoder
from seiyuu.model.compact.graph import Graph, dequantise
from seiyuu.model.compact.prepare import Parts
from seiyuu.model.compact.source import FRAME_SAMPLES, HarmonicSource
from seiyuu.model.compact.stages import Stages
from seiyuu.model.compact.statistics import Array
from seiyuu.model.compact.synthesis import Frames, render
from seiyuu.model.compact.vocabulary import tokens_of

from .conftest import PHONEMES, snr_db

pytestmark = pytest.mark.golden

DECODER_INPUTS = {
    CONTENT_FRAMES: (1, 512, "frames"),
    F0: (1, "halves"),
    ENERGY: (1, "halves"),
    STYLE: (1, 256),
    SPECTRUM: (1, STFT_BINS, "columns"),
}


def run(
    model: onnx.ModelProto, outputs: list[str], feed: dict[str, np.ndarray]
) -> list[np.ndarray]:
    return onnxruntime.InferenceSession(model.SerializeToString()).run(outputs, feed)


@pytest.fixture(scope="module")
def calibrator(parts: Parts, stages: Stages) -> Calibrator:
    return Calibrator(parts, stages, precision="f32")


def decoder_feed(parts: Parts, frames: Frames, style: Array) -> dict[str, np.ndarray]:
    with np.load(parts.tables) as tables:
        source = HarmonicSource(tables["source_weight"], tables["source_bias"])
    source.append(frames.f0)
    return {
        CONTENT_FRAMES: frames.content[None],
        F0: frames.f0[None],
        ENERGY: frames.energy[None],
        STYLE: style[None],
        SPECTRUM: source.spectrum(0, frames.count)[None],
    }


def test_the_frozen_decoder_with_its_own_statistics_is_the_float_decoder(
    graph: Graph,
    parts: Parts,
    decoder: Decoder,
    calibrator: Calibrator,
    frames: Frames,
    style: Array,
) -> None:
    """Folded statistics, polynomial sines and unfolded upsampling change the sound by less than -40 dB."""
    dequantise(graph)
    plain = graph.cut(DECODER_INPUTS, {COLUMNS: (1, STFT_BINS, "columns")})
    (columns,) = run(plain, [COLUMNS], decoder_feed(parts, frames, style))
    wanted = decoder._inverse.samples(columns[0])
    statistics = calibrator.measure(frames, style[:128])
    got = render(decoder, frames, decoder.condition(style[:128], statistics))
    inner = slice(12 * FRAME_SAMPLES, -12 * FRAME_SAMPLES)  # a clause's ends are held, not cut off
    assert snr_db(wanted[inner], got[inner]) > 40


def test_it_sounds_like_the_packaged_network(
    packaged: onnx.ModelProto,
    decoder: Decoder,
    calibrator: Calibrator,
    frames: Frames,
    style: Array,
) -> None:
    """The packaged int8 network, run whole, has the same length and, to its own rounding, the same sound."""
    tokens = tokens_of(PHONEMES)
    feed = {TOKENS: tokens[None], STYLE: style[None], SPEED: np.ones(1, np.float32)}
    (whole,) = run(packaged, [AUDIO], feed)
    statistics = calibrator.measure(frames, style[:128])
    ours = render(decoder, frames, decoder.condition(style[:128], statistics))
    assert len(ours) == len(whole)
    assert snr_db(whole, ours) > 8


def test_prosody_is_that_of_the_packaged_network(
    packaged: onnx.ModelProto, frames: Frames, style: Array
) -> None:
    """F0 and energy of the staged run equal those inside the packaged network."""
    shown = onnx.ModelProto()
    shown.CopyFrom(packaged)
    shown.graph.output.extend(
        helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in (F0, ENERGY)
    )
    feed = {TOKENS: tokens_of(PHONEMES)[None], STYLE: style[None], SPEED: np.ones(1, np.float32)}
    f0, energy = run(shown, [F0, ENERGY], feed)
    np.testing.assert_allclose(frames.f0, f0[0], atol=1e-3)
    np.testing.assert_allclose(frames.energy, energy[0], atol=1e-4)


def test_a_part_with_loose_ends_is_refused(graph: Graph) -> None:
    """Cutting names what is missing."""
    with pytest.raises(ValueError, match="unbound tensors: .*style"):
        graph.cut({F0: (1, "halves")}, {COLUMNS: (1, STFT_BINS, "columns")})


def test_no_integer_arithmetic_is_left_in_the_decoder(packaged: onnx.ModelProto) -> None:
    """The decoder's parts are float, keep no normalisation but the measuring one, and no slow operators."""
    models, tables = cut_all(packaged)
    kinds = {name: {node.op_type for node in model.graph.node} for name, model in models.items()}
    for name in ("frames", "generator", "measuring"):
        assert not {"ConvInteger", "MatMulInteger", "DynamicQuantizeLinear"} & kinds[name]
    assert "ReduceMean" in kinds["measuring"]
    assert not {"ReduceMean", "Sin", "ConvTranspose"} & kinds["generator"]
    assert tables["gain_weight"].shape == (128, 18_698)
