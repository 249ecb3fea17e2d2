"""The voice library: stored whole or not at all, shared, bounded, and never without consent."""

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seiyuu.model.consent import Consent
from seiyuu.model.library import LibraryFailed, VoiceLibrary
from seiyuu.model.voice import Voice
from seiyuu.streaming.errors import BadMessage, UnknownVoice

pytestmark = pytest.mark.unit

CONSENT = Consent("Zhang Wei", "2026-05-01", "live streams")


def voice(name: str = "zhang", seed: int = 0, size: int = 8) -> Voice:
    """A voice of random numbers."""
    values = np.random.default_rng(seed).standard_normal(size).astype(np.float32)
    return Voice(name, "compact", {"timbre": values}, "a voice", ("zh",))


@pytest.fixture
def library(tmp_path: Path) -> VoiceLibrary:
    return VoiceLibrary(str(tmp_path / "voices"), reserved=["hoshino"])


def test_a_voice_comes_back_as_it_was_stored(library: VoiceLibrary, tmp_path: Path) -> None:
    """Conditioning, record and clip survive in another process's library."""
    stored = voice()
    library.add(stored, CONSENT, reference=b"flac", verdict={"usable": True})
    other = VoiceLibrary(str(tmp_path / "voices")).stored("zhang")
    assert other.voice.content_hash == stored.content_hash
    assert (other.record.consent, other.reference) == (CONSENT, b"flac")
    assert other.record.verdict == {"usable": True}
    assert other.voice.languages == ("zh",)


def test_a_removed_voice_is_gone_for_everyone(library: VoiceLibrary, tmp_path: Path) -> None:
    """Removal leaves neither record nor sound behind."""
    library.add(voice(), CONSENT, reference=b"flac")
    library.remove("zhang")
    assert library.names() == ()
    assert not list((tmp_path / "voices").rglob("*.flac"))
    with pytest.raises(UnknownVoice):
        library.get("zhang")
    with pytest.raises(UnknownVoice):
        library.remove("zhang")


def test_a_voice_in_use_is_not_taken_from_the_speaker(library: VoiceLibrary) -> None:
    """Who holds a voice finds it until the end of the block, though others do not see it any more."""
    library.add(voice(), CONSENT)
    with library.hold("zhang") as held:
        library.remove("zhang")
        assert library.get("zhang") is held
        assert library.names() == ()
    with pytest.raises(UnknownVoice):
        library.get("zhang")


def test_names_are_never_paths(library: VoiceLibrary, tmp_path: Path) -> None:
    """A name that could lead out of the folder is no name, whether stored, looked up or removed."""
    for name in (
        "../x",
        "a/b",
        "",
        ".",
        "..",
        ".lock",
        "C:x",
        "a\\b",
        "nul",
        "a\0b",
        "x" * 65,
        "-x",
        "a\n",
    ):
        with pytest.raises(BadMessage):
            library.add(voice(name), CONSENT)
        with pytest.raises(UnknownVoice):
            library.get(name)
        with pytest.raises(UnknownVoice):
            library.remove(name)
    assert [path for path in tmp_path.rglob("*") if path.is_file() and path.name != ".lock"] == []


@settings(max_examples=40, deadline=None)
@given(st.text(max_size=12))
def test_any_name_is_stored_inside_the_folder_or_refused(name: str) -> None:
    """Whatever a name holds, what is stored under it is found again by it."""
    library = VoiceLibrary("memory://any-name")
    try:
        record = library.add(voice(name), CONSENT, replace_existing=True)
    except BadMessage:
        return
    assert library.get(name).content_hash == record.content_hash
    assert record.name in library.names()
    library.remove(name)


def test_a_taken_or_reserved_name_is_refused(library: VoiceLibrary) -> None:
    """Neither a stored voice nor one of the engine's is written over by accident."""
    library.add(voice(), CONSENT)
    for name in ("zhang", "Hoshino"):
        with pytest.raises(BadMessage):
            library.add(voice(name, 1), CONSENT)
    assert library.get("zhang").content_hash == voice().content_hash


def test_many_writers_leave_one_whole_voice(tmp_path: Path) -> None:
    """Gateways that write one name at once leave one of their voices, whole, and nothing of the others."""
    root = str(tmp_path / "voices")
    voices = [voice(seed=seed) for seed in range(12)]

    def write(one: Voice) -> None:
        VoiceLibrary(root).add(one, CONSENT, replace_existing=True)

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(write, voices))
    found = VoiceLibrary(root).get("zhang")
    assert found.content_hash in {one.content_hash for one in voices}
    folders = [path for path in (tmp_path / "voices" / "zhang").iterdir() if path.is_dir()]
    assert [folder.name for folder in folders] == [found.content_hash]


def test_only_one_of_many_takes_a_free_name(tmp_path: Path) -> None:
    """Two who add the same new name at once cannot both have it."""
    root = str(tmp_path / "voices")

    def write(seed: int) -> bool:
        try:
            VoiceLibrary(root).add(voice(seed=seed), CONSENT)
        except BadMessage:
            return False
        return True

    with ThreadPoolExecutor(6) as pool:
        assert sum(pool.map(write, range(8))) == 1


def test_readers_never_see_half_a_voice(tmp_path: Path) -> None:
    """While a voice is written over again and again, every read gives one of its versions."""
    root = str(tmp_path / "voices")
    versions = [voice(seed=seed, size=5000) for seed in range(6)]
    VoiceLibrary(root).add(versions[0], CONSENT)
    known = {version.content_hash for version in versions}
    done = threading.Event()

    def write() -> None:
        writer = VoiceLibrary(root)
        for number in range(30):
            writer.add(versions[number % 6], CONSENT, replace_existing=True)
        done.set()

    with ThreadPoolExecutor(2) as pool:
        pool.submit(write)
        reads = 0
        while not done.is_set() or reads < 5:
            assert VoiceLibrary(root).get("zhang").content_hash in known
            reads += 1


def test_a_better_conditioning_takes_the_place_of_the_first(library: VoiceLibrary) -> None:
    """Refinement keeps the record and the clip; it never brings back a voice that was removed or made anew."""
    first, better = voice(), voice(seed=1)
    library.add(first, CONSENT, reference=b"flac")
    assert library.refine(better, instead_of=first.content_hash)
    stored = library.stored("zhang")
    assert (stored.voice.content_hash, stored.record.refined) == (better.content_hash, True)
    assert stored.reference == b"flac"
    assert not library.refine(voice(seed=2), instead_of=first.content_hash)
    library.remove("zhang")
    assert not library.refine(voice(seed=2), instead_of=better.content_hash)


def test_the_second_use_reads_no_conditioning(library: VoiceLibrary, tmp_path: Path) -> None:
    """A voice that was used once is in memory: only its record is looked at again."""
    library.add(voice(), CONSENT)
    (tensors,) = (tmp_path / "voices").rglob("voice.safetensors")
    tensors.unlink()
    assert library.get("zhang").content_hash == voice().content_hash
    with pytest.raises(LibraryFailed):
        VoiceLibrary(str(tmp_path / "voices")).get("zhang")


def test_memory_is_bounded(tmp_path: Path) -> None:
    """Of many voices only as many stay in memory as there is room for, those used last."""
    library = VoiceLibrary(str(tmp_path / "voices"), kept_bytes=3 * 4000)
    for number in range(6):
        library.add(voice(f"v{number}", number, 1000), CONSENT)
    for tensors in (tmp_path / "voices").rglob("voice.safetensors"):
        tensors.unlink()
    in_memory = []
    for number in range(6):
        try:
            library.get(f"v{number}")
        except LibraryFailed:
            continue
        in_memory.append(number)
    assert in_memory == [3, 4, 5]


def test_damage_is_told_and_does_not_hide_the_others(library: VoiceLibrary, tmp_path: Path) -> None:
    """A damaged record or conditioning is an error of that voice alone."""
    for name in ("one", "two", "three"):
        library.add(voice(name, len(name)), CONSENT)
    (tmp_path / "voices" / "one" / "voice.json").write_text("{")
    (path,) = (tmp_path / "voices" / "two").rglob("voice.safetensors")
    path.write_bytes(path.read_bytes()[:-4] + b"\0\0\0\0")
    fresh = VoiceLibrary(str(tmp_path / "voices"))
    assert fresh.names() == ("three", "two")
    for name in ("one", "two"):
        with pytest.raises(LibraryFailed, match="damaged"):
            fresh.get(name)
    assert fresh.get("three").name == "three"


def test_a_write_that_fails_leaves_nothing(tmp_path: Path) -> None:
    """A folder that cannot be written is one clear error."""
    (tmp_path / "file").write_text("")
    with pytest.raises(LibraryFailed, match="cannot be written"):
        VoiceLibrary(str(tmp_path / "file" / "voices")).add(voice(), CONSENT)


@pytest.mark.parametrize("shared", ["memory", "local"])
def test_two_gateways_share_one_library(shared: str, tmp_path: Path) -> None:
    """What one writes, refines or removes the other sees at once, on an object store as on a file system; who is
    speaking in a removed voice keeps it.
    """
    root = f"memory://{tmp_path.name}" if shared == "memory" else str(tmp_path / "voices")
    one, other = VoiceLibrary(root), VoiceLibrary(root)
    first = voice()
    one.add(first, CONSENT, reference=b"flac")
    assert other.get("zhang").content_hash == first.content_hash
    with pytest.raises(BadMessage):
        other.add(voice(), CONSENT)
    with other.hold("zhang") as held:
        one.remove("zhang")
        assert other.get("zhang") is held
        assert other.names() == ()
    with pytest.raises(UnknownVoice):
        other.get("zhang")
