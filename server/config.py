"""What the server is told: a file, the environment, flags, in that order; the last one wins.

``seiyuu.toml`` has the fields of :class:`ServerConfig` as keys, those of :class:`Limits` under ``[limits]`` and what
the engine takes under ``[engine_options]``. The environment has the same names in capitals after ``SEIYUU_``
(``SEIYUU_PORT``, ``SEIYUU_LIMITS_MAX_SESSIONS``, ``SEIYUU_ENGINE_OPTIONS_THREADS``; lists are separated by commas), and
this is the only module that reads it. A key that does not exist is an error which names the nearest one.
"""

from __future__ import annotations

import difflib
import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal, get_args, get_origin, get_type_hints

from ..model.emotion.remote import ChatEndpoint
from ..model.registry import Home
from ..streaming.cleaning import AS_WRITTEN, FROM_MODEL, Cleaning
from ..streaming.marking import AudibleNotice
from ..streaming.segment import Language

PREFIX = "SEIYUU_"
CONFIG_FILE = "seiyuu.toml"
FOREIGN = frozenset({"SEIYUU_VENV"})
"""Names with our prefix that are not configuration: where the test script puts its virtual environment."""


class ConfigError(ValueError):
    """A configuration that cannot be used; the message says where it stands and what was expected."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What one client may ask of the server. A ``max_sessions`` of 0 means as many as the engine has slots."""

    max_sessions: int = 0
    max_utterance_chars: int = 20_000
    max_queued_utterances: int = 16
    max_listeners: int = 64
    max_peers: int = 32
    max_message_chars: int = 2**20
    max_message_bytes: int = 4 * 2**20
    messages_per_s: int = 500
    message_burst: int = 2_000
    max_lead_ms: int = 5_000
    outbox_ms: int = 1_000
    send_buffer_bytes: int = 128 * 1024
    soft_flush_ms: int = 700
    slow_reader_ms: int = 5_000
    start_timeout_ms: int = 10_000
    resume_window_ms: int = 10_000
    resume_buffer_bytes: int = 256 * 1024
    retry_after_ms: int = 1_000
    drain_ms: int = 30_000

    def __post_init__(self) -> None:
        zero_is_fine = {"max_sessions", "resume_window_ms", "drain_ms"}
        for one in fields(self):
            value = getattr(self, one.name)
            least = 0 if one.name in zero_is_fine else 1
            if value < least:
                raise ConfigError(f"limits.{one.name} is {value}, expected at least {least}")


@dataclass(frozen=True, slots=True)
class ServerConfig:
    """How a server is set up. ``voice`` empty means the engine's first; no ``api_keys`` means open to all.

    ``engine_host`` is where the engine lives: on a thread of the server, in a worker process that may crash without
    it, or in an actor of the Ray cluster at ``ray_address`` ("auto": the one running on this machine; empty: one of
    its own), which takes ``ray_gpus`` GPUs there.

    ``describe_url`` and ``describe_model`` name a chat endpoint of the OpenAI kind that reads descriptions of
    emotions, ``http://127.0.0.1:11434/v1`` say; without one, and whenever it is slow, the embedded reader does.

    ``text_from`` "model" leaves out what language models write and nobody says: markdown, code blocks, stage
    directions in asterisks, role prefixes.

    ``notice`` lets every live session say first that its voice is synthetic: "spoken", or "rhythm" for tones.

    ``library`` is the folder of enrolled voices, a path or any URL ``fsspec`` knows; empty means the user's own.

    ``allowed_origins`` are the other web sites (``https://example.org``) whose pages may speak through this
    server; its own pages always may. ``log_text`` lets what is spoken into the log, which is private by default.
    """

    host: str = "127.0.0.1"
    port: int = 8765
    engine: str = "compact"
    engine_options: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))
    engine_host: Literal["thread", "process", "ray"] = "thread"
    ray_address: str = ""
    ray_gpus: int = 0
    voice: str = ""
    library: str = ""
    describe_url: str = ""
    describe_model: str = ""
    describe_key: str = field(default="", repr=False)
    language: Language = "auto"
    text_from: Literal["writer", "model"] = "writer"
    notice: AudibleNotice = "off"
    api_keys: tuple[str, ...] = field(default=(), repr=False)
    allowed_origins: tuple[str, ...] = ()
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    log_format: Literal["text", "json"] = "text"
    log_text: bool = False
    limits: Limits = field(default_factory=Limits)

    def __post_init__(self) -> None:
        if not 0 <= self.port <= 65535:
            raise ConfigError(f"port is {self.port}, expected 0 to 65535 (0 takes a free one)")
        if not self.engine:
            raise ConfigError("engine is empty, expected the name of an engine")
        if self.ray_gpus < 0:
            raise ConfigError(f"ray_gpus is {self.ray_gpus}, expected 0 or more")
        if self.engine_host != "ray" and (self.ray_address or self.ray_gpus):
            raise ConfigError("ray_address and ray_gpus go with engine_host = 'ray'")
        if bool(self.describe_url) != bool(self.describe_model):
            raise ConfigError("describe_url and describe_model go together, one of them is empty")
        if any(not key for key in self.api_keys):
            raise ConfigError("api_keys holds an empty key, which would let everyone in")

    @property
    def home(self) -> Home:
        """Where the engine lives."""
        return Home(self.engine_host, self.ray_address, self.ray_gpus)

    @property
    def chat_endpoint(self) -> ChatEndpoint | None:
        """Who reads descriptions of emotions, if not the embedded reader."""
        if not self.describe_url:
            return None
        return ChatEndpoint(self.describe_url, self.describe_model, self.describe_key)

    @property
    def cleaning(self) -> Cleaning:
        """What is left out of the text."""
        return FROM_MODEL if self.text_from == "model" else AS_WRITTEN


def load(
    file: Path | None = None,
    *,
    environ: Mapping[str, str] | None = None,
    flags: Mapping[str, Any] | None = None,
) -> ServerConfig:
    """Read file, environment and flags; a flag that is None was not given.

    Without ``file``, ``SEIYUU_CONFIG`` names it, or ``seiyuu.toml`` in the working directory is taken if there is one.

    Raises:
        ConfigError: an unknown key, a wrong type, a value out of range, a file that cannot be read.
    """
    environ = os.environ if environ is None else environ
    named = file or (Path(environ[PREFIX + "CONFIG"]) if PREFIX + "CONFIG" in environ else None)
    if named is None and Path(CONFIG_FILE).is_file():
        named = Path(CONFIG_FILE)
    given = _read_file(named) if named else {}
    _merge(given, _read_environment(environ))
    _merge(given, {key: value for key, value in (flags or {}).items() if value is not None})
    return _build(given)


def _read_file(path: Path) -> dict[str, Any]:
    try:
        found = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise ConfigError(f"cannot read {path}: {reason}") from error
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{path} is not TOML: {error}") from error
    for key, value in found.items():
        if key in _SECTIONS and not isinstance(value, dict):
            raise ConfigError(f"{path}: {key} is a table, got {value!r}")
    return found


def _read_environment(environ: Mapping[str, str]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, text in environ.items():
        if not name.startswith(PREFIX) or name == PREFIX + "CONFIG" or name in FOREIGN:
            continue
        key = name.removeprefix(PREFIX).lower()
        for section in _SECTIONS:
            if key.startswith(section + "_"):
                found.setdefault(section, {})[key.removeprefix(section + "_")] = text
                break
        else:
            found[key] = text
    return found


def _merge(into: dict[str, Any], more: Mapping[str, Any]) -> None:
    for key, value in more.items():
        if key in _SECTIONS and isinstance(value, Mapping):
            into[key] = {**into.get(key, {}), **value}
        else:
            into[key] = value


def _build(given: Mapping[str, Any]) -> ServerConfig:
    limits = Limits(**_typed(Limits, given.get("limits", {}), "limits."))
    rest = {key: value for key, value in given.items() if key not in _SECTIONS}
    options = MappingProxyType(dict(given.get("engine_options", {})))
    return ServerConfig(**_typed(ServerConfig, rest, ""), limits=limits, engine_options=options)


def _typed(cls: type, given: Mapping[str, Any], where: str) -> dict[str, Any]:
    hints = get_type_hints(cls)
    known = [name for name in hints if name not in _SECTIONS]
    for key in given:
        if key not in known:
            near = difflib.get_close_matches(key, known, n=1)
            hint = f", did you mean {where}{near[0]}?" if near else f"; known: {', '.join(known)}"
            raise ConfigError(f"unknown setting {where}{key}{hint}")
    return {key: _convert(value, hints[key], where + key) for key, value in given.items()}


def _convert(value: Any, wanted: Any, name: str) -> Any:
    """A TOML value as it is, text from the environment by what the field holds."""
    if get_origin(wanted) is Literal:
        if value not in get_args(wanted):
            raise ConfigError(f"{name} is {value!r}, expected one of {', '.join(get_args(wanted))}")
        return value
    if get_origin(wanted) is tuple:
        items = value.split(",") if isinstance(value, str) else value
        if not isinstance(items, (list, tuple)) or not all(isinstance(i, str) for i in items):
            raise ConfigError(f"{name} is {value!r}, expected a list of strings")
        return tuple(item.strip() for item in items)
    if wanted is bool and isinstance(value, str) and value.lower() in _BOOLEANS:
        return _BOOLEANS[value.lower()]
    if wanted is int and isinstance(value, str) and value.strip().lstrip("-").isdecimal():
        return int(value)
    if type(value) is not wanted:
        raise ConfigError(f"{name} is {value!r}, expected {_KINDS[wanted]}")
    return value


_SECTIONS = ("limits", "engine_options")
_BOOLEANS = {"1": True, "true": True, "yes": True, "0": False, "false": False, "no": False}
_KINDS = {int: "a whole number", bool: "true or false", str: "text"}
