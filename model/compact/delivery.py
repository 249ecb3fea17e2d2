"""How an emotion is delivered: eight axes to the controls of prosody and voice quality.

Directions follow the reviews of vocal emotion: Banse & Scherer, "Acoustic profiles in vocal emotion expression",
J. Pers. Soc. Psychol. 70 (1996) 614–636, table 6; Juslin & Laukka, "Communication of emotions in vocal expression
and music performance", Psychol. Bull. 129 (2003) 770–814, table 11; Murray & Arnott, J. Acoust. Soc. Am. 93 (1993)
1097–1108, table 1. Sizes are our own, bounded by what stays intelligible with the packaged decoder.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
import numpy.typing as npt

from ...streaming.emotion import AXES, Emotion

Strength = npt.NDArray[np.float32]
"""How much of each axis, shape ``[8]``, entries 0…1 that sum to 1."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """Controls of speech, each relative to the neutral reading, additive over emotions.

    ``pitch_st`` moves F0 (semitones), ``range_log`` is the natural logarithm of the factor on F0's excursions,
    ``rate_log`` that of the speaking rate, ``level_db`` the loudness, ``tilt_db`` the level of the octaves above
    1 kHz against those below, ``breath`` the amount of aspiration noise (0…1), ``rise_st`` lifts F0 towards the end
    of a clause.
    """

    pitch_st: float = 0.0
    range_log: float = 0.0
    rate_log: float = 0.0
    level_db: float = 0.0
    tilt_db: float = 0.0
    breath: float = 0.0
    rise_st: float = 0.0


FULL: dict[str, Delivery] = {
    # fast, loud, high and lively; bright
    "joy": Delivery(2.8, 0.30, 0.10, 2.0, 2.0, 0.0, 0.3),
    # fast, loudest, high, wide; strong high frequencies (pressed voice)
    "anger": Delivery(1.6, 0.26, 0.14, 4.0, 5.0, 0.0, -0.8),
    # slow, soft, low, narrow; weak high frequencies
    "sadness": Delivery(-2.2, -0.60, -0.20, -4.0, -4.5, 0.25, -0.4),
    # fast, high, narrow; a little softer and breathy (anxiety rather than panic)
    "fear": Delivery(3.4, -0.22, 0.16, -1.0, -0.5, 0.30, 0.4),
    # high, widest, rising; a little faster and louder
    "surprise": Delivery(3.8, 0.38, 0.05, 1.8, 1.5, 0.05, 2.2),
    "neutral": Delivery(),
    # slow, low, drawn over a wide range; softer
    "contempt": Delivery(-1.6, 0.18, -0.14, -1.5, -1.5, 0.05, -1.0),
    # slow, soft, low, narrow; dark and breathy
    "tenderness": Delivery(-0.9, -0.28, -0.13, -3.0, -3.5, 0.35, 0.2),
}
"""Each emotion at intensity 1."""

CONTROLS = tuple(field.name for field in fields(Delivery))
_MATRIX = np.array(
    [[getattr(FULL[axis], name) for name in CONTROLS] for axis in AXES], dtype=np.float32
)


def strength_of(emotion: Emotion) -> Strength:
    """The emotion as amounts of the eight axes."""
    return np.array(emotion.strength, dtype=np.float32)


def delivery_of(strength: Strength) -> Delivery:
    """The delivery of a mixture: linear in the amounts, so intensity acts monotonically."""
    return Delivery(*(float(x) for x in strength @ _MATRIX))
