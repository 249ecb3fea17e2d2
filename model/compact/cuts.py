"""Where the packaged graph is cut, and into what.

::

    tokens, style ─ text ─▶ durations, encoded, content
    encoded per frame, style ─ prosody ─▶ f0, energy
    content per frame, f0, energy ─ frames ─▶ features          2 columns a frame, cheap, sees 10 frames either way
    features, spectrum of the source ─ generator ─▶ columns     120 columns a frame, dear, sees 4 frames either way

The decoder is cut in two because its early layers, which run once or twice a frame, cost a twentieth of it and see
far, while the late ones are dear and see little. Its normalisation is frozen: what the packaged graph computes over
the whole clause comes in as ``gain`` and ``offset`` vectors, so that any window of frames decodes like the whole.
``measuring`` is the decoder with its normalisation as packaged; it shows the statistics that freezing needs.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import onnx

from .graph import Graph, Norm, dequantise, find_norms, freeze
from .rewrite import soften_snakes, unfold_upsampling

TOKENS, STYLE, SPEED = "tokens", "style", "speed"
DURATIONS = "/encoder/Div_output_0"
ENCODED = "/encoder/predictor/text_encoder/Concat_4_output_0"
CONTENT = "/encoder/text_encoder/Transpose_2_output_0"
ENCODED_FRAMES = "/encoder/MatMul_output_0"
CONTENT_FRAMES = "/encoder/MatMul_1_output_0"
F0_OUT, ENERGY_OUT = "/encoder/Squeeze_output_0", "/encoder/Squeeze_1_output_0"
F0, ENERGY = "/encoder/Reshape_output_0", "/encoder/Reshape_1_output_0"
SPECTRUM = "/decoder/decoder/generator/Concat_3_output_0"
FEATURES = "/decoder/decoder/generator/LeakyRelu_output_0"
COLUMNS = "/decoder/decoder/generator/conv_post/Conv_output_0"
AUDIO = "audio"
GAIN, OFFSET = "gain", "offset"

_SOURCE_WEIGHT = "onnx::MatMul_6993"
_SOURCE_BIAS = "decoder.decoder.generator.m_source.l_linear.bias"
_INVERSE_BASIS = "decoder.decoder.generator.stft.istft.stft.inverse_basis"

STFT_BINS = 22
"""11 log magnitudes, then 11 phases."""

_FRAME_DIMS = {
    CONTENT_FRAMES: (1, 512, "frames"),
    F0: (1, "half_frames"),
    ENERGY: (1, "half_frames"),
}
_FRAME_DIMS_BATCH = {
    CONTENT_FRAMES: ("batch", 512, "frames"),
    F0: ("batch", "half_frames"),
    ENERGY: ("batch", "half_frames"),
}
_INT64 = onnx.TensorProto.INT64
_FLOAT = onnx.TensorProto.FLOAT


def frame_norms(graph: Graph) -> list[Norm]:
    """Normalisations of the part of the decoder that runs per frame."""
    return find_norms(graph, graph.ancestors([FEATURES], [*_FRAME_DIMS, STYLE]))


def generator_norms(graph: Graph) -> list[Norm]:
    """Normalisations of the part of the decoder that makes the waveform's spectrum."""
    return find_norms(graph, graph.ancestors([COLUMNS], [FEATURES, SPECTRUM, STYLE]))


def text_stage(graph: Graph) -> onnx.ModelProto:
    """Tokens to durations (in frames, not rounded) and two encodings of each token."""
    return graph.part(
        {TOKENS: (_INT64, (1, "n")), STYLE: (_FLOAT, (1, 256)), SPEED: (_FLOAT, (1,))},
        {DURATIONS: (1, "n"), ENCODED: (1, "n", 640), CONTENT: (1, 512, "n")},
    )


def prosody_stage(graph: Graph) -> onnx.ModelProto:
    """Encoding per frame to F0 in Hz and energy, two values a frame."""
    return graph.cut(
        {ENCODED_FRAMES: (1, 640, "frames"), STYLE: (1, 256)},
        {F0_OUT: (1, "half_frames"), ENERGY_OUT: (1, "half_frames")},
    )


def measuring_stage(graph: Graph) -> onnx.ModelProto:
    """The decoder as packaged, but for the sound: mean and variance of every normalisation, in order."""
    norms = [*frame_norms(graph), *generator_norms(graph)]
    shown = {name: (1, norm.channels, 1) for norm in norms for name in (norm.mean, norm.variance)}
    return graph.cut({**_FRAME_DIMS, STYLE: (1, 256), SPECTRUM: (1, STFT_BINS, "columns")}, shown)


def frozen_stages(graph: Graph) -> tuple[onnx.ModelProto, onnx.ModelProto]:
    """The two parts of the decoder with frozen normalisation. Changes ``graph``."""
    stages = []
    parts = (
        (frame_norms(graph), _FRAME_DIMS_BATCH, {FEATURES: ("batch", 512, "half_frames")}),
        (
            generator_norms(graph),
            {FEATURES: ("batch", 512, "half_frames"), SPECTRUM: ("batch", STFT_BINS, "columns")},
            {COLUMNS: ("batch", STFT_BINS, "columns")},
        ),
    )
    for norms, inputs, outputs in parts:
        channels = sum(norm.channels for norm in norms)
        part = Graph(graph.model)
        part.nodes, part.constants = list(graph.nodes), dict(graph.constants)
        part.index()
        freeze(part, norms, GAIN, OFFSET)
        vectors = {GAIN: ("batch", channels), OFFSET: ("batch", channels)}
        stages.append(part.cut({**inputs, **vectors}, outputs))
    return stages[0], stages[1]


def heads(graph: Graph) -> dict[str, npt.NDArray[np.float32]]:
    """The linear layers that turn a timbre into gains and offsets, side by side. Wants a dequantised graph.

    ``gain_weight``, ``offset_weight`` ``[128, K]``, ``gain_bias``, ``offset_bias`` ``[K]``; ``frame_channels`` says
    how many of the K belong to the first part.
    """
    first, second = frame_norms(graph), generator_norms(graph)
    columns: dict[str, list[npt.NDArray[np.float32]]] = {
        key: [] for key in ("gain_weight", "offset_weight", "gain_bias", "offset_bias")
    }
    for norm in (*first, *second):
        add = graph.producer[norm.head]
        bias_name = next(name for name in add.input if name in graph.constants)
        product = graph.producer[next(name for name in add.input if name != bias_name)]
        weight, bias = graph.value(product.input[1]), graph.value(bias_name)
        columns["gain_weight"].append(weight[:, : norm.channels])
        columns["offset_weight"].append(weight[:, norm.channels :])
        columns["gain_bias"].append(bias[: norm.channels])
        columns["offset_bias"].append(bias[norm.channels :])
    joined = {
        key: np.concatenate(value, axis=-1).astype(np.float32) for key, value in columns.items()
    }
    joined["frame_channels"] = np.array(sum(norm.channels for norm in first), dtype=np.float32)
    return joined


def places(norms: list[Norm]) -> npt.NDArray[np.float32]:
    """Index of each channel among the statistics with repetitions left out."""
    starts: dict[str, int] = {}
    end, index = 0, []
    for norm in norms:
        if norm.mean not in starts:
            starts[norm.mean] = end
            end += norm.channels
        index.append(starts[norm.mean] + np.arange(norm.channels))
    return np.concatenate(index).astype(np.float32)


def tables(graph: Graph) -> dict[str, npt.NDArray[np.float32]]:
    """Small constants that the numpy parts need: :func:`heads`, the source's mixer, the inverse transform.

    ``place [K]`` says for each channel where it is found in the statistics that the measuring stage shows, in which
    normalisations of the same tensor appear once.
    """
    return {
        **heads(graph),
        "place": places([*frame_norms(graph), *generator_norms(graph)]),
        "source_weight": graph.value(_SOURCE_WEIGHT).reshape(-1),
        "source_bias": graph.value(_SOURCE_BIAS),
        "inverse_basis": graph.value(_INVERSE_BASIS)[:, 0],
    }


def cut_all(
    model: onnx.ModelProto,
) -> tuple[dict[str, onnx.ModelProto], dict[str, npt.NDArray[np.float32]]]:
    """Every stage by name, and the tables. ``text`` and ``prosody`` keep their int8 weights."""
    graph = Graph(model)
    stages = {"text": text_stage(graph), "prosody": prosody_stage(graph)}
    dequantise(graph)
    constants = tables(graph)
    soften_snakes(graph)
    unfold_upsampling(graph)
    stages["measuring"] = measuring_stage(graph)
    stages["frames"], stages["generator"] = frozen_stages(graph)
    return stages, constants
