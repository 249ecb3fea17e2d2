"""Incremental text → segments."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seiyuu.streaming.characters import joined, speech_ms
from seiyuu.streaming.cleaning import FROM_MODEL
from seiyuu.streaming.direction import Direction, Written
from seiyuu.streaming.emotion import NEUTRAL, Emotion
from seiyuu.streaming.segment import Emphasis, Pause, Segment, Turn
from seiyuu.streaming.segmenter import LONGEST_MS, MAX_CHARS, Segmenter

pytestmark = pytest.mark.unit

JOY, ANGER = Emotion.of("joy"), Emotion.of("anger", 0.6)


def cut(*deltas: str, **options: object) -> list[Segment]:
    """All segments of a text that came in these deltas."""
    segmenter = Segmenter(**options)  # type: ignore[arg-type]
    return [segment for delta in deltas for segment in segmenter.write(delta)] + segmenter.flush()


def texts(segments: list[Segment]) -> list[str]:
    """Their texts."""
    return [segment.text for segment in segments]


@pytest.mark.parametrize(
    "pieces",
    [
        ["你好，", "今天天气真好。", "我们一起去郊外踏青(tà qīng)，感受春天的气息。"],
        ["大家好！", "价格是3.14元，", "2024年1月2日12:30开始，", "不见不散，"],
        ["真的吗？", "他说：“走吧。", "然后离开了。"],
        [
            "Hello,",
            "Dr. Smith paid $3.50 at 10:30 a.m. for e.g. apples.",
            "See https://a.b/c?d=e,f!",
        ],
        ["こんにちは、", "今日はとてもいい天気ですね。", "お金を持って学校へ行きました。"],
        ["안녕하세요.", "오늘은 날씨가 정말 좋네요!", "그런데 3.5점이었어요."],
        ["第一行", "第二行", "第三行是比较长的一行"],
    ],
)
def test_the_first_segment_is_short_and_later_ones_are_clauses_and_sentences(
    pieces: list[str],
) -> None:
    """In all four languages, each character where it was written."""
    joiner = (
        "\n"
        if pieces[0] == "第一行"
        else " "
        if pieces[0].isascii() or pieces[0] == "안녕하세요."
        else ""
    )
    text = joiner.join(pieces).replace("真的吗？", "真的吗？！")
    segments = cut(text)
    assert texts(segments) == pieces
    assert all(text[s.char_start : s.char_end] == s.text for s in segments)


def test_the_first_segment_leaves_with_its_comma() -> None:
    """Nothing more is waited for."""
    segmenter = Segmenter()
    assert segmenter.write("大家好") == []
    assert texts(segmenter.write("，")) == ["大家好，"]


def test_a_point_behind_a_digit_waits_for_the_next_character() -> None:
    """It may be a decimal, or the end."""
    segmenter = Segmenter()
    assert segmenter.write("圆周率是3.") == []
    assert segmenter.write("14") == []
    assert texts(segmenter.write("。")) == ["圆周率是3.14。"]
    assert segmenter.write("第3.") == []
    assert texts(segmenter.flush()) == ["第3."]


@pytest.mark.parametrize(
    "text",
    ["我们今天要讲的内容是关于人工智能的发展历史以及它在各个行业中的应用" * 5,
     "so many words and never a stop " * 40, "ひらがなだけでかかれたとてもながいぶん" * 10,
     "한국어만있는아주긴글" * 40, "😀" * 500, "1234567890" * 100, "a" * 3000],
)  # fmt: skip
def test_text_without_punctuation_is_cut_at_a_length(text: str) -> None:
    """The first piece soon, the others later, none of them endless."""
    segments = cut(text)
    assert "".join(texts(segments)).replace(" ", "") == text.replace(" ", "")
    assert len(segments) > 2
    for segment in segments:
        assert sum(map(speech_ms, segment.text)) <= LONGEST_MS + 300
    assert len(segments[0].text) <= len(segments[-2].text)


def test_words_are_not_cut_by_length() -> None:
    """Unpunctuated English is cut at its spaces."""
    segments = cut("so many words and never a stop " * 40)
    assert {word for s in segments for word in s.text.split()} == {
        "so",
        "many",
        "words",
        "and",
        "never",
        "a",
        "stop",
    }


@pytest.mark.parametrize(
    "text", ["", "   ", "。。。！！", "\n\n", "…", "[joy]", "<b></b>", "\u200d\u0301", "“”"]
)
def test_what_cannot_be_spoken_makes_no_segment(text: str) -> None:
    """Spaces, marks and tags alone are dropped."""
    assert cut(text) == []


def test_marks_without_words_join_what_follows_without_being_in_it() -> None:
    """A segment begins with what it says and ends with its mark."""
    assert texts(cut("！？  你好。！？ 走。")) == ["你好。", "走。"]


def test_a_minus_and_an_opening_mark_stay() -> None:
    """They belong to what follows."""
    assert texts(cut("。-5度。")) == ["-5度。"]
    assert texts(cut("好的。“走吧”他说。")) == ["好的。", "“走吧”他说。"]


def test_direction_travels_in_the_segments() -> None:
    """Emotion at the first character, turns and pauses inside, rate for the whole, emphasis by span."""
    text = (
        "[joy]大家好<break time='300ms'/>啊，欢迎<prosody rate='fast'>来到直播间</prosody>，"
        "<emphasis>真的</emphasis>很[anger:0.6]气人。"
    )
    first, second, third, fourth = cut(text)
    assert (first.emotion, first.char_start) == (JOY, 5)
    assert first.pauses == (Pause(text.index("啊"), 300),)
    assert (second.text, second.rate, third.text, third.rate, fourth.rate) == (
        "欢迎",
        1.0,
        "来到直播间",
        1.25,
        1.0,
    )
    start = text.index("真的")
    (emphasis,) = fourth.emphases
    assert (emphasis.char_start, emphasis.level) == (start, "moderate")
    assert text[emphasis.char_start : emphasis.char_end].startswith("真的")
    assert fourth.emotion == JOY
    assert fourth.turns == (Turn(text.index("气人"), ANGER),)
    assert cut(text + "再来一句。")[-1].emotion == ANGER


def test_emphasis_over_several_segments_is_in_each() -> None:
    """And none is made of a level that says none."""
    one, two = cut("<emphasis level='strong'>你好，真的很高兴。</emphasis>")
    assert one.emphases == (Emphasis(one.char_start, one.char_end, "strong"),)
    assert two.emphases == (Emphasis(two.char_start, two.char_end, "strong"),)
    assert cut("<emphasis level='none'>你好。</emphasis>")[0].emphases == ()


def test_a_pause_between_segments_comes_before_the_next() -> None:
    """At its first character."""
    first, second = cut("你好，<break time='1s'/> 。走吧。")
    assert first.pauses == ()
    assert second.pauses == (Pause(second.char_start, 1000),)


@pytest.mark.parametrize(
    "kept",
    [
        '<lang xml:lang="en">Hello, world. Bye! And more, more.</lang>',
        '<phoneme alphabet="py" ph="chong2, qing4.">重庆。</phoneme>',
        "<行|XING2>",
    ],
)
def test_what_is_the_front_ends_stays_in_one_segment(kept: str) -> None:
    """However many marks are inside."""
    assert any(kept in segment.text for segment in cut("你好。" + kept + "好的，就这样。"))


def test_a_tag_never_closed_does_not_hold_the_voice_for_ever() -> None:
    """What was to be kept together is cut when it grows too long."""
    segments = cut("<lang>" + "一句话，" * 600)
    assert len(segments) > 3
    assert max(len(segment.text) for segment in segments) <= MAX_CHARS


def test_a_rate_inside_what_is_kept_together_begins_behind_it() -> None:
    """Keeping together wins."""
    segments = cut('<lang>one <prosody rate="fast">two</prosody> three</lang> four')
    assert [segment.rate for segment in segments] == [1.0, 1.0]
    assert "three" in segments[0].text


def test_a_rate_before_any_word_cuts_nothing() -> None:
    """It only sets the rate."""
    (segment,) = cut('。<prosody rate="fast">走吧')
    assert segment.rate == 1.25


def test_an_emotion_given_with_a_delta_holds_from_its_first_character() -> None:
    """Also before a tag that comes later."""
    segmenter = Segmenter(emotion=NEUTRAL)
    segmenter.write("你好")
    segmenter.write("朋友[anger:0.6]们", JOY)
    (segment,) = segmenter.flush()
    assert segment.emotion == NEUTRAL
    assert segment.turns == (Turn(2, JOY), Turn(15, ANGER))


def test_the_pace_of_an_emotion_holds_until_the_next() -> None:
    """It cuts where it changes, and what the text asks for multiplies it."""
    segmenter = Segmenter("zh", pace=0.8)
    segments = segmenter.write("今天下雨,")
    segments += segmenter.write("还是", Emotion.of("sadness"), 0.8)
    segments += segmenter.write('<prosody rate="50%">不去了</prosody>')
    segments += segmenter.write("真好", Emotion.of("joy"), 1.2)
    segments += segmenter.write("出发", Emotion.of("joy"))
    segments += segmenter.flush()
    rates = [(segment.text, round(segment.rate, 3)) for segment in segments]
    assert rates == [
        ("今天下雨,", 0.8),
        ("还是", 0.8),
        ("不去了", 0.5),
        ("真好", 1.2),
        ("出发", 1.0),
    ]


def test_a_live_turn_changes_the_pace_of_what_was_not_given_out() -> None:
    """The pending clause follows, whole."""
    segmenter = Segmenter("zh")
    segmenter.write("我不知道")
    segmenter.turn(Emotion.of("sadness"), 0.7)
    assert [segment.rate for segment in segmenter.flush()] == [0.7]


def test_a_live_turn_is_followed_by_what_was_not_given_out() -> None:
    """Up to the next direction in the text."""
    segmenter = Segmenter()
    segmenter.write("你好[anger:0.6]们")
    segmenter.turn(JOY)
    (segment,) = segmenter.flush()
    assert (segment.emotion, segment.turns) == (JOY, (Turn(13, ANGER),))
    segmenter.write("走")
    segmenter.turn(JOY)
    assert segmenter.flush()[0].emotion == JOY


def test_a_flush_speaks_what_there_is() -> None:
    """Also half a tag, and the text goes on behind it."""
    segmenter = Segmenter(language="zh")
    segmenter.write("好的 [jo")
    (segment,) = segmenter.flush()
    assert (segment.text, segment.language) == ("好的 [jo", "zh")
    assert segmenter.flush() == []
    assert segmenter.write("我们走吧。")[0].char_start == 6


@pytest.mark.parametrize(
    ("text", "given", "rest"),
    [
        ("今天3", [], ["今天3"]),
        ("I like appl", ["I like"], ["appl"]),
        ("Good morning everyone.", ["Good morning everyone."], []),
        ("版本3.", [], ["版本3."]),
        ("Hello Mr.", ["Hello"], ["Mr."]),
        ("苹果、", ["苹果、"], []),
        ("<lang>one two.", [], ["<lang>one two."]),
        ("今天。明[jo", ["今天。"], ["明[jo"]),
        ("。.", [], []),
    ],
)
def test_a_soft_flush_cuts_where_it_does_no_harm(
    text: str, given: list[str], rest: list[str]
) -> None:
    """Whole words leave; what may still change stays."""
    segmenter = Segmenter()
    segments = segmenter.write(text) + segmenter.flush_soft()
    assert texts(segments) == given
    assert texts(segmenter.flush()) == rest


def test_cleaning_is_done_on_the_way() -> None:
    """What language models write is not spoken when asked so, and the rest keeps its place."""
    (segment,) = cut("Assistant: *笑* **你好**", cleaning=FROM_MODEL)
    assert (segment.text, segment.char_start) == ("你好", 17)


def test_remarks_are_given_once() -> None:
    """What was not taken as asked."""
    segmenter = Segmenter()
    segmenter.write("[joy:9]好")
    assert [remark.code for remark in segmenter.take_remarks()] == ["bad_message"]
    assert segmenter.take_remarks() == []


pieces = st.sampled_from(
    ["你", "好", "然后", "的", "了", "，", "。", "？", "！", "……", "、", "：", "“", "”", "（", "）",
     "3", "14", ".", ",",
     ":", "!", "?", "%", "hello", "world", "Mr", "https://a.b/c?", "@", " ", "\n", "今日は", "アー", "を", "안녕",
     "하세요",
     "😀", "👨\u200d👩\u200d👧", "🇨🇳", "e\u0301", "[joy]", "[anger:0.6]", "【温柔】", "[", "<",
     '<emotion name="sadness">', "</emotion>", '<break time="300ms"/>', '<prosody rate="80%">', "</prosody>",
     "<emphasis>", "</emphasis>", '<lang xml:lang="en">', "</lang>", "<行|XING2>", "**", "*", "a" * 70]
)  # fmt: skip
scripts = st.lists(pieces, max_size=50).map("".join)


@settings(max_examples=200)
@given(scripts, st.data(), st.booleans())
def test_text_cut_anywhere_gives_the_same_segments(
    text: str, data: st.DataObject, clean: bool
) -> None:
    """The law: borders, emotions, pauses, rates depend on the text alone."""
    cleaning = {"cleaning": FROM_MODEL} if clean else {}
    cuts = sorted(data.draw(st.sets(st.integers(0, len(text)), max_size=30)))
    bounds = [0, *cuts, len(text)]
    deltas = [text[a:b] for a, b in zip(bounds, bounds[1:], strict=False)]
    assert cut(*deltas, **cleaning) == cut(text, **cleaning) == cut(*text, **cleaning)


@settings(max_examples=150)
@given(scripts, st.sets(st.integers(0, 200)), st.sets(st.integers(0, 200)))
def test_every_word_is_spoken_once_and_in_its_place(
    text: str, flushes: set[int], softs: set[int]
) -> None:
    """Segments follow each other, hold what was written, miss nothing that sounds, split no character."""
    segmenter = Segmenter()
    segments: list[Segment] = []
    for at, char in enumerate(text):
        segments += segmenter.write(char)
        segments += segmenter.flush() if at in flushes else []
        segments += segmenter.flush_soft() if at in softs else []
    segments += segmenter.flush()
    position = 0
    said: set[int] = set()
    for segment in segments:
        assert segment.char_start >= position
        assert any(map(speech_ms, segment.text))
        written = text[segment.char_start : segment.char_end]
        assert all(new in (old, " ") for old, new in zip(written, segment.text, strict=True))
        assert all(segment.char_start < turn.char < segment.char_end for turn in segment.turns)
        assert all(segment.char_start <= pause.char < segment.char_end for pause in segment.pauses)
        position = segment.char_end
        said.update(range(segment.char_start, segment.char_end))
    if not flushes and not softs:
        assert said >= sounding(text)
        ends = [segment.char_end for segment in segments[:-1]]
        assert not any(joined(text, end) for end in ends if text[end - 1].isalnum())


def sounding(text: str) -> set[int]:
    """The places of characters that are to be heard, once direction is read."""
    direction = Direction()
    written = [i for i in direction.feed(text) + direction.flush() if isinstance(i, Written)]
    spoken = [char if piece.spoken else " " for piece in written for char in piece.text]
    return {place for place, char in enumerate(spoken) if speech_ms(char)}


@pytest.mark.parametrize(
    "junk", ["[", "。", "<a ", "\u0301", "你\u0301", "(", "1,", "[joy]", "<b>", "<emphasis>", "，a"]
)
def test_garbage_is_held_in_bounded_pieces(junk: str) -> None:
    """No text makes a segment longer than the longest."""
    segments = cut(junk * 3_000)
    assert all(len(segment.text) <= MAX_CHARS for segment in segments)
