"""Choosing timbres by quality and distance."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from seiyuu.model.compact.training import choose as module
from seiyuu.model.compact.training.cast import CAST
from seiyuu.model.compact.training.choose import COUNTS, choose, distance, fit

pytestmark = pytest.mark.unit

TABLE = Path(module.__file__).parent / "tables" / "timbres.tsv"


@pytest.fixture(scope="module")
def rows() -> list[dict[str, str]]:
    with TABLE.open(encoding="utf-8") as file:
        return list(csv.DictReader(file, delimiter="\t"))


def test_the_cast_is_what_the_table_chooses(rows: list[dict[str, str]]) -> None:
    """Every persona's timbre comes from the measured table by the rule, not by taste."""
    chosen = {
        (row["first"], row["second"])
        for register, count in COUNTS.items()
        for row in choose([row for row in rows if row["register"] == register], count)
    }
    assert {tuple(role.timbre) for role in CAST} == chosen


def test_what_is_misheard_is_not_chosen(rows: list[dict[str, str]]) -> None:
    """However far it lies from the others."""
    spoiled = [{**row, "error_zh": "0.5"} if row["first"] == "af_sky" else row for row in rows]
    chosen = choose([row for row in spoiled if row["register"] == "f"], 9)
    assert all(row["first"] != "af_sky" and fit(row) for row in chosen)


def test_a_timbre_has_no_distance_from_itself(rows: list[dict[str, str]]) -> None:
    """And the same one from another either way."""
    assert distance(rows[0], rows[0]) == 0
    assert distance(rows[0], rows[1]) == distance(rows[1], rows[0]) > 0.5
