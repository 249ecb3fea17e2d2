"""Measures candidate timbres, so that the personas' can be chosen by quality and by distance.

``python -m seiyuu.model.compact.training.timbres > timbres.tsv`` prints one row a candidate: blends of two packaged
voices of one register, spoken in three languages with native prosody, judged by DNSMOS and by a speech recogniser.
Needs the ``[eval]`` extra; takes about 20 s of one core per candidate.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Mapping

import numpy as np

from ....streaming.audio import Samples
from ....streaming.segment import Language
from ...frontend import read
from ..calibration import Calibrator
from ..decoder import Decoder
from ..personas import voice_vectors
from ..prepare import prepare
from ..source import SAMPLE_RATE
from ..stages import Stages
from ..statistics import Array
from ..synthesis import predict, render
from .judge import Judge

POOLS: Mapping[str, str] = {
    "f": "af_heart af_bella af_nicole af_aoede af_kore af_sarah af_nova af_sky af_jessica af_river bf_emma bf_isabella "
    "bf_lily zf_xiaobei zf_xiaoni zf_xiaoxiao zf_xiaoyi jf_alpha jf_gongitsune jf_nezumi jf_tebukuro",
    "m": "am_michael am_fenrir am_puck am_adam am_eric am_liam am_onyx bm_fable bm_george bm_lewis zm_yunjian zm_yunxi "
    "zm_yunxia zm_yunyang jm_kumo",
}
PROSODY: Mapping[str, Mapping[str, str]] = {
    "f": {"zh": "zf_xiaoxiao", "en": "af_heart", "ja": "jf_gongitsune"},
    "m": {"zh": "zm_yunyang", "en": "am_michael", "ja": "jm_kumo"},
}
TEXTS: Mapping[Language, str] = {
    "zh": "新的一年，祝大家身体健康，万事如意。",
    "en": "Let us take a short break and come back in five minutes.",
    "ja": "来週の放送も、ぜひ見に来てくださいね。",
}
SHARE = 0.6
"""Of the first voice of a blend."""


def candidates(register: str, count: int, seed: int) -> Iterator[tuple[str, str]]:
    """Ordered pairs of a register's voices, every voice first about equally often."""
    names = POOLS[register].split()
    rng = np.random.default_rng(seed)
    pairs = [(first, str(rng.choice([n for n in names if n != first]))) for first in names]
    yield from (pairs * (count // len(pairs) + 1))[:count]


def centroid_hz(samples: Samples) -> float:
    """Centre of gravity of the long-term spectrum: how bright a voice sounds."""
    power = np.abs(np.fft.rfft(samples)) ** 2
    return float((np.fft.rfftfreq(len(samples), 1 / SAMPLE_RATE) * power).sum() / power.sum())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--female", type=int, default=len(POOLS["f"].split()))
    parser.add_argument("--male", type=int, default=len(POOLS["m"].split()))
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    parts = prepare()
    stages, decoder = Stages(parts), Decoder(parts)
    calibrator = Calibrator(parts, stages)
    judge = Judge()
    vectors = voice_vectors()
    columns = [
        f"{key}_{language}"
        for language in TEXTS
        for key in ("quality", "signal", "error", "centroid")
    ]
    sys.stdout.write("\t".join(["register", "first", "second", *columns]) + "\n")
    for register, count in (("f", options.female), ("m", options.male)):
        prosody = {language: vectors[name][128:] for language, name in PROSODY[register].items()}
        for first, second in candidates(register, count, options.seed):
            timbre = SHARE * vectors[first][:128] + (1 - SHARE) * vectors[second][:128]
            conditioning = decoder.condition(
                timbre, calibrator.calibrate(timbre, prosody, sentences=1)
            )
            row: list[str] = [register, first, second]
            for language, text in TEXTS.items():
                style = np.concatenate([timbre, prosody[language]])
                frames = predict(stages, read(text, language).phonemes, style)
                speech = render(decoder, frames, conditioning)
                row += [f"{value:.3f}" for value in _judged(judge, speech, text, language)]
            sys.stdout.write("\t".join(row) + "\n")
            sys.stdout.flush()


def _judged(
    judge: Judge, speech: Array, text: str, language: Language
) -> tuple[float, float, float, float]:
    overall, signal = judge.quality(speech, SAMPLE_RATE)
    return overall, signal, judge.error(speech, SAMPLE_RATE, text, language), centroid_hz(speech)


if __name__ == "__main__":
    main()
