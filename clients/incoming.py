"""What a server sends, sorted to the speeches it is about."""

from __future__ import annotations

from collections.abc import Callable

from ..streaming.audio import AudioChunk, AudioFormat, ms_to_samples
from ..streaming.codecs import Decoder, make_decoder
from ..streaming.errors import SeiyuuError
from ..streaming.ids import UtteranceId
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


class Incoming:
    """Keeps the speeches that are not over; ``on_problem`` gets errors that are about none of them."""

    def __init__(self, on_problem: Callable[[SeiyuuError], None]) -> None:
        self.format = AudioFormat()
        self.speeches: dict[UtteranceId, Speech] = {}
        self._decoders: dict[UtteranceId, Decoder] = {}
        self._on_problem = on_problem

    def packet(self, packet: Packet) -> Speech | None:
        """Decode a packet for its speech, and return that."""
        speech = self.speeches.get(packet.utterance)
        if speech is not None:
            decoder = self._decoders.get(packet.utterance)
            if decoder is None:
                decoder = self._decoders[packet.utterance] = make_decoder(self.format)
            samples = decoder.decode(packet.payload)
            speech.put(AudioChunk(samples, self.format.sample_rate, packet.timestamp))
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
            case UtteranceEnded() if speech is not None:
                speech.finish(message)
                self._forget(UtteranceId(message.utterance))
            case MarkMessage() if speech is not None:
                speech.put(self._mark(message))
            case UtteranceStarted() | EmotionApplied() | AudioRewind() | WarningMessage():
                if speech is not None:
                    speech.put(message)

    def fail(self, error: SeiyuuError) -> None:
        """The connection is gone for good."""
        for number, speech in tuple(self.speeches.items()):
            speech.fail(error)
            self._forget(number)

    def _forget(self, number: UtteranceId) -> None:
        self.speeches.pop(number, None)
        self._decoders.pop(number, None)

    def _mark(self, message: MarkMessage) -> Mark:
        rate = self.format.sample_rate
        return Mark(
            message.kind,
            message.text,
            message.char_start,
            message.char_end,
            ms_to_samples(message.start_ms, rate),
            ms_to_samples(message.end_ms, rate),
            message.viseme,
        )
