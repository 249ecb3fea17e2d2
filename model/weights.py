"""Checking what a checkpoint holds against what a network needs; torch-free."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

Shape = tuple[int, ...]

SHOWN = 3
"""Names listed of each kind of fault; the rest is counted."""


@dataclass(frozen=True, slots=True)
class TensorInfo:
    """A tensor by its outside: ``dtype`` as torch and safetensors spell it in lower case (``float32``)."""

    dtype: str
    shape: Shape


def faults(expected: Mapping[str, TensorInfo], found: Mapping[str, TensorInfo]) -> list[str]:
    """What is missing or odd, a sentence each; names nobody asked for are no fault."""
    missing = [name for name in expected if name not in found]
    present = [name for name in expected if name in found]
    misshapen = [
        f"{name} has shape {list(found[name].shape)}, expected {list(expected[name].shape)}"
        for name in present
        if found[name].shape != expected[name].shape
    ]
    mistyped = [
        f"{name} is {found[name].dtype}, expected {expected[name].dtype}"
        for name in present
        if not _same_kind(found[name].dtype, expected[name].dtype)
    ]
    return [
        *_counted(missing, "is missing", "are missing"),
        *_counted(misshapen, "", ""),
        *_counted(mistyped, "", ""),
    ]


def _same_kind(found: str, expected: str) -> bool:
    """Any floating precision serves where floats are expected: checkpoints are re-saved in half precision."""
    floats = ("float64", "float32", "float16", "bfloat16")
    return found == expected or (found in floats and expected in floats)


def _counted(names: list[str], one: str, many: str) -> list[str]:
    shown = [f"{name} {one}".strip() for name in names[:SHOWN]]
    if len(names) > SHOWN:
        shown.append(f"… and {len(names) - SHOWN} more {many}".strip())
    return shown
