"""The sound side of one utterance: what the engine gives, as packets and messages in its outbox."""

from __future__ import annotations

from ..model.engine import Turned
from ..streaming.audio import AudioChunk, AudioFormat
from ..streaming.codecs import make_encoder
from ..streaming.emotion import Emotion
from ..streaming.emotion_spec import EmotionVector
from ..streaming.framer import Framer
from ..streaming.ids import UtteranceId
from ..streaming.messages import EmotionApplied, MarkMessage
from ..streaming.timeline import Mark, MarkKind, Timeline
from .outbox import Entry, Outbox
from .requests import Request, Requests
