"""Clips that were sent and judged, kept for a while by the hash of their bytes: for voices and emotions."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from dataclasses import dataclass

from ..model.clips import Clip, decode
from ..model.verdict import Verdict, find_speech, judge
from ..streaming.errors import BadAudio

KEPT_BYTES = 64 << 20


@dataclass(frozen=True, slots=True, eq=False)
class StoredClip:
    """A usable clip: the decoded sound, and what was found in it."""

    id: str
    clip: Clip
    verdict: Verdict


class ClipStore:
    """Usable clips in memory, those used last; a clip that fell out is sent again."""

    def __init__(self, kept_bytes: int = KEPT_BYTES) -> None:
        self._kept: OrderedDict[str, StoredClip] = OrderedDict()
        self._kept_bytes = kept_bytes

    def add(self, data: bytes) -> StoredClip:
        """Decode, judge and keep a clip. Takes up to half a second: call it in a thread.

        Raises:
            BadAudio: it cannot be used; nothing is kept.
        """
        clip = decode(data)
        verdict = judge(clip, find_speech(clip))
        verdict.require_usable()
        stored = StoredClip(hashlib.sha256(data).hexdigest()[:32], clip, verdict)
        self._kept[stored.id] = stored
        self._kept.move_to_end(stored.id)
        size = sum(kept.clip.samples.nbytes for kept in self._kept.values())
        while size > self._kept_bytes and len(self._kept) > 1:
            size -= self._kept.popitem(last=False)[1].clip.samples.nbytes
        return stored

    def get(self, clip_id: str) -> StoredClip:
        """A clip that was added.

        Raises:
            BadAudio: it is not here, or not any more.
        """
        stored = self._kept.get(clip_id)
        if stored is None:
            raise BadAudio(f"no clip {clip_id[:40]!r} is kept here; send it again to /v1/clips")
        return stored
