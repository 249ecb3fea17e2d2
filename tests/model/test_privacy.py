"""Nothing that is used here keeps a record of its user."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.unit


def test_importing_the_engine_leaves_nothing_behind(tmp_path: Path) -> None:
    """Neither onnxruntime nor OpenVINO writes an id or a log into the home of whoever imports the compact engine."""
    environ = {**os.environ, "HOME": str(tmp_path), "PYTHONDONTWRITEBYTECODE": "1"}
    environ.pop("XDG_CACHE_HOME", None)
    environ.pop("ORT_DISABLE_TELEMETRY", None)
    code = "import seiyuu.model.compact.engine, onnxruntime"
    subprocess.run([sys.executable, "-c", code], env=environ, check=True)
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []
