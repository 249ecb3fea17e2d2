"""Checking tensors by their outside."""

import pytest

from seiyuu.model.weights import TensorInfo, faults

pytestmark = pytest.mark.unit

WANTED = {"a": TensorInfo("float32", (2, 3)), "n": TensorInfo("int64", ())}


def test_a_fitting_file_has_no_faults() -> None:
    """More tensors than needed and another float precision are fine."""
    found = {**WANTED, "a": TensorInfo("bfloat16", (2, 3)), "more": TensorInfo("float32", (1,))}
    assert faults(WANTED, found) == []


def test_each_fault_is_named_with_both_values() -> None:
    """Missing, misshapen and mistyped tensors are told apart."""
    assert faults(WANTED, {"a": TensorInfo("float32", (3, 2))}) == [
        "n is missing",
        "a has shape [3, 2], expected [2, 3]",
    ]
    wrong = {"a": TensorInfo("int64", (2, 3)), "n": TensorInfo("int64", ())}
    assert faults(WANTED, wrong) == ["a is int64, expected float32"]


def test_many_faults_are_counted() -> None:
    """The first few are shown."""
    wanted = {f"t{i}": TensorInfo("float32", (1,)) for i in range(10)}
    assert faults(wanted, {})[-1] == "… and 7 more are missing"
