"""Voices by name."""

import pytest

from seiyuu.model.registry import open_engine
from seiyuu.server.voices import PresetVoices
from seiyuu.streaming.errors import UnknownVoice

pytestmark = pytest.mark.unit


def test_the_default_comes_first() -> None:
    """Without a name, the engine's first voice or the configured one."""
    engine = open_engine("tone")
    assert PresetVoices(engine).get("").name == "alto"
    voices = PresetVoices(engine, "soprano")
    assert voices.get("").name == "soprano"
    assert [voice.name for voice in voices.list()] == ["soprano", "alto"]


def test_an_unknown_name_gets_the_nearest() -> None:
    """A typing mistake is corrected in the message; a default that does not exist is found out at once."""
    with pytest.raises(UnknownVoice, match="did you mean 'alto'"):
        PresetVoices(open_engine("tone")).get("altoo")
    with pytest.raises(UnknownVoice, match="expected one of: alto, soprano"):
        PresetVoices(open_engine("tone"), "zzz")
