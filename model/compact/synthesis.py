"""A whole clause at once: the offline reference that streams are measured against, and what calibration runs on."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ...streaming.audio import Samples
from ...streaming.errors import BadText
from .decoder import Decoder
from .rendering import Rendering
from .stages import Stages, round_durations
from .statistics import Array, Conditioning
from .vocabulary import MAX_TOKENS, tokens_of, unknown_symbols


@dataclass(frozen=True, slots=True, eq=False)
class Frames:
    """A clause as the packaged predictors read it: ``T`` frames of 25 ms, the silence at both edges included.

    ``durations [n]`` frames of each token (their sum is T) · ``content [512, T]`` · ``f0 [2T]`` Hz · ``energy [2T]``
    """

    durations: npt.NDArray[np.int64]
    content: Samples
    f0: Samples
    energy: Samples

    @property
    def count(self) -> int:
        return len(self.f0) // 2


def predict(stages: Stages, phonemes: str, style: Array) -> Frames:
    """Durations, F0 and energy of a phoneme string; ``style [256]`` is timbre then prosody half.

    Raises:
        BadText: empty, too long for one clause, or with a symbol outside the alphabet.
    """
    unknown = unknown_symbols(phonemes)
    if unknown or not 0 < len(phonemes) <= MAX_TOKENS - 2:
        reason = (
            f"symbols the voice does not know: {unknown!r}"
            if unknown
            else f"{len(phonemes)} symbols"
        )
        raise BadText(
            f"a clause has 1 to {MAX_TOKENS - 2} symbols of the phoneme alphabet, got {reason}"
        )
    encoding = stages.encode(tokens_of(phonemes), style)
    durations = round_durations(encoding.durations)
    token = np.repeat(np.arange(len(durations)), durations)
    f0, energy = stages.intone(encoding.encoded[token], style)
    return Frames(durations, encoding.content[:, token], f0, energy)


def render(decoder: Decoder, frames: Frames, voice: Conditioning) -> Samples:
    """All frames to samples, ``[600 T]``."""
    rendering = Rendering(decoder, voice)
    rendering.append(frames.content, frames.f0, frames.energy)
    rendering.end()
    return rendering.render(0, frames.count)
