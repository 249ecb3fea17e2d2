"""The voice library: a folder of voices that several servers may share.

::

    <root>/<name>/voice.json                      the record; the voice exists while this file does
    <root>/<name>/<content hash>/voice.safetensors    the engine's conditioning
    <root>/<name>/<content hash>/reference.flac       the clip it was made from

The root is any folder ``fsspec`` can address. A conditioning is written under its own hash before the record names
it, and the record is replaced in one step, so a reader sees the old voice or the new one, never half of each.
Writers on one file system wait for each other on a lock file; on an object store the last one wins. What a reader
holds stays in memory: removing a voice never takes it from somebody who is speaking.
"""

from __future__ import annotations

import logging
import os
import threading
import uuid
from collections import Counter, OrderedDict
from collections.abc import Collection, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import fsspec
from filelock import FileLock

from ..streaming.errors import BadMessage, SeiyuuError, UnknownVoice
from .consent import Consent
from .tensors import pack, unpack
from .voice import Voice
from .voice_record import VoiceRecord, valid_name

log = logging.getLogger(__name__)

RECORD = "voice.json"
CONDITIONING = "voice.safetensors"
REFERENCE = "reference.flac"
LOCK = ".lock"
MAX_CONDITIONING = 64 << 20
KEPT_BYTES = 64 << 20
"""Conditionings kept in memory, those in use beside it."""

ATTEMPTS = 4
"""Times a reader looks again when a writer replaced what it was about to read."""


class LibraryFailed(SeiyuuError):
    """The library's folder cannot be read or written, or holds something damaged."""


@dataclass(frozen=True, slots=True, eq=False)
class StoredVoice:
    """A voice with its record, and the reference clip as a FLAC file (None where there is none)."""

    voice: Voice
    record: VoiceRecord
    reference: bytes | None = None


class VoiceLibrary:
    """Voices by name. Safe to use from several threads; blocking, so an event loop calls it in a thread.

    ``reserved`` are names nobody may take: those of the voices that come with an engine.
    """

    def __init__(
        self, root: str, *, reserved: Collection[str] = (), kept_bytes: int = KEPT_BYTES
    ) -> None:
        self._fs, self._root = fsspec.core.url_to_fs(os.fspath(root))
        self._root = self._root.rstrip("/")
        self._local = "file" in _protocols(self._fs)
        self._reserved = frozenset(name.lower() for name in reserved)
        self._kept_bytes = kept_bytes
        self._guard = threading.RLock()
        self._kept: OrderedDict[str, Voice] = OrderedDict()
        self._held: dict[str, Voice] = {}
        self._holders: Counter[str] = Counter()

    def add(
        self,
        voice: Voice,
        consent: Consent,
        *,
        reference: bytes | None = None,
        verdict: dict[str, Any] | None = None,
        replace_existing: bool = False,
    ) -> VoiceRecord:
        """Store a voice under its name.

        Raises:
            BadMessage: a name that is none, that an engine's own voice has, or that is taken.
            LibraryFailed: the folder cannot be written; nothing of the voice is left there.
        """
        name = valid_name(voice.name)
        if name.lower() in self._reserved:
            raise BadMessage(f"the name {name!r} belongs to a voice that comes with the engine")
        created = datetime.now(UTC).isoformat(timespec="seconds")
        record = VoiceRecord.of(
            replace(voice, name=name), consent, created, verdict=dict(verdict or {})
        )
        with self._writing(), self._lock():
            if not replace_existing and self._fs.exists(self._path(name, RECORD)):
                raise BadMessage(f"a voice named {name!r} exists; remove it first")
            self._store(voice, record, reference)
        return record

    def refine(self, voice: Voice, *, instead_of: str) -> bool:
        """Put a better conditioning in the place of the one with the hash ``instead_of``.

        False, and nothing done, if the voice was removed or made anew meanwhile.

        Raises:
            LibraryFailed: the folder cannot be written.
        """
        with self._writing(), self._lock():
            try:
                record = self.record(voice.name)
            except UnknownVoice:
                return False
            if record.content_hash != instead_of:
                return False
            reference = self._read(self._path(record.name, instead_of, REFERENCE))
            better = replace(record, content_hash=voice.content_hash, refined=True)
            self._store(voice, better, reference)
        return True

    def remove(self, name: str) -> None:
        """Take a voice out; whoever holds it goes on speaking.

        Raises:
            UnknownVoice: there is none of that name.
            LibraryFailed: the folder cannot be written.
        """
        name = _known_form(name)
        with self._writing(), self._lock():
            try:
                self._fs.rm_file(self._path(name, RECORD))
            except FileNotFoundError as error:
                raise UnknownVoice(f"no voice is named {name!r}") from error
            self._fs.rm(self._path(name), recursive=True)

    def names(self) -> tuple[str, ...]:
        """Names of all voices, sorted."""
        return tuple(record.name for record in self.records())

    def records(self) -> tuple[VoiceRecord, ...]:
        """Records of all voices, by name; what is damaged is left out and logged."""
        found = []
        try:
            self._fs.invalidate_cache()
            entries = self._fs.ls(self._root, detail=False)
        except FileNotFoundError:
            return ()
        for entry in sorted(entries):
            name = entry.rstrip("/").rsplit("/", 1)[-1]
            if name.startswith("."):
                continue
            try:
                found.append(self.record(name))
            except UnknownVoice:
                continue  # being removed, or not a voice
            except LibraryFailed as error:
                log.warning("left out of the library's list: %s", error)
        return tuple(found)

    def record(self, name: str) -> VoiceRecord:
        """The record of one voice.

        Raises:
            UnknownVoice: there is none of that name.
            LibraryFailed: its record is damaged.
        """
        name = _known_form(name)
        data = self._read(self._path(name, RECORD))
        if data is None:
            raise UnknownVoice(f"no voice is named {name!r}")
        try:
            record = VoiceRecord.decode(data)
        except ValueError as error:
            raise LibraryFailed(
                f"the record of the voice {name!r} is damaged; remove it and add it again"
            ) from error
        if record.name != name:
            raise LibraryFailed(f"the folder {name!r} holds the voice {record.name!r}")
        return record

    def get(self, name: str) -> Voice:
        """A voice, from memory where its conditioning is known already.

        Raises:
            UnknownVoice: there is none of that name, and nobody holds one.
            LibraryFailed: what is stored is damaged.
        """
        for attempt in range(ATTEMPTS):
            try:
                record = self.record(name)
            except UnknownVoice:
                with self._guard:
                    held = self._held.get(_known_form(name))
                if held is None:
                    raise
                return held
            voice = self._remembered(record) or self._load(record)
            if voice is not None:
                return self._remember(voice)
            log.debug("the voice %s changed while it was read, attempt %d", name, attempt + 1)
        raise LibraryFailed(f"the conditioning of the voice {name!r} is missing; add it again")

    def stored(self, name: str) -> StoredVoice:
        """A voice with everything that belongs to it.

        Raises:
            UnknownVoice, LibraryFailed: as :meth:`get`.
        """
        voice = self.get(name)
        record = self.record(name)
        if record.content_hash != voice.content_hash:
            return self.stored(name)
        reference = self._read(self._path(record.name, record.content_hash, REFERENCE))
        return StoredVoice(voice, record, reference)

    @contextmanager
    def hold(self, name: str) -> Iterator[Voice]:
        """A voice that stays within reach of :meth:`get` until the end of the block, whoever removes it."""
        voice = self.get(name)
        with self._guard:
            self._held[voice.name] = voice
            self._holders[voice.name] += 1
        try:
            yield voice
        finally:
            with self._guard:
                self._holders[voice.name] -= 1
                if not self._holders[voice.name]:
                    del self._held[voice.name], self._holders[voice.name]

    def _store(self, voice: Voice, record: VoiceRecord, reference: bytes | None) -> None:
        name, version = record.name, record.content_hash
        self._fs.makedirs(self._path(name, version), exist_ok=True)
        self._put(self._path(name, version, CONDITIONING), pack(voice.tensors))
        if reference is not None:
            self._put(self._path(name, version, REFERENCE), reference)
        self._put(self._path(name, RECORD), record.encode())
        for entry in self._fs.ls(self._path(name), detail=False):
            last = entry.rstrip("/").rsplit("/", 1)[-1]
            if last not in {RECORD, version}:
                self._fs.rm(entry, recursive=True)
        self._remember(replace(voice, name=name))

    def _load(self, record: VoiceRecord) -> Voice | None:
        """The conditioning a record names; None if a writer took it away meanwhile."""
        data = self._read(self._path(record.name, record.content_hash, CONDITIONING))
        if data is None:
            return None
        try:
            tensors = unpack(data)
        except ValueError as error:
            raise LibraryFailed(f"the voice {record.name!r} is damaged: {error}") from error
        voice = _voice(record, tensors)
        if voice.content_hash != record.content_hash:
            raise LibraryFailed(f"the voice {record.name!r} is damaged: its hash does not agree")
        return voice

    def _remembered(self, record: VoiceRecord) -> Voice | None:
        with self._guard:
            kept = self._kept.get(record.content_hash)
        return None if kept is None else _voice(record, kept.tensors)

    def _remember(self, voice: Voice) -> Voice:
        with self._guard:
            self._kept[voice.content_hash] = voice
            self._kept.move_to_end(voice.content_hash)
            size = sum(_size(kept) for kept in self._kept.values())
            while size > self._kept_bytes and len(self._kept) > 1:
                size -= _size(self._kept.popitem(last=False)[1])
        return voice

    def _path(self, *parts: str) -> str:
        return "/".join([self._root, *parts])

    def _read(self, path: str) -> bytes | None:
        try:
            if self._fs.size(path) > MAX_CONDITIONING:
                raise LibraryFailed(
                    f"a file of the library is larger than {MAX_CONDITIONING} bytes"
                )
            data: bytes = self._fs.cat_file(path)
        except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
            return None
        except OSError as error:
            raise LibraryFailed(f"the voice library cannot be read: {error.strerror}") from error
        return data

    def _put(self, path: str, data: bytes) -> None:
        """Write a file whole: beside its place and renamed, or by one upload where there is no renaming."""
        if not self._local:
            self._fs.pipe_file(path, data)
            return
        beside = f"{path}.{uuid.uuid4().hex}.part"
        try:
            with open(beside, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            os.replace(beside, path)
        except OSError:
            if os.path.exists(beside):
                os.remove(beside)
            raise

    @contextmanager
    def _writing(self) -> Iterator[None]:
        try:
            self._fs.makedirs(self._root, exist_ok=True)
            yield
        except OSError as error:
            reason = error.strerror or type(error).__name__
            raise LibraryFailed(f"the voice library cannot be written: {reason}") from error

    def _lock(self) -> AbstractContextManager[Any]:
        return FileLock(self._path(LOCK)) if self._local else nullcontext()


def _known_form(name: str) -> str:
    """The name, or the error of one that cannot exist."""
    try:
        return valid_name(name)
    except BadMessage as error:
        raise UnknownVoice(f"no voice is named {str(name)[:40]!r}") from error


def _voice(record: VoiceRecord, tensors: Any) -> Voice:
    return Voice(record.name, record.engine, tensors, record.description, record.languages)


def _size(voice: Voice) -> int:
    return sum(value.nbytes for value in voice.tensors.values())


def _protocols(fs: Any) -> tuple[str, ...]:
    return (fs.protocol,) if isinstance(fs.protocol, str) else tuple(fs.protocol)
