"""Measures a voice's frozen statistics by speaking a few sentences through the packaged decoder."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from .stages import Stages
from .statistics import Array, Statistics, pool
from .synthesis import PackagedDecoder, predict

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


def calibrate(
    stages: Stages,
    decoder: PackagedDecoder,
    timbre: Array,
    prosody: Mapping[str, Array],
    *,
    sentences: int = 3,
) -> Statistics:
    """Pooled statistics of a timbre ``[128]`` over ``sentences`` sentences (1…3) of each language.

    ``prosody`` gives a prosody half ``[128]`` for each language to be spoken, of those in :data:`SENTENCES`.
    """
    return pool(_measured(stages, decoder, timbre, prosody, sentences))


def _measured(
    stages: Stages,
    decoder: PackagedDecoder,
    timbre: Array,
    prosody: Mapping[str, Array],
    sentences: int,
) -> Iterator[tuple[int, Statistics]]:
    for language in SENTENCES.keys() & prosody.keys():
        style = np.concatenate([timbre, prosody[language]]).astype(np.float32)
        for phonemes in SENTENCES[language][:sentences]:
            frames = predict(stages, phonemes, style)
            yield frames.count, decoder.run(frames, style)[1]
