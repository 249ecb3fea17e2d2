"""What a character is to speech."""

import pytest

from seiyuu.streaming.characters import Script, joined, script_of, speech_ms

pytestmark = pytest.mark.unit


@pytest.mark.parametrize(
    ("chars", "script"),
    [
        ("行々〇𠀀豈", Script.HAN),
        ("あゝ", Script.HIRAGANA),
        ("アーｱ", Script.KATAKANA),
        ("한ᄒㄱ", Script.HANGUL),
        ("3３½Ⅳ", Script.DIGIT),
        ("aéя", Script.LETTER),
        ("😀$+%℃¥", Script.SYMBOL),
        ("，。!?.…—()「」 \n・'\u200d\u0301", Script.OTHER),
    ],
)
def test_the_script_of_a_character(chars: str, script: Script) -> None:
    """Four scripts of East Asia, letters, digits, signs that are read out, and the rest."""
    assert {script_of(char) for char in chars} == {script}


def test_punctuation_makes_no_sound() -> None:
    """Only what is read out has a length, and a hanzi is longer than a letter."""
    assert speech_ms("，") == 0
    assert speech_ms("你") > speech_ms("a") > 0


@pytest.mark.parametrize(
    "cluster",
    [
        "e\u0301",
        "👨\u200d👩\u200d👧",
        "👍🏽",
        "❤\ufe0f",
        "1\ufe0f\u20e3",
        "🇨🇳",
        "が",
        "か\u3099",
        "ｶ\uff9e",
        "\r\n",
        "각",
        "\u1112\u1161\u11ab",
        "\u1112가",
    ],
)
def test_one_character_as_people_see_it_is_joined(cluster: str) -> None:
    """Combining marks, emoji sequences, flags, keycaps and jamo hold together."""
    assert all(joined(cluster, at) for at in range(1, len(cluster)))


@pytest.mark.parametrize("pair", ["ab", "你好", "한국", "😀😀", "🇨a", "가ᄒ"])
def test_neighbours_are_apart(pair: str) -> None:
    """Two characters are two."""
    assert not joined(pair, 1)


def test_flags_in_a_row_are_counted() -> None:
    """Two halves make one flag, and the next begins behind it."""
    row = "🇨🇳🇯🇵🇰🇷"
    assert [joined(row, at) for at in range(1, 6)] == [True, False, True, False, True]
