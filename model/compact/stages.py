"""The two networks before the decoder, run by onnxruntime: tokens to durations and encodings, frames to F0."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import onnxruntime

from ...streaming.audio import Samples
from ...streaming.errors import EngineFailed
from .cuts import (
    CONTENT,
    DURATIONS,
    ENCODED,
    ENCODED_FRAMES,
    ENERGY_OUT,
    F0_OUT,
    SPEED,
    STYLE,
    TOKENS,
)
from .prepare import Parts


@dataclass(frozen=True, slots=True, eq=False)
class Encoding:
    """What the text stage makes of ``n`` tokens, the pads at both ends among them.

    * ``durations [n]`` frames of 25 ms, not rounded, > 0
    * ``encoded [n, 640]`` what the prosody stage hears of each token
    * ``content [512, n]`` what the decoder hears of each token
    """

    durations: Samples
    encoded: Samples
    content: Samples


class Stages:
    """Text and prosody stage. ``threads`` is the number of CPU threads each call may use."""

    def __init__(self, parts: Parts, *, threads: int = 1) -> None:
        self._text = _session(parts, "text", threads)
        self._prosody = _session(parts, "prosody", threads)

    def encode(self, tokens: npt.NDArray[np.int64], style: Samples) -> Encoding:
        """``tokens [n]``, 3 ≤ n ≤ 512, with a pad at both ends; ``style [256]`` is timbre then prosody half."""
        feed = {
            TOKENS: tokens[None],
            STYLE: style[None].astype(np.float32),
            SPEED: np.ones(1, np.float32),
        }
        durations, encoded, content = self._text.run([DURATIONS, ENCODED, CONTENT], feed)
        return Encoding(durations[0], encoded[0], content[0])

    def intone(self, encoded_frames: Samples, style: Samples) -> tuple[Samples, Samples]:
        """``encoded_frames [T, 640]`` to F0 in Hz and energy, ``[2T]`` each; below 10 Hz is unvoiced."""
        frames = np.ascontiguousarray(encoded_frames.T[None])
        f0, energy = self._prosody.run(
            [F0_OUT, ENERGY_OUT], {ENCODED_FRAMES: frames, STYLE: style[None]}
        )
        return f0[0], energy[0]


def round_durations(durations: Samples) -> npt.NDArray[np.int64]:
    """Whole frames, at least one a token, as the packaged graph rounds them (half to even)."""
    return np.maximum(np.rint(durations), 1).astype(np.int64)


def _session(parts: Parts, name: str, threads: int) -> Any:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    # Two idle cores are worth more than the microseconds that spinning saves.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    try:
        return onnxruntime.InferenceSession(
            parts.model(name), options, providers=["CPUExecutionProvider"]
        )
    except Exception as error:  # the runtime's exceptions share no base of their own
        raise EngineFailed(f"the runtime cannot load the {name} network: {error}") from error
