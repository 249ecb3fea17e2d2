"""Emoji and faces drawn with letters: taken out, or called by their names."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from importlib import resources

from .languages import Spoken
from .markup import Cut, Marked

_EMOJI = r"\U0001F000-\U0001FBFF\u2600-\u27bf\u2b00-\u2bff\u231a-\u23ff\u25a0-\u25ff\u203c\u2049\u2139\u3030\u303d\u3297\u3299\U000E0000-\U000E007F"
_MODIFIERS = "\U0001f3fb-\U0001f3ff\u2640\u2642\u2695"
_STRONG = re.compile(
    r"[\^_≧≦´`°□ω∀▽Дд益ಠ•ᴗ◕‿╥﹏∩・ᵕ⌒︶︿ㅂㅅㅁ˘ฅ๑ᗜ⊙><;ಥ꒳∇△▼◔≖ಡ☉◉Θ⊙ε☆★╹˃˂ᵒ̴╬Ծ◡∵∴¬⇀↼ⱺ₀₃￣¯‾]"
)
_WORDY = re.compile(
    r"[A-Za-z]{3}|[A-Za-z]{2}(?=\s)|[0-9]|[\u4e00-\u76c9\u76cb-\u9fff]{1}[\u4e00-\u9fff]|[가-힣]{2}|[\u3041-\u3096]{2}"
)
_ARM_LEFT = r"[oOヽ╮╭٩୧ᕙ凸~ヾ\\ψσლ¯づっ*☆★♪ᕦ┬─┻━┌┐ε(]{0,4}"
_ARM_RIGHT = r"(?:[oOノ/\\╯╭╮۶୨ᕗ︵彡っづ╧┻━┳┬─~♪☆★✧*ゞσ凸و┌┐┘3ｂbง─ᕤ)]|\s(?=[┻┳╧┬︵])){0,10}"
_BRACKETED = rf"{_ARM_LEFT}\((?P<face>[^()\n]{{1,24}})\){_ARM_RIGHT}"
_EDGE = r"(?![A-Za-z0-9])"
_BARE = (
    rf"m\(_\s?_\)m|\S?\\_\(ツ\)_/\S?|\^[_\-.oO]?\^[;\"]?|\^{{2,8}}|>[_.]?<(?!\w)|(?<![A-Za-z])T[_^.A]T{_EDGE}|(?<![A-Za-z])Q[AwWaVvu]Q{_EDGE}|"
    rf"(?<![A-Za-z0-9])(?:[oO0][wWvV_.ω][oO0]|[uU][wW][uU]|[oO]rz|OTZ){_EDGE}|=[wv.ω]=|-_-[|#b]{{0,4}}|"
    rf"(?<![A-Za-z0-9:;])[:;=]['^\-]?[)\]DPp3]{{1,5}}{_EDGE}|(?<![A-Za-z0-9:;])[:;=]['^\-]?[(\[/\\|oO*]{{1,5}}(?=$|[\s,.!?。，！？~])|"
    rf"(?<![A-Za-z])[xX]D{{1,5}}{_EDGE}|</?3{{1,5}}{_EDGE}|(?<![\w])(?:ㅠ|ㅜ){{2,40}}"
)
_SIGN = re.compile(rf"(?P<emoji>[{_EMOJI}][{_EMOJI}\s]{{0,60}}(?<!\s))|{_BRACKETED}|{_BARE}")
_HINT = re.compile(rf"[{_EMOJI}(^<>=:;_]|[TQ].[TQ]|[oOuU0][wWvV_.ω]|[xX]D|[oO]rz|OTZ|[ㅠㅜ]")


def take_out(marked: Marked, emoji: str, language: Spoken) -> None:
    """Drop faces from ``marked.text``; put names of ``language`` in the place of emoji where ``emoji`` is "name"."""
    if _HINT.search(marked.text.text):
        marked.replace(_cuts(marked.text.text, emoji, language))


def _cuts(text: str, emoji: str, language: Spoken) -> Iterator[Cut]:
    for sign in _SIGN.finditer(text):
        if sign["face"] is not None and not _is_face(sign["face"]):
            continue
        said = _named(sign["emoji"], language) if sign["emoji"] and emoji == "name" else ""
        yield Cut(sign.start(), sign.end(), said, sign.end())


def _is_face(inside: str) -> bool:
    return len(_STRONG.findall(inside)) >= 2 and not _WORDY.search(inside)


def _named(run: str, language: Spoken) -> str:
    names: list[str] = []
    for char in run:
        name = _name(char, language)
        if name and name not in names[-1:]:
            names.append(name)
    separator = " " if language in ("en", "ko") else "、" if language == "ja" else "，"
    return " " + separator.join(names) + " " if names else ""


@lru_cache(maxsize=2048)
def _name(char: str, language: Spoken) -> str:
    if re.match(f"[{_MODIFIERS}]", char):
        return ""
    row = _names().get(char)
    if row is not None:
        return row[("zh", "en", "ja", "ko").index(language)]
    return unicodedata.name(char, "").lower() if language == "en" else ""


@lru_cache(maxsize=1)
def _names() -> dict[str, list[str]]:
    text = (resources.files(__package__) / "data" / "emoji.tsv").read_text("utf-8")
    rows = (line.split("\t") for line in text.splitlines() if line)
    return {row[0]: row[1:] for row in rows}
