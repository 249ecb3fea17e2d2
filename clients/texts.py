"""What the benches say: a host's everyday talk."""

from __future__ import annotations

import re
from itertools import permutations

TEXTS = {
    "zh": (
        "大家好,欢迎来到今天的直播间,我们先来聊聊昨天的比赛。",
        "等一下,这个关卡好像有点不一样,我再试一次看看。",
        "谢谢你的礼物,真的太开心了,我给大家唱首歌吧。",
        "好的,那我们休息五分钟,喝口水马上回来。",
    ),
    "en": (
        "Hi everyone, welcome back to the stream, let's start with the news.",
        "Wait, this level looks different, let me try it one more time.",
        "Thank you so much, that really made my day, here is a song for you.",
        "All right, a short break now, I will be back in five minutes.",
    ),
    "ja": (
        "みなさん、こんにちは、今日の配信を始めます、よろしくね。",
        "ちょっと待って、このステージ、前と違うみたい、もう一度やってみる。",
        "ありがとう、すごくうれしい、お礼に一曲歌います。",
        "では、少し休憩します、五分後に戻ってきますね。",
    ),
    "ko": (
        "여러분, 안녕하세요, 오늘 방송을 시작할게요.",
        "잠깐만요, 이 단계는 조금 달라 보여요, 다시 해 볼게요.",
        "고마워요, 정말 기뻐요, 노래 한 곡 불러 드릴게요.",
        "네, 조금 쉬고, 오 분 뒤에 돌아올게요.",
    ),
}


def first_clause(text: str) -> str:
    """The text up to its first comma or full stop."""
    return re.split(r"(?<=[,、。.])", text, maxsplit=1)[0]


def utterances(language: str, count: int) -> list[str]:
    """``count`` different utterances of two or three phrases each, for figures that want many."""
    phrases = [p for text in TEXTS[language] for p in re.findall(r"[^,、。.]+[,、。.]", text)]
    pairs = [
        a.strip() + " " * (language in {"en", "ko"}) + b.strip()
        for a, b in permutations(phrases, 2)
    ]
    triples = [f"{pair} {phrases[i % len(phrases)].strip()}" for i, pair in enumerate(pairs)]
    return [*TEXTS[language], *pairs, *triples][:count]
