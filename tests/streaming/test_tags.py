"""The grammar of inline direction."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seiyuu.streaming.emotion import NAMES
from seiyuu.streaming.tags import (
    MAX_TAG,
    Element,
    EmotionWord,
    Markup,
    Meaning,
    More,
    Reading,
    tag_at,
)

pytestmark = pytest.mark.unit

TAGS: list[tuple[str, Meaning]] = [
    ("[joy]", EmotionWord("joy", 0.7)),
    ("[anger:0.6]", EmotionWord("anger", 0.6)),
    ("[ Sad ： 1 ]", EmotionWord("Sad", 1.0)),
    ("【温柔】", EmotionWord("温柔", 0.7)),
    ("【愤怒：.5】", EmotionWord("愤怒", 0.5)),
    ("<b>", Element("b", (), False, False)),
    ("</Emotion >", Element("emotion", (), True, False)),
    ("<break time='300ms'/>", Element("break", (("time", "300ms"),), False, True)),
    ('<lang\nxml:lang = "en" >', Element("lang", (("xml:lang", "en"),), False, False)),
    ("<行|XING2>", Reading()),
    ("<重庆|CHONG2 QING4>", Reading()),
    ("<!-- a > b -->", Markup()),
    ('<?xml version="1.0"?>', Markup()),
    ("<!DOCTYPE speak>", Markup()),
]

TEXTS = [
    "< b", "<3", "<b c>", "<b c=d>", "<>", "</>", "<a<b>", "<-", "<!-x", "[1]", "[foo]", "[joy:x]", "[joy:]", "[joy:.]",
    "[joy 5]", "[ ]", "[:0.5]", "[jo\ny]", "[joy joy]", "【重要】", "[joy】", "[[joy]", "<行|>",
    "<行走吧走吧走吧走吧走吧走吧走吧走吧|A>",
]  # fmt: skip


@pytest.mark.parametrize(("tag", "meaning"), TAGS)
def test_a_tag_is_found_where_it_ends(tag: str, meaning: Meaning) -> None:
    """Whatever follows it."""
    assert tag_at(tag, 0) == (len(tag), meaning)
    assert tag_at("x" + tag + "]>x", 1) == (len(tag) + 1, meaning)


@pytest.mark.parametrize("tag", [tag for tag, _ in TAGS])
def test_the_beginning_of_a_tag_waits(tag: str) -> None:
    """However far it has come."""
    for length in range(1, len(tag)):
        assert tag_at(tag[:length], 0) is More.NEEDED


@pytest.mark.parametrize("text", TEXTS)
def test_ordinary_text_is_no_tag(text: str) -> None:
    """Comparisons, footnotes, hearts and unknown words stay."""
    assert tag_at(text, 0) is None


@pytest.mark.parametrize("name", sorted(NAMES))
def test_every_emotion_can_be_written_in_brackets(name: str) -> None:
    """All synonyms, in both kinds of brackets."""
    assert tag_at(f"[{name}]", 0) == (len(name) + 2, EmotionWord(name, 0.7))
    assert tag_at(f"【{name}:0.2】", 0) == (len(name) + 6, EmotionWord(name, 0.2))


@pytest.mark.parametrize(
    "begun", ["<" + "a" * MAX_TAG, '<a b="' + " " * MAX_TAG, "[" + " " * 50, "[joy" + " " * 50]
)
def test_waiting_is_bounded(begun: str) -> None:
    """What does not end in time is text."""
    assert tag_at(begun, 0) is None


tag_like = st.text(alphabet="<>[]【】/!-?=|\"' :.0aejoy行X温柔\n", max_size=30)


@given(tag_like)
def test_more_text_never_changes_an_answer(text: str) -> None:
    """Once something is a tag or is none, it stays so: the law that text may be cut anywhere."""
    for opener in "<[【":
        decided = None
        for length in range(1, len(text) + 2):
            answer = tag_at((opener + text)[:length], 0)
            if decided is not None:
                assert answer == decided[0]
            elif answer is not More.NEEDED:
                decided = (answer,)


def test_an_attribute_is_found_by_name() -> None:
    """get gives its value or None."""
    element = Element("a", (("x", "1"),), False, False)
    assert element.get("x") == "1"
    assert element.get("y") is None
