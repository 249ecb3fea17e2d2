import io

import av
import numpy as np
import pytest

from seiyuu.streaming.audio import AudioFormat
from seiyuu.streaming.codecs import make_encoder
from seiyuu.streaming.ogg import OggOpus, checksum

pytestmark = pytest.mark.unit


def pages(stream: bytes) -> list[bytes]:
    """The pages, by their own lengths."""
    found = []
    while stream:
        assert stream[:4] == b"OggS"
        lacing = stream[27 : 27 + stream[26]]
        size = 27 + len(lacing) + sum(lacing)
        found.append(stream[:size])
        stream = stream[size:]
    return found


def test_a_player_decodes_what_was_encoded() -> None:
    """FFmpeg finds one mono Opus stream at 48 kHz and the tone that went in."""
    encoder = make_encoder(AudioFormat("opus", 48_000, 20))
    ogg = OggOpus(7)
    tone = 0.3 * np.sin(2 * np.pi * 440 * np.arange(48_000) / 48_000).astype(np.float32)
    body = ogg.headers()
    for at in range(0, len(tone), 960):
        body += ogg.page(encoder.encode(tone[at : at + 960]), 960)
    with av.open(io.BytesIO(body)) as container:
        stream = container.streams.audio[0]
        assert stream.metadata["synthetic"] == "true"
        assert (stream.codec_context.name, stream.codec_context.channels) == ("opus", 1)
        sound = np.concatenate([f.to_ndarray().reshape(-1) for f in container.decode(stream)])
    spectrum = np.abs(np.fft.rfft(sound[4800:43_200]))
    assert np.argmax(spectrum) * 48_000 / 38_400 == pytest.approx(440, abs=2)


def test_each_packet_is_a_page_of_its_own() -> None:
    """Pages count up, positions add up, the first alone begins the stream, and the header fills a probe."""
    ogg = OggOpus(7)
    stream = ogg.headers() + ogg.page(b"x" * 600, 960) + ogg.page(b"y", 1920)
    head, tags, one, two = pages(stream)
    assert [page[5] for page in (head, tags, one, two)] == [2, 0, 0, 0]
    assert [int.from_bytes(page[18:22], "little") for page in (head, tags, one, two)] == [
        0,
        1,
        2,
        3,
    ]
    assert [int.from_bytes(page[6:14], "little") for page in (one, two)] == [960, 2880]
    assert len(head + tags) > 4_096


def test_checksums_hold() -> None:
    """Each page carries the CRC of itself with the field at zero; a changed byte breaks it."""
    ogg = OggOpus(7)
    for page in pages(ogg.headers() + ogg.page(b"payload", 960)):
        bare = page[:22] + bytes(4) + page[26:]
        assert checksum(bare) == int.from_bytes(page[22:26], "little")
        assert checksum(bare[:-1] + bytes([bare[-1] ^ 1])) != checksum(bare)


def test_a_packet_that_needs_two_pages_is_refused() -> None:
    """No Opus packet of 20 ms is that large."""
    with pytest.raises(ValueError, match="more than fits"):
        OggOpus(7).page(bytes(70_000), 960)
