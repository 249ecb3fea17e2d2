"""A server whose engine's files are damaged or have no room: repaired, or refused in one sentence."""

import os
import shutil
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

from seiyuu.model.compact.prepare import default_cache, is_whole, prepare

pytestmark = pytest.mark.e2e

SERVER = [sys.executable, "-m", "seiyuu.server", "--port", "0"]
PATIENCE_S = 120.0
TINY = """mount -t tmpfs -o size=16m tmpfs "$1" || exit 77
shift
"$@"
code=$?
find "$XDG_CACHE_HOME/seiyuu" -type f -size +0
exit $code
"""
"""Runs a command with a cache folder of 16 MB, and lists what it leaves there."""


def environment(cache: Path) -> dict[str, str]:
    return {**os.environ, "XDG_CACHE_HOME": str(cache)}


def test_no_space_is_one_sentence(tmp_path: Path) -> None:
    """Exit code 1 and what is needed where, no traceback, nothing left in the cache."""
    if shutil.which("unshare") is None:
        pytest.skip("needs unshare(1) to mount a small file system")
    unshare = ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c", TINY, "sh"]
    done = subprocess.run(
        [*unshare, str(tmp_path), *SERVER],
        env=environment(tmp_path),
        capture_output=True,
        timeout=PATIENCE_S,
        check=False,
    )
    if done.returncode == 77 or b"unshare" in done.stderr:
        pytest.skip("this system does not let us mount a small file system")
    said = done.stderr.decode().splitlines()
    assert done.returncode == 1, said
    assert "no space left for the engine's files" in said[-1]
    assert str(tmp_path) in said[-1]
    assert "Traceback" not in done.stderr.decode()
    assert done.stdout == b""


def test_a_damaged_cache_is_made_anew(tmp_path: Path) -> None:
    """The server starts and is ready, with the files as they should be."""
    whole = prepare()
    cache = tmp_path / "seiyuu" / "compact" / whole.folder.name
    shutil.copytree(whole.folder, cache, copy_function=_link)
    damaged = max(cache.iterdir(), key=lambda path: path.stat().st_size)
    data = bytearray(damaged.read_bytes())
    data[len(data) // 2] ^= 0xFF
    damaged.unlink()  # the file itself belongs to the real cache as well
    damaged.write_bytes(data)
    with subprocess.Popen(
        SERVER, env=environment(tmp_path), stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stderr is not None
        said = []
        try:
            for line in process.stderr:
                said.append(line)
                if " ready url=" in line:
                    url = line.split("ready url=")[1].split()[0]
                    with urllib.request.urlopen(url + "readyz", timeout=PATIENCE_S) as answer:
                        assert answer.status == 200
                    break
            else:
                raise AssertionError("".join(said))
        finally:
            process.terminate()
    assert is_whole(type(whole)(cache))
    assert is_whole(prepare())
    assert default_cache() not in cache.parents


def _link(source: str, target: str) -> None:
    """A second name where that is possible, so that nothing large is copied."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)
