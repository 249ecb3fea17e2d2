"""Signs and numbers to the words people say for them, language by language."""

from __future__ import annotations

import re
from collections.abc import Collection

from . import normalise_en, normalise_ja, normalise_ko, normalise_zh
from .languages import Spoken
from .rewriting import Rule, rewrite
from .spanned import SpannedText

_RULES: dict[Spoken, tuple[list[Rule], re.Pattern[str]]] = {
    "zh": (normalise_zh.RULES, normalise_zh.TRIGGER),
    "en": (normalise_en.RULES, normalise_en.TRIGGER),
    "ja": (normalise_ja.RULES, normalise_ja.TRIGGER),
    "ko": (normalise_ko.RULES, normalise_ko.TRIGGER),
}


def normalise(text: SpannedText, language: Spoken, given: Collection[int] = ()) -> SpannedText:
    """``text`` with numbers, signs and net slang in words; characters at ``given`` places stay."""
    rules, trigger = _RULES[language]
    return rewrite(text, rules, trigger, given)
