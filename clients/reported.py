"""From an error message of the server back to the exception it was."""

from __future__ import annotations

from ..streaming import errors
from ..streaming.errors import Overloaded, SeiyuuError
from ..streaming.messages import ErrorMessage

_KINDS: dict[str, type[SeiyuuError]] = {
    kind.code: kind
    for kind in (
        errors.BadMessage,
        errors.BadText,
        errors.UnknownVoice,
        errors.UnknownEmotion,
        errors.BadAudio,
        errors.ConsentRequired,
        errors.Unsupported,
        errors.Unauthorized,
        errors.RateLimited,
        errors.SlowReader,
        errors.EngineCrashed,
    )
}


def error_of(message: ErrorMessage) -> SeiyuuError:
    """The error a server reported. Text that was too long is a :class:`~..streaming.errors.BadText`."""
    if message.code == Overloaded.code:
        return Overloaded(message.message, message.retry_after_ms or 1000)
    if message.code == errors.TextTooLong.code:
        return errors.BadText(message.message)
    return _KINDS.get(message.code, SeiyuuError)(message.message)
