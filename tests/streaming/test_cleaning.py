"""What language models write and nobody should hear."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seiyuu.streaming.cleaning import AS_WRITTEN, FROM_MODEL, Cleaner, Cleaning

pytestmark = pytest.mark.unit

MARKDOWN = Cleaning(markdown=True)
CODE = Cleaning(code=True)
STAGE = Cleaning(stage_directions=True)
ROLES = Cleaning(role_prefixes=True)


def clean(text: str, cleaning: Cleaning = FROM_MODEL) -> str:
    """The whole text at once."""
    cleaner = Cleaner(cleaning)
    return cleaner.feed(text) + cleaner.flush()


CASES = [
    (MARKDOWN, "# 标题\n- a\n> b\n12. c", "  标题\n  a\n  b\n12. c"),
    (MARKDOWN, "a\n---\nb", "a\n   \nb"),
    (MARKDOWN, "a\n*****\nb ** c", "a\n     \nb    c"),
    (MARKDOWN, "这是**重点**和*轻点*。", "这是  重点  和 轻点 。"),
    (MARKDOWN, "2*3 = 6, a * b, snake_case, _so_", "2*3 = 6, a * b, snake_case,  so "),
    (MARKDOWN, "~~no~~ 好的~ 周一~周五", "  no   好的~ 周一~周五"),
    (MARKDOWN, "__init__ `x`", "  init    x "),
    (MARKDOWN, '[这里](https://a.b/c "t")看', "[这里" + " " * 20 + "看"),
    (MARKDOWN, "![图](./a.png)!好", "  图" + " " * 10 + "!好"),
    (MARKDOWN, "a](b) a] (c) x](https://a b", "a](b) a] (c) x](https://a b"),
    (CODE, "a\n```py\nx=1\n```\nb", "a\n     \n   \n   \nb"),
    (CODE, "a ```b``` c", "a ```b``` c"),
    (CODE, "``b", "``b"),
    (STAGE, "*轻轻一笑*你好 *sighs* ok", "      你好         ok"),
    (STAGE, "2*3*4 * 5 *a\nb* *a * **b**", "2*3*4 * 5 *a\nb* *a * **b**"),
    (ROLES, "Assistant: 你好\n助手：好\nTime: 3", "           你好\n   好\nTime: 3"),
    (ROLES, "**AI**: ok, ai: x", "        ok, ai: x"),
    (ROLES, "assistant\nais: ", "assistant\nais: "),
    (Cleaning(role_prefixes=True, role_names=("Mika",)), "mika: hi\nAI: hi", "      hi\nAI: hi"),
    (Cleaning(role_prefixes=True, role_names=()), "AI: hi", "AI: hi"),
    (
        FROM_MODEL,
        "Assistant: # Hi\n```\n*a*\n```\n*waves* **ok**",
        "             Hi\n   \n   \n   \n          ok  ",
    ),
]


@pytest.mark.parametrize(("cleaning", "text", "left"), CASES)
def test_each_kind_is_blanked_and_nothing_else(cleaning: Cleaning, text: str, left: str) -> None:
    """Characters keep their places."""
    assert clean(text, cleaning) == left


@pytest.mark.parametrize("text", [text for _, text, _ in CASES])
def test_everything_is_off_by_default(text: str) -> None:
    """What the writer wrote is what is read."""
    assert clean(text, AS_WRITTEN) == text


def test_long_openings_are_text() -> None:
    """A direction or a link that does not end in time is none, and is not waited for."""
    assert clean("*" + "a" * 200 + "*", STAGE) == "*" + "a" * 200 + "*"
    link = "](https://" + "a" * 400
    cleaner = Cleaner(MARKDOWN)
    assert cleaner.feed(link) == link


pieces = st.sampled_from(
    ["*", "**", "_", "~", "`", "```", "\n", "# ", "- ", "---", ">", "!", "[", "](", "https://a", ")", "Assistant",
     "助手", ":", "：", "a", "你", " ", "1", "😀", "AI: "]
)  # fmt: skip


@settings(max_examples=300)
@given(st.lists(pieces, max_size=25).map("".join), st.data())
def test_text_may_be_cut_anywhere(text: str, data: st.DataObject) -> None:
    """Any deltas are cleaned as the whole is, and every character is itself or a blank."""
    cuts = sorted(data.draw(st.sets(st.integers(0, len(text)), max_size=12)))
    bounds = [0, *cuts, len(text)]
    cleaner = Cleaner(FROM_MODEL)
    parts = [cleaner.feed(text[a:b]) for a, b in zip(bounds, bounds[1:], strict=False)]
    whole = clean(text)
    assert "".join(parts) + cleaner.flush() == whole
    assert len(whole) == len(text)
    assert all(new in (old, " ") for old, new in zip(text, whole, strict=True))


@pytest.mark.parametrize("junk", ["*", "`", "*a", "](", "![", "~", "AI", "- ", "--- "])
def test_what_is_held_back_is_bounded(junk: str) -> None:
    """Garbage passes through."""
    cleaner = Cleaner(FROM_MODEL)
    assert len(junk) * 2_000 - len(cleaner.feed(junk * 2_000)) <= 400
