"""The readings a character can have."""

from __future__ import annotations

from functools import lru_cache


@lru_cache(maxsize=8192)
def readings(char: str) -> tuple[str, ...]:
    """All dictionary readings of one hanzi, the commonest first."""
    from pypinyin import Style, pinyin

    found = pinyin(
        char,
        style=Style.TONE3,
        heteronym=True,
        neutral_tone_with_five=True,
        v_to_u=True,
        errors="ignore",
    )
    return tuple(found[0]) if found else ()
