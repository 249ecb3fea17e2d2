"""Who the preset voices are: names, pitch, and of which packaged timbres each is blended."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Role:
    """One preset voice. ``pitch_hz`` is its median F0 in every language."""

    name: str
    pitch_hz: float
    timbre: Mapping[str, float]
    description: str


CAST = (
    Role(
        "hoshino",
        235,
        {"af_heart": 0.6, "jf_alpha": 0.4},
        "星野 · high, young woman, bright and friendly: a streamer who laughs easily",
    ),
    Role(
        "wanqing",
        185,
        {"af_bella": 0.6, "zf_xiaoxiao": 0.4},
        "晚晴 · low, grown woman, calm and warm: tells stories late at night",
    ),
    Role(
        "kaito",
        145,
        {"am_puck": 0.6, "jm_kumo": 0.4},
        "海斗 · high, young man, lively and quick: plays games and comments on them",
    ),
    Role(
        "oliver",
        108,
        {"bm_george": 0.6, "am_michael": 0.4},
        "Oliver · low, grown man, unhurried and clear: reads the news, narrates",
    ),
)
