"""Every voice in every language: is it understood, is it as loud as the others, does it stay below the ceiling?"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from ...streaming.errors import EngineFailed
from ...streaming.segment import Language
from ..compact.engine import CompactCore
from ..compact.loudness import true_peaks
from ..voice import Voice
from .recogniser import ADVICE, Recogniser, distance, units
from .report import speak
from .sentences import sentences


def cast(
    core: CompactCore,
    voices: Sequence[Voice],
    languages: Sequence[Language],
    count: int,
    *,
    threads: int = 2,
    progress: Callable[[str], None] = lambda text: None,
) -> Iterator[dict[str, Any]]:
    """A row for each voice and language: units wrong of units asked, loudness (BS.1770), true peak.

    Each voice speaks other sentences than the one before it, so that all are heard.
    """
    try:
        import pyloudnorm
    except ModuleNotFoundError as error:
        raise EngineFailed(f"measuring needs {error.name!r}; install it with: {ADVICE}") from error
    rate = core.info.sample_rate
    recogniser, meter = Recogniser(threads=threads), pyloudnorm.Meter(rate)
    for language in languages:
        texts = sentences(language)
        for place, voice in enumerate(voices):
            progress(f"{language} {voice.name}")
            wrong = asked = 0
            sound = []
            for i in range(place * count, (place + 1) * count):
                text = texts[i % len(texts)]
                samples = speak(core, voice, text, language).samples
                wanted = units(text, language)
                wrong += distance(
                    wanted, units(recogniser.transcribe(samples, rate, language), language)
                )
                asked += len(wanted)
                sound.append(samples)
            whole = np.concatenate(sound)
            yield {
                "voice": voice.name,
                "language": language,
                "wrong": wrong,
                "units": asked,
                "error_percent": round(100 * wrong / max(asked, 1), 1),
                "lufs": round(float(meter.integrated_loudness(whole)), 1),
                "true_peak_db": round(20 * float(np.log10(true_peaks(whole).max())), 2),
            }
