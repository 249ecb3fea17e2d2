"""The sound card's side, with a sound card that is none."""

import sys
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from seiyuu.clients.player import Player, load_sounddevice
from seiyuu.streaming.errors import Unsupported
from seiyuu.streaming.ids import UtteranceId
from seiyuu.streaming.jitter import Arrived

pytestmark = [pytest.mark.unit, pytest.mark.virtual_time]

ONE = UtteranceId(1)


class Card:
    """Stands where the sound library stands."""

    PortAudioError = RuntimeError

    def __init__(self) -> None:
        self.callback: Callable[..., None]
        self.stopped = False

    def query_devices(self, kind: str) -> dict[str, str]:
        return {"name": kind}

    def OutputStream(self, **options: Any) -> Any:  # noqa: N802  the library's name
        self.callback = options["callback"]
        return SimpleNamespace(start=lambda: None, stop=self._stop, close=lambda: None)

    def _stop(self) -> None:
        self.stopped = True

    def play(self, count: int) -> np.ndarray:
        out = np.zeros((count, 1), np.float32)
        self.callback(out, count, None, None)
        return out[:, 0]


class FakeHost:
    """As much of a host as a player needs."""

    sample_rate = 1000

    def __init__(self) -> None:
        self.reports: list[Any] = []
        self.tapped: Any = None

    def tap(self, tap: Any) -> None:
        self.tapped = tap

    def is_live(self, utterance: int) -> bool:
        return utterance == ONE

    async def send(self, message: Any) -> None:
        self.reports.append(message)


@pytest.fixture
def card(monkeypatch: pytest.MonkeyPatch) -> Card:
    made = Card()
    monkeypatch.setitem(sys.modules, "sounddevice", made)  # type: ignore[arg-type]
    return made


def sound(seq: int, count: int = 100, *, last: bool = False) -> Arrived:
    return Arrived(ONE, seq, seq * count, np.full(count, 0.5, np.float32), last)


async def test_what_is_put_is_played_and_reported(card: Card) -> None:
    """Packets go to the card in order; the server hears how far it got; the end is waited for."""
    host = FakeHost()
    async with Player(host) as player:  # type: ignore[arg-type]
        assert host.tapped is player
        for seq in range(3):
            host.tapped.packet(sound(seq))
        played = card.play(250)
        assert played[50] == 0.5
        import asyncio

        await asyncio.sleep(0.25)
        assert [report.played_ms for report in host.reports] == [250.0]
        player.hold(True)
        assert not card.play(10).any()
        player.hold(False)
        host.tapped.drop(ONE)
        assert card.play(10)[-1] == 0
    assert card.stopped
    assert host.tapped is None


async def test_a_rewind_replaces_what_waits(card: Card) -> None:
    """Sound that was turned is not played in its old form."""
    host = FakeHost()
    async with Player(host) as player:  # type: ignore[arg-type]
        for seq in range(3):
            player.packet(sound(seq))
        player.rewind(ONE, 100, 3)
        player.packet(Arrived(ONE, 3, 100, np.full(100, 0.25, np.float32), last=True))
        played = card.play(200)
        assert played[90] == 0.5
        assert played[150] == 0.25


def test_without_a_sound_card(monkeypatch: pytest.MonkeyPatch) -> None:
    """The message says what to install, or to write a file."""
    monkeypatch.setitem(sys.modules, "sounddevice", None)
    with pytest.raises(Unsupported, match="--out"):
        load_sounddevice()
