"""What is asked over plain HTTP."""

import json
from typing import Any

import httpx
import pytest

pytestmark = pytest.mark.e2e


async def get(running: Any, path: str) -> httpx.Response:
    async with httpx.AsyncClient(trust_env=False) as client:
        return await client.get(running.http + path)


async def test_health_and_readiness(running: Any) -> None:
    """Healthy means it answers; ready means a session would be taken."""
    assert (await get(running, "/healthz")).json() == {"status": "ok"}
    assert (await get(running, "/readyz")).json() == {"status": "ready"}
    running.server.admission.drain()
    answer = await get(running, "/readyz")
    assert answer.status_code == 503
    assert "stopping" in answer.json()["reason"]


async def test_metrics_count_what_happened(running: Any, raw: Any) -> None:
    """After one utterance there is one of everything, and audio of its length."""
    async with raw(running) as peer:
        await peer.start()
        await peer.send("text.delta", text="一二三四五")
        await peer.send("text.end")
        await peer.until("utterance.ended")
        await peer.send("session.close")
        await peer.code()
    await running.empty()
    text = (await get(running, "/metrics")).text
    for line in (
        "seiyuu_sessions_open 0.0",
        "seiyuu_sessions_total 1.0",
        'seiyuu_utterances_total{reason="end"} 1.0',
        "seiyuu_first_packet_seconds_count 1.0",
        "seiyuu_audible_onset_seconds_count 1.0",
        "seiyuu_rtf_count 1.0",
        "seiyuu_underrun_seconds_count 1.0",
        "seiyuu_audio_seconds_total 0.6",
    ):
        assert line in text


async def test_the_schema_names_every_message(running: Any) -> None:
    """A client can be generated from it."""
    schema = (await get(running, "/v1/live/schema")).json()
    text = json.dumps(schema)
    for name in ("session.start", "text.delta", "speech.cancel", "utterance.ended", "audio.rewind"):
        assert f'"{name}"' in text


async def test_the_documentation_is_served(running: Any) -> None:
    """The routes describe themselves."""
    assert (await get(running, "/docs")).status_code == 200
    assert "/healthz" in (await get(running, "/openapi.json")).text
