"""Does somebody in the voice library speak in this clip? Their reference clip then tells how they sound when calm."""

from __future__ import annotations

from ..streaming.errors import SeiyuuError
from .clips import Clip, decode
from .library import VoiceLibrary
from .speaker import D_VECTOR, d_vector
from .verdict import find_speech

KNOWN = 0.75
"""Cosine of d-vectors from which on two clips are one person's: clips of one voice in different emotions have 0.85 on
average, clips of two voices 0.52."""


def clip_of_known_speaker(clip: Clip, library: VoiceLibrary) -> Clip | None:
    """The reference clip of the enrolled voice that is most like the clip's speaker; None where none is alike.

    Reads the library: call it in a thread. Voices that cannot be read, or hold no portrait, are passed over.
    """
    spoken = find_speech(clip).spoken
    if not len(spoken):
        return None
    vector = d_vector(spoken)
    alike: dict[str, float] = {}
    for record in library.records():
        try:
            portrait = library.get(record.name).tensors.get("portrait")
        except SeiyuuError:
            continue
        if portrait is not None:
            alike[record.name] = float(vector @ portrait[:D_VECTOR])
    nearest = max(alike, key=alike.__getitem__, default=None)
    if nearest is None or alike[nearest] < KNOWN:
        return None
    try:
        reference = library.stored(nearest).reference
        return None if reference is None else decode(reference)
    except SeiyuuError:
        return None  # removed a moment ago, or damaged
