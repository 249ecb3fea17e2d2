"""Predicted opinion scores of speech quality, 1…5: what listeners would probably say. Nobody listened.

DNSMOS P.835 (Reddy, Gopal & Cutler, ICASSP 2022; MIT) comes with the package ``speechmos``; DistillMOS (Stahl &
Gamper, ICASSP 2025; MIT) with ``distillmos`` and ``xls-r-sqa``, which need torch.
"""

from __future__ import annotations

import sys
from importlib.resources import as_file, files
from types import ModuleType
from typing import Any

import numpy as np
import onnxruntime
import soxr

from ...streaming.audio import Samples
from ...streaming.errors import EngineFailed
from .recogniser import ADVICE, RATE

DNSMOS_SAMPLES = 144_160
"""9.01 s, what the network was trained on; shorter clips are repeated, as its authors do."""

OVERALL = (-0.06766283, 1.11546468, 0.04602535)
SIGNAL = (-0.08397278, 1.22083953, 0.0052439)
"""Polynomials from the network's outputs to the scores, published with DNSMOS."""

DISTILLMOS_ADVICE = "pip install --no-deps distillmos xls-r-sqa, beside torch"


class Dnsmos:
    """Overall quality by DNSMOS P.835."""

    def __init__(self, *, threads: int = 1) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        try:
            folder = files("speechmos") / "dnsmos_models"
        except ModuleNotFoundError as error:
            raise EngineFailed(
                f"measuring needs {error.name!r}; install it with: {ADVICE}"
            ) from error
        # The package's own code would pull in a large audio library for a feature that is not used here.
        with as_file(folder / "sig_bak_ovr.onnx") as path:
            self._network: Any = onnxruntime.InferenceSession(
                str(path), options, providers=["CPUExecutionProvider"]
            )

    def score(self, samples: Samples, sample_rate: int) -> float:
        return self.scores(samples, sample_rate)[0]

    def scores(self, samples: Samples, sample_rate: int) -> tuple[float, float]:
        """Overall, and of the speech signal alone."""
        clip = _at_rate(samples, sample_rate)
        clip = np.tile(clip, -(-DNSMOS_SAMPLES // len(clip)))[:DNSMOS_SAMPLES]
        signal, _, overall = self._network.run(None, {"input_1": clip[None]})[0][0]
        return float(np.polyval(OVERALL, overall)), float(np.polyval(SIGNAL, signal))


class DistillMos:
    """Overall quality by DistillMOS."""

    def __init__(self, *, threads: int = 1) -> None:
        # It loads files through torchaudio in a function not used here; torchaudio has no CPU build on PyPI.
        stand_in = "torchaudio" not in sys.modules
        if stand_in:
            sys.modules["torchaudio"] = ModuleType("torchaudio")
        try:
            import torch
            from distillmos import ConvTransformerSQAModel
        except ModuleNotFoundError as error:
            message = f"DistillMOS needs {error.name!r}; install it with: {DISTILLMOS_ADVICE}"
            raise EngineFailed(message) from error
        finally:
            if stand_in:
                del sys.modules["torchaudio"]
        torch.set_num_threads(threads)
        self._torch: Any = torch
        self._network: Any = ConvTransformerSQAModel().eval()

    def score(self, samples: Samples, sample_rate: int) -> float:
        clip = self._torch.from_numpy(_at_rate(samples, sample_rate)[None])
        with self._torch.no_grad():
            return float(self._network(clip))


def _at_rate(samples: Samples, sample_rate: int) -> Samples:
    clip: Samples = soxr.resample(samples, sample_rate, RATE).astype(np.float32)
    return np.clip(clip, -1.0, 1.0)
