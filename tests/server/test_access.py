"""Who may connect."""

import pytest

from seiyuu.server.access import Access
from seiyuu.streaming.errors import Unauthorized

pytestmark = pytest.mark.unit


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"origin": "http://127.0.0.1:8765", "host": "127.0.0.1:8765"},
        {"origin": "http://localhost:8765", "host": "localhost:8765"},
        {"origin": "http://[::1]:8765", "host": "[::1]:8765"},
        {"origin": "https://studio.example", "host": "127.0.0.1:8765"},
    ],
)
def test_programs_own_pages_and_listed_sites_may(headers: dict[str, str]) -> None:
    """No origin is no browser; the server's own and the configured ones are let in."""
    Access(allowed_origins=("https://studio.example/",)).check(headers, {})


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://evil.example", "host": "127.0.0.1:8765"},
        {"origin": "null", "host": "127.0.0.1:8765"},
        {"origin": "http://127.0.0.1:3000", "host": "127.0.0.1:8765"},
        {"origin": "http://evil.example:8765", "host": "evil.example:8765"},  # DNS rebinding
        {"origin": "http://[bad", "host": "127.0.0.1:8765"},
        {"origin": "http://127.0.0.1:8765"},
    ],
)
def test_pages_of_other_sites_may_not(headers: dict[str, str]) -> None:
    """Also not when their name was made to point here."""
    with pytest.raises(Unauthorized, match="may not use this server"):
        Access().check(headers, {})


@pytest.mark.parametrize(
    ("headers", "query"),
    [
        ({"authorization": "Bearer k2"}, {}),
        ({"authorization": "bearer  k2"}, {}),
        ({"x-api-key": "k1"}, {}),
        ({}, {"api_key": "k1"}),
    ],
)
def test_a_key_opens_in_three_places(headers: dict[str, str], query: dict[str, str]) -> None:
    """Two headers, and the query for browsers."""
    Access(("k1", "k2")).check(headers, query)


@pytest.mark.parametrize(
    "headers", [{}, {"x-api-key": "k"}, {"authorization": "Basic k1"}, {"x-api-key": "\udcff"}]
)
def test_without_the_key_nobody_comes_in(headers: dict[str, str]) -> None:
    """A wrong key is as good as none."""
    with pytest.raises(Unauthorized, match="API key"):
        Access(("k1",)).check(headers, {})
