"""Random voices between and beyond the packaged ones: what a mapping from sound to timbre is trained on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from ..statistics import Array

TIMBRE = 128

HELD_OUT = (
    "af_kore", "af_sky", "am_eric", "am_onyx", "bf_emma",
    "bm_lewis", "hf_beta", "if_sara", "jf_tebukuro", "zm_yunxia",
)  # fmt: skip
"""Voices that no blend may contain: the mapping is judged on them."""

ACCENT_OF = {"a": "en", "b": "en", "z": "zh", "j": "ja"}
"""First letter of a packaged voice to the language it is native in; the others are not used for prosody."""

STRANGE_SHARE = 0.6
"""How many speakers have something of their own besides what is blended."""

PITCH_SPREAD_ST = 2.0
"""How far people of one timbre differ in pitch here."""


@dataclass(frozen=True, slots=True, eq=False)
class Speaker:
    """A made-up person: ``timbre [128]``, and the median of their F0 in Hz."""

    timbre: Array
    pitch_hz: float


class VoiceSpace:
    """Draws speakers. ``vectors`` are the packaged voices ``[256]`` by name, ``pitches`` their F0 medians in Hz."""

    def __init__(
        self, vectors: Mapping[str, Array], pitches: Mapping[str, float], seed: int
    ) -> None:
        self._rng = np.random.default_rng(seed)
        self._names = sorted(set(vectors) - set(HELD_OUT))
        self._timbres = np.stack([vectors[name][:TIMBRE] for name in self._names])
        self._log_pitches = np.log([pitches[name] for name in self._names])
        self._vectors = vectors

    def speaker(self) -> Speaker:
        """One voice in seven as packaged, half blended of two to four, the rest beyond the hull."""
        rng = self._rng
        kind = rng.random()
        if kind < 0.15:
            weights: np.ndarray = np.zeros(len(self._names))
            weights[rng.integers(len(self._names))] = 1.0
        elif kind < 0.6:
            weights = self._blend(int(rng.integers(2, 5)))
        else:
            weights = self._beyond()
        timbre = weights @ self._timbres
        if rng.random() < STRANGE_SHARE:
            # A person is no blend of the packaged voices: some of what makes them is in no direction between those.
            size = float(rng.uniform(0.2, 0.7))
            timbre = timbre + size * rng.standard_normal(TIMBRE) * self._timbres.std(axis=0)
        level = float(weights @ self._log_pitches)
        level += float(rng.normal(0.0, PITCH_SPREAD_ST)) * np.log(2) / 12
        return Speaker(timbre.astype(np.float32), float(np.clip(np.exp(level), 70.0, 330.0)))

    def prosody(self, language: str) -> Array:
        """The prosody half of a voice native in ``language``."""
        native = [name for name in self._names if ACCENT_OF.get(name[0]) == language]
        half: Array = self._vectors[native[self._rng.integers(len(native))]][TIMBRE:]
        return half

    def _blend(self, count: int) -> np.ndarray:
        weights = np.zeros(len(self._names))
        chosen = self._rng.choice(len(self._names), count, replace=False)
        weights[chosen] = self._rng.dirichlet(np.full(count, 1.2))
        return weights

    def _beyond(self) -> np.ndarray:
        """A blend pushed away from the middle of all voices, or along the line between two others."""
        weights = self._blend(int(self._rng.integers(1, 4)))
        if self._rng.random() < 0.5:
            centre = np.full(len(self._names), 1 / len(self._names))
            pushed: np.ndarray = weights + float(self._rng.uniform(0.0, 0.35)) * (weights - centre)
            return pushed
        one, other = self._rng.choice(len(self._names), 2, replace=False)
        step = float(self._rng.uniform(0.1, 0.6))
        weights[one] += step
        weights[other] -= step
        return weights
