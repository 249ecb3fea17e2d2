"""Markers, and the rules every test module follows."""

import pytest

CATEGORIES = {"unit", "e2e", "golden", "integration", "gpu", "weights", "eval", "bench"}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Refuse a test module without a category: what it needs must be known before it runs."""
    nameless = {
        item.nodeid.split("::")[0]
        for item in items
        if not CATEGORIES & {mark.name for mark in item.iter_markers()}
    }
    if nameless:
        raise pytest.UsageError(f"no category marker in: {', '.join(sorted(nameless))}")
