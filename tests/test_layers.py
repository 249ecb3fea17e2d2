"""The import arrows of the design hold: data goes right, words are shared, siblings keep apart."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

pytestmark = pytest.mark.unit

ROOT = Path(__file__).parents[1]
MAY_IMPORT: dict[str, set[str]] = {
    "streaming": set(),
    "model": {"streaming"},
    "server": {"streaming", "model"},
    "clients": {"streaming"},
}
COMMANDS = ROOT / "server" / "commands"
"""The command line composes everything: it speaks to a server as any client does, or to one it starts itself."""
ENGINES = {"compact", "indextts2", "tone"}
SOURCES = sorted(p for top in MAY_IMPORT for p in (ROOT / top).rglob("*.py"))


def sibling_imports(path: Path, top_depth: int) -> Iterator[tuple[int, str]]:
    """Yield (line, sibling) for each import that leaves the top folder of ``path``."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.level > top_depth:
            names = [node.module] if node.module else [alias.name for alias in node.names]
            for name in names:
                yield node.lineno, name.split(".")[0]
        elif isinstance(node, ast.Import) or (isinstance(node, ast.ImportFrom) and node.level == 0):
            names = (
                [alias.name for alias in node.names]
                if isinstance(node, ast.Import)
                else [node.module or ""]
            )
            for name in names:
                if name.split(".")[0] in {*MAY_IMPORT, "seiyuu"}:
                    yield node.lineno, f"absolute {name}"


@pytest.mark.parametrize("path", SOURCES, ids=lambda p: str(p.relative_to(ROOT)))
def test_imports_follow_the_arrows(path: Path) -> None:
    """A module imports only from the folders its own folder may know."""
    relative = path.relative_to(ROOT)
    allowed = MAY_IMPORT[relative.parts[0]] | (
        {"clients"} if path.is_relative_to(COMMANDS) else set()
    )
    wrong = [
        f"{relative}:{line} imports {name}"
        for line, name in sibling_imports(path, len(relative.parts) - 1)
        if name not in allowed
    ]
    assert not wrong


def engine_imports(path: Path) -> Iterator[str]:
    """Yield the engines that a module of one engine imports besides its own."""
    own = path.relative_to(ROOT / "model").parts[0].removesuffix(".py")
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module and node.level:
            first = node.module.split(".")[0]
            if first in ENGINES - {own}:
                yield first


@pytest.mark.parametrize(
    "path",
    [
        p
        for p in SOURCES
        if p.relative_to(ROOT).parts[0] == "model"
        and p.relative_to(ROOT).parts[1].removesuffix(".py") in ENGINES
    ],
    ids=lambda p: str(p.relative_to(ROOT)),
)
def test_engines_do_not_know_each_other(path: Path) -> None:
    """An engine never imports another engine."""
    assert not list(engine_imports(path))


@pytest.mark.parametrize(
    "path",
    [p for p in SOURCES if not p.is_relative_to(COMMANDS)],
    ids=lambda p: str(p.relative_to(ROOT)),
)
def test_only_the_entry_point_knows_the_commands(path: Path) -> None:
    """The verbs of the command line are imported by ``cli`` alone, so that a server never pulls clients in."""
    if path.name == "cli.py":
        return
    imported = {
        node.module or ""
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ImportFrom)
    }
    assert not any(module.split(".")[0] == "commands" for module in imported)
