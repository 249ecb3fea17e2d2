"""Addresses of the net and of mail: which parts are said, and the words for the signs between them."""

from __future__ import annotations

import re
from collections.abc import Mapping

from .rewriting import Rule, rule

_TLD = (
    "com|cn|net|org|io|tv|jp|kr|me|dev|ai|app|gov|edu|co|xyz|top|info|live|gg|be|ly|uk|us|de|fr|eu|cc|fm|moe|wiki|site|"
    "online|shop|club|tech|art|blog"
)
_HOST = rf"(?:[A-Za-z0-9\-]{{1,63}}\.){{1,6}}(?:{_TLD})(?![A-Za-z0-9\-])"
_PATH = r"(?::\d{1,5})?(?:/[A-Za-z0-9_\-.~%+@/]{0,200}[A-Za-z0-9/])?(?:[?#][A-Za-z0-9_\-.~%+&=/]{0,300})?"
_MAIL = rf"[A-Za-z0-9][A-Za-z0-9._+\-]{{0,63}}@{_HOST}"
_PIECE = re.compile(r"[A-Za-z]+|\d+|[./@_\-:+]")


def rules(signs: Mapping[str, str], digits: Mapping[str, str], *, www: bool = False) -> list[Rule]:
    """The rules of one language: ``signs`` gives the word for ``.``, ``/``, ``@`` …, ``digits`` for each digit.

    The scheme, a query and (unless ``www``) the leading "www." are not said: nobody does.
    """

    def address(match: re.Match[str]) -> str:
        text = re.sub(r"^[a-z]{2,8}://", "", match.group(), flags=re.I)
        text = re.split(r"[?#]", text)[0].rstrip("/")
        spelled = www and text.lower().startswith("www.")
        text = re.sub(r"^www\.", "", text, flags=re.I)
        said = [_piece(piece, signs, digits) for piece in _PIECE.findall(text)]
        if spelled:
            said.insert(0, f"w w w{signs['.']}")
        return " " + "".join(said).strip() + " "

    return [
        rule(rf"(?<![A-Za-z0-9._]){_MAIL}", address),
        rule(
            rf"(?<![A-Za-z0-9@])(?:https?|ftp)://(?:{_HOST}|[A-Za-z0-9.\-]{{1,80}}){_PATH}",
            address,
            re.I,
        ),
        rule(
            rf"(?<![A-Za-z0-9@._])(?=[A-Za-z0-9][A-Za-z0-9\-.]{{0,250}}[A-Za-z]){_HOST}{_PATH}",
            address,
            re.I,
        ),
    ]


def _piece(piece: str, signs: Mapping[str, str], digits: Mapping[str, str]) -> str:
    if piece.isdigit():
        return "".join(digits[digit] for digit in piece)
    return signs.get(piece, " ") if not piece.isalpha() else piece
