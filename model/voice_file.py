"""A voice as one file: its record, its conditioning and its clip in a zip, to carry to another library.

Reading one trusts nothing: only the three known members are looked at, each read up to its bound, and the
conditioning must have the hash the record tells.
"""

from __future__ import annotations

import io
import zipfile
import zlib

from ..streaming.errors import BadMessage
from .library import CONDITIONING, RECORD, REFERENCE, StoredVoice
from .tensors import pack, unpack
from .voice import Voice
from .voice_record import VoiceRecord

SUFFIX = ".seiyuu-voice"
BOUNDS = {RECORD: 64 << 10, CONDITIONING: 64 << 20, REFERENCE: 16 << 20}
MAX_BYTES = sum(BOUNDS.values())
MAX_MEMBERS = 8
_DAMAGE = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    KeyError,
    ValueError,
    OSError,
    RuntimeError,  # an encrypted member
    NotImplementedError,  # an unknown compression
)


def export_voice(stored: StoredVoice) -> bytes:
    """The file's content."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(RECORD, stored.record.encode())
        archive.writestr(CONDITIONING, pack(stored.voice.tensors))
        if stored.reference is not None:
            archive.writestr(REFERENCE, stored.reference)
    return out.getvalue()


def import_voice(data: bytes) -> StoredVoice:
    """The voice in a file; storing it is :meth:`.library.VoiceLibrary.add`'s.

    Raises:
        BadMessage: not such a file, damaged, or with more in it than a voice.
    """
    if len(data) > MAX_BYTES:
        raise BadMessage(f"a voice file has at most {MAX_BYTES} bytes, got {len(data)}")
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = _members(archive)
        record = VoiceRecord.decode(members[RECORD])
        tensors = unpack(members[CONDITIONING])
    except (
        zipfile.BadZipFile,
        zlib.error,
        EOFError,
        KeyError,
        ValueError,
        OSError,
        RuntimeError,
        NotImplementedError,
    ) as error:
        raise BadMessage("the file is not an exported voice, or is damaged") from error
    voice = Voice(record.name, record.engine, tensors, record.description, record.languages)
    if voice.content_hash != record.content_hash:
        raise BadMessage("the exported voice is damaged: its hash does not agree")
    return StoredVoice(voice, record, members.get(REFERENCE))


def _members(archive: zipfile.ZipFile) -> dict[str, bytes]:
    infos = archive.infolist()
    names = [info.filename for info in infos]
    if len(infos) > MAX_MEMBERS or len(set(names)) != len(names) or set(names) - set(BOUNDS):
        raise ValueError("other members than a voice has")
    found = {}
    for info in infos:
        with archive.open(info) as member:
            # What the directory says of a member's size is not believed: reading stops at the bound.
            content = member.read(BOUNDS[info.filename] + 1)
        if len(content) > BOUNDS[info.filename]:
            raise ValueError(f"{info.filename} is too large")
        found[info.filename] = content
    return found
