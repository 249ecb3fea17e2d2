"""The pages' playout buffer, run by Node on the file that browsers get."""

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytestmark = [
    pytest.mark.integration,
    pytest.mark.skipif(shutil.which("node") is None, reason="node is not installed"),
]

HERE = Path(__file__).parent
WORKLET = HERE.parents[1] / "clients" / "web" / "worklet.js"
FRAME = 960
TONE = 0.5 * np.sin(2 * np.pi * 300 * np.arange(48_000) / 48_000)
STEP = float(np.abs(np.diff(TONE)).max())
"""The largest step from sample to sample in the tone itself; a click is larger."""

Step = dict[str, Any]


def run(steps: list[Step]) -> tuple[np.ndarray, list[dict[str, Any]]]:
    text = json.dumps({"steps": steps, "rate": 48_000})
    command = ["node", str(HERE / "worklet.mjs"), str(WORKLET)]
    done = subprocess.run(
        command, input=text, capture_output=True, text=True, check=True, timeout=60
    )
    found = json.loads(done.stdout)
    return np.array(found["played"]), found["said"]


def packets(sound: np.ndarray, seq: int = 0, start: int = 0, *, ends: bool = True) -> list[Step]:
    """The sound from position ``start`` on, cut to packets."""
    made = []
    for n, at in enumerate(range(start, len(sound), FRAME)):
        samples = sound[at : at + FRAME].tolist()
        last = ends and at + FRAME >= len(sound)
        packet = {"utterance": 1, "seq": seq + n, "timestamp": at, "samples": samples, "last": last}
        made.append({"do": "put", "packet": packet})
    return made


def spoken(played: np.ndarray) -> np.ndarray:
    """Without the silence before."""
    return played[np.flatnonzero(played)[0] :]


def test_what_comes_in_goes_out() -> None:
    """But for the first 5 ms, which fade in, each sample is played as it came."""
    played, said = run([*packets(TONE), {"play": 52_000}])
    np.testing.assert_allclose(played[240:48_000], TONE[240:], atol=1e-6)
    assert np.abs(played[48_300:]).max() == 0
    assert said[-1]["underruns"] == 0


def test_order_does_not_matter() -> None:
    """Packets that come out of order are played in order, and twice the same one once."""
    steps = packets(TONE)
    mixed = [steps[1], steps[0], steps[3], steps[2], steps[2], *steps[4:]]
    played, _ = run([*mixed, {"play": 52_000}])
    np.testing.assert_allclose(played[240:48_000], TONE[240:], atol=1e-6)


def test_a_cancel_does_not_click() -> None:
    """Within 5 ms of a drop there is silence, and no step is larger than those of the tone."""
    played, _ = run(
        [*packets(TONE), {"play": 10_000}, {"do": "drop", "utterance": 1}, {"play": 4_000}]
    )
    assert np.abs(played[10_000 + 400 :]).max() == 0
    assert np.abs(np.diff(played)).max() <= 1.2 * STEP


def test_a_rewind_does_not_click() -> None:
    """What comes again from before the position fades into what was there: here, the tone upside down."""
    again = packets(-TONE, seq=50, start=9 * FRAME)
    rewind = {"do": "rewind", "utterance": 1, "from": 9 * FRAME, "nextSeq": 50}
    played, _ = run([*packets(TONE), {"play": 10_112}, rewind, *again, {"play": 42_000}])
    np.testing.assert_allclose(played[11_000:48_000], -TONE[11_000:], atol=1e-6)
    assert np.abs(np.diff(played)).max() <= 1.5 * STEP


def test_a_rewind_ahead_is_seamless() -> None:
    """From a place that was not reached yet the new sound is played and the old is not."""
    again = packets(0.5 * TONE, seq=50, start=20 * FRAME)
    rewind = {"do": "rewind", "utterance": 1, "from": 20 * FRAME, "nextSeq": 50}
    played, _ = run([*packets(TONE), {"play": 10_112}, rewind, *again, {"play": 42_000}])
    np.testing.assert_allclose(played[240 : 20 * FRAME], TONE[240 : 20 * FRAME], atol=1e-6)
    np.testing.assert_allclose(played[20 * FRAME : 48_000], 0.5 * TONE[20 * FRAME :], atol=1e-6)


def test_a_lost_packet_is_bridged() -> None:
    """Its time passes in an echo that begins where the sound was; the rest keeps its place."""
    steps = packets(TONE)
    played, said = run([*steps[:10], *steps[11:], {"play": 52_000}])
    hole = played[10 * FRAME : 11 * FRAME]
    assert 0.05 < np.abs(hole).max() < 0.6
    np.testing.assert_allclose(
        played[11 * FRAME + 240 : 48_000], TONE[11 * FRAME + 240 :], atol=1e-6
    )
    assert said[-1]["concealed"] == FRAME


def test_an_underrun_is_counted_and_waited_out() -> None:
    """Sound that comes too late is played later and complete, with a way down and up again."""
    steps = packets(TONE)
    played, said = run([*steps[:10], {"play": 12_032}, *steps[10:], {"play": 52_000}])
    assert said[-1]["underruns"] == 1
    assert np.abs(np.diff(played)).max() <= 1.2 * STEP
    late = spoken(played[12_032:])
    np.testing.assert_allclose(late[300:30_000], TONE[9_601 + 300 : 9_601 + 30_000], atol=1e-6)


def test_a_faster_sender_is_followed() -> None:
    """A sender whose clock is 0.1 % fast does not pile up: the depth stays where it was after a second."""
    steps: list[Step] = []
    long = np.tile(TONE, 40)
    every = packets(long, ends=False)
    steps += every[:10]
    at, due = 10, 0.0
    while at < len(every):
        steps.append({"play": FRAME - FRAME % 128})
        due += (FRAME - FRAME % 128) * 1.001 / FRAME
        while due >= 1 and at < len(every):
            steps.append(every[at])
            at += 1
            due -= 1
    played, said = run(steps)
    depth = [one["buffered"] for one in said if not one["over"]]
    unfollowed = 0.001 * len(played)
    assert unfollowed > 1_500
    assert depth[-1] - depth[60] < 0.75 * unfollowed + FRAME
    assert said[-1]["underruns"] == 0
