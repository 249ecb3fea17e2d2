"""Signs and numbers to the words people say for them, language by language."""

from __future__ import annotations

import re
from collections.abc import Collection

from . import normalise_zh, numerals
from .languages import Spoken
from .rewriting import Rule, rewrite, rule
from .spanned import SpannedText

_NUMBER = re.compile(r"\d")
_PLAIN: dict[Spoken, list[Rule]] = {
    "en": [rule(r"\d{1,60}", lambda m: numerals.english(m.group()))],
    "ja": [rule(r"\d{1,60}", lambda m: numerals.japanese(m.group()))],
    "ko": [rule(r"\d{1,60}", lambda m: numerals.korean(m.group()))],
}


def normalise(text: SpannedText, language: Spoken, given: Collection[int] = ()) -> SpannedText:
    """``text`` with numbers, signs and net slang in words."""
    if language == "zh":
        return rewrite(text, normalise_zh.RULES, normalise_zh.TRIGGER, given)
    return rewrite(text, _PLAIN[language], _NUMBER, given)
