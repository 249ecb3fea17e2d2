"""The server and the command as processes: signals, pipes, exit codes."""

import asyncio
import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from websockets.asyncio.client import connect

pytestmark = pytest.mark.e2e

MAIN = "import sys; from seiyuu.server.cli import main; sys.exit(main())"
PATIENCE_S = 30.0


def command(*words: str) -> list[str]:
    return [sys.executable, "-c", MAIN, *words]


def run(*words: str, **options: Any) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        command(*words), capture_output=True, timeout=PATIENCE_S, check=False, **options
    )


async def start_server(*words: str) -> tuple[asyncio.subprocess.Process, str]:
    """A server process on a free port, and its address."""
    process = await asyncio.create_subprocess_exec(
        *command("serve", "--engine", "tone", "--port", "0", *words),
        stderr=asyncio.subprocess.PIPE,
    )
    assert process.stderr is not None
    async with asyncio.timeout(PATIENCE_S):
        while line := await process.stderr.readline():
            if found := re.search(rb"ready url=http(\S+?)/ ", line):
                return process, "ws" + found[1].decode() + "/v1/live"
    raise AssertionError("the server did not start")


async def refused(url: str) -> None:
    """Come until the server takes nobody any more; the signal may not have reached it yet."""
    async with asyncio.timeout(PATIENCE_S):
        while True:
            async with connect(url, proxy=None) as late:
                await late.send('{"type": "session.start"}')
                answer = json.loads(await late.recv())
            if answer["type"] == "error":
                assert answer["code"] == "overloaded"
                return


async def finished(process: asyncio.subprocess.Process) -> int:
    async with asyncio.timeout(PATIENCE_S):
        await process.communicate()
    assert process.returncode is not None
    return process.returncode


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
async def test_a_signal_lets_speech_finish(number: signal.Signals) -> None:
    """What is being said is said to its end, new sessions are refused, and the exit code is 0."""
    process, url = await start_server()
    async with connect(url, proxy=None, compression=None) as socket:
        for message in (
            {"type": "session.start"},
            {"type": "text.delta", "text": "一二三四五六七八"},
            {"type": "text.end"},
        ):
            await socket.send(json.dumps(message))
        got: list[dict[str, Any]] = []
        stopped = False
        async for frame in socket:
            if isinstance(frame, str):
                got.append(json.loads(frame))
            elif not stopped:
                stopped = True
                process.send_signal(number)
                await refused(url)
    assert got[-1]["type"] == "utterance.ended"
    assert got[-1]["reason"] == "end"
    assert socket.close_code == 1001
    assert await finished(process) == 0


async def test_a_second_signal_stops_at_once() -> None:
    """Nobody has to wait for a long speech."""
    process, url = await start_server()
    async with connect(url, proxy=None, compression=None, close_timeout=0.2) as socket:
        await socket.send('{"type": "session.start"}')
        await socket.send(json.dumps({"type": "text.delta", "text": "很长的一句话" * 500}))
        while isinstance(await socket.recv(), str):
            pass
        process.send_signal(signal.SIGINT)
        await refused(url)
        process.send_signal(signal.SIGINT)
        assert await finished(process) == 0


def test_a_port_in_use_is_one_sentence(tmp_path: Path) -> None:
    """Exit code 1 and the address, no traceback."""
    import socket

    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        done = run("serve", "--engine", "tone", "--port", port, cwd=tmp_path)
    assert done.returncode == 1
    assert f"cannot listen on 127.0.0.1:{port}" in done.stderr.decode()
    assert b"Traceback" not in done.stderr


def test_speech_from_a_pipe_to_a_pipe(tmp_path: Path) -> None:
    """Standard input is spoken before it ends; standard output is PCM and nothing else."""
    process = subprocess.Popen(
        command("say", "-", "--engine", "tone", "--out", "-"),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=tmp_path,
    )
    with process:
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stderr is not None
        text = "你好世界。".encode()
        process.stdin.write(text[:7])
        process.stdin.flush()
        process.stdin.write(text[7:])
        process.stdin.flush()
        first = process.stdout.read(480)  # while the input is still open
        process.stdin.write("完。".encode())
        process.stdin.close()
        rest = process.stdout.read()
        assert process.stderr.read() == b""
    assert process.returncode == 0
    assert (len(first) + len(rest)) / 48 >= 5 * 120 + 60


def test_an_interrupt_ends_the_command(tmp_path: Path) -> None:
    """Ctrl-C while standard input is open: no traceback, the code shells expect."""
    process = subprocess.Popen(
        command("say", "-", "--engine", "tone", "--out", "-"),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=tmp_path,
        # a shell that runs the tests in the background has them ignore Ctrl-C, and children inherit that
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    with process:
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdin.write("你好世界。".encode())
        process.stdin.flush()
        process.stdout.read(480)
        process.send_signal(signal.SIGINT)
        process.stdout.read()
        assert b"Traceback" not in process.stderr.read()
    assert process.returncode == 130


def test_a_reader_that_leaves(tmp_path: Path) -> None:
    """``| head`` is not a crash."""
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "wb") as out:
        done = subprocess.run(
            command("say", "你好世界", "--engine", "tone", "--out", "-"),
            stdout=out,
            stderr=subprocess.PIPE,
            timeout=PATIENCE_S,
            check=False,
            cwd=tmp_path,
        )
    assert done.returncode == 1
    assert b"Traceback" not in done.stderr


async def test_saying_through_a_server(tmp_path: Path) -> None:
    """The same words through a socket give the same file."""
    process, url = await start_server()
    files = [tmp_path / "here.wav", tmp_path / "there.wav"]
    for file, more in zip(files, ([], ["--server", url]), strict=True):
        words = ("say", "大家好[joy]世界", "--engine", "tone", "--out", str(file), *more)
        done = await asyncio.to_thread(run, *words)
        assert done.returncode == 0, done.stderr
    assert files[0].read_bytes() == files[1].read_bytes()
    process.send_signal(signal.SIGTERM)
    assert await finished(process) == 0
