"""What the lexicon's words say together: which emotions are meant, which denied, how strongly and how fast."""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from ...streaming.emotion import AXES
from .fold import Folded
from .lexicon import Hit

_BREAK = re.compile(r"[,.;:!?。、…/·・|()\[\]「」『』“”\"]")
_FORWARD = 28
"""Letters a negation before its word reaches in a Latin text; a Chinese one reaches a third as far."""
_FORWARD_HAN = 9
_BACKWARD = 12
_GOVERNING = frozenset({"not >", "not <", "pretend"})
_TURNED = 0.45
"""What stays of an emotion once a "but" follows: "smiling, but about to cry" is sad."""
_PRETENDED = 0.3
_SPOKEN_OF_PACE = 6
_PARALLEL = re.compile(unicodedata.normalize("NFD", ".{0,2}(も|지도|도|や|と|와|과|거나)$"))
# "not happy" is more than "not about joy"; the other denials only take the axis away
_DENIED_JOY = {"sadness": 0.45, "anger": 0.25, "neutral": 0.3}


@dataclass(frozen=True, slots=True)
class Cues:
    """``meant`` and ``denied`` over the axes hold weights of evidence (0 and up), not proportions.

    ``intensity`` 0…1 and ``pace`` (1 natural, more is faster) are what the words imply; ``denied_spans`` are
    stretches of the folded text under a negation.
    """

    meant: tuple[float, ...]
    denied: tuple[float, ...]
    intensity: float
    pace: float
    denied_spans: tuple[tuple[int, int], ...]

    @property
    def evidence(self) -> float:
        """Weight of all that is meant."""
        return sum(self.meant)

    @property
    def vector(self) -> tuple[float, ...]:
        """The proportions by the words alone: sums to 1; neutral where nothing is meant."""
        weights = list(self.meant)
        if not self.evidence:
            joyless = self.denied[AXES.index("joy")] == sum(self.denied) > 0
            leaning = _DENIED_JOY if joyless else {"neutral": 1.0}
            weights = [leaning.get(axis, 0.0) for axis in AXES]
        total = sum(weights)
        return tuple(x / total for x in weights)


def _clauses(folded: Folded, hits: Sequence[Hit]) -> list[int]:
    """The clause number of each hit; punctuation and a "but" begin a new clause."""
    marks = [m.start() for m in _BREAK.finditer(folded.text)]
    inside = {i for hit in hits for i in range(hit.start, hit.end)}
    marks = [m for m in marks if m not in inside]
    marks = sorted([*marks, *(h.start for h in hits if h.meaning.role == "but")])
    return [bisect_right(marks, hit.start) for hit in hits]


def _reach(folded: Folded, hit: Hit) -> int:
    """Where a negation that stands before what it denies loses its force."""
    latin = "a" <= folded.text[hit.end - 1] <= "z"
    end = hit.end + (_FORWARD if latin else _FORWARD_HAN)
    if not latin:
        # 不是生气是难过: the second 是 affirms again
        affirmed = re.search("[是而]", folded.text[hit.end : end])
        end = hit.end + affirmed.start() if affirmed else end
    return end


def _scope(folded: Folded, hits: Sequence[Hit], clauses: Sequence[int], at: int) -> list[int]:
    """Indices of the emotion hits that the negation or pretence at ``at`` governs."""
    hit = hits[at]
    if hit.meaning.role not in _GOVERNING:
        return []
    near = range(max(0, at - _BACKWARD), min(len(hits), at + _FORWARD + 1))
    same = [i for i in near if clauses[i] == clauses[at] and hits[i].meaning.vector]
    reach = _reach(folded, hit)
    after = [i for i in same if i > at and hits[i].start <= reach]
    before = [i for i in same if i < at and hit.start - hits[i].end <= _BACKWARD][-1:]
    match hit.meaning.role:
        case "not >":
            return after
        case "not <":
            return _joined(folded, hits, before)
    return after or before


def _joined(folded: Folded, hits: Sequence[Hit], denied: list[int]) -> list[int]:
    """The denied hit with those before it on the same string: 嬉しくも悲しくもない, 기쁘지도 슬프지도 않은."""
    while denied and denied[0] > 0:
        before, first = hits[denied[0] - 1], hits[denied[0]]
        if before.meaning.vector is None or not _PARALLEL.match(
            folded.text[before.end : first.start]
        ):
            break
        denied = [denied[0] - 1, *denied]
    return denied


def _weights(
    folded: Folded, hits: Sequence[Hit], clauses: Sequence[int]
) -> tuple[list[float], set[int], list[tuple[int, int]]]:
    """Weight of each hit, which are denied, and the stretches of text denied."""
    weight = [1.0] * len(hits)
    denied: set[int] = set()
    spans = []
    for at, hit in enumerate(hits):
        governed = _scope(folded, hits, clauses, at)
        if hit.meaning.role.startswith("not"):
            denied.update(governed)
            if hit.meaning.role == "not >":
                spans.append((hit.end, _reach(folded, hit)))
            elif governed:
                spans.append((hits[governed[0]].start, hit.start))
        for i in governed:
            weight[i] *= _PRETENDED if hit.meaning.role == "pretend" else 1.0
    turns = [i for i, h in enumerate(hits) if h.meaning.role == "but"]
    for turn in turns:
        said_after = any(
            h.meaning.vector and i > turn and i not in denied for i, h in enumerate(hits)
        )
        for i in range(turn if said_after else 0):
            weight[i] *= _TURNED
    return weight, denied, spans


def _intensity(hits: Sequence[Hit], weight: Sequence[float], meant: Sequence[int]) -> float:
    """Mean strength of what is meant, turned by the degree words that do not speak of the pace."""
    total = sum(weight[i] for i in meant)
    strength = sum(weight[i] * hits[i].meaning.strength for i in meant) / total if total else 0.6
    factor = 1.0
    for i, hit in enumerate(hits):
        following = hits[i + 1] if i + 1 < len(hits) else None
        if hit.meaning.degree is None or (following and _is_pace_only(hit, following)):
            continue
        factor *= hit.meaning.degree
    return min(1.0, max(0.15, strength * min(1.5, max(0.5, factor))))


def _is_pace_only(hit: Hit, following: Hit) -> bool:
    meaning = following.meaning
    near = following.start - hit.end <= _SPOKEN_OF_PACE
    return near and meaning.pace is not None and meaning.vector is None


def _pace(hits: Sequence[Hit], denied: set[int]) -> float:
    """The rate asked for: explicit words count over those that an emotion implies."""
    rates = [
        hit.meaning.pace
        for i, hit in enumerate(hits)
        if hit.meaning.pace is not None and i not in denied
    ]
    loud = [r for r in rates if abs(r - 1) > 0.15] or rates
    pace = sum(loud) / len(loud) if loud else 1.0
    for hit, following in zip(hits, hits[1:], strict=False):
        if hit.meaning.degree is not None and _is_pace_only(hit, following):
            pace = 1 + (pace - 1) * hit.meaning.degree
        if hit.meaning.role == "not >" and _is_pace_only(hit, following):
            pace = 1 - (pace - 1) / 2
    return min(1.5, max(0.6, pace))


def weigh(folded: Folded, hits: Sequence[Hit]) -> Cues:
    """Weigh the hits of one description against each other."""
    clauses = _clauses(folded, hits)
    weight, denied, spans = _weights(folded, hits, clauses)
    meant_axes, denied_axes = [0.0] * len(AXES), [0.0] * len(AXES)
    meant = []
    for i, hit in enumerate(hits):
        if hit.meaning.vector is None:
            continue
        target = denied_axes if i in denied else meant_axes
        if i not in denied:
            meant.append(i)
        for axis, share in enumerate(hit.meaning.vector):
            target[axis] += share * weight[i]
    return Cues(
        tuple(meant_axes),
        tuple(denied_axes),
        _intensity(hits, weight, meant),
        _pace(hits, denied),
        tuple(spans),
    )
