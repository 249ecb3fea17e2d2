"""What the README says of the wire and the command line is what there is."""

import re
from pathlib import Path
from typing import get_args

import pytest

from seiyuu.model.compact.personas import personas
from seiyuu.server.cli import parser
from seiyuu.streaming import messages

pytestmark = pytest.mark.unit

README = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")


def test_every_message_is_named() -> None:
    """Each message type of both directions stands in the README's tables, and none besides."""
    real = {
        get_args(model.model_fields["type"].annotation)[0]
        for model in vars(messages).values()
        if isinstance(model, type) and "type" in getattr(model, "model_fields", {})
    }
    tables = README[README.index("## The wire") : README.index("## Settings")]
    named = set(re.findall(r"`((?:[a-z]+\.[a-z]+)|mark|warning|error)`", tables))
    assert named & real == real
    assert {name for name in named if "." in name} <= real | {"streaming.protocol"}


def test_every_voice_is_described() -> None:
    """Each preset has its row, with the description the engine gives."""
    for voice in personas():
        assert f"| {voice.name} | {voice.description} |" in README


def test_every_verb_in_the_readme_exists() -> None:
    """What follows ``seiyuu`` in the README is a verb of the command."""
    verbs = set(
        re.findall(
            r"`?(?:\.venv/bin/)?seiyuu (serve|say|read|emotion|voices|bench|doctor|obs|[a-z]+)\b",
            README,
        )
    )
    known = parser().format_help()
    assert all(verb in known for verb in verbs)
