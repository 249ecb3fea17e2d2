"""Sentences to measure with, written for this project and used for nothing else: no model here was trained on them."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

from ...streaming.segment import Language


@cache
def sentences(language: Language) -> tuple[str, ...]:
    """The sentences of one language: everyday host's talk without digits or names."""
    table = files(__package__) / "data" / "sentences.tsv"
    rows = (line.split("\t") for line in table.read_text(encoding="utf-8").splitlines())
    return tuple(text for tag, text in rows if tag == language)


def utterances(language: Language, count: int) -> tuple[str, ...]:
    """``count`` different utterances: the sentences themselves, then each with the ones further and further on."""
    base = sentences(language)
    found = list(base)
    step = 1
    while len(found) < count:
        found += [base[i] + " " + base[(i + step) % len(base)] for i in range(len(base))]
        step += 1
    return tuple(found[:count])
