"""Where text may be cut."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seiyuu.streaming.borders import Border, border_at
from seiyuu.streaming.characters import joined

pytestmark = pytest.mark.unit


def borders(text: str, least: Border) -> str:
    """The text with a bar at each place that is at least so good; the end is not marked."""
    marked = ""
    for at in range(1, len(text)):
        border = border_at(text, at, final=True)
        assert border is not None
        marked += text[at - 1] + ("|" if border >= least else "")
    return marked + text[-1:]


@pytest.mark.parametrize(
    "marked",
    [
        "你好，|我是小雅。|你呢？|好！",
        "“你好。|”她说：|“走吧！|”",
        "价格3.14元，|共1,000元，|时间12:30。",
        "比分是３：４，|比例1：2。",
        "真的吗？|！|等等…|…|算了—|—|走",
        "Hello,| Dr. Smith paid $3.50 at 10:30 a.m. for it.| Then he left.",
        "See https://a.b/c?d=e,f;g!| or me@x.org,| ok?",
        "path a/b:c and key:value:| yes",
        "Wait...| what.| Wait...|what",
        "J. K. Rowling,| etc. and e.g. this.| So",
        "It is I.| No. 5 lives.| Node.js v1.2.3 is out.",
        "1. one\n|2. two\n|In 2024.| Yes",
        "版本2.0.1好。|3.|个",
        "今日は、|晴れです。|お金です｡",
        "안녕하세요.| 3.5점!| 네?",
        "(；´Д｀) (!) [.]",
        "end.|) Next.|' Now.|好",
        "2019—2020年—|好",
        "a;| b:| c",
    ],
)
def test_clauses_and_sentences_end_at_their_marks(marked: str) -> None:
    """And not inside numbers, times, addresses, abbreviations, versions, ellipses and faces."""
    assert borders(marked.replace("|", ""), Border.CLAUSE) == marked


@pytest.mark.parametrize(
    "marked",
    [
        "苹果、|梨、|香蕉",
        "我们的|家在这里|但是很远",
        "的确了解着急",
        "good |morning |world",
        "食べる。|学校へ|行きました",
        "お金を|払う |ご飯",
        "コーヒー |を|飲む",
        "本を|よむ",
        "한국 |사람",
        "用iPhone|打电话",
        "3 4個",
        "重庆(chóng qìng)|市",
        "不bù xíng",
        "😀|好",
    ],
)
def test_words_are_not_cut(marked: str) -> None:
    """Length may cut between words, behind particles and before linking words."""
    assert borders(marked.replace("|", ""), Border.WORD) == marked


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("3.14", 1), ("3.14", 2), ("2024年", 4), ("第3", 1), ("三千五", 1), ("GPT4", 3), ("https://x", 6),
        ("e\u0301a", 1), ("a'b", 1), ("ちゃ", 1), ("コーヒー", 1), ("한국", 1), ("你，", 1), ("你 ", 1), ("（你", 1),
        ("3 4", 2), ("  a", 1), ("Mr. X", 4), ("😀👍🏽", 2), ("100%", 3), (" a", 1), ("ab", 1),
    ],
)  # fmt: skip
def test_inside_what_is_read_as_one_is_never_cut(text: str, at: int) -> None:
    """Numbers, dates, words, sounds, marks and what they belong to."""
    assert border_at(text, at, final=True) is Border.NEVER


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("😀😀", 1), ("A股", 1), ("好(", 1), ("好a", 1), ("おか", 1), ("お金", 1), ("好😀", 1), ("(a b)", 3),
        ("的确", 1),
    ],
)  # fmt: skip
def test_some_places_are_ugly_but_possible(text: str, at: int) -> None:
    """For text that has no better one."""
    assert border_at(text, at, final=True) is Border.UGLY


@pytest.mark.parametrize(
    "text", ["Hello.", "3.", "3,", "3，", "10:", "http:", "https://a.b?", "你", "word ", "好然"]
)
def test_what_depends_on_the_next_character_waits_for_it(text: str) -> None:
    """None until it is there; the end of the text decides too."""
    assert border_at(text, len(text)) is None
    assert border_at(text, len(text), final=True) is Border.SENTENCE


def test_a_linking_word_needs_two_characters() -> None:
    """Whether 然 begins 然后 shows with the next one."""
    assert border_at("好然", 1) is None
    assert border_at("好然后", 1) is Border.WORD
    assert border_at("好然而", 1) is Border.UGLY


@pytest.mark.parametrize("text", ["你好，", "你好。", "Hello,", "Really?", "好！", "嗯…", "あ、"])
def test_most_marks_are_decided_at_once(text: str) -> None:
    """The first sound does not wait for a character that changes nothing."""
    assert border_at(text, len(text)) in {Border.CLAUSE, Border.SENTENCE}


LETTERS = "你然后的了3一第.,:!?。，、；“”()（ \nabzI/@&あをゃアー한\u0301\u200d😀🇨🇳👍🏽…—%"


@given(st.text(alphabet=st.sampled_from(LETTERS), max_size=24))
def test_more_text_never_changes_a_border(text: str) -> None:
    """Once decided it stays, whatever comes: the law that text may be cut anywhere. And graphemes stay whole."""
    for at in range(1, len(text) + 1):
        answers = [border_at(text[:end], at) for end in range(at, len(text) + 1)]
        known = [answer for answer in answers if answer is not None]
        assert len(set(known)) <= 1
        assert len(answers) < 3 or known
        if known and at < len(text) and joined(text, at) and text[at - 1].isalnum():
            assert known[0] is Border.NEVER
