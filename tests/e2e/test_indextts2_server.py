"""The IndexTTS-2 engine behind the server: text in pieces to audio packets, on tiny random weights."""

import asyncio
import json
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
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

torch = pytest.importorskip("torch")

pytestmark = pytest.mark.e2e

GOLDEN = Path(__file__).parents[1] / "golden"

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

    async def failure(self) -> dict[str, Any]:
        """The next error; audio on the way is dropped."""
        async with asyncio.timeout(PATIENCE_S):
            while True:
                frame = await self._end.receive()
                if isinstance(frame, str) and (message := json.loads(frame))["type"] == "error":
                    found: dict[str, Any] = message
                    return found


@pytest_asyncio.fixture
async def server(settings: dict[str, Any]) -> AsyncIterator[Server]:
    """A server that was given nothing but its configuration."""
    made = Server(ServerConfig(engine="indextts2", engine_options=settings))
    await made.start()
    yield made
    await made.stop()


@pytest_asyncio.fixture
async def join(server: Server) -> AsyncIterator[Callable[[], Awaitable[Talk]]]:
    """Begins sessions on it."""
    running: list[asyncio.Task[None]] = []

    async def begin() -> Talk:
        mine, theirs = pair()
        running.append(asyncio.create_task(server.sessions.talk(mine)))
        made = Talk(theirs)
        await made.send("session.start", protocol=1, language="zh", marks=["char"])
        started = await made.until("session.started")
        assert started["engine"] == "indextts2"
        return made

    yield begin
    await server.stop()
    await asyncio.wait(running)


@pytest_asyncio.fixture
async def talk(join: Callable[[], Awaitable[Talk]]) -> Talk:
    """One session."""
    return await join()


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


LONG = "大家好今天我们来玩一个新游戏天气真好我们出去走走吧"


async def test_a_row_that_breaks_ends_its_own_utterance(
    server: Server, join: Callable[[], Awaitable[Talk]]
) -> None:
    """Numbers go wrong in one session's cache: it hears an error and speaks again, the other hears nothing."""
    core = server.engine._core  # type: ignore[attr-defined]
    broken, whole = await join(), await join()
    poisoned: list[int] = []
    step = core._decoder.step

    def poison(rows: Sequence[int]) -> list[tuple[int, bool]]:
        if len(rows) == 2 and not poisoned:
            poisoned.append(rows[0])
            core._decoder.state.kv.values[:, rows[0]] = float("nan")
        drawn: list[tuple[int, bool]] = step(rows)
        return drawn

    core._decoder.step = poison
    for talk in (broken, whole):
        await talk.send("text.delta", text=LONG)
        await talk.send("text.end")
    first = asyncio.create_task(broken.failure())
    second = asyncio.create_task(whole.failure())
    done, waiting = await asyncio.wait({first, second}, return_when=asyncio.FIRST_COMPLETED)
    assert len(done) == 1
    error = done.pop().result()
    assert "numbers went wrong" in error["message"]
    assert error["code"] == "internal"
    healthy, ill = (whole, broken) if second in waiting else (broken, whole)
    task = waiting.pop()
    task.cancel()
    await asyncio.wait({task})
    assert (await healthy.until("utterance.ended"))["reason"] == "end"
    await ill.send("text.delta", text="天气真好!")
    await ill.send("text.end")
    assert (await ill.until("utterance.started"))["utterance"] == 2


async def test_a_full_device_is_survived_by_everybody(
    server: Server, join: Callable[[], Awaitable[Talk]]
) -> None:
    """Two rows at once are too many, and one text does not fit at first: both are spoken, nobody hears of it."""
    decoder = server.engine._core._decoder  # type: ignore[attr-defined]
    step, begin, refused = decoder.step, decoder.begin, []

    def narrow(rows: Sequence[int]) -> Any:
        if len(rows) > 1:
            raise torch.OutOfMemoryError("too many rows")
        return step(rows)

    def once(*given: Any, **more: Any) -> Any:
        if not refused:
            refused.append(True)
            raise torch.OutOfMemoryError("no room")
        return begin(*given, **more)

    decoder.step, decoder.begin = narrow, once
    talks = [await join(), await join()]
    for talk in talks:
        await talk.send("text.delta", text=LONG)
        await talk.send("text.end")
    for talk in talks:
        assert (await talk.until("utterance.ended"))["reason"] == "end"
    assert refused


async def test_a_clip_lends_its_manner(server: Server, talk: Talk) -> None:
    """A second reference clip, sent before, as the emotion of an utterance; a description beside it."""
    stored = server.clips.add((GOLDEN / "speech_anger.flac").read_bytes())
    await talk.send("text.delta", text="天气真好!", emotion={"reference": stored.id})
    await talk.send("text.end")
    assert (await talk.until("utterance.ended"))["reason"] == "end"
    assert len(server.engine._core._conditioner._manners) == 1  # type: ignore[attr-defined]
    await talk.send("text.delta", text="天气真好!", emotion={"describe": "冷冷地嘲讽"})
    await talk.send("text.end")
    assert (await talk.until("utterance.ended"))["reason"] == "end"


def _empty(folder: Path) -> None:
    shutil.rmtree(folder)
    folder.mkdir()


def _cut(folder: Path) -> None:
    path = folder / "gpt.pth"
    path.write_bytes(path.read_bytes()[:10_000])


def _bend(folder: Path) -> None:
    content = torch.load(folder / "gpt.pth", weights_only=True)
    content["mel_head.weight"] = torch.zeros(7, 5)
    torch.save(content, folder / "gpt.pth")


class Explosive:
    """Runs code when it is unpickled."""

    def __reduce__(self) -> tuple[Any, ...]:
        return (Path.touch, (Path("exploded"),))


def _arm(folder: Path) -> None:
    torch.save(Explosive(), folder / "s2mel.pth")


TROUBLE: list[tuple[Callable[[Path], None], str]] = [
    (_empty, r"gpt.pth  (from IndexTeam/IndexTTS-2)"),
    (_cut, "damaged or cut short; fetch it again"),
    (_bend, "mel_head.weight has shape [7, 5], expected [66, 32]"),
    (_arm, "wants to run code while it is read, and was refused"),
]


@pytest.mark.parametrize(("break_it", "message"), TROUBLE)
def test_files_that_cannot_be_used_are_named_by_every_command(
    settings: dict[str, Any],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    break_it: Callable[[Path], None],
    message: str,
) -> None:
    """``serve``, ``say`` and ``doctor`` end with 1 and say the same; nothing of the files was run."""
    from seiyuu.server.cli import main

    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "model"
    shutil.copytree(settings["model"], folder)
    break_it(folder)
    config = tmp_path / "own.toml"
    config.write_text(
        f'engine = "indextts2"\n[engine_options]\nmodel = "{folder}"\ndevice = "cpu"\n'
        f'presets = ["{settings["presets"][0]}"]\n'
    )
    calls = [
        ["serve", "--port", "0", "--config", str(config)],
        ["say", "大家好", "--out", "x.wav", "--config", str(config)],
        ["doctor", "--engine", "indextts2", "--model", str(folder)],
    ]
    for call in calls:
        assert main(call) == 1
        said = capsys.readouterr()
        assert message in said.err + said.out
    assert not (tmp_path / "exploded").exists()
    assert not (tmp_path / "x.wav").exists()


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a CUDA device")
def test_no_cuda_device_is_said_plainly(
    settings: dict[str, Any], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """With what to do instead."""
    from seiyuu.server.cli import main

    config = tmp_path / "own.toml"
    config.write_text(
        f'engine = "indextts2"\n[engine_options]\nmodel = "{settings["model"]}"\ndevice = "cuda"\n'
    )
    assert main(["serve", "--port", "0", "--config", str(config)]) == 1
    assert "no CUDA device was found; device='cpu' runs" in capsys.readouterr().err


def test_doctor_looks_into_the_files(
    settings: dict[str, Any], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Every weight file by name; what is missing is listed and the exit code says so."""
    from seiyuu.server.cli import main

    assert main(["doctor", "--engine", "indextts2", "--model", settings["model"]]) == 0
    assert "ok  gpt.pth" in capsys.readouterr().out
    assert main(["doctor", "--engine", "indextts2", "--model", str(tmp_path)]) == 1
    assert "(from IndexTeam/IndexTTS-2)" in capsys.readouterr().out
