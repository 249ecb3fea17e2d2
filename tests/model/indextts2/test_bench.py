"""The bench runs on a CPU at a tiny size, reports everything it promises, and loses nothing to a part that fails."""

import json
from pathlib import Path

import pytest

from seiyuu.model.indextts2 import timing
from seiyuu.model.indextts2.bench import Findings, main

pytestmark = pytest.mark.unit


def test_one_call_reports_every_stage_and_load(
    tiny_checkpoint: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Stages, naive runs beside, sessions with first packets and underruns, joins; what fails is named."""
    monkeypatch.setattr("seiyuu.model.indextts2.bench.PROBES", 1)
    monkeypatch.setattr("seiyuu.model.indextts2.bench.PROBE_FROM_S", 0.0)
    monkeypatch.setattr(timing, "prefill", lambda *_: 1 / 0)
    file = tmp_path / "report.json"
    arguments = ["--checkpoint", str(tiny_checkpoint), "--streams", "1,2", "--segments", "1"]
    arguments += ["--steps", "2", "--repeat", "1", "--max-codes", "80", "--device", "cpu"]
    assert main([*arguments, "--json", str(file)]) == 1
    report = json.loads(file.read_text())
    assert report == json.loads(capsys.readouterr().out)
    assert report["finished"]
    assert report["failed"] == {"prefill_ms": "ZeroDivisionError: division by zero"}
    assert report["decode_step_2_rows_ms"]["n"] == 1
    assert report["naive"]["audio_s"] == report["naive_with_recordings"]["audio_s"] > 0
    assert report["2_streams"]["first_packet_ms_all_come_at_once"]["n"] == 2
    assert report["2_streams"]["first_packet_ms_beside_them"]["n"] == 1
    assert report["vocoder_in_chunks_largest_error"]["20"] < 1e-4
    assert report["joins"]["joins"] >= 1


def test_what_was_found_is_written_before_the_next_begins(tmp_path: Path) -> None:
    """A run that is cut off leaves a whole file; a part without time is named."""
    file = tmp_path / "report.json"
    findings = Findings(file, limit_s=100.0)
    findings.take("one", lambda: 1)
    seen: list[object] = []
    findings.take("two", lambda: seen.append(json.loads(file.read_text())["one"]))
    findings.take("long", lambda: 3, needs_s=101.0)
    report = json.loads(file.read_text())
    assert seen == [1]
    assert (report["no_time_for"], report["finished"]) == (["long"], False)
    assert "long" not in report


def test_a_spread_names_its_number() -> None:
    """Also when there is nothing."""
    assert timing.spread([1.0, 2.0, 3.0]) == {"p50": 2.0, "p95": 2.9, "n": 3}
    assert timing.spread([]) == {"n": 0}
