"""Pinyin the writer gives, and the writer's lexicon."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seiyuu.model.frontend import Lexicon, read
from seiyuu.model.frontend import pinyin as spelling
from seiyuu.streaming.errors import BadText

pytestmark = pytest.mark.unit

TONED = st.builds(
    lambda s, t: s + t, st.sampled_from(sorted(spelling.SYLLABLES - {"r"})), st.sampled_from("1234")
)


def readings(text: str, **words: object) -> list[str]:
    return [unit.reading for unit in read(text, "zh", **words).units()]  # type: ignore[arg-type]


@given(TONED)
def test_any_syllable_can_be_forced(syllable: str) -> None:
    """Each syllable of the language is taken in brackets, by tag and by bar."""
    plain = syllable.replace("ü", "v")
    assert readings(f"行({plain})") == [syllable]
    assert readings(f'<phoneme ph="{plain}">行</phoneme>') == [syllable]
    assert readings(f"<行|{plain.upper()}>") == [syllable]


@given(TONED)
def test_a_syllable_reads_as_itself_with_every_way_to_write_it(syllable: str) -> None:
    """Digits, capitals and the three spellings of ü are one."""
    for ü in ("ü", "v", "u:"):
        assert spelling.syllable(syllable.replace("ü", ü).upper()) == syllable


@pytest.mark.parametrize(
    "text", ["行(xíngg)", "<行|QQ9>", '<phoneme ph="zzz">行</phoneme>', "重庆(chóng)"]
)
def test_impossible_pinyin_warns_and_reads_as_usual(text: str) -> None:
    """What is no pinyin changes nothing but the warnings."""
    reading = read(text, "zh")
    assert reading.warnings
    assert [u.reading for u in reading.units()] == (
        ["chong2", "qing4"] if "重" in text else ["xing2"]
    )


def test_annotation_makes_no_units() -> None:
    """The syllables stand at the characters, none at the annotation."""
    units = list(read("踏青(tà qīng)吧").units())
    assert [(u.char_start, u.char_end) for u in units] == [(0, 1), (1, 2), (11, 12)]


def test_lexicon_forces_words(tmp_path: Path) -> None:
    """Pinyin for hanzi, other words for the rest, whole words only."""
    path = tmp_path / "words.tsv"
    path.write_text("# mine\n行长\txíng cháng\nSeiyuu\tsay you\n", "utf-8")
    lexicon = Lexicon(path)
    assert readings("行长", lexicon=lexicon) == ["xing2", "chang2"]
    assert readings("Seiyuu", lexicon=lexicon) == ["say", "you"]
    assert readings("Seiyuus", lexicon=lexicon) == ["seiyuus"]


def test_inline_pinyin_wins_over_the_lexicon(tmp_path: Path) -> None:
    """What stands in the text is nearer than what stands in the file."""
    path = tmp_path / "words.toml"
    path.write_text('[words]\n"行长" = "xing2 chang2"\n', "utf-8")
    assert readings("行长(háng zhǎng)", lexicon=Lexicon(path)) == ["hang2", "zhang3"]


def test_lexicon_is_read_again_when_it_changes(tmp_path: Path) -> None:
    """A new time of change brings the new readings; a broken file keeps the old and says so."""
    path = tmp_path / "words.tsv"
    path.write_text("行\thang2\n", "utf-8")
    lexicon = Lexicon(path)
    assert readings("行", lexicon=lexicon) == ["hang2"]
    path.write_text("行\theng2\n", "utf-8")
    os.utime(path, ns=(1, 1))
    assert readings("行", lexicon=lexicon) == ["heng2"]
    path.write_text("no tab here\n", "utf-8")
    os.utime(path, ns=(2, 2))
    assert readings("行", lexicon=lexicon) == ["heng2"]
    assert "line 1" in (lexicon.problem or "")


@pytest.mark.parametrize("content", ["a b c\n", "行\tqqq\n"])
def test_unreadable_lexicon_is_refused(tmp_path: Path, content: str) -> None:
    """A file that cannot be read at the start is an error with its place."""
    path = tmp_path / "words.tsv"
    path.write_text(content, "utf-8")
    with pytest.raises(BadText):
        Lexicon(path)
