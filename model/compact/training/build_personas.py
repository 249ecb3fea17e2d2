"""Builds the preset voices: blends, statistics and loudness, from ``assets/voice_vectors.npz`` and the list below.

``python -m seiyuu.model.compact.training.build_personas`` writes ``assets/personas.json`` and ``personas.npz``; about
a quarter of a minute of one core per voice. Needs the ``[eval]`` extra (pyloudnorm). The timbres were chosen from the
table that ``timbres`` prints, by ``choose``.
"""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pyloudnorm

from ....streaming.segment import Language
from ...frontend import read
from ..calibration import SENTENCES, Calibrator
from ..clause import sounding, split, symbols_of
from ..decoder import Decoder
from ..loudness import limit
from ..personas import LANGUAGES, blend
from ..prepare import Parts, prepare
from ..source import SAMPLE_RATE
from ..stages import Stages
from ..statistics import Array, Statistics
from ..synthesis import predict, render
from ..vocabulary import TOKEN_OF
from .cast import CAST, Role
from .rehearsal import LINES

TARGET_LUFS = -16.0
"""What streaming platforms ask of speech (AES TD1008)."""

LOUDNESS_LINES = 10
"""Lines of each language, half a minute of speech: single sentences stray by a decibel."""

ASSETS = Path(__file__).parent.parent / "assets"
HALVES: Mapping[str, tuple[str, ...]] = {
    "zh": ("zm_yunjian", "zm_yunxi", "zf_xiaoxiao", "zf_xiaoyi"),
    "en": ("am_michael", "bm_george", "bf_emma", "af_heart", "bf_isabella"),
    "ja": ("jm_kumo", "jf_gongitsune", "jf_alpha", "jf_tebukuro"),
}
"""Prosody halves of each language from low to high; one that lies between two is a blend of them.

Of the two low Mandarin halves ``zm_yunjian`` is understood better than ``zm_yunyang`` in each of four men's timbres."""


@dataclass(frozen=True, slots=True, eq=False)
class Workbench:
    """What building needs."""

    stages: Stages
    decoder: Decoder
    calibrator: Calibrator

    @classmethod
    def of(cls, parts: Parts) -> Workbench:
        stages = Stages(parts)
        return cls(stages, Decoder(parts), Calibrator(parts, stages))


def median_f0_hz(bench: Workbench, language: str, style: Array) -> float:
    """Median over the voiced frames of the calibration sentences."""
    values = np.concatenate([predict(bench.stages, text, style).f0 for text in SENTENCES[language]])
    return float(np.median(values[values > 40.0]))


def prosody_at(bench: Workbench, language: str, target_hz: float) -> Array:
    """The prosody half of a language whose median F0 is ``target_hz``, or as near as its voices go, ``[128]``.

    Neighbours in :data:`HALVES` are blended; pitch on a logarithmic scale is taken to follow the share, and what that
    leaves is corrected once.
    """
    names = HALVES[language]
    pitches = [packaged_pitch(bench, language, name) for name in names]
    above = next((i for i in range(1, len(names)) if pitches[i] >= target_hz), len(names) - 1)
    low, high = names[above - 1], names[above]
    span = math.log(pitches[above] / pitches[above - 1])
    share = math.log(target_hz / pitches[above - 1]) / span
    share = min(1.0, max(0.0, share))
    reached = median_f0_hz(bench, language, blend({low: 1 - share, high: share}))
    share = min(1.0, max(0.0, share + math.log(target_hz / reached) / span))
    return blend({low: 1 - share, high: share})[128:]


@cache
def packaged_pitch(bench: Workbench, language: str, name: str) -> float:
    """Median F0 of a packaged voice."""
    return median_f0_hz(bench, language, blend({name: 1.0}))


def loudness_gain(
    bench: Workbench, timbre: Array, prosody: Array, statistics: Statistics, language: Language
) -> float:
    """The factor that brings a language's lines, spoken one after the other and limited, to the target.

    Peaks that the limiter takes away make speech softer; a second look makes up for it.
    """
    voice, style = bench.decoder.condition(timbre, statistics), np.concatenate([timbre, prosody])
    spoken = np.concatenate(
        [
            render(bench.decoder, predict(bench.stages, phonemes, style), voice)
            for text in LINES[language][:LOUDNESS_LINES]
            for phonemes in clauses(text, language)
        ]
    )
    meter, gain = pyloudnorm.Meter(SAMPLE_RATE), 1.0
    for _ in range(2):
        limited = limit((spoken * np.float32(gain)).astype(np.float32))
        loudness = meter.integrated_loudness(limited.astype(np.float64))
        gain *= 10 ** ((TARGET_LUFS - loudness) / 20)
    return float(gain)


def clauses(text: str, language: Language) -> list[str]:
    """The phonemes of a line, a string for each clause as the engine cuts them."""
    symbols = [symbol for symbol in symbols_of(read(text, language)) if symbol.text in TOKEN_OF]
    return ["".join(s.text for s in part) for part in split(symbols) if sounding(part)]


def build(bench: Workbench, role: Role) -> dict[str, Array]:
    """Everything stored of one voice."""
    timbre = blend(role.timbre)[:128]
    prosody = {language: prosody_at(bench, language, role.pitch_hz) for language in HALVES}
    # Korean was not trained. An even blend with the Mandarin half, whose aspirates and codas promised more, was
    # understood worse: 142 against 109 of 1546 jamo missed in two voices.
    prosody["ko"] = prosody["ja"]
    statistics = bench.calibrator.calibrate(timbre, prosody)
    gains = {
        f"gain_{code}": loudness_gain(bench, timbre, prosody[code], statistics, code)
        for code in LINES
    }
    return {
        "timbre": timbre,
        **{f"prosody_{language}": prosody[language] for language in LANGUAGES},
        "mean": statistics.mean.astype(np.float16),
        "deviation": np.sqrt(statistics.variance).astype(np.float16),
        **{key: np.array([gain], dtype=np.float32) for key, gain in gains.items()},
    }


def main() -> None:
    bench = Workbench.of(prepare())
    arrays: dict[str, Any] = {}
    for role in CAST:
        voice = build(bench, role)
        arrays |= {f"{role.name}/{key}": value for key, value in voice.items()}
        gains = (f"{code} {voice[f'gain_{code}'][0]:.2f}" for code in LINES)
        sys.stdout.write(f"{role.name}\tgain {' '.join(gains)}\n")
        sys.stdout.flush()
    np.savez_compressed(ASSETS / "personas.npz", **arrays)
    entries = [
        {"name": role.name, "description": role.description, "timbre": role.timbre} for role in CAST
    ]
    (ASSETS / "personas.json").write_text(
        json.dumps(entries, ensure_ascii=False, indent=1) + "\n", encoding="utf-8"
    )


if __name__ == "__main__":
    main()
