"""Measures which prosody half each preset is understood best with in Korean, which the weights were never trained on.

``python -m seiyuu.model.compact.training.korean_halves > tables/korean.tsv`` prints a row a voice: the mean log of
the probability that the recogniser gives the tokens of the true text, with the Japanese half and with the even blend
of the Japanese and the Mandarin half. That tells voices apart in fewer sentences than counted errors do. Needs the
``[eval]`` extra; about ten seconds of one core per voice.
"""

from __future__ import annotations

import sys

import numpy as np
import soxr
from faster_whisper.audio import pad_or_trim
from faster_whisper.tokenizer import Tokenizer

from ....streaming.audio import Samples
from ...evaluation.recogniser import RATE, Recogniser
from ..decoder import Decoder
from ..personas import personas, statistics_of
from ..prepare import prepare
from ..source import SAMPLE_RATE
from ..stages import Stages
from ..synthesis import predict, render
from .build_personas import clauses
from .rehearsal import LINES

SHARES = (1.0, 0.5)
"""Of the Japanese half."""

MEL_FRAMES = 1000
"""Ten seconds; the recogniser's half minute takes six times as long."""

PLACES = (2, 3, 5, 8, 12, 15)
"""Of the rehearsal lines that are spoken."""


def likelihood(recogniser: Recogniser, samples: Samples, text: str) -> float:
    """Mean log-probability of the tokens of ``text`` given the sound."""
    model = recogniser._model  # noqa: SLF001 -- its text probabilities are no part of transcribing
    audio = soxr.resample(samples, SAMPLE_RATE, RATE).astype(np.float32)
    heard = model.encode(pad_or_trim(model.feature_extractor(audio), MEL_FRAMES))
    tokens = Tokenizer(model.hf_tokenizer, True, task="transcribe", language="ko")
    found = model.model.align(
        heard, list(tokens.sot_sequence), [tokens.encode(" " + text)], [len(audio) // 320]
    )
    return float(np.mean(np.log(np.maximum(found[0].text_token_probs, 1e-4))))


def main() -> None:
    parts = prepare()
    stages, decoder, recogniser = Stages(parts), Decoder(parts), Recogniser(threads=1)
    sys.stdout.write("\t".join(["name", *(f"share_{share}" for share in SHARES)]) + "\n")
    for voice in personas():
        tensors = voice.tensors
        conditioning = decoder.condition(tensors["timbre"], statistics_of(voice))
        row = [voice.name]
        for share in SHARES:
            half = share * tensors["prosody_ja"] + (1 - share) * tensors["prosody_zh"]
            style = np.concatenate([tensors["timbre"], half]).astype(np.float32)
            found = []
            for text in (LINES["ko"][place] for place in PLACES):
                spoken = [
                    render(decoder, predict(stages, phonemes, style), conditioning)
                    for phonemes in clauses(text, "ko")
                ]
                found.append(likelihood(recogniser, np.concatenate(spoken), text))
            row.append(f"{np.mean(found):.3f}")
        sys.stdout.write("\t".join(row) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
