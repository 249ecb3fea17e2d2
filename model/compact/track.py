"""The frames decided for a clause, one row each; going back is cutting the tail off."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ...streaming.audio import Samples
from ...streaming.emotion import AXES

FRAME_MS = 25
FRAME_SAMPLES = 600
FRAME_RATE = 40
SAMPLE_RATE = 24_000


@dataclass(frozen=True, slots=True)
class Frame:
    """One decided frame of 25 ms.

    ``token`` is the place on the phoneme track, ``fraction`` how much of that token was spoken before this frame
    and ``debt`` the frames by which the plan ran ahead of what was spoken: the state to go on from. ``f0`` holds
    two values in Hz (0 unvoiced), ``energy`` the two the decoder hears.
    """

    token: int
    fraction: float
    debt: float
    f0: tuple[float, float]
    energy: tuple[float, float]
    level_db: float
    tilt_db: float
    breath: float


class Track:
    """Decided frames as arrays that the decoder reads in windows.

    ``token [T]`` · ``fraction [T]`` · ``debt [T]`` · ``f0 [2T]`` Hz · ``energy [2T]`` · ``level_db [T]`` ·
    ``tilt_db [T]`` · ``breath [T]`` · ``strength [T, 8]`` the emotion each frame was decided with.
    """

    def __init__(self, capacity: int = 256) -> None:
        self.length = 0
        self._token = np.zeros(capacity, np.int64)
        self._state = np.zeros((capacity, 2), np.float64)
        self._f0 = np.zeros((capacity, 2), np.float32)
        self._energy = np.zeros((capacity, 2), np.float32)
        self._quality = np.zeros((capacity, 3), np.float32)
        self._strength = np.zeros((capacity, len(AXES)), np.float32)

    @property
    def token(self) -> npt.NDArray[np.int64]:
        return self._token[: self.length]

    @property
    def fraction(self) -> npt.NDArray[np.float64]:
        return self._state[: self.length, 0]

    @property
    def debt(self) -> npt.NDArray[np.float64]:
        return self._state[: self.length, 1]

    @property
    def f0(self) -> Samples:
        return self._f0[: self.length].reshape(-1)

    @property
    def energy(self) -> Samples:
        return self._energy[: self.length].reshape(-1)

    @property
    def level_db(self) -> Samples:
        return self._quality[: self.length, 0]

    @property
    def tilt_db(self) -> Samples:
        return self._quality[: self.length, 1]

    @property
    def breath(self) -> Samples:
        return self._quality[: self.length, 2]

    @property
    def strength(self) -> Samples:
        return self._strength[: self.length]

    def append(self, frame: Frame, strength: Samples) -> None:
        at = self.length
        if at == len(self._token):
            self._grow()
        self._token[at] = frame.token
        self._state[at] = frame.fraction, frame.debt
        self._f0[at] = frame.f0
        self._energy[at] = frame.energy
        self._quality[at] = frame.level_db, frame.tilt_db, frame.breath
        self._strength[at] = strength
        self.length += 1

    def truncate(self, length: int) -> None:
        """Forget the frames from ``length`` on."""
        self.length = min(self.length, length)

    def _grow(self) -> None:
        for name in ("_token", "_state", "_f0", "_energy", "_quality", "_strength"):
            old = getattr(self, name)
            setattr(self, name, np.concatenate([old, np.zeros_like(old)]))
