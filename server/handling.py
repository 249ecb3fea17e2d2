"""What each message of a client does to its session: one short function a row of the protocol."""

from __future__ import annotations

from ..streaming.clock import Clock
from ..streaming.emotion_spec import EmotionSpec
from ..streaming.errors import SeiyuuError, Unsupported
from ..streaming.messages import (
    EmotionSet,
    PaceSet,
    PlaybackReport,
    SessionClose,
    SpeechCancel,
    SpeechPause,
    SpeechResume,
    TextDelta,
    TextEnd,
    TextFlush,
    VoiceSet,
)
from ..streaming.protocol import Received
from ..streaming.segment import Pace
from .emotions import Emotions, Understood
from .log import private
from .session import Session
from .voices import Voices


class Handling:
    """Applies messages to one session, in the order they came."""

    def __init__(self, session: Session, voices: Voices, emotions: Emotions, clock: Clock) -> None:
        self._session = session
        self._voices = voices
        self._emotions = emotions
        self._clock = clock
        self._info = session.engine.info

    async def handle(self, event: Received) -> None:
        """Do what a message asks; what cannot be done is told to the client."""
        try:
            await self._dispatch(event)
        except SeiyuuError as error:
            self._session.tell(error, event.utterance)
        except Exception as error:  # a bug of ours: the client hears that much, the log the rest
            self._session.log.exception("message failed", error, type=event.message.type)
            self._session.tell(SeiyuuError("the message failed inside the server"), event.utterance)

    async def _dispatch(self, event: Received) -> None:
        session = self._session
        match event.message:
            case TextDelta() as delta:
                await self._write(event, delta)
            case TextFlush():
                if utterance := session.find(event.utterance):
                    session.warn(utterance.script.flush(), utterance.id)
            case TextEnd():
                if utterance := session.find(event.utterance):
                    session.warn(utterance.script.end(), utterance.id)
            case EmotionSet() as turn:
                await self._turn(event, turn)
            case PaceSet():
                await self._pace(event)
            case VoiceSet(voice=name):
                session.voice = await self._voices.get(name)
            case SpeechCancel(played_ms=played_ms):
                session.cancel(event.cancelled, None if played_ms is None else played_ms / 1000)
            case SpeechPause():
                session.speaker.pacer.pause()
            case SpeechResume():
                session.speaker.pacer.resume()
            case PlaybackReport(played_ms=played_ms):
                if event.utterance is not None:
                    session.speaker.pacer.report(event.utterance, played_ms / 1000)
            case SessionClose():
                session.leave()

    async def _write(self, event: Received, delta: TextDelta) -> None:
        """Speak the text even if what came with it cannot be done: it has its place in the utterance."""
        assert event.utterance is not None
        session = self._session
        problems: list[SeiyuuError] = []
        understood: Understood | None = None
        if delta.emotion is not None:
            try:
                understood = await self._read(delta.emotion)
            except SeiyuuError as error:
                problems.append(error)
        try:
            pace = self._checked(event.pace)
        except SeiyuuError as error:
            problems.append(error)
            pace = None
        utterance = session.find(event.utterance)
        if event.opened:
            session.voice = await self._voices.current(session.voice)
            utterance = session.open(event.utterance, pace)
        elif utterance is not None and pace is not None:
            await utterance.set_pace(pace)
        if utterance is not None:  # else it failed a moment ago, and the client has yet to hear
            session.log.debug("delta", utterance=utterance.id, text=private(delta.text))
            own = (understood.emotion, understood.pace) if understood else ()
            session.warn(utterance.script.write(delta.text, *own), utterance.id)
            if understood is not None:
                session.caution(understood, utterance.id)
        for problem in problems:
            session.tell(problem, event.utterance)

    async def _turn(self, event: Received, turn: EmotionSet) -> None:
        since = self._clock.now()
        session, understood = self._session, await self._read(turn.emotion)
        session.caution(understood, event.utterance)
        if turn.at == "now":
            await session.turn(understood, turn.ramp_ms, since)
        elif utterance := session.find(event.utterance):
            session.emotion, session.pace = understood.emotion, understood.pace
            utterance.script.turn(understood.emotion, understood.pace, next_segment=True)
        else:
            session.carry(understood, since)

    async def _pace(self, event: Received) -> None:
        pace = self._checked(event.pace)
        utterance = self._session.find(event.utterance)
        if utterance is not None and pace is not None:
            await utterance.set_pace(pace)

    async def _read(self, spec: EmotionSpec) -> Understood:
        if not self._info.emotion:
            raise Unsupported(f"the {self._info.name} engine has no emotions")
        return await self._emotions.read(spec)

    def _checked(self, pace: Pace | None) -> Pace | None:
        if pace is not None and pace.mode == "controlled" and not self._info.duration_control:
            raise Unsupported(f"the {self._info.name} engine cannot control the length of speech")
        return pace
