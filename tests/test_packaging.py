"""What is installed is what stands in the tree."""

import tomllib
from pathlib import Path

import pytest

pytestmark = pytest.mark.unit

ROOT = Path(__file__).parents[1]


def test_every_package_folder_is_listed() -> None:
    """Each folder with an ``__init__.py`` is in pyproject's package list, and none besides."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    listed = set(project["tool"]["setuptools"]["packages"])
    found = {
        "seiyuu." + ".".join(init.parent.relative_to(ROOT).parts)
        for top in ("streaming", "model", "server", "clients")
        for init in (ROOT / top).rglob("__init__.py")
    }
    assert listed == found
