"""Where somebody speaks: the Silero VAD network over 32 ms windows, run by onnxruntime.

The weights are those of silero-vad 6.2.3 (MIT, Silero Team), in its form for whole recordings at 16 kHz.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np
import onnxruntime

from ..streaming.audio import Samples

RATE = 16_000
WINDOW = 512
CONTEXT = 64
"""Samples of the window before that a window is given besides its own."""

AT_ONCE = 256
"""Windows of one run of the network: a minute at once takes 30 MB."""

SPEECH, SILENCE = 0.5, 0.35
"""A stretch of speech begins above the first probability and ends below the second."""

MIN_SPEECH_S, MIN_SILENCE_S, PAD_S = 0.15, 0.2, 0.05


def speech_probability(samples: Samples) -> Samples:
    """Probability of speech in each 32 ms window of ``samples [n]`` at 16 kHz, shape ``[ceil(n / 512)]``."""
    count = -(-len(samples) // WINDOW)
    windows = np.zeros((count, WINDOW), np.float32)
    windows.reshape(-1)[: len(samples)] = samples
    before = np.zeros((count, CONTEXT), np.float32)
    before[1:] = windows[:-1, -CONTEXT:]
    hidden = cell = np.zeros((1, 1, 128), np.float32)
    found = [np.zeros(0, np.float32)]
    for first in range(0, count, AT_ONCE):
        some = slice(first, first + AT_ONCE)
        feed = {"input": np.concatenate([before[some], windows[some]], axis=1)}
        told, hidden, cell = _session().run(None, {**feed, "h": hidden, "c": cell})
        found.append(told.reshape(-1))
    return np.concatenate(found)


def speech_spans(probability: Samples) -> list[tuple[int, int]]:
    """Stretches of speech as sample positions at 16 kHz, in order, short gaps closed and short bursts dropped."""
    spans: list[list[int]] = []
    speaking = False
    for number, value in enumerate(probability):
        speaking = value >= (SILENCE if speaking else SPEECH)
        if not speaking:
            continue
        begin, end = number * WINDOW, (number + 1) * WINDOW
        if spans and begin - spans[-1][1] <= MIN_SILENCE_S * RATE:
            spans[-1][1] = end
        else:
            spans.append([begin, end])
    pad, last = int(PAD_S * RATE), len(probability) * WINDOW
    return [
        (max(0, begin - pad), min(last, end + pad))
        for begin, end in spans
        if end - begin >= MIN_SPEECH_S * RATE
    ]


def joined(samples: Samples, spans: list[tuple[int, int]]) -> Samples:
    """What is inside the spans, one after the other."""
    pieces = [samples[begin:end] for begin, end in spans]
    return np.concatenate(pieces) if pieces else np.zeros(0, np.float32)


@cache
def _session() -> Any:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.enable_cpu_mem_arena = False  # an arena keeps for ever what the longest clip took
    path = files(__package__) / "assets" / "silero_vad_16k.onnx"
    return onnxruntime.InferenceSession(
        path.read_bytes(), options, providers=["CPUExecutionProvider"]
    )
