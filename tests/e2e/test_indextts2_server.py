"""The IndexTTS-2 engine behind the server: text in pieces to audio packets, on tiny random weights."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import pytest_asyncio

from seiyuu.model.consent import Consent
from seiyuu.model.library import StoredVoice
from seiyuu.model.voice_file import export_voice
from seiyuu.model.voice_record import VoiceRecord
from seiyuu.server.app import Server
from seiyuu.server.config import ServerConfig
from seiyuu.server.transports.memory import MemoryTransport, pair
from seiyuu.streaming.packet import Packet, unpack

pytestmark = pytest.mark.e2e

PATIENCE_S = 60.0
STREAMING = {
    "flow_steps": 2,
    "chunk_frames": [20, 40, 60],
    "context_frames": 12,
    "vocoder_left": 12,
    "vocoder_right": 12,
    "max_codes": 200,
    "codes_per_token": 6,
    "runaway_slack": 30,
}


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Engine options as a configuration file gives them: a model folder, a table, and an exported voice."""
    torch = pytest.importorskip("torch")
    from seiyuu.model.indextts2.engine import IndexTTS2Core
    from seiyuu.model.indextts2.make_checkpoint import TINY, make_checkpoint

    torch.set_num_threads(1)
    folder = tmp_path_factory.mktemp("indextts2")
    make_checkpoint(folder, TINY)
    core = IndexTTS2Core(folder, device="cpu", max_sessions=1)
    core.load()
    clip = 0.2 * np.random.default_rng(0).standard_normal(44_100)
    voice = core.enroll(clip.astype(np.float32), 22_050, "tiny")
    record = VoiceRecord.of(
        voice, Consent("the authors", "2025-01-01", "tests"), "2025-01-01T00:00:00Z"
    )
    exported = folder / "tiny.seiyuu-voice"
    exported.write_bytes(export_voice(StoredVoice(voice, record, None)))
    return {
        "model": str(folder),
        "device": "cpu",
        "max_sessions": 2,
        "streaming": STREAMING,
        "presets": [str(exported)],
    }


class Talk:
    """One session by hand."""

    def __init__(self, end: MemoryTransport) -> None:
        self._end = end
        self.packets: list[Packet] = []

    async def send(self, kind: str, **fields: Any) -> None:
        await self._end.send(json.dumps({"type": kind, **fields}))

    async def until(self, kind: str) -> dict[str, Any]:
        """The next message of a kind; audio on the way is kept, an error is raised."""
        async with asyncio.timeout(PATIENCE_S):
            while True:
                frame = await self._end.receive()
                if isinstance(frame, bytes):
                    self.packets.append(unpack(frame))
                    continue
                message: dict[str, Any] = json.loads(frame)
                assert message["type"] != "error", message
                if message["type"] == kind:
                    return message


@pytest_asyncio.fixture
async def talk(settings: dict[str, Any]) -> AsyncIterator[Talk]:
    """A session on a server that was given nothing but its configuration."""
    server = Server(ServerConfig(engine="indextts2", engine_options=settings))
    await server.start()
    mine, theirs = pair()
    running = asyncio.create_task(server.sessions.talk(mine))
    made = Talk(theirs)
    await made.send("session.start", protocol=1, language="zh", marks=["char"])
    started = await made.until("session.started")
    assert started["engine"] == "indextts2"
    yield made
    await server.stop()
    await asyncio.wait([running])


async def test_text_in_pieces_is_spoken_turned_and_cancelled(talk: Talk) -> None:
    """One utterance in pieces with an emotion turned in the middle, then another that is cut off."""
    for piece in ("大", "家好,", "今天我们", "来玩一个", "新游戏!"):
        await talk.send("text.delta", text=piece)
    await talk.until("utterance.started")
    await talk.send("emotion.set", emotion="joy", at="now")
    await talk.send("text.end")
    applied = await talk.until("emotion.applied")
    assert applied["emotion"]
    ended = await talk.until("utterance.ended")
    assert ended["reason"] == "end"
    assert ended["duration_ms"] > 0
    assert any(np.frombuffer(p.payload, "<i2").any() for p in talk.packets)

    await talk.send("text.delta", text="这句话没有说完就停下来了。" * 3)
    await talk.until("utterance.started")
    await talk.send("speech.cancel")
    cancelled = await talk.until("speech.cancelled")
    assert cancelled["unheard_text"]


def test_the_engine_needs_its_files(tmp_path: Path) -> None:
    """A server on an empty folder says which files are missing."""

    async def start() -> None:
        server = Server(ServerConfig(engine="indextts2", engine_options={"model": str(tmp_path)}))
        await server.start()

    from seiyuu.streaming.errors import EngineFailed

    with pytest.raises(EngineFailed, match=r"gpt\.pth  \(from IndexTeam/IndexTTS-2\)"):
        asyncio.run(start())


def test_doctor_looks_into_the_files(
    settings: dict[str, Any], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Every weight file by name; what is missing is listed and the exit code says so."""
    from seiyuu.server.cli import main

    assert main(["doctor", "--engine", "indextts2", "--model", settings["model"]]) == 0
    assert "ok  gpt.pth" in capsys.readouterr().out
    assert main(["doctor", "--engine", "indextts2", "--model", str(tmp_path)]) == 1
    assert "(from IndexTeam/IndexTTS-2)" in capsys.readouterr().out
