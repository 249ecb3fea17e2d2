"""What the library knows of a voice beside its conditioning: the metadata that stands in ``voice.json``."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from ..streaming.errors import BadMessage, SeiyuuError
from .consent import Consent
from .voice import Voice

FORMAT = 1
MAX_NAME = 64
_NAME = re.compile(r"[^\W_][\w-]*")
_RESERVED = frozenset(
    ["con", "prn", "aux", "nul", *(f"{port}{n}" for port in ("com", "lpt") for n in range(10))]
)
"""Names that one operating system takes for devices."""

_HASH = re.compile(r"[0-9a-f]{16}")


def valid_name(name: str) -> str:
    """The name of a voice in its one form: letters of any script, digits, ``_`` and ``-``; never part of a path.

    Raises:
        BadMessage: anything else.
    """
    normal = unicodedata.normalize("NFC", name) if isinstance(name, str) else ""
    too_long = len(normal.encode()) > 3 * MAX_NAME or len(normal) > MAX_NAME
    if too_long or not _NAME.fullmatch(normal) or normal.lower() in _RESERVED:
        raise BadMessage(
            f"a voice's name has 1 to {MAX_NAME} letters, digits, '_' and '-' and begins with a letter or digit, "
            f"got {str(name)[:40]!r}"
        )
    return normal


@dataclass(frozen=True, slots=True)
class VoiceRecord:
    """Metadata of a stored voice.

    ``content_hash`` is its :attr:`.voice.Voice.content_hash` and names the folder of its conditioning.
    ``created`` is ISO 8601 in UTC. ``verdict`` is what was found in the clip (:meth:`.verdict.Verdict.to_json`);
    ``refined`` tells whether the conditioning was fitted to the clip after the first, quick estimate.
    """

    name: str
    engine: str
    content_hash: str
    created: str
    consent: Consent
    description: str = ""
    languages: tuple[str, ...] = ()
    refined: bool = False
    verdict: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def of(cls, voice: Voice, consent: Consent, created: str, **more: Any) -> VoiceRecord:
        return cls(
            valid_name(voice.name),
            voice.engine,
            voice.content_hash,
            created,
            consent,
            voice.description,
            tuple(voice.languages),
            **more,
        )

    def to_json(self) -> dict[str, Any]:
        return {"format": FORMAT, **asdict(self), "languages": list(self.languages)}

    def encode(self) -> bytes:
        """The content of ``voice.json``."""
        return json.dumps(self.to_json(), ensure_ascii=False, indent=1).encode()

    @classmethod
    def decode(cls, data: bytes) -> VoiceRecord:
        """The inverse of :meth:`encode`.

        Raises:
            ValueError: not such a record.
        """
        try:
            content = json.loads(data)
            if content.pop("format") != FORMAT or not _HASH.fullmatch(content["content_hash"]):
                raise ValueError("another format")
            strings = [content[key] for key in ("engine", "created", "description")]
            if not all(isinstance(value, str) for value in strings):
                raise ValueError("a field of the wrong type")
            if not isinstance(content["verdict"], dict) or not isinstance(content["refined"], bool):
                raise ValueError("a field of the wrong type")
            content["name"] = valid_name(content["name"])
            content["consent"] = Consent(**content["consent"])
            content["languages"] = tuple(str(language) for language in content["languages"])
            return cls(**content)
        except (KeyError, TypeError, AttributeError, SeiyuuError) as error:
            raise ValueError("not the record of a voice") from error
