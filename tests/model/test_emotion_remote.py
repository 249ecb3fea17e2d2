"""A chat endpoint is asked, and never waited for longer than the writer's patience."""

import asyncio
import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from seiyuu.model.emotion.describe import EmotionReading, read_emotion
from seiyuu.model.emotion.remote import ChatEndpoint, RemoteReader, understand
from seiyuu.streaming.errors import BadText, UnknownEmotion, Unsupported

pytestmark = pytest.mark.unit

ANSWER = (
    '{"vector": {"fear": 0.8, "surprise": 0.2}, "intensity": 0.9, "pace": 1.2, "confidence": 0.95}'
)


def completion(content: str) -> bytes:
    """An answer of the chat completions API."""
    return json.dumps(
        {"choices": [{"message": {"role": "assistant", "content": content}}]}
    ).encode()


class FakeServer:
    """A chat endpoint on loopback whose next answers the test decides."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, dict[str, str], dict[str, object]]] = []
        self.answer: Callable[[], tuple[int, bytes]] = lambda: (200, completion(ANSWER))
        self.released = threading.Event()
        self.answered = threading.Semaphore(0)
        fake = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                fake.asked.append((self.path, dict(self.headers), body))
                status, data = fake.answer()
                try:
                    self.send_response(status)
                    if status == 302:
                        self.send_header("Location", "http://127.0.0.1:9/elsewhere")
                    self.send_header("Content-Length", str(len(data)))
                    self.end_headers()
                    self.wfile.write(data)
                except OSError:
                    pass  # the reader went away
                fake.answered.release()

            def log_message(self, *_: object) -> None:
                return

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}/v1"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))
        self._thread.start()

    def hang(self) -> None:
        """Answer only after the test ends."""

        def later() -> tuple[int, bytes]:
            self.released.wait()
            return 200, completion(ANSWER)

        self.answer = later

    def close(self) -> None:
        """Let everything hanging go, and stop."""
        self.released.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeServer]:
    """A fake endpoint, reached past any proxy of the machine."""
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    fake = FakeServer()
    yield fake
    fake.close()


async def read(server: FakeServer, text: str, patience_s: float = 30.0) -> EmotionReading:
    """Read once with a fresh reader; the patience is long where the answer is expected to come."""
    reader = RemoteReader(ChatEndpoint(server.url, "small", "secret", patience_s, answer_s=30.0))
    try:
        return await reader.read(text)
    finally:
        reader.close()


async def test_the_endpoint_is_asked_as_the_api_wants(server: FakeServer) -> None:
    """Path, model, key and description arrive; the answer is the reading, with its caution."""
    reading = await read(server, "瑟瑟发抖")
    path, headers, body = server.asked[0]
    assert path == "/v1/chat/completions"
    assert headers["Authorization"] == "Bearer secret"
    assert body["model"] == "small"
    messages = body["messages"]
    assert isinstance(messages, list)
    assert messages[-1] == {"role": "user", "content": "瑟瑟发抖"}
    assert reading.emotion.strongest == "fear"
    assert (reading.emotion.intensity, reading.pace, reading.confidence) == (0.9, 1.2, 0.95)
    assert "distort" in reading.warnings[0]


async def test_the_same_description_is_asked_once(server: FakeServer) -> None:
    """A remembered answer needs no endpoint."""
    reader = RemoteReader(ChatEndpoint(server.url, "small", patience_s=10.0))
    assert await reader.read("scared") == await reader.read("scared")
    reader.close()
    assert len(server.asked) == 1
    assert "Authorization" not in server.asked[0][1]


async def test_a_silent_endpoint_is_not_waited_for(server: FakeServer) -> None:
    """After the patience the embedded reader answers, and says so."""
    server.hang()
    reading = await read(server, "furious", patience_s=0.02)
    assert reading.emotion == read_emotion("furious").emotion
    assert "in time" in reading.warnings[-1]


async def test_a_late_answer_is_kept_for_the_next_time(server: FakeServer) -> None:
    """What came too late for one reading serves the next."""
    server.hang()
    reader = RemoteReader(ChatEndpoint(server.url, "small", patience_s=0.02))
    first = await reader.read("furious")
    server.released.set()
    await asyncio.to_thread(server.answered.acquire)
    reader.close(wait=True)
    assert first.emotion.strongest == "anger"
    assert (await reader.read("furious")).emotion.strongest == "fear"


async def test_hanging_requests_do_not_pile_up(server: FakeServer) -> None:
    """While four requests hang, the fifth description is read here at once and asks nobody."""
    server.hang()
    reader = RemoteReader(ChatEndpoint(server.url, "small", patience_s=0.02))
    for text in ("a joyful one", "a sad one", "an angry one", "a scared one"):
        await reader.read(text)
    reading = await reader.read("gentle")
    reader.close()
    assert "busy" in reading.warnings[-1]
    assert reading.emotion.strongest == "tenderness"


@pytest.mark.parametrize(
    ("status", "data"),
    [
        (500, b"{}"),
        (401, b""),
        (302, b""),
        (200, b"<html>"),
        (200, b"[]"),
        (200, b'{"choices": []}'),
        (200, b'{"choices": [{"message": {"content": null}}]}'),
        (200, completion("I cannot say.")),
        (200, completion('{"vector": {"boredom": 1}, "intensity": 1, "confidence": 1}')),
        (200, b"x" * 100_000),
    ],
)
async def test_nonsense_is_read_here_instead(server: FakeServer, status: int, data: bytes) -> None:
    """Refusals, redirects and answers that are no readings fall back with a warning."""
    server.answer = lambda: (status, data)
    reading = await read(server, "gently")
    assert reading.emotion == read_emotion("gently").emotion
    assert "usable" in reading.warnings[-1]
    assert len(server.asked) == 1


async def test_a_gone_endpoint_is_read_here_instead(server: FakeServer) -> None:
    """Nobody listening is no error of the writer's."""
    reader = RemoteReader(ChatEndpoint("http://127.0.0.1:9/v1", "small", patience_s=10.0))
    assert (await reader.read("gently")).emotion.strongest == "tenderness"
    reader.close()


async def test_a_closed_reader_asks_nobody(server: FakeServer) -> None:
    """After closing, descriptions are still read, by the embedded reader."""
    reader = RemoteReader(ChatEndpoint(server.url, "small"))
    reader.close()
    reader.close()
    assert "no longer" in (await reader.read("gently")).warnings[-1]
    assert not server.asked


async def test_only_so_many_answers_are_remembered(server: FakeServer) -> None:
    """A new answer takes the place of the oldest."""
    reader = RemoteReader(ChatEndpoint(server.url, "small", patience_s=10.0), remembered=1)
    for text in ("one", "two", "two", "one"):
        await reader.read(text)
    reader.close()
    assert len(server.asked) == 3


async def test_bad_descriptions_are_refused_before_asking(server: FakeServer) -> None:
    """Empty and endless descriptions never leave the house."""
    with pytest.raises(UnknownEmotion):
        await read(server, "\u200b")
    with pytest.raises(BadText):
        await read(server, "x" * 10_000)
    assert not server.asked


def test_an_answer_in_a_fence_is_understood() -> None:
    """Models like to wrap; ranges are kept."""
    reading = understand(f"Sure!\n```json\n{ANSWER.replace('1.2', '99')}\n```")
    assert reading.emotion.strongest == "fear"
    assert reading.pace == 1.5


@pytest.mark.parametrize(
    "answer",
    [
        "",
        "}{",
        "[1]",
        '{"vector": {}, "intensity": 1, "confidence": 1}',
        '{"vector": {"joy": "much"}, "intensity": 1, "confidence": 1}',
        '{"vector": {"joy": true}, "intensity": 1, "confidence": 1}',
        '{"vector": {"joy": 1}, "intensity": NaN, "confidence": 1}',
        '{"vector": {"joy": 1}, "confidence": 1}',
    ],
)
def test_an_answer_without_a_reading_is_refused(answer: str) -> None:
    """What is not the object asked for raises."""
    with pytest.raises(ValueError):  # noqa: PT011 - the reason is for the log, never for the writer
        understand(answer)


@pytest.mark.parametrize("url", ["", "ftp://x", "file:///etc/passwd", "localhost:8000"])
def test_an_endpoint_has_a_web_address(url: str) -> None:
    """Other schemes are refused when configured, not when used."""
    with pytest.raises(Unsupported, match="http"):
        ChatEndpoint(url, "small")


def test_patience_is_a_time_and_the_key_stays_private() -> None:
    """No patience at all is a mistake; the key is in no representation."""
    with pytest.raises(Unsupported, match="patience"):
        ChatEndpoint("http://127.0.0.1/v1", "small", patience_s=0)
    assert "secret" not in repr(ChatEndpoint("http://127.0.0.1/v1", "small", "secret"))
