"""Judges the finished personas, each at its own pitch, in every language.

``python -m seiyuu.model.compact.training.audition > tables/personas.tsv``; needs the ``[eval]`` extra; about a quarter
of a minute of one core per voice.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping

import numpy as np
import pyloudnorm

from ....streaming.segment import Language
from ...frontend import read
from ..decoder import Decoder
from ..loudness import CEILING, limit
from ..personas import gain_of, personas, statistics_of, style_of
from ..prepare import prepare
from ..source import SAMPLE_RATE
from ..stages import Stages
from ..synthesis import predict, render
from .judge import Judge

TEXTS: Mapping[Language, str] = {
    "zh": "昨天晚上我做了一个非常奇怪的梦，你想听吗？",
    "en": "She asked for a glass of water and a piece of bread.",
    "ja": "昨日の夜、とても不思議な夢を見ました。",
    "ko": "여러분, 오늘도 와 주셔서 정말 감사합니다.",
}


def main() -> None:
    parts = prepare()
    stages, decoder, judge = Stages(parts), Decoder(parts), Judge()
    meter = pyloudnorm.Meter(SAMPLE_RATE)
    keys = ("quality", "error", "pitch")
    columns = [f"{key}_{language}" for language in TEXTS for key in keys]
    sys.stdout.write("\t".join(["name", *columns, "lufs", "limited"]) + "\n")
    for voice in personas():
        conditioning = decoder.condition(voice.tensors["timbre"], statistics_of(voice))
        row, said = [voice.name], []
        for language, text in TEXTS.items():
            frames = predict(stages, read(text, language).phonemes, style_of(voice, language))
            speech = render(decoder, frames, conditioning) * np.float32(gain_of(voice, language))
            said.append(speech)
            row += [
                f"{judge.quality(limit(speech), SAMPLE_RATE)[0]:.2f}",
                f"{judge.error(limit(speech), SAMPLE_RATE, text, language):.3f}",
                f"{np.median(frames.f0[frames.f0 > 40.0]):.0f}",
            ]
        joined = np.concatenate(said)
        loudness = meter.integrated_loudness(limit(joined).astype(np.float64))
        share = float((np.abs(joined) > CEILING).mean())
        sys.stdout.write("\t".join([*row, f"{loudness:.1f}", f"{share:.5f}"]) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
