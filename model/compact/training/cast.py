"""Who the preset voices are: names, pitch, and of which packaged timbres each is blended.

Pitch and brightness are measured; age and character are what a voice is cast for.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Role:
    """One preset voice. ``pitch_hz`` is its median F0 in every language, as far as the language's halves go."""

    name: str
    pitch_hz: float
    timbre: Mapping[str, float]
    description: str


def _role(name: str, pitch_hz: float, first: str, second: str, description: str) -> Role:
    return Role(name, pitch_hz, {first: 0.6, second: 0.4}, description)


CAST = (
    _role(
        "hoshino",
        235,
        "af_nova",
        "jf_alpha",
        "星野 · woman, high voice, about twenty: bright and friendly, a streamer who laughs easily",
    ),
    _role(
        "lingyin",
        270,
        "jf_tebukuro",
        "jf_alpha",
        "铃音 · girl, very high voice, in her teens: sweet and playful",
    ),
    _role(
        "yuki",
        245,
        "af_sky",
        "jf_nezumi",
        "雪 · girl, high and dark voice, in her teens: shy and soft-spoken",
    ),
    _role(
        "ruoxi",
        218,
        "zf_xiaoni",
        "af_sarah",
        "若曦 · woman, middle and very clear voice, in her twenties: quick-witted, presents and explains",
    ),
    _role(
        "aoi",
        208,
        "zf_xiaobei",
        "jf_alpha",
        "葵 · woman, middle voice, in her twenties: gentle and attentive, chats with the audience",
    ),
    _role(
        "ruby",
        200,
        "af_river",
        "af_nova",
        "Ruby · woman, middle voice, about thirty: direct and energetic, sings and plays",
    ),
    _role(
        "wanqing",
        190,
        "zf_xiaoxiao",
        "af_jessica",
        "晚晴 · woman, low voice, about forty: calm and warm, tells stories late at night",
    ),
    _role(
        "clara",
        180,
        "af_bella",
        "bf_isabella",
        "Clara · woman, low and clear voice, about forty: composed, reads the news",
    ),
    _role(
        "iris",
        165,
        "af_kore",
        "af_heart",
        "Iris · woman, very low voice, about thirty: cool and dry",
    ),
    _role(
        "ren",
        165,
        "am_onyx",
        "zm_yunxia",
        "莲 · boy, high voice for a man, in his teens: curious and cheeky",
    ),
    _role(
        "kaito",
        145,
        "am_puck",
        "zm_yunxi",
        "海斗 · man, high voice, about twenty: lively, plays games and comments on them",
    ),
    _role(
        "leo",
        132,
        "bm_lewis",
        "am_eric",
        "Leo · man, middle voice, about thirty: confident host of a talk show",
    ),
    _role(
        "takumi",
        124,
        "bm_fable",
        "jm_kumo",
        "匠 · man, middle and clear voice, about thirty: patient, teaches and shows how",
    ),
    _role(
        "yunfei",
        116,
        "zm_yunjian",
        "zm_yunyang",
        "云飞 · man, middle and clear voice, about thirty: announcer of matches and events",
    ),
    _role(
        "oliver",
        108,
        "bm_george",
        "am_adam",
        "Oliver · man, low voice, about fifty: unhurried narrator",
    ),
    _role(
        "atlas",
        96,
        "jm_kumo",
        "am_adam",
        "Atlas · man, very low and dark voice, about fifty: earnest, a voice for trailers",
    ),
)
