"""The bench runs on a CPU at a tiny size and reports everything it promises."""

import json
from pathlib import Path

import pytest

from seiyuu.model.indextts2.bench import cost_model, main, spread

pytestmark = pytest.mark.unit


def test_one_call_reports_every_stage_and_load(
    tiny_checkpoint: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Stages, a naive run beside, and sessions with first packets and underruns."""
    file = tmp_path / "report.json"
    arguments = ["--checkpoint", str(tiny_checkpoint), "--streams", "1,2", "--segments", "1"]
    arguments += ["--steps", "2", "--repeat", "1", "--max-codes", "80", "--device", "cpu"]
    assert main([*arguments, "--json", str(file)]) == 0
    report = json.loads(file.read_text())
    assert report == json.loads(capsys.readouterr().out)
    assert set(report["decode_step_ms"]) == {"1", "2"}
    assert report["naive"]["audio_s"] > 0
    assert [found["first_packet_ms"]["n"] for found in report["sessions"]] == [1, 2]


def test_the_cost_model_grows_with_the_batch() -> None:
    """Weights once, caches per row, over the bandwidth given."""
    model = cost_model([1, 20], bandwidth_gbs=1500, context=500)
    assert model["1"] == pytest.approx(0.68, abs=0.01)
    assert model["20"] == pytest.approx(1.46, abs=0.02)
    assert spread([1.0, 2.0, 3.0])["p50"] == 2.0
