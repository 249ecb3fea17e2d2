"""Neutral readings of the corpus: what the packaged predictors make of each line, in many voices.

A voice here is a prosody half only (128 numbers): the timbre half has no part in durations and F0. Halves are those
of the packaged voices and random blends of them; the voices in :data:`HELD_OUT` enter no training blend.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ....streaming.audio import Samples
from ...frontend import read
from ..clause import Clause, split, symbols_of
from ..stages import Stages, round_durations
from ..vocabulary import TOKEN_OF, tokens_of
from .corpus import Line, lines

HELD_OUT = ("af_sarah", "am_liam", "bf_alice", "zf_xiaoyi", "zm_yunyang", "jf_tebukuro")

NATIVE: Mapping[str, str] = {"zh": "z", "en": "ab", "ja": "j", "ko": "j"}
"""First letters of the voices whose accent fits a language; Korean has none and is read by Japanese ones."""

NATIVE_SHARE = 0.85
BLEND_SHARE = 0.7
SHARD = 400
CORPUS_SEED, HELD_OUT_SEED = 1, 2

Voices = Mapping[str, Samples]
"""Name → style vector [256]."""


@dataclass(frozen=True, slots=True)
class Neutral:
    """A clause in its neutral reading and where it came from."""

    line: Line
    voice: str
    clause: Clause


def draw_half(voices: Voices, language: str, rng: np.random.Generator) -> tuple[str, Samples]:
    """A prosody half for a line: mostly native to its language, mostly a blend of two or three."""
    names = sorted(name for name in voices if name not in HELD_OUT)
    if rng.random() < NATIVE_SHARE:
        names = [name for name in names if name[0] in NATIVE[language]]
    count = int(rng.integers(2, 4)) if rng.random() < BLEND_SHARE else 1
    chosen = [names[i] for i in rng.integers(0, len(names), count)]
    weights = rng.dirichlet(np.ones(count))
    half = sum(w * voices[name][128:] for w, name in zip(weights, chosen, strict=True))
    return "+".join(dict.fromkeys(chosen)), np.asarray(half, np.float32)


def held_out_half(voices: Voices, language: str, rng: np.random.Generator) -> tuple[str, Samples]:
    """The prosody half of a voice that no training line was read in."""
    names = [name for name in HELD_OUT if name[0] in NATIVE[language]]
    name = names[int(rng.integers(len(names)))]
    return name, voices[name][128:].astype(np.float32)


def neutral(stages: Stages, line: Line, half: Samples) -> Clause | None:
    """The first clause of a line in its neutral reading; None if there is nothing to hear."""
    symbols = [s for s in symbols_of(read(line.text, line.language)) if s.text in TOKEN_OF]
    symbols = next(split(symbols), [])
    if not any(s.text.isalpha() for s in symbols):
        return None
    style = np.concatenate([np.zeros(128, np.float32), half])
    encoding = stages.encode(tokens_of("".join(s.text for s in symbols)), style)
    durations = round_durations(encoding.durations)
    f0, energy = stages.intone(np.repeat(encoding.encoded, durations, axis=0), style)
    return Clause(
        ("", *(s.text for s in symbols), ""),
        (None, *(s.unit for s in symbols), None),
        (None, *(s.word for s in symbols), None),
        durations,
        encoding.content,
        encoding.encoded,
        f0,
        energy,
        half,
        0,
    )


def held_out(stages: Stages, voices: Voices, count: int) -> Iterator[Neutral]:
    """Readings of lines that are not in the training corpus, in voices that are not in it either."""
    known = {line.text for line in lines(60_000, CORPUS_SEED)}
    rng = np.random.default_rng(HELD_OUT_SEED)
    fresh = (line for line in lines(40 * count, HELD_OUT_SEED) if line.text not in known)
    for _, line in zip(range(count), fresh, strict=False):
        name, half = held_out_half(voices, line.language, rng)
        clause = neutral(stages, line, half)
        if clause is not None:
            yield Neutral(line, name, clause)


def make(stages: Stages, voices: Voices, count: int, folder: Path) -> Iterator[Path]:
    """Write ``count`` readings in shards of :data:`SHARD`; shards that exist are kept. Yields each shard's path."""
    folder.mkdir(parents=True, exist_ok=True)
    corpus = list(lines(count, CORPUS_SEED))
    for begin in range(0, count, SHARD):
        path = folder / f"{begin // SHARD:03d}.npz"
        if not path.exists():
            rng = np.random.default_rng([CORPUS_SEED, begin])
            made = []
            for line in corpus[begin : begin + SHARD]:
                name, half = draw_half(voices, line.language, rng)
                clause = neutral(stages, line, half)
                if clause is not None:
                    made.append(Neutral(line, name, clause))
            save(path, made)
        yield path


def save(path: Path, readings: Sequence[Neutral]) -> None:
    """Write readings as a shard, whole or not at all."""
    clauses = [reading.clause for reading in readings]
    about = [
        {
            "text": r.line.text,
            "language": r.line.language,
            "voice": r.voice,
            "symbols": r.clause.symbols,
        }
        for r in readings
    ]
    partial = path.with_suffix(".partial")
    with partial.open("wb") as file:
        np.savez(
            file,
            about=np.array(json.dumps(about, ensure_ascii=False)),
            encoded=np.concatenate([c.encoded[:, :512] for c in clauses]).astype(np.float16),
            durations=np.concatenate([c.durations for c in clauses]),
            f0=np.concatenate([c.f0 for c in clauses]),
            energy=np.concatenate([c.energy for c in clauses]),
            style=np.stack([c.style for c in clauses]),
        )
    partial.rename(path)


def load(path: Path) -> Iterator[Clause]:
    """The clauses of a shard; they have no units or words, and nothing for the decoder."""
    with np.load(path) as stored:
        data = {name: stored[name] for name in stored.files}
    token = half_frame = 0
    for number, entry in enumerate(json.loads(str(data["about"]))):
        count = len(entry["symbols"])
        durations = data["durations"][token : token + count]
        halves = slice(half_frame, half_frame + 2 * int(durations.sum()))
        encoded = data["encoded"][token : token + count].astype(np.float32)
        style = data["style"][number]
        yield Clause(
            tuple(entry["symbols"]),
            (None,) * count,
            (None,) * count,
            durations,
            np.zeros((512, 0), np.float32),
            np.concatenate([encoded, np.broadcast_to(style, (count, 128))], axis=1),
            data["f0"][halves],
            data["energy"][halves],
            style,
            0,
        )
        token, half_frame = token + count, halves.stop
