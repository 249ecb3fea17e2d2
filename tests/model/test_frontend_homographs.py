"""English words of one spelling and several readings: the words around them decide."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seiyuu.model.frontend import homographs
from seiyuu.model.frontend.english import lookup, pronounce

pytestmark = pytest.mark.unit

TAGS = {"DEFAULT", "VERB", "NOUN", "ADJ", "VBD", "VBN", *(tag for _, tag in homographs.EXTRA)}
WORDS = ["i", "the", "to", "have", "yesterday", "it", "read", "live", "lead", "tear", "close", "bow", "used"]  # fmt: skip


@given(st.lists(st.sampled_from(WORDS), min_size=1, max_size=8))
def test_any_words_in_any_order_are_read(words: list[str]) -> None:
    """Every word gets a tag the dictionary knows, and sounds."""
    assert {homographs.tag_of(words, index) for index in range(len(words))} <= TAGS
    assert all(pronounce(words))


@pytest.mark.parametrize(
    ("said", "word", "tag"),
    [
        ("i read it yesterday", "read", "VBD"),
        ("i read it every day", "read", "VERB"),
        ("she read it", "read", "VBD"),
        ("has she read it", "read", "VBN"),
        ("did she read it", "read", "VERB"),
        ("a huge increase", "increase", "NOUN"),
        ("let me present her", "present", "VERB"),
        ("she used to sing", "used", "VBD"),
        ("it is used to cut wood", "used", "DEFAULT"),
    ],
)
def test_what_decides(said: str, word: str, tag: str) -> None:
    """Time, number, helping verbs and articles, across adverbs and in questions."""
    words = said.split()
    assert homographs.tag_of(words, words.index(word)) == tag


def test_capitals_and_curly_apostrophes_do_not_matter() -> None:
    """The dictionary is asked as the word is written, the rules see small letters."""
    assert pronounce(["I’ve", "read", "IT"])[1] == pronounce(["i've", "read", "it"])[1] == "ɹˈɛd"


def test_names_of_the_hosts_world_are_listed() -> None:
    """Names come before the dictionary, with their inflections and in any capitals."""
    assert lookup("Genshin") == lookup("GenShin".lower()) == "ɡˈɛnʃɪn"
    assert lookup("VTubers").endswith("z")
