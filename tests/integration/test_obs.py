"""A real OBS on a virtual screen: it plays a session, shows captions, and is left as it was."""

import asyncio
import json
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from websockets.asyncio.client import connect

from seiyuu.clients.following import follow
from seiyuu.clients.obs import CAPTIONS, DELAY_S, VOICE, prompt, remove, set_up, stream_url
from seiyuu.clients.obs_link import ObsError, ObsLink, proof
from seiyuu.clients.playout import Playout
from seiyuu.streaming.errors import Unauthorized

pytestmark = pytest.mark.integration

PORT = 44_557
PASSWORD = "correct horse"
SCREEN = ":77"
PATIENCE_S = 40.0
METERS = 1 << 16
LOUD = 0.03

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
"""


@pytest.fixture(scope="module")
def obs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of an OBS with an empty scene collection."""
    for tool in ("obs", "Xvfb"):
        if shutil.which(tool) is None:
            pytest.skip(f"{tool} is not installed (apt-get install obs-studio obs-plugins xvfb)")
    home: Path = tmp_path_factory.mktemp("obs")
    config = home / ".config" / "obs-studio"
    profile = config / "basic" / "profiles" / "Untitled"
    profile.mkdir(parents=True)
    (config / "global.ini").write_text(GLOBAL)
    (profile / "basic.ini").write_text(PROFILE)
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
        ["Xvfb", SCREEN, "-screen", "0", "1280x720x24", "+extension", "GLX"], **quiet
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


async def until_loud(url: str, name: str) -> float:
    """The level of an input in OBS's mixer, as soon as it is no silence; meters come every 50 ms."""
    async with connect(url, proxy=None, max_size=None) as socket:
        hello = json.loads(await socket.recv())["d"]["authentication"]
        identify = {
            "rpcVersion": 1,
            "eventSubscriptions": METERS,
            "authentication": proof(PASSWORD, hello["salt"], hello["challenge"]),
        }
        await socket.send(json.dumps({"op": 1, "d": identify}))
        async with asyncio.timeout(PATIENCE_S):
            while True:
                data = json.loads(await socket.recv())["d"].get("eventData", {})
                for one in data.get("inputs", []):
                    levels = one["inputLevelsMul"]
                    if one["inputName"] == name and levels and levels[0][1] > LOUD:
                        return float(levels[0][1])


async def speak(server: Any, text: str) -> Any:
    socket = await connect(server.url.replace("http", "ws") + "v1/live", proxy=None)
    await socket.send(json.dumps({"type": "session.start", "marks": ["word"]}))
    await socket.recv()
    await socket.send(json.dumps({"type": "text.delta", "text": text}))
    await socket.send(json.dumps({"type": "text.end"}))
    return socket


async def test_obs_plays_and_captions_a_session(obs: str, server: Any) -> None:
    """The meters of the media source move, the text source follows, and removal leaves what was there."""
    link = await opened(obs)
    try:
        before = (await link.ask("GetInputList"))["inputs"]
        await set_up(link, stream_url(server.url))
        playout = Playout(delay_s=DELAY_S)
        shown: list[str] = []

        async def pause() -> None:
            settings = await link.ask("GetInputSettings", inputName=CAPTIONS)
            shown.append(settings["inputSettings"]["text"])
            await asyncio.sleep(0.05)

        async with asyncio.timeout(PATIENCE_S):
            while True:
                state = await link.ask("GetMediaInputStatus", inputName=VOICE)
                if state["mediaState"] == "OBS_MEDIA_STATE_PLAYING":
                    break
                await asyncio.sleep(0.1)
        tasks = [
            asyncio.create_task(follow(playout, server.url, "current", None)),
            asyncio.create_task(prompt(link, playout, None, pause)),
        ]
        socket = await speak(server, "大家好今天我们来玩一个新游戏" * 3)
        assert await until_loud(obs, VOICE) > LOUD
        since_s = time.monotonic() - playout.begun_at(1)
        print(f"first packet to OBS's meters, which move every 50 ms: {since_s * 1000:.0f} ms")
        async with asyncio.timeout(PATIENCE_S):
            while not any("大家好今天" in text for text in shown):  # noqa: ASYNC110
                await asyncio.sleep(0.05)
        await socket.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        assert set(await remove(link)) == {VOICE, CAPTIONS}
        assert (await link.ask("GetInputList"))["inputs"] == before
    finally:
        await link.__aexit__(None, None, None)


async def test_a_wrong_password_is_said(obs: str) -> None:
    """It is an error of its own, not a lost connection."""
    link = await opened(obs)
    await link.__aexit__(None, None, None)
    with pytest.raises(Unauthorized, match="password is wrong"):
        await ObsLink(obs, "wrong").__aenter__()
