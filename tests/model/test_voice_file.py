"""A voice as one file, and files that only pretend to be one."""

import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seiyuu.model.consent import Consent
from seiyuu.model.library import RECORD, StoredVoice, VoiceLibrary
from seiyuu.model.tensors import pack, unpack
from seiyuu.model.voice import Voice
from seiyuu.model.voice_file import export_voice, import_voice
from seiyuu.model.voice_record import VoiceRecord
from seiyuu.streaming.errors import BadMessage

pytestmark = pytest.mark.unit

CONSENT = Consent("Zhang Wei", "2026-05-01", "live streams")


def exported() -> bytes:
    """A small voice as a file."""
    voice = Voice("zhang", "compact", {"timbre": np.arange(8, dtype=np.float32)})
    record = VoiceRecord.of(voice, CONSENT, "2026-05-01T00:00:00+00:00")
    return export_voice(StoredVoice(voice, record, b"flac"))


def test_a_voice_travels_to_another_library(tmp_path: Path) -> None:
    """Exported here and imported there, everything is the same."""
    stored = import_voice(exported())
    library = VoiceLibrary(str(tmp_path))
    library.add(stored.voice, stored.record.consent, reference=stored.reference)
    again = import_voice(export_voice(library.stored("zhang")))
    assert again.voice.content_hash == stored.voice.content_hash
    assert (again.record.consent, again.reference) == (CONSENT, b"flac")


def changed(change: Callable[[dict[str, bytes]], None]) -> bytes:
    """The exported file with its members changed."""
    with zipfile.ZipFile(io.BytesIO(exported())) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    change(members)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return out.getvalue()


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"PK\x03\x04",
        exported()[:-30],
        changed(lambda m: m.update({"../../evil": b"x"})),
        changed(lambda m: m.update({"/etc/x": b"x"})),
        changed(lambda m: m.pop(RECORD)),
        changed(lambda m: m.update({RECORD: b"[" * 100_000})),
        changed(lambda m: m.update({RECORD: m[RECORD].replace(b"zhang", b"../zh")})),
        changed(lambda m: m.update({RECORD: m[RECORD].replace(b"Zhang Wei", b" ")})),
        changed(lambda m: m.update({"voice.safetensors": m["voice.safetensors"][:-4] + b"\0\0\0\0"})),
        changed(lambda m: m.update({"reference.flac": b"\0" * (17 << 20)})),
    ],
    ids=["empty", "cut", "torn", "up", "absolute", "no record", "nested", "name", "no consent", "hash", "bomb"],
)  # fmt: skip
def test_what_is_no_voice_is_refused(data: bytes) -> None:
    """Other members, names that are paths, a missing consent, a wrong hash or a bomb: one clear error."""
    with pytest.raises(BadMessage):
        import_voice(data)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 600), st.integers(0, 255))
def test_any_damage_is_found(place: int, value: int) -> None:
    """A changed byte gives the same voice or an error, never another voice."""
    data = bytearray(exported())
    data[place % len(data)] = value
    try:
        found = import_voice(bytes(data))
    except BadMessage:
        return
    assert found.voice.content_hash == import_voice(exported()).voice.content_hash


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=200))
def test_arrays_are_read_from_nothing_else(data: bytes) -> None:
    """Any bytes but those of arrays are a ValueError."""
    try:
        unpack(data)
    except ValueError:
        return
    assert data[8:].lstrip().startswith(b"{")


def test_arrays_survive() -> None:
    """Names, shapes and values come back."""
    arrays = {"b": np.ones((2, 3), np.float32), "a": np.zeros(0, np.float32)}
    back = unpack(pack(arrays))
    assert {name: value.tolist() for name, value in back.items()} == {
        name: value.tolist() for name, value in arrays.items()
    }
