"""Builds the preset voices: blends, statistics and loudness, from ``assets/voice_vectors.npz`` and the list below.

``python -m seiyuu.model.compact.training.build_personas`` writes ``assets/personas.json`` and ``personas.npz``; about
a quarter of a minute of one core per voice. Needs the ``[eval]`` extra (pyloudnorm). The timbres were chosen from the
table that ``timbres`` prints: among blends whose quality and intelligibility are not behind the others', those
farthest from each other.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyloudnorm

from ..calibration import SENTENCES, Calibrator
from ..decoder import Decoder
from ..personas import LANGUAGES, blend
from ..prepare import Parts, prepare
from ..source import SAMPLE_RATE
from ..stages import Stages
from ..statistics import Array, Statistics
from ..synthesis import predict, render
from .cast import CAST, Role

TARGET_LUFS = -16.0
"""What streaming platforms ask of speech (AES TD1008)."""

ASSETS = Path(__file__).parent.parent / "assets"
HALVES: Mapping[str, tuple[str, ...]] = {
    "zh": ("zm_yunyang", "zm_yunxi", "zf_xiaoxiao", "zf_xiaoyi"),
    "en": ("am_michael", "bm_george", "bf_emma", "af_heart", "bf_isabella"),
    "ja": ("jm_kumo", "jf_gongitsune", "jf_alpha", "jf_tebukuro"),
}
"""Prosody halves of each language from low to high; one that lies between two is a blend of them."""


@dataclass(frozen=True, slots=True)
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
    """The prosody half of a language whose median F0 is nearest to ``target_hz``, ``[128]``.

    Neighbours in :data:`HALVES` are blended; the share is found by bisection.
    """
    low, high = HALVES[language][0], HALVES[language][-1]
    for below, above in zip(HALVES[language], HALVES[language][1:], strict=False):
        if median_f0_hz(bench, language, blend({above: 1.0})) >= target_hz:
            low, high = below, above
            break
    least, most = 0.0, 1.0
    for _ in range(5):
        share = (least + most) / 2
        pitch = median_f0_hz(bench, language, blend({low: 1 - share, high: share}))
        least, most = (share, most) if pitch < target_hz else (least, share)
    share = round((least + most) / 2, 2)
    return blend({low: 1 - share, high: share})[128:]


def loudness_gain(
    bench: Workbench, timbre: Array, prosody: Mapping[str, Array], statistics: Statistics
) -> float:
    """The factor that brings the calibration sentences, spoken one after the other, to the target."""
    voice = bench.decoder.condition(timbre, statistics)
    speech = []
    for language, sentences in SENTENCES.items():
        style = np.concatenate([timbre, prosody[language]])
        speech += [
            render(bench.decoder, predict(bench.stages, text, style), voice)
            for text in sentences[1:]
        ]
    loudness = pyloudnorm.Meter(SAMPLE_RATE).integrated_loudness(
        np.concatenate(speech).astype(np.float64)
    )
    return float(10 ** ((TARGET_LUFS - loudness) / 20))


def build(bench: Workbench, role: Role) -> dict[str, Array]:
    """Everything stored of one voice."""
    timbre = blend(role.timbre)[:128]
    prosody = {language: prosody_at(bench, language, role.pitch_hz) for language in HALVES}
    # Korean was not trained; the Japanese halves carry it best.
    prosody["ko"] = prosody["ja"]
    statistics = bench.calibrator.calibrate(timbre, prosody)
    gain = loudness_gain(bench, timbre, prosody, statistics)
    return {
        "timbre": timbre,
        **{f"prosody_{language}": prosody[language] for language in LANGUAGES},
        "mean": statistics.mean.astype(np.float16),
        "deviation": np.sqrt(statistics.variance).astype(np.float16),
        "gain": np.array([gain], dtype=np.float32),
    }


def main() -> None:
    bench = Workbench.of(prepare())
    arrays = {
        f"{role.name}/{key}": value for role in CAST for key, value in build(bench, role).items()
    }
    np.savez_compressed(ASSETS / "personas.npz", **arrays)
    entries = [
        {"name": role.name, "description": role.description, "timbre": role.timbre} for role in CAST
    ]
    (ASSETS / "personas.json").write_text(
        json.dumps(entries, ensure_ascii=False, indent=1) + "\n", encoding="utf-8"
    )


if __name__ == "__main__":
    main()
