"""VTube Studio's plug-in API against a server written from its documentation."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from websockets.asyncio.server import ServerConnection, serve

from seiyuu.clients.avatar import animate
from seiyuu.clients.face import EXPRESSIONS, VOWELS, Look
from seiyuu.clients.vtube_studio import VtubeStudio, VtubeStudioError
from seiyuu.streaming.errors import Unauthorized

pytestmark = [pytest.mark.unit, pytest.mark.asyncio]
TOKEN = "t" * 64
OPEN = Look({**dict.fromkeys(VOWELS, 0.0), "A": 1.0}, dict.fromkeys(EXPRESSIONS, 0.0), 1.0)
JOY = Look(dict.fromkeys(VOWELS, 0.0), {**dict.fromkeys(EXPRESSIONS, 0.0), "joy": 1.0}, 0.0)


class Studio:
    """The far side: asks its user, knows its tokens, keeps what was injected."""

    def __init__(self) -> None:
        self.allows = True
        self.asked = 0
        self.injected: list[dict[str, float]] = []
        self.url = ""
        self.known: set[ServerConnection] = set()

    async def talk(self, socket: ServerConnection) -> None:
        async for frame in socket:
            asked = json.loads(frame)
            assert asked["apiName"] == "VTubeStudioPublicAPI"
            kind, data = self.answer(asked["messageType"], asked["data"], socket)
            answer = {"requestID": asked["requestID"], "messageType": kind, "data": data}
            await socket.send(json.dumps(answer))

    def answer(self, kind: str, data: dict[str, Any], socket: ServerConnection) -> tuple[str, Any]:
        match kind:
            case "AuthenticationTokenRequest":
                self.asked += 1
                if not self.allows:
                    return "APIError", {"errorID": 50, "message": "User has denied"}
                return "AuthenticationTokenResponse", {"authenticationToken": TOKEN}
            case "AuthenticationRequest":
                right = data["authenticationToken"] == TOKEN
                if right:
                    self.known.add(socket)
                return "AuthenticationResponse", {"authenticated": right}
            case "InjectParameterDataRequest" if socket in self.known:
                self.injected.append({v["id"]: v["value"] for v in data["parameterValues"]})
                return "InjectParameterDataResponse", {}
        return "APIError", {"errorID": 8, "message": "not authenticated"}


@pytest_asyncio.fixture
async def studio() -> AsyncIterator[Studio]:
    one = Studio()
    async with serve(one.talk, "127.0.0.1", 0) as server:
        port = next(iter(server.sockets)).getsockname()[1]
        one.url = f"ws://127.0.0.1:{port}"
        yield one


async def test_permission_is_asked_for_once(studio: Studio, tmp_path: Path) -> None:
    """The token is kept for the next time, readable by nobody else."""
    token = tmp_path / "deep" / "token"
    for _ in range(2):
        puppet = VtubeStudio(token, studio.url)
        await puppet.show(OPEN)
        await puppet.close()
    assert studio.asked == 1
    assert token.stat().st_mode & 0o077 == 0


async def test_a_token_that_is_not_known_any_more_is_asked_for_again(
    studio: Studio, tmp_path: Path
) -> None:
    """An old token leads to a new question, not to an error."""
    token = tmp_path / "token"
    token.write_text("old")
    puppet = VtubeStudio(token, studio.url)
    await puppet.show(OPEN)
    await puppet.close()
    assert studio.asked == 1
    assert token.read_text() == TOKEN


async def test_a_refusal_is_an_answer(studio: Studio, tmp_path: Path) -> None:
    """Its user said no: that is told, and nothing is kept."""
    studio.allows = False
    puppet = VtubeStudio(tmp_path / "token", studio.url)
    with pytest.raises(Unauthorized, match="refused"):
        await puppet.show(OPEN)
    assert not (tmp_path / "token").exists()


async def test_both_ways_of_moving_lips(studio: Studio, tmp_path: Path) -> None:
    """ "mouth" moves what every model has, and joy is a smile; "vowels" moves the five and silence."""
    for lips, look in (("mouth", OPEN), ("mouth", JOY), ("vowels", OPEN), ("vowels", JOY)):
        puppet = VtubeStudio(tmp_path / "token", studio.url, lips=lips)  # type: ignore[arg-type]
        await puppet.show(look)
        await puppet.close()
    open_, joy, vowels, silence = studio.injected
    assert open_["MouthOpen"] == 1.0
    assert joy["MouthOpen"] == 0.0
    assert joy["MouthSmile"] > open_["MouthSmile"]
    assert (vowels["VoiceA"], vowels["VoiceSilence"]) == (1.0, 0.0)
    assert (silence["VoiceA"], silence["VoiceSilence"]) == (0.0, 1.0)


class Still:
    """A face that does not move."""

    def look(self) -> Look:
        return OPEN


class Enough(Exception):
    """Ends an animation."""


async def test_a_studio_that_comes_late_or_goes_is_waited_for(
    studio: Studio, tmp_path: Path
) -> None:
    """It is said once to be missing each time, and the animation goes on when it is there."""
    puppet = VtubeStudio(tmp_path / "token", "ws://127.0.0.1:1")
    said: list[str] = []
    pauses = 0

    async def pause(_: float) -> None:
        nonlocal pauses
        pauses += 1
        if pauses == 3:
            puppet._url = studio.url  # it was started
        if pauses == 5:
            for socket in studio.known:
                await socket.close()
        if len(studio.injected) == 4:
            raise Enough

    with pytest.raises(Enough):
        await animate(Still(), puppet, complain=said.append, pause=pause)  # type: ignore[arg-type]
    assert len(said) == 2
    assert "does not answer" in said[0]
    assert "closed" in said[1]


async def test_nobody_there_says_what_to_turn_on(tmp_path: Path) -> None:
    """The error names the address and the switch."""
    with pytest.raises(VtubeStudioError, match="is its API on"):
        await VtubeStudio(tmp_path / "token", "ws://127.0.0.1:1").show(OPEN)
