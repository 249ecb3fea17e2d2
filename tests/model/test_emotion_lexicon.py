"""Words of emotion are found where they stand, whole and the longest first."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seiyuu.model.emotion.fold import fold
from seiyuu.model.emotion.lexicon import LANGUAGES, Lexicon, find, lexicon, sections
from seiyuu.streaming.emotion import AXES, SYNONYMS

pytestmark = pytest.mark.unit

SMALL = Lexicon(
    """
# a comment
[joy @0.9]
glad,laugh*,笑
[anger 0.5 contempt 0.4]
冷笑
[degree 1.2]
glad
[not >]
not
[skip]
笑话
"""
)


def found(text: str, words: Lexicon) -> list[str]:
    """The pieces of the text that are entries."""
    folded = fold(text)
    hits = find(folded, dict.fromkeys(LANGUAGES, words))
    return [folded.text[hit.start : hit.end] for hit in hits]


def test_an_entry_collects_what_its_sections_say() -> None:
    """One word may be an emotion of some strength and a degree at once."""
    glad = SMALL.meanings["glad"]
    assert (glad.strength, glad.degree) == (0.9, 1.2)
    assert glad.vector is not None
    assert glad.vector[AXES.index("joy")] == 1.0


def test_weights_of_a_mixed_section_are_kept() -> None:
    """A section of two axes gives each its weight."""
    vector = SMALL.meanings["冷笑"].vector
    assert vector is not None
    assert (vector[AXES.index("anger")], vector[AXES.index("contempt")]) == (0.5, 0.4)


def test_the_longest_entry_wins() -> None:
    """A longer entry hides the shorter one inside, also one that means nothing."""
    assert found("冷笑着讲笑话,笑", SMALL) == ["冷笑", "笑话", "笑"]
    assert SMALL.meanings["笑话"].vector is None


def test_latin_words_are_whole_unless_starred() -> None:
    """ "glad" is not in "gladiator", and a starred entry swallows its ending."""
    assert found("gladiator laughing, not", SMALL) == ["laughing", "not"]


def test_a_degree_word_is_still_the_emotion_its_stem_names() -> None:
    """ "gently" is a degree and, through ``gentl*``, tenderness."""
    words = Lexicon("[tenderness]\ngentl*\n[degree 0.6]\ngently\n[skip]\ngentleman\n")
    assert words.meanings["gently"].vector == words.meanings["gentl"].vector
    assert words.meanings["gentleman"].vector is None


def test_sections_join_wrapped_lines() -> None:
    """Entries run over lines until the next head."""
    assert list(sections("[a]\nx,y,\nz\n[b]\n[c]\nw\n")) == [("a", ["x", "y", "z"]), ("c", ["w"])]


@pytest.mark.parametrize("language", ["zh", "en", "ja", "ko"])
def test_each_language_has_hundreds_of_words_an_axis(language: str) -> None:
    """The shipped lexicon is broad on every axis."""
    counts = dict.fromkeys(AXES, 0)
    for meaning in lexicon(language).meanings.values():
        if meaning.vector:
            counts[AXES[meaning.vector.index(max(meaning.vector))]] += 1
    assert min(counts.values()) >= 200


def test_vectors_hold_evidence_of_at_most_one() -> None:
    """No entry claims more than the whole."""
    for language in LANGUAGES:
        for key, meaning in lexicon(language).meanings.items():
            if meaning.vector:
                assert 0 < sum(meaning.vector) <= 1.0 + 1e-9, key


@pytest.mark.parametrize("axis", [axis for axis in AXES if axis != "neutral"])
def test_the_names_of_the_wire_are_known(axis: str) -> None:
    """Nearly every single name accepted on the wire is also read inside a description."""
    missed = [
        word
        for word in SYNONYMS[axis].split()
        if not any(h.meaning.vector for h in find(fold(word)))
    ]
    assert len(missed) <= 1, missed


@given(st.text(alphabet="生气不开心 angry怒うれし슬프지않게,!", max_size=60))
def test_hits_stand_in_order_without_overlap(text: str) -> None:
    """Whatever the text, hits are ordered spans of it."""
    folded = fold(text)
    end = 0
    for hit in find(folded):
        assert end <= hit.start < hit.end <= len(folded.text)
        end = hit.end
