"""What a server sends, sorted to the speeches it is about."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from ..streaming.audio import AudioChunk, AudioFormat, ms_to_samples
from ..streaming.codecs import OPUS_DECODED_HZ, Decoder, make_decoder
from ..streaming.errors import SeiyuuError
from ..streaming.ids import UtteranceId
from ..streaming.jitter import Arrived
from ..streaming.messages import (
    AudioRewind,
    EmotionApplied,
    ErrorMessage,
    MarkMessage,
    ServerMessage,
    SpeechCancelled,
    UtteranceEnded,
    UtteranceStarted,
    WarningMessage,
)
from ..streaming.packet import Packet
from ..streaming.timeline import Mark
from .reported import error_of
from .speech import Speech


class Tap(Protocol):
    """Someone who gets the audio of every speech as it comes, besides the speech's own reader."""

    def packet(self, packet: Arrived) -> None: ...

    def rewind(self, utterance: UtteranceId, from_timestamp: int, next_seq: int) -> None: ...

    def drop(self, utterance: UtteranceId) -> None: ...


class Incoming:
    """Keeps the speeches that are not over; ``on_problem`` gets errors that are about none of them."""

    def __init__(self, on_problem: Callable[[SeiyuuError], None]) -> None:
        self.format = AudioFormat()
        self.speeches: dict[UtteranceId, Speech] = {}
        self._decoders: dict[UtteranceId, Decoder] = {}
        self._on_problem = on_problem
        self.tap: Tap | None = None

    @property
    def sample_rate(self) -> int:
        """The rate of what is decoded; Opus always gives 48 kHz."""
        return OPUS_DECODED_HZ if self.format.codec == "opus" else self.format.sample_rate

    def packet(self, packet: Packet) -> Speech | None:
        """Decode a packet for its speech, and return that."""
        speech = self.speeches.get(packet.utterance)
        if speech is not None:
            decoder = self._decoders.get(packet.utterance)
            if decoder is None:
                decoder = self._decoders[packet.utterance] = make_decoder(self.format)
            samples = decoder.decode(packet.payload)
            at = packet.timestamp * decoder.sample_rate // self.format.sample_rate
            speech.put(AudioChunk(samples, decoder.sample_rate, at))
            if self.tap is not None:
                self.tap.packet(Arrived(packet.utterance, packet.seq, at, samples, packet.last))
        return speech

    def message(self, message: ServerMessage) -> None:
        """Hand a message to the speech it is about."""
        number = getattr(message, "utterance", None)
        speech = None if number is None else self.speeches.get(UtteranceId(number))
        match message:
            case ErrorMessage():
                error = error_of(message)
                if speech is None:
                    self._on_problem(error)
                else:
                    speech.fail(error)
            case SpeechCancelled() if speech is not None:
                speech.cancelled = message
                if self.tap is not None:
                    self.tap.drop(UtteranceId(message.utterance))
            case UtteranceEnded() if speech is not None:
                speech.finish(message)
                self._forget(UtteranceId(message.utterance))
            case MarkMessage() if speech is not None:
                speech.put(self._mark(message))
            case UtteranceStarted() | EmotionApplied() | AudioRewind() | WarningMessage():
                if speech is not None:
                    speech.put(message)
                if self.tap is not None and isinstance(message, AudioRewind):
                    at = message.from_timestamp * self.sample_rate // self.format.sample_rate
                    self.tap.rewind(UtteranceId(message.utterance), at, message.next_seq)

    def fail(self, error: SeiyuuError) -> None:
        """The connection is gone for good."""
        for number, speech in tuple(self.speeches.items()):
            speech.fail(error)
            self._forget(number)

    def _forget(self, number: UtteranceId) -> None:
        self.speeches.pop(number, None)
        self._decoders.pop(number, None)

    def _mark(self, message: MarkMessage) -> Mark:
        rate = self.sample_rate
        return Mark(
            message.kind,
            message.text,
            message.char_start,
            message.char_end,
            ms_to_samples(message.start_ms, rate),
            ms_to_samples(message.end_ms, rate),
            message.viseme,
        )
