"""The tables of readings: how much of each category is read right."""

from __future__ import annotations

import pytest

from seiyuu.model.frontend import accuracy

pytestmark = pytest.mark.unit

# Shares below which a change has broken something; categories not named here must stay at 95 %.
FLOORS = {
    "zh_given": 1.0,
    "zh_given_not": 1.0,
    "zh_date": 0.98,
    "zh_number": 0.98,
    "zh_time": 0.98,
    "zh_polyphone": 0.97,
    "zh_polyphone_later": 0.97,
}


@pytest.fixture(scope="module")
def scores() -> dict[str, accuracy.Score]:
    return accuracy.measure()


def test_no_category_falls_below_its_floor(scores: dict[str, accuracy.Score]) -> None:
    """Every category of every language reaches its share."""
    low = {
        name: (score.share, [row.text for row, _ in score.wrong][:5])
        for name, score in scores.items()
        if score.share < FLOORS.get(name, 0.95)
    }
    assert low == {}


def test_tables_are_large_and_cover_four_languages(scores: dict[str, accuracy.Score]) -> None:
    """At least 600 rows, 200 of them polyphones in context."""
    assert sum(score.total for score in scores.values()) >= 600
    assert scores["zh_polyphone"].total >= 200
    assert {name[:2] for name in scores} >= {"zh", "en", "ja", "ko"}


def test_rows_are_not_written_twice() -> None:
    """A row that stands twice would count twice."""
    rows = [(row.text, row.expected, row.category) for row in accuracy.rows()]
    assert len(rows) == len(set(rows))


def test_a_wrong_row_is_counted_as_wrong(tmp_path: object) -> None:
    """The measure can fail: a row with a wrong expectation is not right."""
    from pathlib import Path

    folder = Path(str(tmp_path))
    (folder / "readings_zh.tsv").write_text(
        "input\texpected\tcategory\n银行\t银行=yin2 xing2\tzh_word\n", "utf-8"
    )
    assert accuracy.measure(folder)["zh_word"].share == 0.0
