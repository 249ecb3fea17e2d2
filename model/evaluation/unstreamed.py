"""The packaged network as it comes: whole clauses in, whole clauses out, nothing cut and nothing frozen.

What streams are measured against.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import onnxruntime

from ...streaming.audio import Samples
from ...streaming.segment import Language
from ..compact.clause import sounding, split, symbols_of
from ..compact.loudness import limit
from ..compact.personas import gain_of, style_of
from ..compact.prepare import read_weights
from ..compact.vocabulary import TOKEN_OF, tokens_of
from ..frontend import read
from ..voice import Voice


class Unstreamed:
    """Speaks a text with the packaged network; slow."""

    def __init__(self, *, threads: int = 1) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        self._network: Any = onnxruntime.InferenceSession(
            read_weights(), options, providers=["CPUExecutionProvider"]
        )

    def speak(self, text: str, voice: Voice, language: Language) -> Samples:
        """Samples at 24 kHz, edge silence included."""
        style = style_of(voice, language)
        symbols = [symbol for symbol in symbols_of(read(text, language)) if symbol.text in TOKEN_OF]
        pieces: list[Samples] = []
        for part in split(symbols):
            if sounding(part):
                tokens = tokens_of("".join(symbol.text for symbol in part))
                feed = {
                    "tokens": tokens[None],
                    "style": style[None],
                    "speed": np.ones(1, np.float32),
                }
                pieces.append(self._network.run(["audio"], feed)[0].reshape(-1))
        whole = np.concatenate(pieces) if pieces else np.zeros(0, np.float32)
        return limit((whole * np.float32(gain_of(voice, language))).astype(np.float32))
