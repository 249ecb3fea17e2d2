"""The asyncio client: a host that speaks, over one connection that is made anew when it is lost."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from types import TracebackType
from typing import Any, Self

from pydantic import ValidationError

from ..streaming.audio import AudioFormat, ms_to_samples, samples_to_ms
from ..streaming.complaints import complaint
from ..streaming.errors import InvalidState, SeiyuuError
from ..streaming.ids import UtteranceId
from ..streaming.messages import (
    ClientMessage,
    EmotionSet,
    ErrorMessage,
    PlaybackReport,
    SessionClose,
    SessionStart,
    SessionStarted,
    SpeechCancel,
    SpeechPause,
    SpeechResume,
    TextDelta,
    VoiceSet,
)
from ..streaming.protocol import Event, PacketReceived, Protocol, Received, Side
from .incoming import Incoming, Tap
from .link import Link, Lost, Opener, websocket_opener
from .reported import error_of
from .speech import EmotionLike, Speech, wire_emotion

RETRIES_S = (0.0, 0.2, 0.5, 1.0, 2.0)
"""Waits before each attempt to come back after a loss; servers keep a session for some seconds."""
SENT_KEPT = 4096
"""Messages kept to be sent again; more are not on their way at once."""
REPORT_MS = 200
"""How often a client that does not play in real time says how far it got."""


class Host:
    """A virtual host's voice: one session. Use as ``async with connect(…) as host``.

    A problem the server reports for no speech in particular is raised by the next call.
    """

    def __init__(
        self, opener: Opener, start: SessionStart, *, realtime: bool = True, resume: bool = True
    ) -> None:
        self._opener = opener
        self._start = start
        self._realtime = realtime
        self._resume = resume
        self._protocol = Protocol(Side.CLIENT)
        self._incoming = Incoming(self._note)
        self._link: Link | None = None
        self._reader: asyncio.Task[None] | None = None
        self._problem: SeiyuuError | None = None
        self._unreported = 0  # samples since the last report of a client that is not real time
        # what was sent, for what turns out not to have arrived when the connection was lost
        self._sent: deque[str] = deque(maxlen=SENT_KEPT)
        self._sent_count = 0
        self._texts = 0  # text frames since the last packet
        self._next_seq = 0
        self._connected = asyncio.Event()
        self.room = asyncio.Event()
        """Set when a reader took something; internal to the package."""
        self.session: SessionStarted | None = None
        """What the server said at the start: engine, voice, limits."""
        self.resumed = 0
        """How often the connection was lost and made anew."""

    @property
    def audio(self) -> AudioFormat:
        """The format in which sound arrives."""
        return self._incoming.format

    @property
    def sample_rate(self) -> int:
        """The rate of the samples a speech gives."""
        return self._incoming.sample_rate

    async def __aenter__(self) -> Self:
        await self._open(self._start)
        self._reader = asyncio.create_task(self._read(), name="seiyuu-client")
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Let the server finish what is queued, unless an error is on its way out."""
        with suppress(SeiyuuError, ConnectionError):
            if kind is None:
                await self.close()
        if self._reader is not None:
            self._reader.cancel()
            with suppress(asyncio.CancelledError):
                await self._reader
        if self._link is not None:
            await self._link.close()

    def tap(self, tap: Tap | None) -> None:
        """Hand the audio of every speech to a player as well; None ends that."""
        self._incoming.tap = tap

    def is_live(self, utterance: UtteranceId) -> bool:
        """The utterance was begun and has not ended."""
        return utterance in self._incoming.speeches

    async def say(self, text: str | None = None, **options: Any) -> Speech:
        """Open an utterance; with ``text`` it is written whole and ended. ``options`` as of ``Speech.write``."""
        self._raise_problem()
        speech = Speech(self)
        if text is not None:
            await speech.write(text, **options)
            await speech.end()
        return speech

    async def emotion(
        self,
        emotion: EmotionLike,
        *,
        intensity: float | None = None,
        at: str = "now",
        ramp_ms: int = 120,
    ) -> None:
        """Turn the emotion of what is being said, and of everything after it."""
        spec = wire_emotion(emotion, intensity)
        await self.send(message(EmotionSet, emotion=spec, at=at, ramp_ms=ramp_ms))

    async def voice(self, name: str) -> None:
        """Speak with another voice from the next utterance on."""
        await self.send(message(VoiceSet, voice=name))

    async def pause(self) -> None:
        """Hold the voice, keep the place."""
        await self.send(SpeechPause())

    async def resume(self) -> None:
        """Go on after :meth:`pause`."""
        await self.send(SpeechResume())

    async def cancel(self, played_ms: float | None = None) -> None:
        """Stop everything that is spoken or queued; each speech knows what of it was heard."""
        await self.send(SpeechCancel(played_ms=played_ms))

    async def close(self) -> None:
        """Finish what is queued, then close. Returns when the server has closed."""
        await self.send(SessionClose())
        if self._reader is not None:
            await asyncio.wait({self._reader})

    async def send(self, message: ClientMessage) -> None:
        """Send any message of the protocol; waits while the connection is being made anew.

        Raises:
            SeiyuuError: the message is out of order, or a problem the server reported since the last call.
        """
        self._raise_problem()
        self._protocol.send(message)
        await self._flush()

    async def open_or_send(self, speech: Speech, delta: TextDelta) -> None:
        """Send text; the first of a speech gives it its number."""
        self._raise_problem()
        if speech.id is None:
            number = self._protocol.next_utterance()
            self._protocol.send(delta.model_copy(update={"utterance": number}))
            speech.id = number
            self._incoming.speeches[number] = speech
        else:
            self._protocol.send(delta)
        await self._flush()

    # The connection.

    async def _open(self, start: SessionStart) -> None:
        """Connect, start or resume, and wait for the server's answer."""
        link = await self._opener()
        protocol = Protocol(Side.CLIENT)
        protocol.send(start)
        try:
            with suppress(
                Lost
            ):  # a server that refuses may have closed already; what it said can be read
                for frame in protocol.data_to_send():
                    await link.send(str(frame))
            started = await _answer(link, protocol)
        except BaseException:
            await link.close()
            raise
        if start.resume is not None:
            protocol.take_over(self._protocol)
        self.session = started
        self._incoming.format = started.audio.format()
        self._link, self._protocol = link, protocol
        with suppress(Lost):  # the reader notices
            for frame in self._missing(started.received):
                await link.send(frame)
        self._connected.set()

    def _missing(self, received: int | None) -> list[str]:
        """What the server did not get of what was sent."""
        if received is None:
            return []
        count = min(self._sent_count - received, len(self._sent))
        return list(self._sent)[len(self._sent) - count :]

    async def _read(self) -> None:
        """Read until the session is over; come back after a loss."""
        while True:
            try:
                await self._read_link()
            except Lost as lost:
                self._connected.clear()
                if self._over(lost):
                    return
                if not await self._come_back(lost):
                    return

    def _over(self, lost: Lost) -> bool:
        """Whether the connection ended because the session did, or because it cannot be resumed."""
        in_order = lost.code == 1000
        if not in_order and lost.code == 1006 and self._resume:
            return False
        error = self._problem or SeiyuuError(str(lost))
        self._incoming.fail(error)
        self._problem = None if in_order else error
        self._protocol.receive_eof()
        self._connected.set()
        return True

    async def _read_link(self) -> None:
        assert self._link is not None
        skip = self._texts if self.resumed else 0
        while True:
            frame = await self._link.receive()
            if isinstance(frame, bytes):
                events = self._protocol.receive_binary(frame)
                self._texts = skip = 0
            else:
                if skip > 0:  # it came before the loss
                    skip -= 1
                    continue
                events = self._protocol.receive_text(frame)
                self._texts += 1
            for event in events:
                await self._take(event)

    async def _take(self, event: Event) -> None:
        if isinstance(event, PacketReceived):
            packet = event.packet
            self._next_seq = (packet.seq + 1) & 0xFFFFFFFF
            speech = self._incoming.packet(packet)
            if not self._realtime:
                await self._report(packet.utterance, packet.timestamp, last=packet.last)
            while speech is not None and speech.full:
                self.room.clear()
                await self.room.wait()
        elif isinstance(event, Received):
            self._incoming.message(event.message)  # type: ignore[arg-type]
        else:
            self._note(event.error)

    async def _report(self, utterance: UtteranceId, timestamp: int, *, last: bool) -> None:
        """Say that the sound was consumed, so that the server goes on without waiting for real time."""
        frame = self.audio.samples_per_frame
        self._unreported += frame
        if last or self._unreported >= ms_to_samples(REPORT_MS, self.audio.sample_rate):
            self._unreported = 0
            played = samples_to_ms(timestamp + frame, self.audio.sample_rate)
            self._protocol.send(PlaybackReport(utterance=utterance, played_ms=played))
            await self._flush()

    async def _come_back(self, lost: Lost) -> bool:
        """Resume over a new connection; False if the session is lost."""
        assert self.session is not None
        resume = {"token": self.session.resume_token, "next_seq": self._next_seq}
        error: Exception = lost
        for wait in RETRIES_S:
            await asyncio.sleep(wait)
            try:
                self.resumed += 1
                await self._open(message(SessionStart, **_fields(self._start), resume=resume))
                return True
            except Lost as again:
                error = again
            except SeiyuuError as refused:
                error = refused
                break
        self._problem = error if isinstance(error, SeiyuuError) else SeiyuuError(str(error))
        self._incoming.fail(self._problem)
        self._protocol.receive_eof()
        self._connected.set()
        return False

    async def _flush(self) -> None:
        await self._connected.wait()
        assert self._link is not None
        frames = [str(frame) for frame in self._protocol.data_to_send()]
        self._sent.extend(frames)
        self._sent_count += len(frames)
        with suppress(
            Lost
        ):  # the reader hears of it as well, comes back, and sends what did not arrive
            for frame in frames:
                await self._link.send(frame)

    def _note(self, error: SeiyuuError) -> None:
        self._problem = error

    def _raise_problem(self) -> None:
        problem, self._problem = self._problem, None
        if problem is not None:
            raise problem


def connect(
    url: str | Opener = "ws://127.0.0.1:8765/v1/live",
    *,
    voice: str | None = None,
    language: str = "auto",
    emotion: EmotionLike | None = None,
    codec: str = "pcm_s16le",
    sample_rate: int = 24_000,
    ptime_ms: int = 20,
    lead_ms: int = 400,
    marks: Sequence[str] = ("word",),
    seed: int | None = None,
    api_key: str | None = None,
    realtime: bool = True,
    resume: bool = True,
) -> Host:
    """A host on the server at ``url``; enter it with ``async with``.

    ``realtime`` False tells the server that sound is consumed as it comes, so that a file is made as fast as the
    engine can. ``resume`` False gives up when the connection is lost.

    Raises:
        SeiyuuError: on entering: the server refused, with its reason.
        ConnectionError: on entering: there is no server.
    """
    opener = websocket_opener(url, api_key) if isinstance(url, str) else url
    start = message(
        SessionStart,
        voice=voice,
        language=language,
        emotion=None if emotion is None else wire_emotion(emotion),
        audio={"codec": codec, "sample_rate": sample_rate, "ptime_ms": ptime_ms},
        lead_ms=lead_ms,
        marks=tuple(marks),
        seed=seed,
    )
    return Host(opener, start, realtime=realtime, resume=resume)


def message(kind: type[Any], **fields: Any) -> Any:
    """A message of ``kind``, or the error of our tree that says which field is wrong."""
    try:
        return kind(**fields)
    except ValidationError as error:
        raise complaint(error) from error


def _fields(start: SessionStart) -> dict[str, Any]:
    return {name: getattr(start, name) for name in type(start).model_fields if name != "resume"}


async def _answer(link: Link, protocol: Protocol) -> SessionStarted:
    """The server's ``session.started``.

    Raises:
        SeiyuuError: it refused.
        Lost: it left without a word.
    """
    while True:
        frame = await link.receive()
        events = protocol.receive_text(frame) if isinstance(frame, str) else []
        for event in events:
            if isinstance(event, Received) and isinstance(event.message, SessionStarted):
                return event.message
            if isinstance(event, Received) and isinstance(event.message, ErrorMessage):
                raise error_of(event.message)
        if protocol.close_code is not None:
            raise InvalidState("the server spoke out of order")
