"""Japanese to moras: Open JTalk reads the words, this places the sounds on the characters."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import Any

from . import kana
from .reading import Unit, Word
from .spanned import SpannedText

_LONGEST = 200  # characters Open JTalk is given at once: its buffers are fixed
_LOCK = threading.Lock()
_ASCII = str.maketrans({chr(code): chr(code + 0xFEE0) for code in range(0x21, 0x7F)})


def warm() -> None:
    """Load the dictionaries."""
    _analyse("晴れ")


def read(text: SpannedText) -> list[Word]:
    """Words of a stretch of kana and kanji."""
    words: list[Word] = []
    for start in range(0, len(text), _LONGEST):
        words += _read(text.slice(start, start + _LONGEST))
    return words


def sound(text: str) -> str:
    """How ``text`` is said, in hiragana with ー for long vowels."""
    return "".join(mora for node in _placed(text) for mora in node.moras)


def _analyse(text: str) -> list[dict[str, Any]]:
    import pyopenjtalk

    with _LOCK:
        return [dict(node) for node in pyopenjtalk.run_frontend(text)]


def _read(text: SpannedText) -> list[Word]:
    words: list[Word] = []
    for group in _groups(_placed(text.text)):
        start, end = group[0].start, group[-1].end
        sounds = kana.phonemes([mora for node in group for mora in node.moras])
        units: list[Unit] = []
        at = 0
        for node in group:
            units += _units(text, node, sounds[at : at + len(node.moras)])
            at += len(node.moras)
        words.append(Word(text.text[start:end], "ja", tuple(units)))
    return words


@dataclass(frozen=True, slots=True)
class _Node:
    """One word of the analysis: its place in the text and the moras it is said with."""

    start: int
    end: int
    moras: tuple[str, ...]
    leans: bool  # said with the word before: an auxiliary, a て, a counter after its number


def _placed(text: str) -> list[_Node]:
    """The words of ``text``, in order; signs are left out."""
    found: list[_Node] = []
    wide, at = text.translate(_ASCII), 0
    number = False
    for node in _analyse(text):
        surface = str(node["string"])
        sound = kana.hiragana(str(node["pron"]).replace("’", "").replace("'", ""))
        place = wide.find(surface, at, at + len(surface) + 8)
        if place < 0:  # rewritten by the analyser: it shares the place where we are
            place, end = min(at, len(text) - 1), min(at + 1, len(text))
        else:
            at = end = place + len(surface)
        parts = tuple(part for part in kana.moras(sound) if part in kana.SOUNDS or part in "んっー")
        if parts:
            kind, group = node["pos"], node["pos_group1"]
            leans = (
                kind == "助動詞"
                or group == "接続助詞"
                or number
                and (group == "数" or group == "接尾")
            )
            found.append(_Node(place, end, parts, leans))
        number = node["pos_group1"] == "数"
    return found


def _groups(nodes: list[_Node]) -> list[list[_Node]]:
    groups: list[list[_Node]] = []
    for node in nodes:
        if groups and (node.leans or groups[-1][-1].moras[-1] == "っ"):
            groups[-1].append(node)
        else:
            groups.append([node])
    return groups


def _units(text: SpannedText, node: _Node, sounds: list[str]) -> list[Unit]:
    """Kana get their own mora; what is left of the reading belongs to the kanji between."""
    parts = node.moras
    written = kana.moras(kana.hiragana(text.text[node.start : node.end]))
    edges = [node.start]
    for mora in written:
        edges.append(edges[-1] + len(mora))
    head, tail = 0, 0
    room = min(len(parts), len(written))
    while head < room and _same(written[head], parts[head]):
        head += 1
    while tail < room - head and _same(written[-1 - tail], parts[-1 - tail]):
        tail += 1
    units = [_unit(text, edges[i], edges[i + 1], parts[i], sounds[i]) for i in range(head)]
    stop = len(parts) - tail
    if head < stop or head < len(written) - tail:
        left, right = edges[head], edges[len(written) - tail]
        if left == right:
            left, right = (edges[head - 1], edges[head]) if head else (edges[0], edges[1])
        units.append(
            _unit(text, left, right, "".join(parts[head:stop]), "".join(sounds[head:stop]))
        )
    for i in range(tail, 0, -1):
        units.append(_unit(text, edges[-1 - i], edges[len(edges) - i], parts[-i], sounds[-i]))
    return units


def _same(char: str, mora: str) -> bool:
    if char == mora or (char, mora) in {
        ("は", "わ"),
        ("へ", "え"),
        ("を", "お"),
        ("づ", "ず"),
        ("ぢ", "じ"),
    }:
        return True
    return mora == "ー" and char in "あいうえお"


def _unit(text: SpannedText, start: int, end: int, part: str, sound: str) -> Unit:
    first, last = text.span(start, end)
    return Unit(first, last, part, sound)
