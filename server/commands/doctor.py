"""``seiyuu doctor``: what is installed, which engines can run, what is missing and how to get it."""

from __future__ import annotations

import argparse
import importlib.metadata
import importlib.util
import shutil
import sys
from collections.abc import Iterator

PACKAGES = {
    "numpy": "base",
    "onnxruntime": "base",
    "openvino": "base",
    "fastapi": "base",
    "uvicorn": "base",
    "websockets": "base",
    "uvloop": "base",
    "aiortc": "base",
    "av": "base",
    "soxr": "base",
    "pypinyin": "base",
    "jieba": "base",
    "prometheus-client": "base",
    "sounddevice": "play",
    "torch": "gpu",
    "safetensors": "gpu",
    "ray": "ray",
}
"""Distribution → the extra it comes with."""
MIN_FREE_MB = 1000
"""Disk space the compact engine's parts need while they are made."""


def add(verbs: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = verbs.add_parser(
        "doctor",
        help="check this installation",
        description="Check what is installed, which engines can run, what is missing and how to get it.",
    )
    parser.add_argument(
        "--engine", choices=("indextts2",), help="check this engine's model files, tensor by tensor"
    )
    parser.add_argument("--model", metavar="FOLDER", help="where they are (the hubs' caches)")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Print findings; 1 if the base installation, or the engine asked about, is not whole."""
    if arguments.engine is not None:
        return _model_files(arguments.engine, arguments.model)
    wrong = 0
    for part in (_python, _packages, _engines, _machine, _cache, _sound):
        print(part.__name__.strip("_"))
        for well, line in part():
            print(f"  {'ok ' if well else '-- '} {line}")
            wrong += well is None
    return 1 if wrong else 0


def _model_files(engine: str, folder: str | None) -> int:
    """Print each weight file with what is missing or odd in it."""
    from ...model.registry import core_class
    from ...streaming.errors import SeiyuuError

    try:
        report: dict[str, list[str]] = core_class(engine).diagnose(folder)  # type: ignore[attr-defined]
    except SeiyuuError as error:
        print(f"  --  {error}")
        return 1
    for name, faults in report.items():
        print(f"  {'-- ' if faults else 'ok '} {name}")
        for fault in faults:
            print(f"        {fault}")
    return 1 if any(report.values()) else 0


Finding = tuple[bool | None, str]
"""True is well, False is missing but not needed by all, None is broken."""


def _python() -> Iterator[Finding]:
    release = ".".join(map(str, sys.version_info[:3]))
    yield (True if sys.version_info >= (3, 11) else None), f"Python {release} (3.11 or newer)"


def _packages() -> Iterator[Finding]:
    for name, extra in PACKAGES.items():
        if name == "uvloop" and sys.platform == "win32":
            continue
        try:
            yield True, f"{name} {importlib.metadata.version(name)}"
        except importlib.metadata.PackageNotFoundError:
            if extra == "base":
                yield None, f"{name} is missing: pip install seiyuu"
            else:
                yield False, f"{name} is not installed: pip install 'seiyuu[{extra}]'"


def _engines() -> Iterator[Finding]:
    from ...model.registry import CORES, core_class
    from ...streaming.errors import SeiyuuError

    for name in CORES:
        try:
            core_class(name)
        except SeiyuuError as error:
            yield False, f"{name}: {error}"
        except (ImportError, OSError) as error:
            yield (None if name == "compact" else False), f"{name}: {error}"
        else:
            yield True, f"{name} can be opened"


def _machine() -> Iterator[Finding]:
    from ...clients.measures import hardware

    found = hardware()
    yield True, f"{found['cpu']}, {found['cores']} cores"
    fast = {"avx512_bf16", "amx_bf16"} & set(found["flags"])
    if fast:
        yield (
            True,
            f"computes in bfloat16 ({', '.join(sorted(fast))}): the compact engine's fast path",
        )
    else:
        yield False, "no bfloat16 instructions: the compact engine takes about twice as long"
    if importlib.util.find_spec("torch") is not None:
        import torch

        if torch.cuda.is_available():
            yield True, f"CUDA: {torch.cuda.get_device_name(0)}"
        else:
            yield False, "no CUDA device: the indextts2 engine needs one to be live"


def _cache() -> Iterator[Finding]:
    from pathlib import Path

    import platformdirs

    root = Path(platformdirs.user_cache_dir("seiyuu", appauthor=False))
    if any(root.glob("compact/*/*.json")):
        yield True, f"the compact engine is prepared in {root}"
    else:
        yield False, f"the compact engine prepares itself in {root} at its first start"
    existing = next(path for path in (root, *root.parents) if path.exists())
    free_mb = shutil.disk_usage(existing).free // 10**6
    yield (
        (True if free_mb >= MIN_FREE_MB else None),
        f"{free_mb} MB free there (needs {MIN_FREE_MB})",
    )


def _sound() -> Iterator[Finding]:
    from ...clients.player import load_sounddevice
    from ...streaming.errors import Unsupported

    try:
        library = load_sounddevice()
    except Unsupported as error:
        yield False, str(error)
    else:
        yield True, f"sound goes to {library.query_devices(kind='output')['name']}"
