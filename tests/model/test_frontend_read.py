"""The text front end as a whole: places, languages, garbage, threads."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seiyuu.model.frontend import ReadOptions, read
from seiyuu.model.frontend.alphabet import SYMBOLS

pytestmark = pytest.mark.unit

LANGUAGES = st.sampled_from(["auto", "zh", "en", "ja", "ko", "xx"])
PIECES = st.sampled_from(
    [
        "行", "重庆", "xíng", "(tà qīng)", "踏青", "12:30", "3.14", "¥5", "50%", "hello", "GPU ", "の", "東京", "カ", "ー", "っ", "안녕", "ㅋㅋ",
        " ", "\n", "，", "。", "「", "」", "😂", "<lang xml:lang='ja'>", "</lang>", "<phoneme ph='le4'>", "</phoneme>", "<行|HANG2>",
        "(", ")", "-", "~", "+", "=", "\u0301", "\u202e", "\ud800", "ﾊﾞ", "１", "привет", "สวัสดี", "儿", "一", "不", "2", "w", "@a.com", "/",
    ]
)  # fmt: skip
MESSY = st.one_of(st.text(max_size=40), st.lists(PIECES, max_size=25).map("".join))


def spans(text: str, language: str = "auto") -> list[tuple[int, int]]:
    return [(unit.char_start, unit.char_end) for unit in read(text, language).units()]


@settings(max_examples=300, deadline=None)
@given(MESSY, LANGUAGES)
def test_units_lie_inside_the_text_and_in_order(text: str, language: str) -> None:
    """Whatever the text, each unit stands for a piece of it, in order, with sounds the model knows."""
    reading = read(text, language)
    places = [(unit.char_start, unit.char_end) for unit in reading.units()]
    assert all(0 <= start < end <= len(text) for start, end in places)
    assert places == sorted(places)
    assert SYMBOLS.issuperset(reading.phonemes)
    assert reading.text == text


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.sampled_from("今天我们去银行办事他说得很好行长重庆"), min_size=1, max_size=20).map(
        "".join
    )
)
def test_every_hanzi_has_its_own_unit(text: str) -> None:
    """A hanzi is one syllable at its own place."""
    assert spans(text, "zh") == [(i, i + 1) for i in range(len(text))]


@settings(max_examples=60, deadline=None)
@given(MESSY, LANGUAGES)
def test_the_same_text_reads_the_same(text: str, language: str) -> None:
    """Reading keeps no state from call to call."""
    assert read(text, language) == read(text, language)


def test_threads_do_not_disturb_each_other() -> None:
    """Readings made at the same time equal readings made alone."""
    texts = ["重庆的银行", "hello xqyzt world", "お腹が空いた", "안녕하세요 여러분", "привет"] * 8
    alone = [read(text) for text in texts]
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(read, texts)) == alone


@pytest.mark.parametrize(
    "text",
    [
        "", " ", "\n", "\ud800", "\udfff" * 50, "\u202e\u200b", "a" + "\u0301" * 5000, "(" * 3000, "<" * 3000, "行(" * 1500,
        "行xíng" * 300, "1" * 3000, "12:" * 1000, "-" * 3000, "😂" * 3000, "あ" * 1000, "각" * 1000, "a" * 3000, "x=" * 1000, "\x00\x01\x7f",
        "<lang xml:lang='ja'>" * 200, "(^" * 500,
    ],
    ids=repr,
)  # fmt: skip
def test_garbage_is_read_without_raising(text: str) -> None:
    """Nothing that can be sent makes the front end fail."""
    places = spans(text[:3000])
    assert all(0 <= start < end <= len(text) for start, end in places)


def test_syllables_of_a_number_share_its_place() -> None:
    """123 is said with five syllables, all of them at the three digits."""
    units = list(read("我有123个").units())
    assert [(u.char_start, u.char_end) for u in units] == [(0, 1), (1, 2), *[(2, 5)] * 5, (5, 6)]


def test_symbols_belong_to_units_and_blanks_to_none() -> None:
    """Every symbol of the phoneme string is accounted for."""
    reading = read("hello 世界。")
    assert "".join(symbol for symbol, _ in reading.symbols()) == reading.phonemes
    assert all((symbol == " ") == (unit is None) for symbol, unit in reading.symbols())


def test_asked_language_decides_what_hanzi_are() -> None:
    """Hanzi alone are Chinese, unless the session is Japanese."""
    assert {word.language for word in read("東京", "auto").words} == {"zh"}
    assert {word.language for word in read("東京", "ja").words} == {"ja"}


def test_lang_tag_wins_over_the_session() -> None:
    """An inline tag settles the language of what it encloses, and is not said."""
    reading = read('<lang xml:lang="ja">東京</lang>很大', "zh")
    assert [word.language for word in reading.words] == ["ja", "zh", "zh"][: len(reading.words)]
    assert reading.words[0].units[0].char_start == len('<lang xml:lang="ja">')


def test_emoji_are_skipped_or_named() -> None:
    """The option decides whether a face is heard."""
    assert [u.reading for u in read("好😂").units()] == ["hao3"]
    named = [
        u for u in read("好😂", options=ReadOptions(emoji="name")).units() if u.char_start == 1
    ]
    assert [u.reading for u in named if u.reading[-1].isdigit()] == ["xiao4", "ku1"]


def test_unreadable_script_warns() -> None:
    """Letters nobody can say are left out and reported."""
    reading = read("你好 \U00012000\U00012001")
    assert reading.warnings
    assert [u.reading for u in reading.units()] == ["ni3", "hao3"]


def test_other_ssml_is_not_read_out() -> None:
    """Tags without a meaning here vanish."""
    assert read("<speak>你<break time='3s'/>好</speak>").phonemes == read("你好").phonemes


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("漢字(かんじ)", ["かん", "じ"]),
        ("本気（マジ）で", ["まじ", "で"]),
        ("質問(はい)", ["しつ", "もん", "はい"]),
    ],
)
def test_kana_behind_kanji_are_their_reading(text: str, said: list[str]) -> None:
    """Kana in brackets are not said again; where the kanji would be read otherwise they are said in their place."""
    reading = read(text, "ja")
    sounds = "".join(
        unit.reading for word in reading.words for unit in word.units if word.kind == "word"
    )
    assert sounds == "".join(said)
    assert all(0 <= unit.char_start < unit.char_end <= len(text) for unit in reading.units())
