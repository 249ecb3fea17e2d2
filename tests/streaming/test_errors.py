"""The error tree is an interface."""

import typing

import pytest

from seiyuu.streaming import errors
from seiyuu.streaming.messages import ErrorMessage

pytestmark = pytest.mark.unit

TREE = [
    value
    for value in vars(errors).values()
    if isinstance(value, type) and issubclass(value, errors.SeiyuuError)
]


@pytest.mark.parametrize("kind", TREE, ids=lambda kind: kind.__name__)
def test_every_code_goes_over_the_wire(kind: type[errors.SeiyuuError]) -> None:
    """The wire knows the code of each error."""
    codes = typing.get_args(ErrorMessage.model_fields["code"].annotation)
    assert kind.code in codes


@pytest.mark.parametrize("kind", TREE, ids=lambda kind: kind.__name__)
def test_the_tree_in_the_docstring_is_complete(kind: type[errors.SeiyuuError]) -> None:
    """Each error is drawn in the module's docstring, with its code."""
    assert errors.__doc__ is not None
    lines = [line for line in errors.__doc__.splitlines() if kind.__name__ in line.split()[:9]]
    assert len(lines) == 1


def test_an_error_is_its_sentence() -> None:
    """str() gives what the sender may read."""
    assert str(errors.BadMessage("no such field")) == "no such field"
    assert (
        str(errors.TextTooLong(12, 10))
        == "the utterance has 12 characters, expected no more than 10"
    )


def test_an_overload_says_when_to_come_back() -> None:
    """retry_after_ms is a second unless told otherwise."""
    assert errors.Overloaded("full").retry_after_ms == 1000
    assert errors.Overloaded("full", 250).retry_after_ms == 250
    assert errors.Overloaded.retryable
