"""JSON as the wire allows it."""

import contextlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seiyuu.streaming.errors import BadMessage, BadText, SeiyuuError
from seiyuu.streaming.strict_json import check_unicode, decode

pytestmark = pytest.mark.unit

scalars = (
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
)
values = st.recursive(
    scalars | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=3,
)


@given(st.dictionaries(st.text(), values, max_size=4))
def test_ordinary_json_is_read_as_ever(fields: dict[str, object]) -> None:
    """What json writes within the bounds is read back."""
    assert decode(json.dumps(fields), max_chars=10**6) == fields


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", r'not JSON at character 0: expecting value, got ""'),
        ("{", "not JSON at character 1"),
        ('{"a":1}x', "not JSON at character 7: extra data"),
        ("null", "a message is an object with a type, got null"),
        ("[]", r"a message is an object with a type, got \[\]"),
        ('{"a":1,"b":2,"a":3}', 'field "a" is given twice, expected once'),
        ('{"a":NaN}', "NaN is not JSON"),
        ('{"a":-Infinity}', "-Infinity is not JSON"),
        ('{"a":1e999}', "number 1e999 is too large or too long"),
        ('{"a":1.' + "3" * 60 + "}", "too large or too long"),
        ('{"a":' + "9" * 21 + "}", "a number has 21 digits, expected no more than 20"),
        ('{"a":' + "9" * 5000 + "}", "a number has 5000 digits"),
        ('{"a":' * 12 + "1" + "}" * 12, "nested too deep, expected no more than 8 levels"),
        ("[" * 100_000, "nested too deep"),
        ("x" * 200_001, "the message has 200001 characters, expected no more than 200000"),
    ],
)
def test_what_is_not_allowed_is_said_in_one_sentence(text: str, sentence: str) -> None:
    """Each way to be wrong has its own words, and none of them is long."""
    with pytest.raises(BadMessage, match=sentence) as caught:
        decode(text, max_chars=200_000)
    assert len(str(caught.value)) < 160


@given(st.text())
def test_any_text_is_json_or_a_bad_message(text: str) -> None:
    """Nothing else comes out."""
    with contextlib.suppress(BadMessage):
        assert isinstance(decode(text, max_chars=10**6), dict)


def test_eight_levels_are_allowed() -> None:
    """The bound itself is inside."""
    assert decode('{"a":' * 8 + "1" + "}" * 8, max_chars=1000)


@pytest.mark.parametrize(
    "value", ["a\ud800", {"k": ["\udfff"]}, {"\ud83d": 1}, [["x", {"y": "\udc00z"}]]]
)
def test_half_characters_are_found_wherever_they_are(value: object) -> None:
    """Lone surrogates in keys, lists and objects are refused, by number."""
    with pytest.raises(BadText, match="lone surrogate U\\+D"):
        check_unicode(value)


@given(values)
def test_whole_characters_pass(value: object) -> None:
    """Text without surrogates is never refused."""
    check_unicode(value)


def test_errors_are_of_our_tree() -> None:
    """A caller catches one kind."""
    with pytest.raises(SeiyuuError):
        decode("nope", max_chars=10)
