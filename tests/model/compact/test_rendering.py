"""Stream = offline: a clause sounds the same however it is cut, appended, or taken back and said again."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from seiyuu.model.compact.decoder import LOOK_AHEAD, Decoder
from seiyuu.model.compact.rendering import Rendering
from seiyuu.model.compact.source import FRAME_SAMPLES
from seiyuu.model.compact.statistics import Array, Conditioning
from seiyuu.model.compact.synthesis import Frames, render
from seiyuu.streaming.errors import InvalidState

from .conftest import snr_db

pytestmark = pytest.mark.golden

CLOSE_DB = 34.0
"""Windows leave out the outermost of what the generator hears: -36 dB at the worst onset, -55 dB as a rule."""


@pytest.fixture(scope="module")
def offline(decoder: Decoder, frames: Frames, conditioning: Conditioning) -> Array:
    return render(decoder, frames, conditioning)


def append(rendering: Rendering, frames: Frames, start: int, stop: int) -> None:
    halves = slice(2 * start, 2 * stop)
    rendering.append(frames.content[:, start:stop], frames.f0[halves], frames.energy[halves])


@settings(
    max_examples=3,
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(data=st.data())
def test_any_cut_sounds_like_the_whole(
    data: st.DataObject,
    decoder: Decoder,
    frames: Frames,
    conditioning: Conditioning,
    offline: Array,
) -> None:
    """Frames arrive in pieces of any length and are rendered as soon as they can be, in pieces of any length."""
    rendering = Rendering(decoder, conditioning)
    pieces, at = [], 0
    while at < frames.count:
        if rendering.frames < frames.count:
            stop = min(frames.count, rendering.frames + data.draw(st.integers(3, 30)))
            append(rendering, frames, rendering.frames, stop)
            if stop == frames.count:
                rendering.end()
        if rendering.ready > at:
            stop = min(rendering.ready, at + data.draw(st.integers(3, 12)))
            pieces.append(rendering.render(at, stop))
            assert len(pieces[-1]) == FRAME_SAMPLES * (stop - at)
            at = stop
    assert snr_db(offline, np.concatenate(pieces)) > CLOSE_DB


def test_windows_can_be_rendered_in_any_order(
    decoder: Decoder, frames: Frames, conditioning: Conditioning, offline: Array
) -> None:
    """The end first, then the beginning."""
    rendering = Rendering(decoder, conditioning)
    append(rendering, frames, 0, frames.count)
    rendering.end()
    late = rendering.render(30, 38)
    early = rendering.render(14, 22)
    assert snr_db(offline[30 * FRAME_SAMPLES : 38 * FRAME_SAMPLES], late) > CLOSE_DB
    assert snr_db(offline[14 * FRAME_SAMPLES : 22 * FRAME_SAMPLES], early) > CLOSE_DB


def test_a_tail_taken_back_and_said_again_is_the_same(
    decoder: Decoder, frames: Frames, conditioning: Conditioning, offline: Array
) -> None:
    """Frames with another pitch leave no trace once they are truncated."""
    rendering = Rendering(decoder, conditioning)
    append(rendering, frames, 0, 20)
    rendering.append(frames.content[:, 20:40], frames.f0[40:80] * 1.5, frames.energy[40:80])
    rendering.render(0, rendering.ready)
    rendering.truncate(20)
    append(rendering, frames, 20, frames.count)
    rendering.end()
    assert snr_db(offline, rendering.render(0, frames.count)) > CLOSE_DB


def test_another_pitch_is_heard(
    decoder: Decoder, frames: Frames, conditioning: Conditioning, offline: Array
) -> None:
    """Raising F0 from a frame on changes the sound behind it and, beyond the look-ahead, not before."""
    border = 30
    rendering = Rendering(decoder, conditioning)
    append(rendering, frames, 0, border)
    raised = np.where(frames.f0 > 10, frames.f0 * 1.4, frames.f0)[2 * border :]
    rendering.append(frames.content[:, border:], raised, frames.energy[2 * border :])
    rendering.end()
    sound = rendering.render(0, frames.count)
    kept = (border - LOOK_AHEAD) * FRAME_SAMPLES
    assert snr_db(offline[:kept], sound[:kept]) > CLOSE_DB
    assert snr_db(offline[border * FRAME_SAMPLES :], sound[border * FRAME_SAMPLES :]) < 10


def test_what_is_not_ready_is_refused(
    decoder: Decoder, frames: Frames, conditioning: Conditioning
) -> None:
    """The last 13 frames of an open clause cannot be rendered; an ended clause takes no more."""
    rendering = Rendering(decoder, conditioning)
    append(rendering, frames, 0, 20)
    assert rendering.ready == 20 - LOOK_AHEAD
    with pytest.raises(InvalidState, match="7 of 20 are ready"):
        rendering.render(0, 8)
    rendering.end()
    assert rendering.ready == 20
    with pytest.raises(InvalidState, match="ended"):
        append(rendering, frames, 20, 21)


def test_lengths_that_disagree_are_refused(decoder: Decoder, conditioning: Conditioning) -> None:
    """F0 and energy come twice a frame."""
    with pytest.raises(InvalidState, match="3 frames of content need 6"):
        Rendering(decoder, conditioning).append(
            np.zeros((512, 3), np.float32), np.zeros(6, np.float32), np.zeros(5, np.float32)
        )


def test_frames_are_asked_for_in_batches_once_there_is_a_cushion(
    decoder: Decoder, conditioning: Conditioning, frames: Frames
) -> None:
    """First no more than the window needs, then enough to fill a run; what is asked for is always enough."""
    rendering = Rendering(decoder, conditioning)
    given, asked = 0, []
    for stop in (4, 8, 12):
        wanted = rendering.wanted(stop)
        asked.append(wanted - stop)
        more = slice(given, max(given, wanted))
        halves = slice(2 * more.start, 2 * more.stop)
        at = np.arange(more.start, more.stop) % frames.count
        places = np.arange(halves.start, halves.stop) % (2 * frames.count)
        rendering.append(frames.content[:, at], frames.f0[places], frames.energy[places])
        given = more.stop
        assert rendering.ready >= stop
        rendering.render(stop - 4, stop)
    assert asked[:2] == [LOOK_AHEAD, LOOK_AHEAD]
    assert asked[2] > LOOK_AHEAD
    rendering.truncate(6)
    assert rendering.wanted(8) == 8 + LOOK_AHEAD
