"""A real OBS on a virtual screen, with an empty scene collection and a password."""

import asyncio
import json
import os
import shutil
import signal
import subprocess
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from websockets.asyncio.client import connect

from seiyuu.clients.obs_link import ObsError, ObsLink, proof

PORT = 44_557
PASSWORD = "correct horse"
SCREEN = ":77"
PATIENCE_S = 40.0
METERS = 1 << 16

GLOBAL = f"""[General]
FirstRun=true
LastVersion=486539266
[OBSWebSocket]
FirstLoad=false
ServerEnabled=true
ServerPort={PORT}
AuthRequired=true
ServerPassword={PASSWORD}
[Basic]
Profile=Untitled
ProfileDir=Untitled
SceneCollection=Untitled
SceneCollectionFile=Untitled
"""
PROFILE = """[General]
Name=Untitled
[Video]
BaseCX=640
BaseCY=360
OutputCX=640
OutputCY=360
FPSCommon=10
[Audio]
SampleRate=48000
ChannelSetup=Stereo
[Output]
Mode=Simple
[SimpleOutput]
FilePath={home}
RecFormat=mkv
RecQuality=Stream
ABitrate=320
"""


@contextmanager
def running_obs(home: Path) -> Iterator[str]:
    """Start it in a home of its own; gives the address of its WebSocket server. Skips where it is not installed."""
    for tool in ("obs", "Xvfb"):
        if shutil.which(tool) is None:
            pytest.skip(f"{tool} is not installed (apt-get install obs-studio obs-plugins xvfb)")
    config = home / ".config" / "obs-studio"
    profile = config / "basic" / "profiles" / "Untitled"
    profile.mkdir(parents=True)
    (config / "global.ini").write_text(GLOBAL)
    (profile / "basic.ini").write_text(PROFILE.format(home=home))
    (home / "run").mkdir(mode=0o700)
    environ = {
        **os.environ,
        "HOME": str(home),
        "XDG_RUNTIME_DIR": str(home / "run"),
        "DISPLAY": SCREEN,
        "LIBGL_ALWAYS_SOFTWARE": "1",
        "QT_QPA_PLATFORM": "xcb",
    }
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "env": environ}
    screen = subprocess.Popen(
        ["Xvfb", SCREEN, "-screen", "0", "1280x720x24", "+extension", "GLX"],
        **quiet,
    )
    program = subprocess.Popen(["obs", "--multi", "--minimize-to-tray"], **quiet)
    yield f"ws://127.0.0.1:{PORT}"
    for process in (program, screen):
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


async def opened(url: str) -> ObsLink:
    """A connection, once OBS has started."""
    async with asyncio.timeout(PATIENCE_S):
        while True:
            try:
                return await ObsLink(url, PASSWORD).__aenter__()
            except ObsError:
                await asyncio.sleep(0.5)


async def playing(link: ObsLink, name: str) -> None:
    """Wait until a media source has found its stream."""
    async with asyncio.timeout(PATIENCE_S):
        while True:
            state = await link.ask("GetMediaInputStatus", inputName=name)
            if state["mediaState"] == "OBS_MEDIA_STATE_PLAYING":
                return
            await asyncio.sleep(0.1)


async def levels(url: str, name: str) -> AsyncIterator[float]:
    """The level of an input in OBS's mixer, every 50 ms."""
    async with connect(url, proxy=None, max_size=None) as socket:
        hello = json.loads(await socket.recv())["d"]["authentication"]
        identify = {
            "rpcVersion": 1,
            "eventSubscriptions": METERS,
            "authentication": proof(PASSWORD, hello["salt"], hello["challenge"]),
        }
        await socket.send(json.dumps({"op": 1, "d": identify}))
        async for frame in socket:
            data = json.loads(frame)["d"].get("eventData", {})
            for one in data.get("inputs", []):
                if one["inputName"] == name:
                    found = one["inputLevelsMul"]
                    yield float(found[0][1]) if found else 0.0
