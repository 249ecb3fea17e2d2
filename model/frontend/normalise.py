"""Signs and numbers to the words people say for them, language by language."""

from __future__ import annotations

import re

from . import numerals
from .languages import Spoken
from .spanned import SpannedBuilder, SpannedText

_NUMBER = re.compile(r"\d{1,60}")
_CARDINAL = {"zh": numerals.chinese, "en": numerals.english, "ja": numerals.japanese, "ko": numerals.korean}


def normalise(text: SpannedText, language: Spoken) -> SpannedText:
    """``text`` with every number in words."""
    built = SpannedBuilder(text)
    at = 0
    for match in _NUMBER.finditer(text.text):
        built.copy(at, match.start())
        built.say(_CARDINAL[language](match.group()), match.start(), match.end())
        at = match.end()
    built.copy(at, len(text))
    return built.build()
