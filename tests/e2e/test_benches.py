"""The benches against a real server: not how fast it is, but that they see what happens."""

import argparse
from typing import Any

import pytest

from seiyuu.clients import durations, load, soak
from seiyuu.clients.bench import Target
from seiyuu.clients.link import websocket_opener

pytestmark = pytest.mark.e2e


def target(running: Any) -> Target:
    return Target(running.url, None, None)


async def test_a_soak_leaves_nothing(serve: Any) -> None:
    """Sessions that listen, cancel, turn, vanish and stop reading: no error, and the server is empty."""
    running = await serve(limits={"resume_window_ms": 0})
    arguments = argparse.Namespace(
        engine="tone", sessions=6, seconds=1.5, seed=1, language="zh", real_time=False
    )
    result = await soak.run(target(running), arguments)
    assert result["engine"] == "tone"
    assert result["errors"] == {}
    assert result["sessions_left_behind"] == 0
    assert result["audio_hours"] > 0
    assert sum(result["lives"].values()) >= 6
    await running.empty()


async def test_a_load_is_measured_step_by_step(serve: Any) -> None:
    """Every socket hears something, and packets are told from silence."""
    running = await serve(limits={"resume_window_ms": 0})
    arguments = argparse.Namespace(
        engine="tone", sockets=(2, 3), seconds=2.0, codec="pcm_s16le", marks=True
    )
    result = await load.run(target(running), arguments)
    assert [step["sockets"] for step in result["steps"]] == [2, 3]
    for step in result["steps"]:
        assert step["silent_sockets"] == 0
        assert step["errors"] == []
        assert step["added_ms_per_frame"]["n"] > 0
    assert result["sockets_at_gate"] in {0, 2, 3}
    await running.empty()


async def test_lengths_are_asked_for_again_when_the_connection_was_lost(
    serve: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever was frozen for minutes comes back to a dead socket; each utterance is measured all the same."""
    running = await serve()
    opened = 0

    def opener_that_fails_first(url: str, api_key: str | None = None) -> Any:
        open_link = websocket_opener(url, api_key)

        async def open_once_in_vain() -> Any:
            nonlocal opened
            opened += 1
            link = await open_link()
            if opened == 1:
                link.abort()
            return link

        return open_once_in_vain

    monkeypatch.setattr(durations, "websocket_opener", opener_that_fails_first)
    arguments = argparse.Namespace(n=3, language="zh", voice=None)
    result = await durations.run(target(running), arguments)
    found = result["languages"]["zh"]
    assert opened == 4
    assert found["error_ms"]["n"] == 3
    assert 0 <= found["within_gate"] <= 3


async def test_a_length_that_cannot_be_measured_is_an_error(serve: Any) -> None:
    """Without a server there is no figure."""
    running = await serve()
    nowhere = Target(running.url.replace(str(running.port), "1"), None, None)
    arguments = argparse.Namespace(n=1, language="zh", voice=None)
    with pytest.raises(ConnectionError):
        await durations.run(nowhere, arguments)
