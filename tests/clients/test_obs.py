from typing import Any

import pytest

from seiyuu.clients.obs import (
    CAPTIONS,
    NOT_FOUND,
    VOICE,
    Ducking,
    remove,
    set_up,
    stream_url,
)
from seiyuu.clients.obs_link import ObsError, proof

pytestmark = pytest.mark.unit
KINDS = ("ffmpeg_source", "text_ft2_source_v2")


class FakeObs:
    """Inputs by name, volumes, and everything that was asked."""

    def __init__(self, *names: str, kinds: tuple[str, ...] = KINDS) -> None:
        self.inputs: dict[str, dict[str, Any]] = {name: {} for name in names}
        self.volumes = dict.fromkeys(names, -3.0)
        self.kinds = kinds
        self.asked: list[str] = []

    async def ask(self, request: str, **fields: Any) -> dict[str, Any]:
        self.asked.append(request)
        name = fields.get("inputName", "")
        match request:
            case "GetCurrentProgramScene":
                return {"currentProgramSceneName": "Scene"}
            case "GetInputKindList":
                return {"inputKinds": list(self.kinds)}
            case "GetInputList":
                return {"inputs": [{"inputName": name} for name in self.inputs]}
            case "CreateInput" | "SetInputSettings":
                self.inputs.setdefault(name, {}).update(fields["inputSettings"])
            case "RemoveInput":
                if name not in self.inputs:
                    raise ObsError("No source was found", NOT_FOUND)
                del self.inputs[name]
            case "GetInputVolume":
                return {"inputVolumeDb": self.volumes[name]}
            case "SetInputVolume":
                self.volumes[name] = fields["inputVolumeDb"]
        return {}


async def test_set_up_and_removal_leave_the_rest_alone() -> None:
    """Two sources come and go; a second set-up makes no second pair."""
    obs = FakeObs("Music")
    for _ in range(2):
        assert await set_up(obs, "http://h/live/current.ogg") == "Scene"
    assert set(obs.inputs) == {"Music", VOICE, CAPTIONS}
    assert obs.asked.count("CreateInput") == 2
    assert obs.inputs[VOICE]["input"] == "http://h/live/current.ogg"
    assert await remove(obs) == [VOICE, CAPTIONS]
    assert set(obs.inputs) == {"Music"}
    assert await remove(obs) == []


async def test_no_text_source_is_said() -> None:
    """An OBS without text sources is an error that says so."""
    with pytest.raises(ObsError, match="no text source"):
        await set_up(FakeObs(kinds=("ffmpeg_source",)), "http://h/live/current.ogg")


async def test_ducking_comes_back_to_what_it_was() -> None:
    """The other input goes down by the decibels asked for, once, and back."""
    obs = FakeObs("Music")
    ducking = Ducking(obs, "Music", 12.0)
    for speaking, volume in ((False, -3.0), (True, -15.0), (True, -15.0), (False, -3.0)):
        await ducking.follow(speaking)
        assert obs.volumes["Music"] == volume


@pytest.mark.parametrize(
    ("server", "key", "url"),
    [
        ("http://h:1", None, "http://h:1/live/current.ogg"),
        ("ws://h:1/v1/live", None, "http://h:1/live/current.ogg"),
        ("wss://h", "a b", "https://h/live/current.ogg?api_key=a%20b"),
        ("h:1", None, "http://h:1/live/current.ogg"),
    ],
)
def test_the_stream_has_an_address(server: str, key: str | None, url: str) -> None:
    """Any form of the server's address leads to its stream."""
    assert stream_url(server, api_key=key) == url


def test_the_password_is_proved_by_hashing_twice() -> None:
    """Secret is base64(sha256(password + salt)); the proof hashes it again with the challenge."""
    import base64
    import hashlib

    secret = base64.b64encode(hashlib.sha256(b"passwordsalt").digest())
    expected = base64.b64encode(hashlib.sha256(secret + b"challenge").digest()).decode()
    assert proof("password", "salt", "challenge") == expected
