"""What stands in the log, and what does not."""

import io
import json
import logging
from collections.abc import Iterator

import pytest

from seiyuu.server.log import Log, configure, private

pytestmark = pytest.mark.unit


@pytest.fixture(autouse=True)
def _restore() -> Iterator[None]:
    """Leave logging as it was found."""
    loggers = [logging.getLogger(name) for name in ("seiyuu", "uvicorn")]
    before = [(one.handlers[:], one.level, one.propagate) for one in loggers]
    yield
    for one, (handlers, level, propagate) in zip(loggers, before, strict=True):
        one.handlers[:], one.propagate = handlers, propagate
        one.setLevel(level)


def test_an_event_and_its_facts() -> None:
    """One line: time, level, event, bound facts, own facts."""
    out = io.StringIO()
    configure(stream=out)
    Log("test", session="abc").info("started", peer="1.2.3.4")
    assert out.getvalue().rstrip().endswith("info    started session=abc peer=1.2.3.4")


def test_text_is_private_unless_allowed() -> None:
    """What people say is logged by its length."""
    for allowed, shown in ((False, "<6 characters>"), (True, "secret")):
        out = io.StringIO()
        configure(stream=out, with_text=allowed)
        Log("test").info("delta", text=private("secret"))
        assert f"text={shown}" in out.getvalue()


def test_json_lines_hold_exceptions() -> None:
    """Machines get one object a line, the traceback inside."""
    out = io.StringIO()
    configure(stream=out, as_json=True)
    try:
        raise ValueError("bang")
    except ValueError as error:
        Log("test").exception("failed", error, n=1)
    line = json.loads(out.getvalue())
    assert (line["event"], line["level"], line["n"]) == ("failed", "error", 1)
    assert "ValueError: bang" in line["exception"]


def test_a_level_hides_what_is_below() -> None:
    """Debug events cost nothing and say nothing at level info."""
    out = io.StringIO()
    configure(stream=out)
    Log("test").debug("noise")
    assert out.getvalue() == ""
