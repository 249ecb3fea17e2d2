"""JSON as the wire allows it: one object, no duplicate keys, no NaN, no number or depth without a bound."""

from __future__ import annotations

import json
import math
import re
from typing import Any, NoReturn

from .complaints import MAX_SHOWN, shown
from .errors import BadMessage, BadText

MAX_DEPTH = 8
MAX_DIGITS = 20
"""Enough for a signed 64-bit integer; longer ones cost quadratic time to read."""


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise BadMessage(f"field {shown(key)} is given twice, expected once")
        found[key] = value
    return found


def _int(digits: str) -> int:
    if len(digits) > MAX_DIGITS:
        raise BadMessage(f"a number has {len(digits)} digits, expected no more than {MAX_DIGITS}")
    return int(digits)


def _float(digits: str) -> float:
    value = float(digits) if len(digits) <= 2 * MAX_DIGITS else math.inf
    if not math.isfinite(value):
        raise BadMessage(f"number {digits[:MAX_SHOWN]} is too large or too long, expected a double")
    return value


def _constant(name: str) -> NoReturn:
    raise BadMessage(f"{name} is not JSON, expected a finite number")


_DECODER = json.JSONDecoder(
    object_pairs_hook=_object, parse_int=_int, parse_float=_float, parse_constant=_constant
)


def decode(text: str, *, max_chars: int) -> dict[str, Any]:
    """Read one JSON object.

    Raises:
        BadMessage: not JSON, not an object, or against one of the bounds; the sentence says which.
    """
    if len(text) > max_chars:
        raise BadMessage(
            f"the message has {len(text)} characters, expected no more than {max_chars}"
        )
    try:
        value = _DECODER.decode(text)
    except json.JSONDecodeError as error:
        raise BadMessage(
            f"not JSON at character {error.pos}: {error.msg.lower()}, got {shown(text[error.pos :][:20])}"
        ) from error
    except RecursionError as error:
        raise BadMessage(f"nested too deep, expected no more than {MAX_DEPTH} levels") from error
    _check_depth(value)
    if not isinstance(value, dict):
        raise BadMessage(f"a message is an object with a type, got {shown(value)}")
    return value


def _check_depth(value: object) -> None:
    level = [value]
    for _ in range(MAX_DEPTH + 1):
        level = [
            child
            for item in level
            if isinstance(item, (dict, list))
            for child in (item.values() if isinstance(item, dict) else item)
        ]
        if not level:
            return
    raise BadMessage(f"nested too deep, expected no more than {MAX_DEPTH} levels")


_SURROGATE = re.compile("[\ud800-\udfff]")


def check_unicode(value: object) -> None:
    """Refuse halves of characters, which JSON can write and UTF-8 cannot.

    Raises:
        BadText: a string in ``value``, however deep, holds a lone surrogate.
    """
    match value:
        case str():
            found = _SURROGATE.search(value)
            if found:
                raise BadText(
                    f"half a character (lone surrogate U+{ord(found[0]):04X}) at index {found.start()}, "
                    "expected whole Unicode characters"
                )
        case dict():
            for key, child in value.items():
                check_unicode(key)
                check_unicode(child)
        case list():
            for child in value:
                check_unicode(child)
