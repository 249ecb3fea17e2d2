"""The accuracy command counts and prints what it says."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from seiyuu.model.emotion.accuracy import Labelled, as_json, as_text, load, main, measure
from seiyuu.streaming.emotion import AXES

pytestmark = pytest.mark.unit

ROWS = [
    Labelled("en", "joy", "", "joyful"),
    Labelled("en", "sadness", "slow", "sad, slowly"),
    Labelled("zh", "anger", "fast", "高兴"),
]


def test_right_and_wrong_are_counted() -> None:
    """Per language, per pair of axes, and pace only where one is labelled."""
    report = measure(ROWS)
    assert report.right == {"en": 2, "zh": 0}
    assert report.count == {"en": 2, "zh": 1}
    assert report.accuracy == pytest.approx(2 / 3)
    assert report.confusion[AXES.index("anger")][AXES.index("joy")] == 1
    assert (report.pace_right, report.pace_count) == (1, 2)
    assert [(row.text, found) for row, found in report.wrong] == [("高兴", "joy")]


def test_the_report_is_printed_whole() -> None:
    """Lines for a person name each language, the matrix and the errors; JSON holds the same."""
    report = measure(ROWS)
    lines = list(as_text(report, errors=True))
    assert any(line.startswith("  en  100.0% of 2") for line in lines)
    assert sum(line.split()[0] in AXES for line in lines) == len(AXES)
    assert "高兴" in lines[-1]
    said = as_json(report)
    assert said["languages"] == {"en": {"n": 2, "accuracy": 1.0}, "zh": {"n": 1, "accuracy": 0.0}}


def test_files_are_read_with_their_pace(tmp_path: Path) -> None:
    """A point stands for no pace; quotes are ordinary letters."""
    path = tmp_path / "some.tsv"
    path.write_text('language\tstrongest\tpace\tdescription\nen\tjoy\t.\tsays "yes"\n', "utf-8")
    assert load(path) == [Labelled("en", "joy", "", 'says "yes"')]


def test_missing_data_fails_with_a_word(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Without descriptions the command fails and says what to give."""
    monkeypatch.setattr(sys, "argv", ["accuracy", "--data", "/nowhere.tsv"])
    assert main() == 1
    assert "--data" in capsys.readouterr().err


def test_the_command_runs_without_torch(tmp_path: Path) -> None:
    """``python -m`` prints JSON, and torch was never imported for it."""
    path = tmp_path / "some.tsv"
    path.write_text("language\tstrongest\tpace\tdescription\nen\tjoy\t.\tjoyful\n", "utf-8")
    script = (
        "import runpy, sys; sys.argv = ['x', '--json', '--data', sys.argv[1]]\n"
        "try: runpy.run_module('seiyuu.model.emotion.accuracy', run_name='__main__')\n"
        "except SystemExit as end: assert not end.code\n"
        "assert 'torch' not in sys.modules"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(path)], capture_output=True, text=True, check=True
    )
    assert json.loads(done.stdout)["n"] == 1
