"""One short sentence about bad input: the field, what was got, what was expected."""

from __future__ import annotations

import difflib
import json
from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from .errors import BadAudio, BadMessage, SeiyuuError, UnknownEmotion, Unsupported

MAX_SHOWN = 40

# Error types that carry a whole sentence of their own, and what they become.
_SENTENCES: Mapping[str, type[SeiyuuError]] = {
    "bad_audio": BadAudio,
    "unknown_emotion": UnknownEmotion,
    "unsupported": Unsupported,
    "pace_form": BadMessage,
}
_EXPECTED: Mapping[str, str] = {
    "bool_type": "true or false",
    "dict_type": "an object",
    "emotion_form": "a name, or an object with one of name, mix, vector, describe, reference",
    "finite_number": "a finite number",
    "float_type": "a number",
    "greater_than_equal": "at least {ge}",
    "int_type": "a whole number",
    "less_than_equal": "at most {le}",
    "literal_error": "{expected}",
    "model_attributes_type": "an object",
    "model_type": "an object",
    "string_too_long": "at most {max_length} characters",
    "string_too_short": "at least {min_length} character",
    "string_type": "a string",
    "string_unicode": "whole Unicode characters",
    "too_long": "at most {max_length} items",
    "too_short": "at least {min_length} items",
    "tuple_type": "a list",
}
# Steps of an error's place that name a member of a union and no field of the message.
_TAGS = {"word", "name", "mix", "vector", "describe", "reference"}
# An unknown field comes first: a missing one is then often the same field spelt wrongly.
_MISTAKES = ("union_tag_invalid", "extra_forbidden")


def shown(value: object) -> str:
    """A value as its sender wrote it, cut after :data:`MAX_SHOWN` characters."""
    text = json.dumps(value, ensure_ascii=False, default=repr)
    text = text.encode("utf-8", "backslashreplace").decode("utf-8")
    return text if len(text) <= MAX_SHOWN else text[: MAX_SHOWN - 1] + "…"


def complaint(error: ValidationError) -> SeiyuuError:
    """The error of our tree that says what is wrong with a message; the first mistake is named, not all."""
    details = error.errors(include_url=False)
    first = next((d for d in details if d["type"] in _MISTAKES), details[0])
    kind = _SENTENCES.get(first["type"])
    if kind is not None:
        return kind(first["msg"])
    if first["type"] == "union_tag_invalid":
        return BadMessage(_unknown_type(first["ctx"]))
    if first["type"] == "union_tag_not_found":
        return BadMessage(f"the message has no type: got {shown(first['input'])}")
    return BadMessage(_about_field(first, details))


def _unknown_type(context: Mapping[str, Any]) -> str:
    names = [name.strip("' ") for name in str(context["expected_tags"]).split(",")]
    got = str(context["tag"])
    near = difflib.get_close_matches(got, names, 1)
    hint = f"did you mean {near[0]!r}?" if near else f"expected one of: {', '.join(names)}"
    return f"unknown message type {shown(got)}, {hint}"


def _about_field(detail: ErrorDetails, details: Sequence[ErrorDetails]) -> str:
    if not detail["loc"] and detail["type"] != "extra_forbidden":
        return f"a message is an object with a type, got {shown(detail['input'])}"
    field = _path(detail["loc"])
    if detail["type"] == "missing":
        return f"field {field} is missing"
    if detail["type"] == "extra_forbidden":
        absent = [str(d["loc"][-1]) for d in details if d["type"] == "missing"]
        near = difflib.get_close_matches(str(detail["loc"][-1]), absent, 1, cutoff=0.5)
        hint = f", did you mean {near[0]!r}?" if near else ""
        return f"unknown field {field}{hint}"
    expected = _EXPECTED.get(detail["type"], detail["msg"]).format_map(detail.get("ctx", {}))
    return f"{field} is {shown(detail['input'])}, expected {expected}"


def _path(place: Sequence[int | str]) -> str:
    """``("text.delta", "emotion", "name", "intensity")`` → ``text.delta.emotion.intensity``."""
    steps = [
        step
        for i, step in enumerate(place)
        if not (i > 0 and place[i - 1] == "emotion" and step in _TAGS)
    ]
    return (
        "".join(
            f"[{step}]" if isinstance(step, int) else f".{step}" if i else str(step)
            for i, step in enumerate(str(s)[:MAX_SHOWN] if isinstance(s, str) else s for s in steps)
        )
        .encode("utf-8", "backslashreplace")
        .decode("utf-8")
    )
