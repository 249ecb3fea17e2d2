"""Does somebody in the voice library speak in this clip? Their reference clip then tells how they sound when calm."""

from __future__ import annotations

from ..streaming.audio import Samples
from ..streaming.errors import SeiyuuError
from .clips import decode
from .library import VoiceLibrary
from .speaker import D_VECTOR
from .verdict import JudgedClip, judged
from .voice_record import VoiceRecord

KNOWN = 0.75
"""Cosine of d-vectors from which on two clips are one person's: clips of one voice in different emotions have 0.85 on
average, clips of two voices 0.52."""


class KnownSpeakers:
    """The people in a voice library by their d-vectors, each read once, and the reference clip used last.

    Reads the library: call it in a thread; several may. Voices that cannot be read, or hold no portrait, are nobody.
    """

    def __init__(self, library: VoiceLibrary) -> None:
        self._library = library
        self._portraits: dict[str, Samples | None] = {}
        self._calm: tuple[str, JudgedClip | None] = ("", None)

    def nearest(self, d_vector: Samples) -> VoiceRecord | None:
        """The record of the enrolled voice most like a speaker; None where none is alike."""
        before = self._portraits
        portraits: dict[str, Samples | None] = {}
        best, nearest = KNOWN, None
        for record in self._library.records():
            key = record.content_hash
            try:
                portrait = before[key] if key in before else self._portrait(record)
            except SeiyuuError:
                continue  # removed or damaged; it may be whole the next time
            portraits[key] = portrait
            alike = -1.0 if portrait is None else float(d_vector @ portrait)
            if alike >= best:
                best, nearest = alike, record
        self._portraits = portraits  # in one step, and without those that were removed
        return nearest

    def calm(self, record: VoiceRecord) -> JudgedClip | None:
        """The clip a voice was made from; None where there is none that can be used."""
        if self._calm[0] != record.content_hash:
            self._calm = (record.content_hash, self._reference(record))
        return self._calm[1]

    def _portrait(self, record: VoiceRecord) -> Samples | None:
        portrait = self._library.get(record.name).tensors.get("portrait")
        return None if portrait is None else portrait[:D_VECTOR].copy()

    def _reference(self, record: VoiceRecord) -> JudgedClip | None:
        try:
            reference = self._library.stored(record.name).reference
            return None if reference is None else judged(decode(reference))
        except SeiyuuError:
            return None  # removed a moment ago, damaged, or from a time that asked less of a clip
