"""VMC frames as a receiver of the protocol decodes them."""

import socket

import pytest
from pythonosc.osc_bundle import OscBundle

from seiyuu.clients.face import EXPRESSIONS, VOWELS, Look
from seiyuu.clients.vmc import Vmc
from seiyuu.streaming.errors import SeiyuuError

pytestmark = pytest.mark.unit
LOOK = Look(
    {"A": 0.5, "I": 0.0, "U": 0.25, "E": 0.0, "O": 0.0},
    {"joy": 0.75, "angry": 0.0, "sorrow": 0.0, "fun": 0.0},
    0.6,
)


def received(listener: socket.socket) -> list[tuple[str, list[object]]]:
    bundle = OscBundle(listener.recv(65_536))
    return [(message.address, list(message.params)) for message in bundle]


@pytest.fixture
def listener() -> socket.socket:
    one = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    one.bind(("127.0.0.1", 0))
    one.settimeout(10)
    return one


async def test_a_frame_holds_every_shape_and_its_application(listener: socket.socket) -> None:
    """Five vowels and four expressions by their VRM 0 names, zeros too, then Apply; closing shuts the mouth."""
    vmc = Vmc("127.0.0.1", listener.getsockname()[1])
    await vmc.show(LOOK)
    *values, last = received(listener)
    assert last == ("/VMC/Ext/Blend/Apply", [])
    assert {address for address, _ in values} == {"/VMC/Ext/Blend/Val"}
    shown = {name: value for _, (name, value) in values}  # type: ignore[misc]
    assert shown["A"] == 0.5
    assert shown["Joy"] == 0.75
    assert set(shown) == {*VOWELS, "Joy", "Angry", "Sorrow", "Fun"}
    await vmc.close()
    await vmc.close()
    *rest, _ = received(listener)
    assert not any(params[1] for _, params in rest)
    listener.close()


async def test_expressions_may_be_left_to_others(listener: socket.socket) -> None:
    """With expressions off only the mouth is moved."""
    vmc = Vmc("127.0.0.1", listener.getsockname()[1], expressions=False)
    await vmc.show(LOOK)
    names = [params[0] for _, params in received(listener) if params]
    assert names == list(VOWELS)
    assert len(EXPRESSIONS) == 4
    await vmc.close()
    listener.close()


def test_a_machine_that_does_not_exist_is_said() -> None:
    """A name nobody knows is an error before anything is sent."""
    with pytest.raises(SeiyuuError, match=r"no\.such\.machine\.invalid"):
        Vmc("no.such.machine.invalid")
