"""Text to the model's tokens, each with its place in the text as written."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from ...streaming.errors import Unsupported
from ..frontend import pinyin
from ..frontend.clean import clean
from ..frontend.languages import Spoken, regions
from ..frontend.normalise import normalise
from ..frontend.scripts import script
from ..frontend.spanned import SpannedBuilder, SpannedText

MAX_TOKENS = 120
"""Tokens of one passage, the published limit."""

Break = Literal["", "clause", "sentence"]

_PINYIN = re.compile(r"(?<![A-Za-z])[A-Za-zü]{1,6}[1-5](?![A-Za-z0-9])")
_BRACKETED = re.compile(r"([\u4e00-\u9fff]{1,12})[(（]([^()（）]{2,60})[)）]")
_APOSTROPHES = frozenset('“”"‘’（）()《》【】[]「」『』〈〉')
_SIGNS = (
    dict.fromkeys("：；;，、:", ",")
    | dict.fromkeys("。", ".")
    | dict.fromkeys("！", "!")
    | dict.fromkeys("？", "?")
    | dict.fromkeys("\n", " ")
    | dict.fromkeys("·—～~", "-")
    | dict.fromkeys(_APOSTROPHES, "'")
)
_LONG_SIGNS = ("...", ",,,", "……")
_ALONE = (
    (0x1100, 0x11FF),
    (0x2E80, 0xA4CF),
    (0xA840, 0xD7AF),
    (0xF900, 0xFAFF),
    (0xFE30, 0xFE4F),
    (0xFF65, 0xFFDC),
    (0x20000, 0x2FFFF),
)
"""Characters that stand alone before the pieces are cut."""


@dataclass(frozen=True, slots=True)
class Token:
    """One id; ``start:end`` are characters of the utterance, ``stop`` says which kind of mark it is, if any."""

    id: int
    start: int
    end: int
    stop: Break = ""


class Tokenizer:
    """The vocabulary of ``bpe.model`` and the way from text to it. Chinese and English."""

    def __init__(self, model: bytes) -> None:
        from sentencepiece import SentencePieceProcessor

        if not model:
            raise ValueError("a vocabulary is empty")
        self._pieces: Any = SentencePieceProcessor(model_proto=model)

    @property
    def size(self) -> int:
        """Pieces there are."""
        return int(self._pieces.get_piece_size())

    def tokens(self, text: str, char_start: int = 0, language: str = "auto") -> list[Token]:
        """Tokens of ``text``, whose first character is number ``char_start`` of the utterance.

        Raises:
            Unsupported: the text is in a script the model never learned.
        """
        strange = {"kana": "ja", "hangul": "ko"}
        found = next((strange[kind] for kind in map(script, text) if kind in strange), None)
        if found or language in ("ja", "ko"):
            raise Unsupported(
                f"the indextts2 engine speaks zh and en, the text is in {found or language}"
            )
        said = _signs(_spoken(clean(text), language))
        tokens: list[Token] = []
        for start, end in _words(said.text):
            tokens += self._word(said.slice(start, end), char_start)
        return tokens

    def _word(self, word: SpannedText, offset: int) -> list[Token]:
        """Pieces never cross a blank, so words can be cut one by one, which keeps their places."""
        upper = word.text.upper()
        tokens, at, last = [], 0, len(word) - 1
        for piece in self._pieces.encode(upper, out_type=str):
            size = len(piece.lstrip("▁"))
            first, final = min(at, last), min(max(at + size - 1, at), last)
            start, end = word.span(first, final + 1)
            index = self._pieces.piece_to_id(piece)
            tokens.append(Token(index, offset + start, offset + end, _break(piece)))
            at += size
        return tokens


def _break(piece: str) -> Break:
    bare = piece.lstrip("▁")
    if bare in (".", "!", "?", "..."):
        return "sentence"
    return "clause" if bare in (",", "-") else ""


def _spoken(text: SpannedText, language: str) -> SpannedText:
    """Numbers in words; pinyin as typed stays, pinyin in brackets replaces the characters before it."""
    built = SpannedBuilder(text)
    at = 0
    for start, end, spelled in _given(text.text):
        _copy_spoken(built, text, at, start, language)
        built.say(f" {spelled} ", start, end)
        at = end
    _copy_spoken(built, text, at, len(text), language)
    return built.build()


def _copy_spoken(
    built: SpannedBuilder, text: SpannedText, start: int, end: int, language: str
) -> None:
    part = text.slice(start, end)
    for region in regions(part.text, language if language in ("zh", "en") else "auto"):
        spoken: Spoken = "zh" if region.language == "zh" else "en"
        built.append(normalise(part.slice(region.start, region.end), spoken))


def _given(text: str) -> list[tuple[int, int, str]]:
    """Places whose sound the writer gave: start, end, and the syllables in the vocabulary's spelling."""
    found: list[tuple[int, int, str]] = []
    for match in _BRACKETED.finditer(text):
        if not pinyin.has_tone(match[2].split()[0]):
            continue
        for count in range(len(match[1]), 0, -1):
            if (syllables := pinyin.syllables(match[2], count)) is not None:
                start = match.end(1) - count
                found.append((start, match.end(), " ".join(map(_spelled, syllables))))
                break
    for match in _PINYIN.finditer(text):
        inside = any(a <= match.start() < b for a, b, _ in found)
        if not inside and (syllable := pinyin.syllable(match[0])) is not None:
            found.append((match.start(), match.end(), _spelled(syllable)))
    return sorted(found)


def _spelled(syllable: str) -> str:
    """``ju2`` as the vocabulary has it: JV2."""
    if syllable[0] in "jqx":
        syllable = re.sub(r"(?<=^.)[uü](?=$|[1-5nea])", "v", syllable)
    return syllable.replace("ü", "v").upper()


def _signs(text: SpannedText) -> SpannedText:
    """The few signs the vocabulary has."""
    built = SpannedBuilder(text)
    at = 0
    while at < len(text):
        long = next((sign for sign in _LONG_SIGNS if text.text.startswith(sign, at)), None)
        if long is not None:
            built.say("...", at, at + len(long))
            at += len(long)
            continue
        sign = _SIGNS.get(text.text[at])
        if sign is None:
            built.copy(at, at + 1)
        else:
            built.say(sign, at, at + 1)
        at += 1
    return built.build()


def _stands_alone(char: str) -> bool:
    code = ord(char)
    return any(low <= code <= high for low, high in _ALONE)


def _words(text: str) -> list[tuple[int, int]]:
    """Blank-separated stretches; Chinese characters are one each."""
    found: list[tuple[int, int]] = []
    start: int | None = None
    for at, char in enumerate(text):
        alone = _stands_alone(char)
        if start is not None and (char.isspace() or alone):
            found.append((start, at))
            start = None
        if alone:
            found.append((at, at + 1))
        elif start is None and not char.isspace():
            start = at
    if start is not None:
        found.append((start, len(text)))
    return found


def has_speech(text: str) -> bool:
    """Whether there is anything to say in ``text``: a letter or a digit."""
    return any(unicodedata.category(char)[0] in "LN" for char in text)


def passages(tokens: Sequence[Token], limit: int = MAX_TOKENS) -> list[list[Token]]:
    """Cut tokens into passages of at most ``limit``, at clause marks where there are any, as long as they may be."""
    clauses: list[list[Token]] = [[]]
    for token in tokens:
        clauses[-1].append(token)
        if token.stop or len(clauses[-1]) == limit:
            clauses.append([])
    merged: list[list[Token]] = []
    for clause in filter(None, clauses):
        if merged and len(merged[-1]) + len(clause) <= limit:
            merged[-1].extend(clause)
        else:
            merged.append(clause)
    return merged
