"""A measuring command's result, given out the same way by all of them."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any


def give(result: dict[str, Any], path: Path | None) -> None:
    """Print a result as JSON, and write it where asked."""
    text = json.dumps(result, ensure_ascii=False, indent=1)
    sys.stdout.write(text + "\n")
    if path is not None:
        path.write_text(text + "\n", encoding="utf-8")
