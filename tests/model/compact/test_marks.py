"""Marks: characters share out what is said for them, words and sounds stand where their tokens do."""

import numpy as np
import pytest

from seiyuu.model.compact.clause import Clause
from seiyuu.model.compact.marks import cues_of, decide_until, marks_between
from seiyuu.model.frontend import Unit, Word

pytestmark = pytest.mark.unit


def clause_of(words: list[Word | None]) -> Clause:
    """A clause of words; None is a blank between two."""
    symbols, units, owners = [""], [None], [None]  # type: ignore[var-annotated]
    for word in words:
        if word is None:
            symbols.append(" ")
            units.append(None)
            owners.append(None)
            continue
        for unit in word.units:
            symbols += unit.phonemes
            units += [unit] * len(unit.phonemes)
            owners += [word] * len(unit.phonemes)
    symbols, units, owners = [*symbols, ""], [*units, None], [*owners, None]
    n = len(symbols)
    empty = np.zeros(0, np.float32)
    return Clause(
        tuple(symbols),
        tuple(units),
        tuple(owners),
        np.full(n, 4),
        np.zeros((512, n), np.float32),
        np.zeros((n, 640), np.float32),
        empty,
        empty,
        empty,
        10,
    )


def test_syllables_of_one_number_share_its_characters() -> None:
    """ "12" said in three syllables: each of its two characters gets half of the time."""
    units = tuple(Unit(0, 2, r, p) for r, p in (("shi2", "ab"), ("er4", "cd"), ("x", "ef")))
    clause = clause_of([Word("12", "zh", units)])
    starts = [100 * k for k in range(len(clause.symbols) + 1)]
    marks = [c.mark(starts) for c in cues_of(clause, "12") if c.kind == "char"]
    assert [(m.text, m.char_start, m.start, m.end) for m in marks] == [
        ("1", 10, 100, 400),
        ("2", 11, 400, 700),
    ]


def test_a_word_of_letters_shares_its_time_among_them() -> None:
    """A Latin word is one unit; its letters follow each other evenly."""
    clause = clause_of([Word("abcd", "en", (Unit(0, 4, "abcd", "xy"),))])
    starts = [100 * k for k in range(5)]
    marks = [c.mark(starts) for c in cues_of(clause, "abcd") if c.kind == "char"]
    assert [m.start for m in marks] == [100, 150, 200, 250]
    (word,) = [c.mark(starts) for c in cues_of(clause, "abcd") if c.kind == "word"]
    assert (word.text, word.start, word.end) == ("abcd", 100, 300)


def test_a_sound_takes_its_modifiers_along() -> None:
    """Stress stands before its sound, length behind it: one phoneme and one viseme for all three."""
    clause = clause_of([Word("a", "en", (Unit(0, 1, "a", "ˈaː"),))])
    sounds = [c for c in cues_of(clause, "a") if c.kind in {"phoneme", "viseme"}]
    assert [(c.kind, c.text, c.first, c.last) for c in sounds] == [
        ("phoneme", "ˈaː", 1, 4),
        ("viseme", "ˈaː", 1, 4),
    ]
    assert sounds[1].viseme == "aa"


def test_punctuation_is_silent() -> None:
    """A comma gives no mark of any kind."""
    clause = clause_of([Word(",", "en", (Unit(0, 1, ",", ","),), "punctuation")])
    assert cues_of(clause, ",") == ()


def test_windows_give_every_mark_once_and_in_order() -> None:
    """Cut anywhere, windows together give the marks of the whole, each when all its tokens are decided."""
    words = [Word(c, "zh", (Unit(i, i + 1, c, "ab"),)) for i, c in enumerate("一二三四")]
    clause = clause_of(list(words))
    cues = cues_of(clause, "一二三四")
    starts = [100 * k for k in range(len(clause.symbols) + 1)]
    whole = marks_between(cues, starts, 0, 10_000)
    for cut in range(0, 1000, 37):
        parts = marks_between(cues, starts, 0, cut) + marks_between(cues, starts, cut, 10_000)
        assert sorted(parts, key=lambda m: m.start) == whole
    assert decide_until(cues, 3) == 5
    assert marks_between(cues, starts[:4], 0, 10_000)[-1].char_start == 10
