"""When a passage has gone astray: the decoder loops, runs on, or says nothing."""

from __future__ import annotations

from .options import StreamingOptions
from .passage import Passage

LOOP = 40
"""Codes (0.8 s) over which a repeated pattern is a loop; held vowels and pauses are shorter."""

LONGEST_PERIOD = 4


def astray(passage: Passage, options: StreamingOptions) -> bool:
    """Whether what was decoded so far cannot be speech for this text."""
    codes = passage.codes
    if passage.done and not codes and passage.tokens:
        return True
    if not passage.done and len(codes) >= options.limit(len(passage.tokens)):
        return True
    tail = codes[-LOOP:]
    return len(tail) == LOOP and any(
        tail[period:] == tail[:-period] for period in range(1, LONGEST_PERIOD + 1)
    )


def stop_bias(passage: Passage) -> float | None:
    """What is added to the stop code's logit, by progress towards the number of codes wanted.

    The steps are those of a published recipe for this model (TED-TTS, arXiv 2601.03170). None when no number is wanted.
    """
    if not passage.wanted_codes:
        return None
    progress = len(passage.codes) / passage.wanted_codes
    if progress < 0.5:
        return -1e4
    if progress < 0.8:
        return -5.0
    if progress <= 1.2:
        return 0.0
    return 10.0 if progress < 2.0 else 1e4
