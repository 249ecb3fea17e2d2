"""Every error the system raises on purpose.

::

    SeiyuuError                 code "internal"
    ├── BadMessage              "bad_message"       the wire: not JSON, unknown type, wrong field, wrong order
    ├── BadText                 "bad_text"          text that cannot be spoken
    │   └── TextTooLong         "text_too_long"
    ├── UnknownVoice            "unknown_voice"
    ├── UnknownEmotion          "unknown_emotion"
    ├── BadAudio                "bad_audio"         a clip or an audio format that cannot be used
    ├── ConsentRequired         "consent_required"
    ├── Unsupported             "unsupported"       understood, and not offered by this engine or server
    ├── Unauthorized            "unauthorized"
    ├── RateLimited             "rate_limited"      retryable
    ├── Overloaded              "overloaded"        retryable; carries retry_after_ms
    ├── SlowReader              "slow_reader"
    ├── EngineFailed            "internal"          weights missing or damaged, a device that failed
    │   └── EngineCrashed       "engine_crashed"    retryable: the host died and is being restarted
    └── InvalidState            "internal"          a call in an order its docstring forbids: a bug of the caller

``code`` goes over the wire, ``retryable`` tells a caller whether the same request may succeed later.
"""

from __future__ import annotations

from typing import ClassVar


class SeiyuuError(Exception):
    """Root of the tree; ``str(error)`` is a sentence fit for the person who sent the input."""

    code: ClassVar[str] = "internal"
    retryable: ClassVar[bool] = False

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message

    def __str__(self) -> str:
        return self.message


class BadMessage(SeiyuuError):
    """A message that is not part of the protocol, or came out of order."""

    code = "bad_message"


class BadText(SeiyuuError):
    """Text that cannot be spoken."""

    code = "bad_text"


class TextTooLong(BadText):
    """More text than one utterance may hold."""

    code = "text_too_long"

    def __init__(self, got: int, limit: int) -> None:
        super().__init__(f"the utterance has {got} characters, expected no more than {limit}")
        self.got = got
        self.limit = limit


class UnknownVoice(SeiyuuError):
    """No voice of that name is in the library."""

    code = "unknown_voice"


class UnknownEmotion(SeiyuuError):
    """An emotion name or description that means nothing here."""

    code = "unknown_emotion"


class BadAudio(SeiyuuError):
    """A clip that cannot be used, or an audio format that does not exist."""

    code = "bad_audio"


class ConsentRequired(SeiyuuError):
    """A voice cannot be stored without a record of who agreed."""

    code = "consent_required"


class Unsupported(SeiyuuError):
    """Understood, and not offered by this engine or server."""

    code = "unsupported"


class Unauthorized(SeiyuuError):
    """The key is missing or wrong."""

    code = "unauthorized"


class RateLimited(SeiyuuError):
    """Too many requests from one client."""

    code = "rate_limited"
    retryable = True


class Overloaded(SeiyuuError):
    """Every slot is taken; try again after ``retry_after_ms``."""

    code = "overloaded"
    retryable = True

    def __init__(self, message: str, retry_after_ms: int = 1000) -> None:
        super().__init__(message)
        self.retry_after_ms = retry_after_ms


class SlowReader(SeiyuuError):
    """The client does not take the audio it asked for."""

    code = "slow_reader"


class EngineFailed(SeiyuuError):
    """The engine cannot run: weights missing or damaged, a device that failed."""


class EngineCrashed(EngineFailed):
    """The engine's host died in the middle; it is being restarted."""

    code = "engine_crashed"
    retryable = True


class InvalidState(SeiyuuError):
    """A call in an order its docstring forbids."""
