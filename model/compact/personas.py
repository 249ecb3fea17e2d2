"""The voices that come with the engine.

A persona is one timbre, spoken with a prosody half that is native to each language. Both are blends of the packaged
voices, so that every persona is a voice of its own. What is blended, and everything measured of a persona, stands in
``assets/personas.json`` and ``assets/personas.npz``, which ``training/build_personas.py`` makes.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

import numpy as np

from ..voice import Voice
from .statistics import Array, Statistics

ENGINE = "compact"
LANGUAGES = ("zh", "en", "ja", "ko")
_SPOKEN = ("prosody", "gain")
"""What a voice has one of for each language."""

_ASSETS = files(__package__) / "assets"


@cache
def voice_vectors() -> Mapping[str, Array]:
    """The packaged voices' styles by name, ``[256]`` each: the means of Kokoro's voice packs over text length."""
    with (_ASSETS / "voice_vectors.npz").open("rb") as file, np.load(file) as vectors:
        return dict(vectors)


@cache
def personas() -> tuple[Voice, ...]:
    """All preset voices, in the order they are shown to people."""
    entries = json.loads((_ASSETS / "personas.json").read_text(encoding="utf-8"))
    with (_ASSETS / "personas.npz").open("rb") as file, np.load(file) as arrays:
        stored = dict(arrays)
    return tuple(_persona(entry, stored) for entry in entries)


def blend(weights: Mapping[str, float]) -> Array:
    """A weighted mean of packaged styles, ``[256]``."""
    vectors = voice_vectors()
    total = sum(weights.values())
    mixed = np.sum([vectors[name] * (weight / total) for name, weight in weights.items()], axis=0)
    return np.asarray(mixed, dtype=np.float32)


def style_of(voice: Voice, language: str) -> Array:
    """Timbre and prosody half for a language, ``[256]``."""
    timbre = voice.tensors[f"timbre{own_timbre(voice, language)}"]
    return np.concatenate([timbre, voice.tensors[f"prosody_{language}"]])


def own_timbre(voice: Voice, language: str) -> str:
    """The ending of the tensors ``timbre``, ``mean`` and ``variance`` for a language: none where it has no own ones."""
    ending = f"_{language}"
    return ending if f"timbre{ending}" in voice.tensors else ""


def statistics_of(voice: Voice, ending: str = "") -> Statistics:
    """The voice's frozen statistics, for its timbre of that ending."""
    return Statistics(voice.tensors[f"mean{ending}"], voice.tensors[f"variance{ending}"])


def gain_of(voice: Voice, language: str = "") -> float:
    """Factor that brings the voice to -16 LUFS in a language; the middle of what it knows where it knows no better."""
    gains = {key: value for key, value in voice.tensors.items() if key.startswith("gain")}
    measured = gains.get(f"gain_{language}", gains.get("gain"))
    return float(np.median(list(gains.values())) if measured is None else measured[0])


def _persona(entry: Mapping[str, object], stored: Mapping[str, Array]) -> Voice:
    name = str(entry["name"])
    tensors = {
        key: stored[f"{name}/{key}"].astype(np.float32)
        for key in ("timbre", "mean", *(f"{k}_{code}" for k in _SPOKEN for code in LANGUAGES))
    }
    # Half precision holds deviations; the smallest variances would fall below it.
    tensors["variance"] = stored[f"{name}/deviation"].astype(np.float32) ** 2
    return Voice(name, ENGINE, tensors, str(entry["description"]), LANGUAGES)
