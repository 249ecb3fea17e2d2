"""The decoder as two networks over fixed windows of frames, run by OpenVINO.

Runs in bfloat16 where the CPU computes in it (``OPTIMIZATION_CAPABILITIES``), else in float32. Shapes are fixed per
window size, because the runtime's kernels for open shapes take half as long again. It keeps no state: what belongs to
one clause is a :class:`~.rendering.Rendering`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

import numpy as np
import openvino

from ...streaming.audio import Samples
from ...streaming.errors import EngineFailed
from .cuts import CONTENT_FRAMES, ENERGY, F0, FEATURES, GAIN, OFFSET, SPECTRUM, STFT_BINS
from .istft import InverseTransform
from .prepare import Parts
from .source import COLUMNS_PER_FRAME, FRAME_SAMPLES, HarmonicSource
from .statistics import Array, Conditioning, Statistics, fold

Precision = Literal["bf16", "f32"]

FRAME_CONTEXT = 10
"""Frames that the first network hears on each side of a frame; exact."""

GENERATOR_CONTEXT = 3
"""Frames given to the generator on each side; it hears 4.5, leaving out the rest costs 55 dB below the sound."""

LOOK_AHEAD = FRAME_CONTEXT + GENERATOR_CONTEXT
"""Frames that must be known beyond the last one rendered."""

FRAME_WINDOW = 64
"""Frames of one run of the first network, contexts included. Its time is mostly that of reading its weights: 48 take
11.7 ms, 64 take 13.3, for 28 and 44 frames that are new."""

EMIT_FRAMES = (8, 14, 22)
"""Lengths the generator is compiled for, without context: those that the runtime's kernels like. Each takes 70 MB,
and longer ones gain nothing. Compiled models are not cached on disk: loading one so took twice the memory."""


def best_precision() -> Precision:
    """What this CPU computes the decoder in."""
    capabilities = openvino.Core().get_property("CPU", "OPTIMIZATION_CAPABILITIES")
    return "bf16" if "BF16" in capabilities else "f32"


class Decoder:
    """Windows of frames to samples. One instance per process, called from one thread.

    ``threads`` is the number of CPU threads a call may use; ``precision`` None takes the best this CPU has.
    """

    def __init__(
        self,
        parts: Parts,
        *,
        threads: int = 1,
        precision: Precision | None = None,
        emit_frames: tuple[int, ...] = EMIT_FRAMES,
    ) -> None:
        self.precision: Precision = precision or best_precision()
        self.emit_frames = tuple(sorted(emit_frames))
        with np.load(parts.tables) as file:
            self._tables: Mapping[str, Array] = dict(file)
        self._inverse = InverseTransform(self._tables["inverse_basis"])
        compiler = _Compiler(parts, threads, self.precision)
        self._frames = compiler.frames(FRAME_WINDOW, int(self._tables["frame_channels"]))
        self._generators = compiler.generators(
            self.emit_frames, len(self._tables["gain_bias"]) - int(self._tables["frame_channels"])
        )

    def source(self) -> HarmonicSource:
        """A fresh harmonic source."""
        return HarmonicSource(self._tables["source_weight"], self._tables["source_bias"])

    def condition(self, timbre: Array, statistics: Statistics) -> Conditioning:
        """What decoding with a voice needs; takes some milliseconds, so keep it per voice."""
        return fold(self._tables, timbre, statistics)

    def emit_size(self, frames: int) -> int:
        """The smallest compiled length that holds ``frames``, else the largest."""
        return next((size for size in self.emit_frames if size >= frames), self.emit_frames[-1])

    def features(
        self, content: Samples, f0: Samples, energy: Samples, voice: Conditioning
    ) -> Samples:
        """``content [512, 64]``, ``f0 [128]``, ``energy [128]`` to features ``[512, 128]``, two a frame.

        The outer 10 frames on each side lack context.
        """
        self._frames.infer(
            {
                CONTENT_FRAMES: np.ascontiguousarray(content[None]),
                F0: np.ascontiguousarray(f0[None]),
                ENERGY: np.ascontiguousarray(energy[None]),
                GAIN: voice.frame_gain,
                OFFSET: voice.frame_offset,
            }
        )
        return np.array(self._frames.get_output_tensor().data[0], dtype=np.float32)

    def samples(self, features: Samples, spectrum: Samples, voice: Conditioning) -> Samples:
        """Features of a compiled length plus 3 frames on each side, and the source's columns, to its samples.

        ``features [512, 2 * (n + 6)]``, ``spectrum [22, 120 * (n + 6) + 1]``; returns ``[600 * n]``.
        """
        frames = features.shape[1] // 2 - 2 * GENERATOR_CONTEXT
        columns = self._generators[frames].columns(
            {
                FEATURES: np.ascontiguousarray(features[None]),
                SPECTRUM: np.ascontiguousarray(spectrum[None]),
                GAIN: voice.generator_gain,
                OFFSET: voice.generator_offset,
            }
        )
        # Two columns more on each side complete the overlap of the inverse transform.
        first = COLUMNS_PER_FRAME * GENERATOR_CONTEXT
        last = first + COLUMNS_PER_FRAME * frames
        wave = self._inverse.samples(columns[:, first - 2 : last + 3])
        return wave[10 : 10 + FRAME_SAMPLES * frames]


class _Generator:
    """The second network at one length: all but its last layer in the decoder's precision, that one in float32.

    The last layer gives logarithms of magnitudes and phases; eight bits of either are noise 30 dB below the sound,
    where what rounding does inside adds up to 34 dB. It is a thousandth of the work.
    """

    def __init__(self, body: Any, last: Any) -> None:
        self._body = body
        self._last = last

    def columns(self, inputs: Mapping[str, Samples]) -> Samples:
        """``[22, columns]``, until the next call."""
        self._body.infer(inputs)
        self._last.infer([self._body.get_output_tensor()])
        columns: Samples = self._last.get_output_tensor().data[0]
        return columns


def _parted(model: Any) -> tuple[Any, Any]:
    """The network up to the input of its last convolution, and from there."""
    (result,) = model.get_results()
    node = result.input_value(0).get_node()
    while node.get_type_name() != "Convolution":
        node = node.input_value(0).get_node()
    border = node.input_value(0)
    hidden = openvino.opset13.parameter(border.get_partial_shape(), np.float32)
    body = openvino.Model([border], model.get_parameters())
    node.input(0).replace_source_output(hidden.output(0))
    return body, openvino.Model([result], [hidden])


class _Compiler:
    def __init__(self, parts: Parts, threads: int, precision: Precision) -> None:
        self._parts = parts
        self._core = openvino.Core()
        self._precision = precision
        self._config = {
            "INFERENCE_NUM_THREADS": threads,
            "NUM_STREAMS": 1,
            "PERFORMANCE_HINT": "LATENCY",
            # Else the calling thread stays bound to one processor, the same one in every process of the machine.
            "ENABLE_CPU_PINNING": False,
        }

    def frames(self, window: int, channels: int) -> Any:
        model = self._read("frames")
        vectors = {GAIN: [1, channels], OFFSET: [1, channels]}
        halves = [1, 2 * window]
        model.reshape({CONTENT_FRAMES: [1, 512, window], F0: halves, ENERGY: halves, **vectors})
        return self._request(model, self._precision)

    def generators(self, emit_frames: tuple[int, ...], channels: int) -> dict[int, _Generator]:
        model = self._read("generator")
        vectors = {GAIN: [1, channels], OFFSET: [1, channels]}
        requests = {}
        for frames in emit_frames:
            window = frames + 2 * GENERATOR_CONTEXT
            columns = COLUMNS_PER_FRAME * window + 1
            shapes = {FEATURES: [1, 512, 2 * window], SPECTRUM: [1, STFT_BINS, columns], **vectors}
            one = model.clone()
            one.reshape(shapes)
            body, last = _parted(one)
            requests[frames] = _Generator(
                self._request(body, self._precision), self._request(last, "f32")
            )
        return requests

    def _read(self, name: str) -> Any:
        try:
            return self._core.read_model(self._parts.network(name))
        except RuntimeError as error:
            raise EngineFailed(
                f"the runtime cannot read the decoder's {name} network: {error}"
            ) from error

    def _request(self, model: Any, precision: Precision) -> Any:
        config = {"INFERENCE_PRECISION_HINT": precision, **self._config}
        try:
            return self._core.compile_model(model, "CPU", config).create_infer_request()
        except RuntimeError as error:
            raise EngineFailed(
                f"the runtime cannot compile the decoder on this CPU: {error}"
            ) from error
