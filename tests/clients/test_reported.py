"""Errors of a server as exceptions of its clients."""

import pytest

from seiyuu.clients.reported import error_of
from seiyuu.streaming import errors
from seiyuu.streaming.messages import ErrorMessage

pytestmark = pytest.mark.unit


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("unknown_voice", errors.UnknownVoice),
        ("text_too_long", errors.BadText),
        ("engine_crashed", errors.EngineCrashed),
        ("internal", errors.SeiyuuError),
        ("slow_reader", errors.SlowReader),
    ],
)
def test_a_code_is_a_class(code: str, kind: type[Exception]) -> None:
    """So that it can be caught by its name."""
    error = error_of(ErrorMessage(code=code, message="why"))  # type: ignore[arg-type]
    assert type(error) is kind
    assert str(error) == "why"


def test_overload_says_when() -> None:
    """The time to come again travels along."""
    error = error_of(ErrorMessage(code="overloaded", message="full", retry_after_ms=50))
    assert isinstance(error, errors.Overloaded)
    assert error.retry_after_ms == 50
