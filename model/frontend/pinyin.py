"""Pinyin as people type it, and the sound of a syllable in the acoustic model's phonemes.

The phoneme conventions (one affricate letter, tone arrows after the nucleus, the apical vowel ɨ) are those the
acoustic model was trained on; the phonology follows Duanmu, *The Phonology of Standard Chinese* (2007).
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

_INITIALS = {
    "b": "p", "p": "pʰ", "m": "m", "f": "f", "d": "t", "t": "tʰ", "n": "n", "l": "l",
    "g": "k", "k": "kʰ", "h": "x", "j": "ʨ", "q": "ʨʰ", "x": "ɕ",
    "zh": "ꭧ", "ch": "ꭧʰ", "sh": "ʂ", "r": "ɻ", "z": "ʦ", "c": "ʦʰ", "s": "s", "": "",
}  # fmt: skip

# "0" is where the tone arrow goes.
_FINALS = {
    "a": "a0", "ai": "ai0", "an": "a0n", "ang": "a0ŋ", "ao": "au0", "e": "ɤ0", "ei": "ei0", "en": "ə0n",
    "eng": "ə0ŋ", "er": "ɚ0", "o": "wo0", "ong": "ʊ0ŋ", "ou": "ou0",
    "i": "i0", "ia": "ja0", "ian": "jɛ0n", "iang": "ja0ŋ", "iao": "jau0", "ie": "je0", "in": "i0n", "ing": "i0ŋ",
    "iong": "jʊ0ŋ", "iu": "jou0", "u": "u0", "ua": "wa0", "uai": "wai0", "uan": "wa0n", "uang": "wa0ŋ",
    "ueng": "wə0ŋ", "ui": "wei0", "un": "wə0n", "uo": "wo0", "ü": "y0", "üan": "ɥɛ0n", "üe": "ɥe0", "ün": "y0n",
}  # fmt: skip

# Syllables without an initial are spelled with y and w.
_ZERO = {
    "yi": "i", "ya": "ia", "yan": "ian", "yang": "iang", "yao": "iao", "ye": "ie", "yin": "in", "ying": "ing",
    "yong": "iong", "you": "iu", "wu": "u", "wa": "ua", "wai": "uai", "wan": "uan", "wang": "uang", "weng": "ueng",
    "wei": "ui", "wen": "un", "wo": "uo", "yu": "ü", "yuan": "üan", "yue": "üe", "yun": "ün",
}  # fmt: skip

_SPECIAL = {
    "o": "ɔ0", "yo": "jɔ0", "lo": "lwo0", "ê": "ɛ0", "m": "m0", "n": "n0", "ng": "ŋ0", "hm": "hm0", "hng": "hŋ0",
    "r": "ɚ0", "yai": "jai0", "lüan": "lɥɛ0n", "lün": "ly0n", "eh": "ɛ0",
}  # fmt: skip

# Which finals each initial takes: the syllables of Standard Chinese, with those of dialect words in common use.
_TABLE = {
    "b": "a ai an ang ao ei en eng i ian iang iao ie in ing o u",
    "p": "a ai an ang ao ei en eng i ian iao ie in ing o ou u",
    "m": "a ai an ang ao e ei en eng i ian iao ie in ing iu o ou u",
    "f": "a an ang ei en eng iao o ou u",
    "d": "a ai an ang ao e ei en eng i ia ian iao ie ing iu ong ou u uan ui un uo",
    "t": "a ai an ang ao e ei eng i ian iao ie ing ong ou u uan ui un uo",
    "n": "a ai an ang ao e ei en eng i ian iang iao ie in ing iu ong ou u uan un uo ü üe",
    "l": "a ai an ang ao e ei eng i ia ian iang iao ie in ing iu ong ou u uan un uo ü üe",
    "g": "a ai an ang ao e ei en eng ong ou u ua uai uan uang ui un uo",
    "k": "a ai an ang ao e ei en eng ong ou u ua uai uan uang ui un uo",
    "h": "a ai an ang ao e ei en eng ong ou u ua uai uan uang ui un uo",
    "j": "i ia ian iang iao ie in ing iong iu ü üan üe ün",
    "q": "i ia ian iang iao ie in ing iong iu ü üan üe ün",
    "x": "i ia ian iang iao ie in ing iong iu ü üan üe ün",
    "zh": "a ai an ang ao e ei en eng i ong ou u ua uai uan uang ui un uo",
    "ch": "a ai an ang ao e en eng i ong ou u ua uai uan uang ui un uo",
    "sh": "a ai an ang ao e ei en eng i ou u ua uai uan uang ui un uo",
    "r": "an ang ao e en eng i ong ou u ua uan ui un uo",
    "z": "a ai an ang ao e ei en eng i ong ou u uan ui un uo",
    "c": "a ai an ang ao e en eng i ong ou u uan ui un uo",
    "s": "a ai an ang ao e en eng i ong ou u uan ui un uo",
    "": "a ai an ang ao e ei en eng er o ou",
}
_ARROWS = {"1": "→", "2": "↗", "3": "↓", "4": "↘", "5": ""}
_TONE_MARKS = {"\u0304": "1", "\u0301": "2", "\u030c": "3", "\u0306": "3", "\u0300": "4"}
MARKED = "āáǎàēéěèīíǐìōóǒòūúǔùǖǘǚǜêńňǹḿăĕĭŏŭ"
_LETTERS = re.compile(r"[a-zA-ZüÜ" + MARKED + MARKED.upper() + r"]")


def _build() -> dict[str, str]:
    sounds: dict[str, str] = {}
    for initial, finals in _TABLE.items():
        for final in finals.split():
            spelled = final.replace("ü", "u") if initial in ("j", "q", "x") else final
            sound = _FINALS[final]
            if final == "i" and initial in ("zh", "ch", "sh", "r", "z", "c", "s"):
                sound = "ɨ0"
            sounds[initial + spelled] = _INITIALS[initial] + sound
    for spelled, final in _ZERO.items():
        sounds[spelled] = _FINALS[final]
    return sounds | _SPECIAL


SOUNDS = _build()
SYLLABLES = frozenset(SOUNDS)


def phonemes(syllable: str) -> str:
    """Phonemes of ``chong2``; the empty string for what is no syllable."""
    sound = SOUNDS.get(syllable[:-1])
    return "" if sound is None else sound.replace("0", _ARROWS.get(syllable[-1], ""))


def rhotacised(syllable: str) -> str:
    """Phonemes of a syllable before an erhua 儿: a final n or the glide i is lost (Duanmu 2007, ch. 9)."""
    sound = SOUNDS.get(syllable[:-1], "")
    if sound.endswith("n"):
        sound = sound[:-1].replace("jɛ0", "ja0").replace("ɥɛ0", "ɥa0")
    elif sound.endswith(("ai0", "ei0")):
        sound = sound.replace("ai0", "a0").replace("ei0", "ə0")
    return sound.replace("0", _ARROWS.get(syllable[-1], ""))


@lru_cache(maxsize=4096)
def syllable(written: str) -> str | None:
    """``xíng``, ``xing2``, ``XING2``, ``lv4``, ``lu:4``, ``nǚ`` as ``xing2`` …; None when there is no such one.

    Without a mark or a digit the tone is neutral (5; a digit 0 is the same).
    """
    plain, tone = [], ""
    text = unicodedata.normalize("NFD", written.strip().lower())
    if text[-1:] in "012345" and text[-1:]:
        tone, text = text[-1].replace("0", "5"), text[:-1]
    for char in text:
        if char in _TONE_MARKS:
            if tone:
                return None
            tone = _TONE_MARKS[char]
        else:
            plain.append(char)
    body = unicodedata.normalize("NFC", "".join(plain)).replace("u:", "ü").replace("v", "ü")
    if body[:1] in ("j", "q", "x", "y") and "ü" in body:
        body = body.replace("ü", "u")
    return body + (tone or "5") if body in SYLLABLES else None


def has_tone(written: str) -> bool:
    """Whether a tone is written, by a mark or by a digit."""
    return written[-1:].isdigit() or any(
        c in _TONE_MARKS for c in unicodedata.normalize("NFD", written)
    )


def syllables(written: str, count: int) -> list[str] | None:
    """Exactly ``count`` syllables of ``tà qīng``, ``ta4qing1``, ``tàqīng``, ``xi'an``; None when impossible."""
    parts = [part for part in re.split(r"[\s'’·,\-]+", written.strip()) if part]
    if not parts or len(parts) > count or len(written) > 8 * count + 8:
        return None
    found: list[str] = []
    for index, part in enumerate(parts):
        rest = len(parts) - index - 1
        cut = _cut(part, count - len(found) - rest) if rest == 0 else _cut_any(part, count)
        if cut is None:
            return None
        found += cut
    return found if len(found) == count else None


def _cut_any(part: str, limit: int) -> list[str] | None:
    return next((cut for n in range(1, limit + 1) if (cut := _cut(part, n)) is not None), None)


def _cut(part: str, count: int) -> list[str] | None:
    """``part`` as exactly ``count`` syllables, each as long as it can be."""
    if count == 1:
        whole = syllable(part)
        return None if whole is None else [whole]
    if count < 1:
        return None
    for size in range(min(7, len(part) - 1), 0, -1):
        head = syllable(part[:size])
        if head is not None and not part[size].isdigit():
            tail = _cut(part[size:], count - 1)
            if tail is not None:
                return [head, *tail]
    return None
