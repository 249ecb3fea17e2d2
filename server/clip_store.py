"""Clips that were sent and judged, kept for a while by the hash of their bytes: for voices and emotions."""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field

from ..model.clips import Clip, decode
from ..model.verdict import JudgedClip, Verdict, judged
from ..streaming.emotion import Emotion
from ..streaming.errors import BadAudio

KEPT_BYTES = 48 << 20
"""About eighteen clips of ten seconds at 48 kHz."""

HEARD_BESIDE = 4
"""Emotions kept of one clip: heard alone and beside different calm clips."""


@dataclass(frozen=True, slots=True, eq=False)
class StoredClip:
    """A usable clip: the decoded sound, what was found in it, and the emotion once somebody has asked for it."""

    id: str
    judged: JudgedClip
    _heard: OrderedDict[str, Emotion] = field(default_factory=OrderedDict)

    @property
    def clip(self) -> Clip:
        return self.judged.clip

    @property
    def verdict(self) -> Verdict:
        return self.judged.verdict

    @property
    def nbytes(self) -> int:
        """What it holds in memory."""
        return self.clip.samples.nbytes + self.judged.speech.samples.nbytes

    def heard(self, beside: str, hear: Callable[[], Emotion]) -> Emotion:
        """The emotion heard in it ``beside`` the calm clip of that name, by ``hear`` the first time."""
        known = self._heard.get(beside)
        if known is None:
            known = self._heard[beside] = hear()
            while len(self._heard) > HEARD_BESIDE:
                self._heard.popitem(last=False)
        return known


class ClipStore:
    """Usable clips in memory, those used last; a clip that fell out is sent again. Safe to use from several threads."""

    def __init__(self, kept_bytes: int = KEPT_BYTES) -> None:
        self._kept: OrderedDict[str, StoredClip] = OrderedDict()
        self._kept_bytes = kept_bytes
        self._guard = threading.Lock()
        self._working = threading.Lock()  # a minute of sound takes 60 MB until it is judged

    def add(self, data: bytes) -> StoredClip:
        """Decode, judge and keep a clip. Takes up to half a second, one after the other: call it in a thread.

        Raises:
            BadAudio: it cannot be used; nothing is kept.
        """
        clip_id = hashlib.sha256(data).hexdigest()[:32]
        known = self._found(clip_id)
        if known is not None:
            return known
        with self._working:
            found = judged(decode(data))
        return self._keep(StoredClip(clip_id, found))

    def get(self, clip_id: str) -> StoredClip:
        """A clip that was added.

        Raises:
            BadAudio: it is not here, or not any more.
        """
        stored = self._found(clip_id)
        if stored is None:
            raise BadAudio(f"no clip {clip_id[:40]!r} is kept here; send it again to /v1/clips")
        return stored

    def _found(self, clip_id: str) -> StoredClip | None:
        with self._guard:
            if clip_id in self._kept:
                self._kept.move_to_end(clip_id)
            return self._kept.get(clip_id)

    def _keep(self, stored: StoredClip) -> StoredClip:
        with self._guard:
            self._kept[stored.id] = stored
            self._kept.move_to_end(stored.id)
            size = sum(kept.nbytes for kept in self._kept.values())
            while size > self._kept_bytes and len(self._kept) > 1:
                size -= self._kept.popitem(last=False)[1].nbytes
        return stored
