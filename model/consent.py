"""Consent: who agreed that their voice is used, when, and for what. No voice is stored without it."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta

from ..streaming.errors import ConsentRequired

MAX_LENGTH = 200
DEFAULT_PURPOSE = "synthetic speech in this voice"
EXAMPLE = 'as in "Zhang Wei, 2026-05-01, live streams"'


@dataclass(frozen=True, slots=True)
class Consent:
    """``who`` agreed, ``when`` (ISO 8601 date, or date and time), ``purpose``: for what.

    Raises:
        ConsentRequired: a field that is empty, too long, no date, or a date that has not come yet.
    """

    who: str
    when: str
    purpose: str

    def __post_init__(self) -> None:
        for field, value in asdict(self).items():
            if not isinstance(value, str) or not value.strip() or len(value) > MAX_LENGTH:
                raise ConsentRequired(
                    f"consent says who agreed, when and for what; {field!r} must be 1 to {MAX_LENGTH} characters"
                )
        try:
            day = datetime.fromisoformat(self.when.strip()).date()
        except ValueError as error:
            raise ConsentRequired(
                f"consent was given on a date like 2026-05-01, got {self.when[:40]!r}"
            ) from error
        # A day ahead is still today somewhere.
        if day > date.today() + timedelta(days=1):
            raise ConsentRequired(
                f"consent is given before a voice is stored, got {self.when[:40]!r}"
            )

    @classmethod
    def parse(cls, text: str) -> Consent:
        """From one line: who, when, and for what, parted by commas; the last may be left out.

        Raises:
            ConsentRequired: as the class.
        """
        parts = [part.strip() for part in text.replace("\uff0c", ",").split(",", 2)]
        if len(parts) < 2:
            raise ConsentRequired(f"consent says who agreed, when and for what, {EXAMPLE}")
        return cls(parts[0], parts[1], parts[2] if len(parts) == 3 else DEFAULT_PURPOSE)
