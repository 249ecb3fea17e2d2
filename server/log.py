"""Structured logging on the standard library: an event name, then facts as ``key=value``.

What people say is private. Text of utterances goes into no message; where a developer needs it, it is passed as
:func:`private`, and printed only when the configuration says ``log_text``.
"""

from __future__ import annotations

import json
import logging
import sys
from typing import Any, TextIO

ROOT = "seiyuu"


class private(str):  # noqa: N801 - used like a word in a call: log("delta", text=private(text))
    """A value that is logged as its length unless text may be logged."""

    __slots__ = ()


class EventFormatter(logging.Formatter):
    """One line an event; ``as_json`` for machines, otherwise for people."""

    def __init__(self, *, as_json: bool = False, with_text: bool = False) -> None:
        super().__init__(datefmt="%Y-%m-%dT%H:%M:%S")
        self._as_json = as_json
        self._with_text = with_text

    def format(self, record: logging.LogRecord) -> str:
        facts = {key: self._shown(value) for key, value in getattr(record, "facts", {}).items()}
        stamp = f"{self.formatTime(record, self.datefmt)}.{int(record.msecs):03d}"
        message = record.getMessage()
        if record.exc_info:
            facts["exception"] = self.formatException(record.exc_info)
        if self._as_json:
            line = {"time": stamp, "level": record.levelname.lower(), "event": message, **facts}
            return json.dumps(line, ensure_ascii=False, default=str)
        trace = facts.pop("exception", None)
        tail = "".join(f" {key}={value}" for key, value in facts.items())
        return f"{stamp} {record.levelname.lower():7} {message}{tail}" + (
            f"\n{trace}" if trace else ""
        )

    def _shown(self, value: Any) -> Any:
        if isinstance(value, private) and not self._with_text:
            return f"<{len(value)} characters>"
        return value


class Log:
    """A logger whose calls are an event and its facts; those given here stand in every event."""

    __slots__ = ("_facts", "_logger")

    def __init__(self, name: str, **facts: Any) -> None:
        self._logger = logging.getLogger(f"{ROOT}.{name}")
        self._facts = facts

    def debug(self, event: str, **facts: Any) -> None:
        self._emit(logging.DEBUG, event, facts)

    def info(self, event: str, **facts: Any) -> None:
        self._emit(logging.INFO, event, facts)

    def warning(self, event: str, **facts: Any) -> None:
        self._emit(logging.WARNING, event, facts)

    def exception(self, event: str, error: BaseException, **facts: Any) -> None:
        """What went wrong inside, with its traceback; peers never see this."""
        self._emit(logging.ERROR, event, facts, error)

    def _emit(
        self, level: int, event: str, facts: dict[str, Any], error: BaseException | None = None
    ) -> None:
        if self._logger.isEnabledFor(level):
            extra = {"facts": {**self._facts, **facts}}
            self._logger.log(level, "%s", event, extra=extra, exc_info=error)


def configure(
    level: str = "info",
    *,
    as_json: bool = False,
    with_text: bool = False,
    stream: TextIO | None = None,
) -> None:
    """Send the server's events, and warnings of the libraries, to ``stream`` (standard error)."""
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(EventFormatter(as_json=as_json, with_text=with_text))
    for name, least in ((ROOT, level.upper()), ("uvicorn", "WARNING")):
        logger = logging.getLogger(name)
        logger.handlers[:] = [handler]
        logger.setLevel(least)
        logger.propagate = False
