"""What every bench says beside its figures: percentiles with n, the hardware, the date, the process."""

from __future__ import annotations

import datetime
import os
import platform
import random
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

FLAGS = ("avx2", "avx512f", "avx512_bf16", "avx512_vnni", "amx_bf16", "amx_int8")
"""CPU features that decide how fast networks run."""


def percentiles(values: Sequence[float], digits: int = 1) -> dict[str, float]:
    """n, mean, p50, p95, p99 and max; the nearest-rank percentiles, so each is a value that occurred."""
    if not values:
        return {"n": 0}
    ordered = sorted(values)

    def at(share: float) -> float:
        return round(ordered[max(0, -(-int(share * 1000 * len(ordered)) // 1000) - 1)], digits)

    mean = round(sum(ordered) / len(ordered), digits)
    return {
        "n": len(ordered),
        "mean": mean,
        "p50": at(0.50),
        "p95": at(0.95),
        "p99": at(0.99),
        "max": round(ordered[-1], digits),
    }


def hardware() -> dict[str, Any]:
    """CPU model, cores this process may use, and the features that matter."""
    model, flags = platform.processor() or platform.machine(), set[str]()
    try:
        for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
            key, _, value = line.partition(":")
            if key.strip() == "model name":
                model = value.strip()
            elif key.strip() == "flags":
                flags = set(value.split())
    except OSError:  # not Linux: the name of the processor has to do
        pass
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return {"cpu": model, "cores": cores, "flags": [flag for flag in FLAGS if flag in flags]}


def header(bench: str, engine: str) -> dict[str, Any]:
    """The head of a result."""
    try:
        release = version("seiyuu")
    except PackageNotFoundError:
        release = "checkout"
    now = datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
    return {
        "bench": bench,
        "engine": engine,
        "date": now,
        "version": release,
        "python": platform.python_version(),
        "hardware": hardware(),
    }


def resident_mb(pid: int) -> float | None:
    """Resident memory of a process in MB; None where the system does not say."""
    try:
        for line in Path(f"/proc/{pid}/status").read_text(encoding="utf-8").splitlines():
            if line.startswith("VmRSS:"):
                return round(int(line.split()[1]) / 1024, 1)
    except (OSError, ValueError):
        pass
    return None


def cpu_seconds(pid: int) -> float | None:
    """Processor time of a process so far; None where the system does not say."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    except (OSError, ValueError, IndexError):
        return None


def pin(server: int, client: int) -> bool:
    """Give all threads of the process ``server`` the first processor we may use, and ``client`` the others.

    False if there is only one, or the system cannot.
    """
    if not hasattr(os, "sched_setaffinity") or len(usable := sorted(os.sched_getaffinity(0))) < 2:
        return False
    for thread in Path(f"/proc/{server}/task").iterdir():
        os.sched_setaffinity(int(thread.name), usable[:1])
    os.sched_setaffinity(client, usable[1:])
    return True


def token_pieces(text: str, rng: random.Random) -> list[str]:
    """A text cut as language models give it: pieces of one to six characters."""
    pieces, at = [], 0
    while at < len(text):
        size = rng.randint(1, 6)
        pieces.append(text[at : at + size])
        at += size
    return pieces
