"""A face in VTube Studio over its plug-in API: https://github.com/DenchiSoft/VTubeStudio

The first time VTube Studio asks its user whether this plug-in may connect; the token it then gives is kept.
"""

from __future__ import annotations

import itertools
import json
from pathlib import Path
from typing import Any, Literal

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake

from ..streaming.errors import SeiyuuError, Unauthorized
from .face import VOWELS, Look

URL = "ws://127.0.0.1:8001"
PLUGIN = {"pluginName": "Seiyuu", "pluginDeveloper": "Seiyuu contributors"}
TIMEOUT_S = 10.0
NOT_ALLOWED = 50
Lips = Literal["mouth", "vowels"]


class VtubeStudioError(SeiyuuError):
    """VTube Studio cannot be reached or refused a request; ``number`` is its own, 0 if there was none."""

    def __init__(self, message: str, number: int = 0) -> None:
        super().__init__(message)
        self.number = number


class VtubeStudio:
    """One connection, made by the first :meth:`show` and again after it was lost.

    ``lips`` "mouth" moves MouthOpen and MouthSmile, which every model has; "vowels" moves VoiceA … VoiceO and
    VoiceSilence, for models with vowel shapes. With ``expressions`` the smile follows the emotion too. ``token`` is the
    file that keeps the permission.
    """

    def __init__(
        self, token: Path, url: str = URL, *, lips: Lips = "mouth", expressions: bool = True
    ) -> None:
        self._token = token
        self._url = url
        self._lips = lips
        self._expressions = expressions
        self._socket: ClientConnection | None = None
        self._numbers = itertools.count(1)

    async def show(self, look: Look) -> None:
        """Send one frame. Control lasts a second: call it at least that often.

        Raises:
            VtubeStudioError: it is not there, or is gone; the next call tries again.
            Unauthorized: its user refused.
        """
        if self._socket is None:
            await self._connect()
        data = {"faceFound": False, "mode": "set", "parameterValues": self._values(look)}
        await self.ask("InjectParameterDataRequest", data)

    async def close(self) -> None:
        """Give control back. Idempotent."""
        socket, self._socket = self._socket, None
        if socket is not None:
            await socket.close()

    async def ask(self, kind: str, data: dict[str, Any] | None = None) -> dict[str, Any]:
        """Send a request and give the data of its answer.

        Raises:
            VtubeStudioError: it was refused, or the connection is gone.
        """
        if self._socket is None:
            raise VtubeStudioError("VTube Studio is not connected")
        number = str(next(self._numbers))
        asked = {
            "apiName": "VTubeStudioPublicAPI",
            "apiVersion": "1.0",
            "requestID": number,
            "messageType": kind,
            "data": data or {},
        }
        try:
            await self._socket.send(json.dumps(asked))
            while True:
                answer: dict[str, Any] = json.loads(await self._socket.recv())
                if answer.get("requestID") == number:
                    break
        except ConnectionClosed as error:
            self._socket = None
            raise VtubeStudioError("VTube Studio closed the connection") from error
        found: dict[str, Any] = answer.get("data", {})
        if answer.get("messageType") == "APIError":
            number_ = found.get("errorID", 0)
            raise VtubeStudioError(f"VTube Studio refused {kind}: {found.get('message')}", number_)
        return found

    async def _connect(self) -> None:
        try:
            self._socket = await connect(self._url, open_timeout=TIMEOUT_S, proxy=None)
        except (OSError, InvalidHandshake, TimeoutError) as error:
            raise VtubeStudioError(
                f"VTube Studio does not answer at {self._url}; is its API on (settings, plugins)?"
            ) from error
        try:
            if not await self._known():
                await self._ask_for_token()
                if not await self._known():
                    raise Unauthorized("VTube Studio does not take the token it has just given")
        except BaseException:
            await self.close()
            raise

    async def _known(self) -> bool:
        """Whether it takes the token that was kept."""
        if not self._token.is_file():
            return False
        token = self._token.read_text(encoding="utf-8").strip()
        data = {**PLUGIN, "authenticationToken": token}
        answer = await self.ask("AuthenticationRequest", data)
        return bool(answer.get("authenticated"))

    async def _ask_for_token(self) -> None:
        """Its user is asked, and may take their time."""
        try:
            answer = await self.ask("AuthenticationTokenRequest", dict(PLUGIN))
        except VtubeStudioError as error:
            if error.number == NOT_ALLOWED:
                raise Unauthorized("the plug-in was refused in VTube Studio") from error
            raise
        self._token.parent.mkdir(parents=True, exist_ok=True)
        self._token.write_text(answer["authenticationToken"], encoding="utf-8")
        self._token.chmod(0o600)

    def _values(self, look: Look) -> list[dict[str, Any]]:
        if self._lips == "vowels":
            values = {f"Voice{vowel}": look.vowels[vowel] for vowel in VOWELS}
            values["VoiceSilence"] = max(0.0, 1.0 - sum(look.vowels.values()))
        else:
            wide = look.vowels["I"] + 0.6 * look.vowels["E"] - look.vowels["U"] - look.vowels["O"]
            shown = look.expressions
            mood = shown["joy"] + shown["fun"] - shown["sorrow"] if self._expressions else 0.0
            smile = 0.5 + 0.25 * wide + 0.5 * mood
            values = {"MouthOpen": look.open, "MouthSmile": min(1.0, max(0.0, smile))}
        return [{"id": name, "value": round(value, 4)} for name, value in values.items()]
