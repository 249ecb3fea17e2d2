"""The pieces under the front end: numbers, kana, hangul, cleaning, rules as data."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seiyuu.model.frontend import hangul, kana, numerals, pinyin, polyphones, read
from seiyuu.model.frontend.alphabet import SYMBOLS
from seiyuu.model.frontend.clean import clean

pytestmark = pytest.mark.unit

DIGITS = {char: value for value, char in enumerate(numerals.HAN_DIGITS)}
UNITS = {"十": 10, "百": 100, "千": 1000}


def value_of(said: str) -> int:
    """An independent reading-back of Chinese (and Japanese) numerals."""
    total = group = digit = 0
    for char in said:
        if char in DIGITS:
            digit = DIGITS[char]
        elif char in UNITS:
            group += (digit or 1) * UNITS[char]
            digit = 0
        else:
            group += digit
            total += group * {"万": 10**4, "亿": 10**8, "億": 10**8, "兆": 10**12}[char]
            group = digit = 0
    return total + group + digit


@given(st.integers(0, 10**16 - 1))
def test_chinese_numerals_say_the_number(number: int) -> None:
    """Said and read back, a number is itself."""
    assert value_of(numerals.chinese(str(number))) == number


@given(st.integers(1, 10**12 - 1))
def test_japanese_numerals_say_the_number(number: int) -> None:
    """Said and read back, a number is itself."""
    assert value_of(numerals.japanese(str(number))) == number


@pytest.mark.parametrize(
    ("number", "said"),
    [
        ("1234", "천이백삼십사"),
        ("10000", "만"),
        ("110000", "십일만"),
        ("0", "영"),
        ("100000000", "일억"),
    ],
)
def test_korean_numerals(number: str, said: str) -> None:
    """Sino-Korean numbers; ten thousand takes no one."""
    assert numerals.korean(number) == said


@pytest.mark.parametrize(
    ("number", "said"),
    [("1", "한"), ("20", "스무"), ("21", "스물한"), ("99", "아흔아홉"), ("100", "백")],
)
def test_native_korean_numerals(number: str, said: str) -> None:
    """Native numbers before a counter, up to 99."""
    assert numerals.korean_native(number) == said


def test_every_syllable_sounds_in_the_alphabet() -> None:
    """Pinyin in all tones, with and without erhua, and kana use the model's symbols only."""
    for syllable in pinyin.SYLLABLES:
        for tone in "12345":
            assert SYMBOLS.issuperset(
                pinyin.phonemes(syllable + tone) + pinyin.rhotacised(syllable + tone)
            )
    for sound in kana.SOUNDS.values():
        assert SYMBOLS.issuperset(sound)


def test_no_two_syllables_sound_alike() -> None:
    """Apart from spellings of one sound, the table keeps syllables apart."""
    same = {"eh", "ê", "r", "er", "lo"}
    sounds = [sound for syllable, sound in pinyin.SOUNDS.items() if syllable not in same]
    assert len(sounds) == len(set(sounds))


@given(
    st.lists(st.characters(min_codepoint=0xAC00, max_codepoint=0xD7A3), min_size=1, max_size=8).map(
        "".join
    )
)
def test_spoken_hangul_is_one_block_for_each_written(phrase: str) -> None:
    """Sounds move between blocks; blocks neither vanish nor appear, and codas are the seven that can be said."""
    blocks = hangul.said(phrase)
    assert len(blocks) == len(phrase)
    assert {block[2] for block in blocks} <= set("ㄱㄴㄷㄹㅁㅂㅇ") | {""}


@given(st.text(max_size=60))
def test_cleaning_keeps_places(text: str) -> None:
    """Clean characters stand for pieces of the text, in order; nothing without sound is left."""
    cleaned = clean(text)
    assert len(cleaned.text) == len(cleaned.starts) == len(cleaned.ends)
    assert cleaned.starts == sorted(cleaned.starts)
    assert all(0 <= s < e <= len(text) for s, e in zip(cleaned.starts, cleaned.ends, strict=True))
    assert not {unicodedata.category(char) for char in cleaned.text} & {"Cf", "Cs", "Cn"}


def test_word_list_has_a_syllable_for_each_character() -> None:
    """The data is sound: as many syllables as characters, all of them real, every rule a pattern."""
    for word, reading in polyphones.words().items():
        assert len(word) == len(reading), word
        assert all(pinyin.phonemes(syllable) for syllable in reading), word
    assert polyphones.in_context("银行", 1) is not None
    assert polyphones.in_context("猫", 0) is None


def test_third_tones_change_in_the_sound_only() -> None:
    """你好 is shown with its dictionary tones and said with a rising first."""
    reading = read("你好")
    assert [u.reading for u in reading.units()] == ["ni3", "hao3"]
    assert [u.phonemes[-1] for u in reading.units()] == ["↗", "↓"]
