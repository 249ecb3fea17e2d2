"""A real OBS plays a session, records it, shows captions, ducks what else sounds, and is left as it was."""

import asyncio
import json
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from websockets.asyncio.client import connect

from seiyuu.clients.following import follow
from seiyuu.clients.obs import CAPTIONS, DELAY_S, VOICE, Ducking, prompt, remove, set_up, stream_url
from seiyuu.clients.obs_link import ObsLink
from seiyuu.clients.playout import Playout
from seiyuu.streaming.errors import Unauthorized
from seiyuu.streaming.packet import unpack

pytestmark = pytest.mark.integration

PATIENCE_S = 40.0
LOUD = 0.03
TEXT = "大家好今天我们来玩一个新游戏" * 3
POEM = "春眠不觉晓处处闻啼鸟夜来风雨声花落知多少床前明月光疑是地上霜举头望明月低头思故乡"
"""No line of it comes twice."""
MUSIC = "Music"


async def speak(server: Any, text: str = TEXT) -> np.ndarray:
    """Say it, wait for its end, and give what the server sent (24 kHz)."""
    async with connect(server.url.replace("http", "ws") + "v1/live", proxy=None) as socket:
        await socket.send(json.dumps({"type": "session.start", "marks": ["word"]}))
        await socket.send(json.dumps({"type": "text.delta", "text": text}))
        await socket.send(json.dumps({"type": "text.end"}))
        sound = b""
        async for frame in socket:
            if isinstance(frame, bytes):
                sound += unpack(frame).payload
            elif '"utterance.ended"' in frame:
                return np.frombuffer(sound, "<i2").astype(np.float32) / 32768
    raise AssertionError("the server left")


async def collection(link: ObsLink) -> list[Any]:
    """All that the scene collection holds: scenes, what is in them, inputs and their settings and volumes."""
    scenes = (await link.ask("GetSceneList"))["scenes"]
    found: list[Any] = [scenes]
    for scene in scenes:
        found.append(await link.ask("GetSceneItemList", sceneName=scene["sceneName"]))
    for one in (await link.ask("GetInputList"))["inputs"]:
        name = one["inputName"]
        found.append([one, await link.ask("GetInputSettings", inputName=name)])
        found.append(await link.ask("GetInputVolume", inputName=name))
    return found


@pytest.fixture
def music() -> dict[str, Any]:
    """An input that somebody had before."""
    settings = {"is_local_file": True, "local_file": ""}
    return {"inputName": MUSIC, "inputKind": "ffmpeg_source", "inputSettings": settings}


async def test_obs_plays_captions_and_ducks(
    obs: str, obs_running: Any, server: Any, music: dict[str, Any]
) -> None:
    """Meters move, the text source follows, the music goes down and comes back, and nothing stays behind."""
    link = await obs_running.opened(obs)
    scene = (await link.ask("GetCurrentProgramScene"))["currentProgramSceneName"]
    await link.ask("CreateInput", sceneName=scene, **music)
    before = await collection(link)
    await set_up(link, stream_url(server.url))
    await set_up(link, stream_url(server.url))  # twice is once
    playout = Playout(delay_s=DELAY_S)
    shown: list[str] = []
    volumes: set[float] = set()

    async def pause() -> None:
        settings = await link.ask("GetInputSettings", inputName=CAPTIONS)
        shown.append(settings["inputSettings"]["text"])
        volume = await link.ask("GetInputVolume", inputName=MUSIC)
        volumes.add(round(volume["inputVolumeDb"], 1))
        await asyncio.sleep(0.05)

    await obs_running.playing(link, VOICE)
    tasks = [
        asyncio.create_task(follow(playout, server.url, "current", None)),
        asyncio.create_task(prompt(link, playout, Ducking(link, MUSIC, 12.0), pause)),
    ]
    speaking = asyncio.create_task(speak(server))
    async with asyncio.timeout(PATIENCE_S):
        async for level in obs_running.levels(obs, VOICE):
            if level > LOUD:
                break
    await speaking
    async with asyncio.timeout(PATIENCE_S):
        while not (any("大家好今天" in text for text in shown) and shown[-1] == " "):  # noqa: ASYNC110
            await asyncio.sleep(0.05)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    assert volumes == {0.0, -12.0}
    assert set(await remove(link)) == {VOICE, CAPTIONS}
    assert await collection(link) == before
    await link.ask("RemoveInput", inputName=MUSIC)
    await link.__aexit__(None, None, None)


async def test_a_recording_holds_what_was_sent(obs: str, obs_running: Any, server: Any) -> None:
    """OBS's file, decoded, is the sound the server sent, complete and in time, but for what AAC does to it."""
    link = await obs_running.opened(obs)
    await set_up(link, stream_url(server.url), captions=False)
    await obs_running.playing(link, VOICE)
    await link.ask("StartRecord")
    await asyncio.sleep(1.0)
    sent = await speak(server, POEM)
    await asyncio.sleep(1.0)
    path = Path((await link.ask("StopRecord"))["outputPath"])
    await remove(link)
    await link.__aexit__(None, None, None)
    async with asyncio.timeout(PATIENCE_S):
        while (recorded := decoded(path)) is None:  # noqa: ASYNC110
            await asyncio.sleep(0.1)
    assert likeness(sent, recorded, 0, len(sent)) > 0.98
    # The end lies where the beginning says it must: nothing was dropped, doubled or stretched.
    half = len(sent) // 2
    first, last = offset(sent[:half], recorded), offset(sent[half:], recorded) - half
    print(f"recorded against sent: moved by {(last - first) / 24:.2f} ms from first half to second")
    assert abs(last - first) <= 24


def decoded(path: Path) -> np.ndarray | None:
    """The left channel at 24 kHz, None while the file is being written."""
    try:
        with av.open(str(path)) as container:
            resampler = av.AudioResampler(format="flt", layout="mono", rate=24_000)
            parts = [
                piece.to_ndarray().reshape(-1)
                for frame in container.decode(audio=0)
                for piece in resampler.resample(frame)
            ]
    except (av.error.FFmpegError, IndexError):
        return None
    return np.concatenate(parts) if parts else None


def offset(part: np.ndarray, whole: np.ndarray) -> int:
    """Where a part lies in the whole: the peak of their correlation."""
    size = 1 << (len(whole) + len(part)).bit_length()
    spectrum = np.fft.rfft(whole, size) * np.conj(np.fft.rfft(part, size))
    return int(np.argmax(np.fft.irfft(spectrum, size)[: len(whole)]))


def likeness(part: np.ndarray, whole: np.ndarray, start: int, stop: int) -> float:
    """Cosine of a part and the place of the whole that is most like it."""
    at = offset(part[start:stop], whole)
    there = whole[at : at + stop - start]
    here = part[start : start + len(there)]
    return float(here @ there / np.sqrt((here @ here) * (there @ there) + 1e-12))


async def test_a_wrong_password_is_said(obs: str, obs_running: Any) -> None:
    """It is an error of its own, not a lost connection."""
    link = await obs_running.opened(obs)
    await link.__aexit__(None, None, None)
    with pytest.raises(Unauthorized, match="password is wrong"):
        await ObsLink(obs, "wrong").__aenter__()
