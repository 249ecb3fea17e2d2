"""No voice without consent: who, when, and for what."""

import pytest

from seiyuu.model.consent import DEFAULT_PURPOSE, Consent
from seiyuu.streaming.errors import ConsentRequired

pytestmark = pytest.mark.unit


def test_a_line_of_consent_is_understood() -> None:
    """Who, when and for what, with commas of either kind; the purpose may be left out."""
    assert Consent.parse("Zhang Wei, 2026-05-01, streams, and clips") == Consent(
        "Zhang Wei", "2026-05-01", "streams, and clips"
    )
    assert Consent.parse("张伟,2026-05-01T10:00:00").purpose == DEFAULT_PURPOSE


@pytest.mark.parametrize(
    "line",
    ["", "yes", "Zhang, yesterday", "Zhang, 2999-01-01", ", 2026-05-01", "Zhang,", "x" * 300 + ", 2026-05-01"],
)  # fmt: skip
def test_what_is_no_consent_is_refused(line: str) -> None:
    """A missing name, no date, or a day that has not come."""
    with pytest.raises(ConsentRequired):
        Consent.parse(line)
