"""Text to tokens with their places."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seiyuu.model.indextts2.make_checkpoint import vocabulary
from seiyuu.model.indextts2.text import MAX_TOKENS, Token, Tokenizer, has_speech, passages
from seiyuu.streaming.errors import Unsupported

pytestmark = pytest.mark.unit


@pytest.fixture(scope="module")
def tokenizer() -> Tokenizer:
    """A vocabulary over a handful of sentences."""
    return Tokenizer(vocabulary(200))


def spoken(tokenizer: Tokenizer, text: str) -> str:
    """The pieces as one string, word borders as blanks."""
    ids = [token.id for token in tokenizer.tokens(text)]
    return "".join(tokenizer._pieces.id_to_piece(i) for i in ids).replace("▁", " ").strip()


def test_chinese_characters_stand_alone_and_letters_are_raised(tokenizer: Tokenizer) -> None:
    """Each character is a word of its own; case is lost."""
    assert spoken(tokenizer, "大家好hello") == "大 家 好 HELLO"


def test_numbers_are_read_in_the_language_around_them(tokenizer: Tokenizer) -> None:
    """One number, two readings, each standing for the digits."""
    tokens = tokenizer.tokens("我们玩12个")
    assert {(t.start, t.end) for t in tokens if t.start >= 3} == {(3, 5), (5, 6)}
    assert "十 二" in spoken(tokenizer, "我们玩12个")


def test_places_count_from_the_utterance(tokenizer: Tokenizer) -> None:
    """A segment's own offset is added."""
    assert [(t.start, t.end) for t in tokenizer.tokens("大!", 40)][-1] == (41, 42)


def test_marks_close_clauses_and_sentences(tokenizer: Tokenizer) -> None:
    """Full-width signs become the vocabulary's own."""
    stops = [t.stop for t in tokenizer.tokens("大,好。") if t.stop]
    assert stops == ["clause", "sentence"]


@pytest.mark.parametrize(
    ("text", "syllables"),
    [
        ("踏青(tà qīng)", "TA4 QING1"),
        ("ju2", "JV2"),
        ("que4", "QVE4"),
        ("xuan4", "XVAN4"),
        ("xing2", "XING2"),
    ],
)
def test_given_pinyin_is_spelled_as_the_vocabulary_has_it(text: str, syllables: str) -> None:
    """Brackets replace the characters before them; ü is V after j, q, x."""
    from seiyuu.model.indextts2.text import _given

    assert [spelled for _, _, spelled in _given(text)] == [syllables]


def test_other_scripts_are_refused_by_name(tokenizer: Tokenizer) -> None:
    """The message names what it speaks and what it met."""
    with pytest.raises(Unsupported, match="speaks zh and en, the text is in ja"):
        tokenizer.tokens("こんにちは")
    with pytest.raises(Unsupported, match="ko"):
        tokenizer.tokens("好", language="ko")


def test_only_letters_and_digits_are_speech() -> None:
    """Signs and emoji alone are nothing to say."""
    assert has_speech("a") and has_speech("7")  # noqa: PT018
    assert not has_speech("!? 😀")


@given(st.text(alphabet="大家好,今天ABC def123!。 ", max_size=60))
@settings(max_examples=50, deadline=None)
def test_tokens_come_in_order_and_inside_the_text(tokenizer: Tokenizer, text: str) -> None:
    """Whatever the text, places rise and stay within it."""
    tokens = tokenizer.tokens(text)
    assert all(0 <= t.start < t.end <= len(text) for t in tokens)
    assert [t.start for t in tokens] == sorted(t.start for t in tokens)


@given(st.lists(st.sampled_from(["", "", "", "", "clause", "sentence"]), max_size=500))
def test_passages_are_whole_and_never_too_long(stops: list[str]) -> None:
    """No token is lost or doubled, and cuts fall on marks where there are any."""
    tokens = [Token(i, i, i + 1, stop) for i, stop in enumerate(stops)]  # type: ignore[arg-type]
    cut = passages(tokens)
    assert [t for part in cut for t in part] == tokens
    assert all(0 < len(part) <= MAX_TOKENS for part in cut)
