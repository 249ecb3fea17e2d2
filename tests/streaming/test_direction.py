"""Inline direction."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seiyuu.streaming.direction import (
    MAX_NESTING,
    Direction,
    Emphasised,
    Item,
    Kept,
    Rate,
    Remark,
    Written,
)
from seiyuu.streaming.emotion import Emotion
from seiyuu.streaming.segment import Pause, Turn

pytestmark = pytest.mark.unit

JOY, SAD = Emotion.of("joy"), Emotion.of("sadness", 0.5)


def read(*deltas: str, emotion: Emotion | None = None) -> list[Item]:
    """All items of a text, neighbouring pieces joined."""
    direction = Direction(emotion) if emotion else Direction()
    items = [item for delta in deltas for item in direction.feed(delta)] + direction.flush()
    joined: list[Item] = []
    for item in items:
        last = joined[-1] if joined else None
        if isinstance(item, Written) and isinstance(last, Written) and item.spoken == last.spoken:
            joined[-1] = Written(last.text + item.text, item.spoken)
        else:
            joined.append(item)
    return joined


def spoken(items: list[Item]) -> str:
    """The text that is left."""
    return "".join(item.text for item in items if isinstance(item, Written))


def orders(items: list[Item]) -> list[Item]:
    """Everything but the text."""
    return [item for item in items if not isinstance(item, Written)]


def test_emotions_turn_at_their_place() -> None:
    """Brackets turn until the next one; the tag becomes blanks."""
    items = read("你[joy]好[anger:0.6]吗【温柔】x")
    assert spoken(items) == "你     好           吗    x"
    assert orders(items) == [
        Turn(6, JOY),
        Turn(18, Emotion.of("anger", 0.6)),
        Turn(23, Emotion.of("tenderness")),
    ]


def test_an_element_returns_to_what_was_before() -> None:
    """Also nested, and also when a bracket turned inside it."""
    items = read(
        '<emotion name="sadness" intensity="0.5">a<emotion name="joy">b</emotion>[fear]c</emotion>d',
        emotion=JOY,
    )
    assert [item.emotion for item in orders(items) if isinstance(item, Turn)] == [
        SAD, JOY, SAD, Emotion.of("fear"), JOY
    ]  # fmt: skip


def test_an_empty_element_turns_for_good_and_a_stray_end_does_nothing() -> None:
    """<emotion name="joy"/> is a bracket; </emotion> alone is blanked."""
    items = read('<emotion name="joy"/>a</emotion></prosody></emphasis>b')
    assert orders(items) == [Turn(21, JOY)]
    assert spoken(items).split() == ["a", "b"]


@pytest.mark.parametrize(
    ("tag", "code", "words"),
    [
        ('<emotion name="hungry">', "unknown_emotion", "hungry"),
        ("<emotion>", "bad_message", "has a name"),
        ('<emotion describe="冷冷地">', "bad_message", "the field emotion"),
        ('<emotion name="joy" intensity="much">', "bad_message", "'much' is not a number"),
        ("[joy:9]", "bad_message", "intensity of 9 was taken as 1"),
        ('<break time="soon"/>', "bad_message", "'soon', expected e.g. 300ms"),
        ('<break time="ms"/>', "bad_message", "'ms', expected"),
        ('<break time="99s"/>', "bad_message", "at most 10000 ms"),
        ('<prosody rate="quick">', "bad_message", "'quick', expected e.g. 90%"),
    ],
)
def test_what_was_not_taken_as_asked_is_remarked(tag: str, code: str, words: str) -> None:
    """With a code, a sentence and the place; the tag is not read out."""
    items = read("a" + tag + "b")
    (remark,) = [item for item in items if isinstance(item, Remark)]
    assert remark.code == code
    assert words in remark.message
    assert remark.char == 1 + len(tag)
    assert spoken(items) == "a" + " " * len(tag) + "b"


@pytest.mark.parametrize(
    ("tag", "duration_ms"),
    [
        ('<break time="300ms"/>', 300),
        ("<break time='1.5s'></break>", 1500),
        ("<break/>", 400),
        ('<break strength="x-strong"/>', 1200),
        ('<break strength="none"/>', 0),
        ('<break time="60s"/>', 10_000),
    ],
)
def test_a_break_is_a_pause(tag: str, duration_ms: int) -> None:
    """By time or by strength, ten seconds at most."""
    (pause,) = [item for item in read(tag) if isinstance(item, Pause)]
    assert pause.duration_ms == duration_ms


def test_a_break_of_unknown_strength_is_remarked() -> None:
    """No pause is made up."""
    assert [type(item) for item in orders(read('<break strength="huge"/>'))] == [Remark]


@pytest.mark.parametrize(
    ("rate", "value"),
    [
        ("90%", 0.9),
        ("+10%", 1.1),
        ("-20%", 0.8),
        ("1.5", 1.5),
        ("slow", 0.8),
        (" X-Fast ", 1.6),
        ("900%", 2.0),
        ("1%", 0.5),
    ],
)
def test_a_rate_holds_until_its_end(rate: str, value: float) -> None:
    """Labels, percentages, changes and factors, between half and double."""
    items = orders(read(f'<prosody rate="{rate}">a</prosody>b'))
    assert [item.rate for item in items if isinstance(item, Rate)] == pytest.approx([value, 1.0])


def test_prosody_without_a_rate_changes_nothing() -> None:
    """Pitch is not ours to set, and an empty element has no text to speak faster."""
    assert orders(read('<prosody pitch="high">a</prosody><prosody rate="fast"/>b')) == []


def test_emphasis_holds_until_its_end() -> None:
    """Levels nest; an unknown one is moderate."""
    items = orders(
        read(
            '<emphasis>a<emphasis level="reduced">b</emphasis>c</emphasis><emphasis level="x">d</emphasis><emphasis/>'
        )
    )
    assert [item.level for item in items if isinstance(item, Emphasised)] == [
        "moderate", "reduced", "moderate", None, "moderate", None
    ]  # fmt: skip


def test_the_front_ends_tags_stay_and_what_they_enclose_is_kept_together() -> None:
    """phoneme, lang and readings pass verbatim; their characters are not spoken."""
    text = 'a<phoneme ph="x">重</phoneme>b<lang xml:lang="en">c<lang>d</lang></lang><行|XING2>'
    items = read(text)
    assert spoken(items) == text
    lang, reading = text.index("<lang"), text.index("<行")
    assert orders(items) == [
        Kept(1, True),
        Kept(lang - 1, False),
        Kept(lang, True),
        Kept(reading, False),
        Kept(reading, True),
        Kept(len(text), False),
    ]
    said = "".join(item.text for item in items if isinstance(item, Written) and item.spoken)
    assert said == "a重bcd<行|XING2>"


def test_a_kept_tag_that_encloses_nothing_is_left_alone() -> None:
    """Empty ones and stray ends change nothing."""
    items = read("a<lang/></phoneme>b")
    assert spoken(items) == "a<lang/></phoneme>b"
    assert orders(items) == []


def test_other_tags_are_not_read_out() -> None:
    """SSML, HTML, comments and declarations are blanked and without effect."""
    items = read('<?xml version="1.0"?><speak><p>a</p><!-- no --><audio src="x"/></speak>')
    assert spoken(items).strip() == "a"
    assert orders(items) == []


@pytest.mark.parametrize(
    "text", ["a < b", "[1] [foo]", "x<3 <- [", "【重要】通知", "a<b and c>d", "<joy"]
)
def test_ordinary_text_is_left_as_it_is(text: str) -> None:
    """Nothing is blanked and nothing turned."""
    assert read(text) == [Written(text)]


def test_an_emotion_from_outside_is_what_open_elements_return_to() -> None:
    """Text follows the newest emotion."""
    direction = Direction(JOY)
    direction.feed('<emotion name="fear">a')
    direction.set_emotion(SAD)
    (turn,) = [item for item in direction.feed("</emotion>") if isinstance(item, Turn)]
    assert turn.emotion == SAD


@pytest.mark.parametrize(
    "tag",
    ['<emotion name="joy">', '<prosody rate="fast">', "<emphasis>"],
    ids=["emotion", "prosody", "emphasis"],
)
def test_nesting_is_bounded(tag: str) -> None:
    """Deeper elements are not remembered."""
    closing = "</" + tag[1:].split(" ")[0].strip(">") + ">"
    items = orders(read(tag * 1000 + closing * 1000))
    assert len(items) <= 1000 + MAX_NESTING


def test_it_holds_back_only_what_could_become_a_tag() -> None:
    """Text before an opener leaves at once, and so does the opener as soon as it is none."""
    direction = Direction()
    assert direction.feed("ab[j") == [Written("ab")]
    assert direction.feed("x") == [Written("[jx")]
    assert direction.feed("< b") == [Written("< b")]
    assert direction.flush() == []


pieces = st.sampled_from(
    ["[joy]", "[anger:0.6]", "【温柔】", '<emotion name="sadness" intensity="0.5">', "</emotion>",
     '<break time="300ms"/>', "<emphasis>", "</emphasis>", '<prosody rate="80%">', "</prosody>", '<phoneme ph="x">',
     "</phoneme>", "<lang>", "</lang>", "<行|XING2>", "<b>", "<!-- x -->", "<", ">", "[", "]", "【", "a", "你好",
     " ", "3", "|", '"', "😀"]
)  # fmt: skip
texts = st.lists(pieces, max_size=20).map("".join)


@settings(max_examples=200)
@given(texts, st.data())
def test_tags_may_be_cut_anywhere(text: str, data: st.DataObject) -> None:
    """Any deltas give the same items as the whole, and every character keeps its place."""
    cuts = sorted(data.draw(st.sets(st.integers(0, len(text)), max_size=12)))
    bounds = [0, *cuts, len(text)]
    deltas = [text[a:b] for a, b in zip(bounds, bounds[1:], strict=False)]
    whole = read(text)
    assert read(*deltas) == whole
    left = spoken(whole)
    assert len(left) == len(text)
    assert all(new in (old, " ") for old, new in zip(text, left, strict=True))


@pytest.mark.parametrize("junk", ["[", "<", "【", "<a ", '<a b="', "[joy", "<!--", "行<", "[joy:"])
def test_garbage_costs_linear_time_and_bounded_memory(junk: str) -> None:
    """What is held back does not grow with what came."""
    direction = Direction()
    out = sum(len(item.text) for item in direction.feed(junk * 5_000) if isinstance(item, Written))
    assert len(junk) * 5_000 - out <= 512
