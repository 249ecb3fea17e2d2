"""Raw text made readable: composed, half-width, free of marks that have no sound; places are kept."""

from __future__ import annotations

import re
import unicodedata

from .spanned import SpannedText

# Marks after a base character that can change how it is read; the rest of a zalgo tower is noise.
_MAX_MARKS = 4
_PLAIN = re.compile(
    r"[\n !-~\u3001-\u3015\u3041-\u3096\u30a1-\u30fc\u4e00-\u9fff\uac00-\ud7a3，。！？：；（）]*"
)
_MARK_CATEGORIES = frozenset({"Mn", "Me", "Mc"})
_SILENT_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Co", "Cn"})
_SPACES = frozenset({"Zs", "Zl", "Zp"})


def clean(text: str) -> SpannedText:
    """The text without control characters, bidi marks, lone surrogates and piled-up accents.

    Full-width letters and digits become half-width, half-width kana full-width, decomposed hangul and accented
    letters composed; any white space but a line end becomes a space. Linear in the length of ``text``.
    """
    if _PLAIN.fullmatch(text):
        return SpannedText.whole(text)
    parts: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    for start, end in _clusters(text):
        sound = _readable(text[start : min(end, start + 1 + _MAX_MARKS)])
        parts.append(sound)
        starts.extend([start] * len(sound))
        ends.extend([end] * len(sound))
    return SpannedText("".join(parts), starts, ends)


def _clusters(text: str) -> list[tuple[int, int]]:
    """Base characters with the marks, half-width sound signs or hangul jamo that belong to them."""
    found: list[tuple[int, int]] = []
    for index, char in enumerate(text):
        if found and _joins(char, text[found[-1][0]], index - found[-1][0]):
            found[-1] = (found[-1][0], index + 1)
        else:
            found.append((index, index + 1))
    return found


def _joins(char: str, base: str, distance: int) -> bool:
    if char < "\u0300":
        return False
    if char in "ﾞﾟ":
        return "ｦ" <= base <= "ﾝ" and distance == 1
    if "\u1160" <= char <= "\u11ff":
        return "\u1100" <= base <= "\u115f" and distance <= 2
    return unicodedata.category(char) in _MARK_CATEGORIES and not base.isspace()


def _readable(cluster: str) -> str:
    base = cluster[0]
    if base in "\n\r\u0085\u2028\u2029":
        return "\n"
    if base == "\t":
        return " "
    category = unicodedata.category(base)
    if category in _SPACES:
        return " "
    if category in _SILENT_CATEGORIES or category in _MARK_CATEGORIES:
        return ""
    if "\ufe0f" in cluster or "\u20e3" in cluster:  # an emoji's variant sign, a keycap
        cluster = cluster.replace("\ufe0f", "").replace("\u20e3", "")
    if _keeps_form(base):
        return unicodedata.normalize("NFC", cluster)[:2]
    return _composed(cluster)


def _keeps_form(base: str) -> bool:
    """Compatibility forms whose plain form would lose what is to be said (½, ², ℃, ①, ㎏, …)."""
    return not (
        "\uff01" <= base <= "\uffee" or "\u1100" <= base <= "\u11ff" or base < "\u0250"
    ) or (base in "½¼¾²³¹°ªº")


def _composed(cluster: str) -> str:
    """NFKC of the cluster; of marks that do not compose, none is kept."""
    composed = unicodedata.normalize("NFKC", cluster)
    return "".join(char for char in composed if unicodedata.category(char) not in _MARK_CATEGORIES)
