"""Measures a voice's frozen statistics by speaking a few sentences as the packaged decoder would."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import openvino

from .cuts import CONTENT_FRAMES, ENERGY, F0, SPECTRUM, STYLE
from .decoder import Precision, best_precision
from .prepare import Parts
from .source import HarmonicSource
from .stages import Stages
from .statistics import Array, Statistics, pool
from .synthesis import Frames, predict

SENTENCES: Mapping[str, Sequence[str]] = {
    "zh": (
        "ni↗xau↓, xwa→ni↗ŋ lai↗tau↘ wo↓ tɤ ꭧɨ↗pwo→ʨjɛ→n!",
        "ʨi→ntʰjɛ→ntʰjɛ→nʨʰi↘ ꭧə→n xau↓, wo↓mən i↘ʨʰi↓ ʨʰy↘ kʊ→ŋɥɛ↗n sa↘npu↘ pa.",
        "ꭧɤ↘ ʂou↓kɤ→ wo↓ tʰi→ŋ lɤ xə↓ntwo→pjɛ↘n, mei↓ʦʰɨ↘ tou→ ʨɥe↗tɤ xə↗n ka↓ntʊ↘ŋ.",
    ),
    "en": (
        "wˌʌt ʃˌʊd wi plˈA tənˈIt?",
        "θˈæŋk ju ˈɔl fɔɹ kˈʌmɪŋ, ɪt mˈinz ɐ lˈɑt tə mˌi.",
        "ðə kwˈɪk bɹˈWn fˈɑks ʤˈʌmps ˈOvəɹ ðə lˈAzi dˈɔɡ.",
    ),
    "ja": (
        "kombaɴβa, mʲinna ɡeŋkʲidesɨ ka?",
        "kono ɡeːmɯ βa totemo omoɕiɾoi to omoimasɨ.",
        "kʲoː βa teŋkʲi ɡa iidesɨ ne, sampo ɲi ikʲimaɕoː.",
    ),
}
"""What is spoken: everyday sentences (welcome to my stream; what shall we play …) of 1 to 3 seconds."""


class Calibrator:
    """Speaks and measures. ``precision`` None is the quicker of what this CPU has, float32 the exacter."""

    def __init__(
        self, parts: Parts, stages: Stages, *, threads: int = 1, precision: Precision | None = None
    ) -> None:
        self._stages = stages
        with np.load(parts.tables) as tables:
            self._source = tables["source_weight"], tables["source_bias"]
            self._place = tables["place"].astype(np.int64)
        core = openvino.Core()
        model = core.read_model(parts.network("measuring"))
        config = {
            "INFERENCE_PRECISION_HINT": precision or best_precision(),
            "INFERENCE_NUM_THREADS": threads,
            "ENABLE_CPU_PINNING": False,
        }
        self._request = core.compile_model(model, "CPU", config).create_infer_request()

    def calibrate(
        self, timbre: Array, prosody: Mapping[str, Array], *, sentences: int = 3
    ) -> Statistics:
        """Pooled statistics of a timbre ``[128]`` over ``sentences`` sentences (1…3) of each language.

        ``prosody`` gives a prosody half ``[128]`` for each language to be spoken, of those in :data:`SENTENCES`.
        """
        spoken = (
            predict(self._stages, phonemes, np.concatenate([timbre, prosody[language]]))
            for language in sorted(SENTENCES.keys() & prosody.keys())
            for phonemes in SENTENCES[language][:sentences]
        )
        return pool((frames.count, self.measure(frames, timbre)) for frames in spoken)

    def measure(self, frames: Frames, timbre: Array) -> Statistics:
        """Statistics of one clause."""
        source = HarmonicSource(*self._source)
        source.append(frames.f0)
        style = np.concatenate([timbre, np.zeros(128)]).astype(np.float32)
        feed = {
            CONTENT_FRAMES: frames.content[None],
            F0: frames.f0[None],
            ENERGY: frames.energy[None],
            STYLE: style[None],
            SPECTRUM: source.spectrum(0, frames.count)[None],
        }
        self._request.infer({key: np.ascontiguousarray(value) for key, value in feed.items()})
        vectors = [tensor.data.reshape(-1) for tensor in self._request.output_tensors]
        mean, variance = (np.concatenate(vectors[kind::2])[self._place] for kind in (0, 1))
        return Statistics(mean.astype(np.float32), variance.astype(np.float32))
