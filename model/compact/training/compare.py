"""Compares the prosody network with the rules on lines and voices that training never saw.

``python -m seiyuu.model.compact.training.compare`` prints one table of frames (duration, F0, level, transitions,
budgets); with ``--audio N`` also one of sound: N sentences a language through the engine and the shipped network,
heard by a speech recogniser and by DNSMOS. The measure of frames is the teacher (see :mod:`.teacher`): in neutral
speech the packaged predictors themselves.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ....streaming.audio import Samples
from ....streaming.emotion import AXES, NEUTRAL, Emotion
from ..clause import Clause
from ..personas import voice_vectors
from ..prepare import prepare
from ..prosody import EmotionState, Prosody, RuleProsody
from ..prosody_ar import NetworkProsody, decide_together
from ..prosody_features import VOICED_FROM_HZ, Numbers, Places
from ..prosody_network import ProsodyNetwork
from ..stages import Stages
from ..track import FRAME_RATE, Track
from .readings import held_out
from .teacher import Direction, Teacher

Decoder = Callable[[Clause, EmotionState], Prosody]

INTENSITY = 0.7
RAMP_MS = 200
RATIOS = (0.6, 0.75, 1.0, 1.25, 1.6)


@dataclass(frozen=True, slots=True)
class Miss:
    """How far a take is from the teacher's: ``frames`` a token, the clause's ``length`` as a share, ``pitch_st``
    where both have voice, ``voicing`` as a share of half frames, ``level_db``."""

    frames: float
    length: float
    pitch_st: float
    voicing: float
    level_db: float


def decoders(network: ProsodyNetwork) -> dict[str, Decoder]:
    """Both ways to decide prosody, by name."""
    return {
        "rules": lambda clause, emotion: RuleProsody(clause, emotion),
        "network": lambda clause, emotion: NetworkProsody(network, clause, emotion),
    }


def spoken(takes: Sequence[Prosody], frames: Sequence[int] | None = None) -> list[Track]:
    """Takes decided to their ends, or as many ``frames`` further; those of the network side by side."""
    wanted = frames or [100_000] * len(takes)
    rows = [
        (take, n) for take, n in zip(takes, wanted, strict=True) if isinstance(take, NetworkProsody)
    ]
    decide_together([take for take, _ in rows], [n for _, n in rows])
    for take, n in zip(takes, wanted, strict=True):
        take.decide(0 if isinstance(take, NetworkProsody) else n)
    return [take.track for take in takes]


def taught(clause: Clause, direction: Direction) -> Track:
    """The teacher's take."""
    teacher = Teacher(clause, direction)
    teacher.run()
    return teacher.track


def miss(clause: Clause, track: Track, teacher: Track) -> Miss:
    """Compare two takes of a clause; contours are compared where they stand on the tokens, not in time."""
    first, last = clause.speech
    counts = [
        np.bincount(t.token, minlength=len(clause.symbols))[first:last] for t in (track, teacher)
    ]
    f0, wanted = (_at_places(clause, t, t.f0) for t in (track, teacher))
    level = [_at_places(clause, t, np.repeat(t.level_db, 2)) for t in (track, teacher)]
    voiced, meant = f0 >= VOICED_FROM_HZ, wanted >= VOICED_FROM_HZ
    both = voiced & meant
    return Miss(
        float(np.abs(counts[0] - counts[1]).mean()),
        float(counts[0].sum() / counts[1].sum() - 1),
        float(np.abs(12 * np.log2(f0[both] / wanted[both])).mean()) if both.any() else 0.0,
        float((voiced != meant).mean()),
        float(np.abs(level[0] - level[1]).mean()),
    )


def _at_places(clause: Clause, track: Track, halves: Samples) -> Samples:
    """A track's curve read at every half frame of the neutral reading's speech, the nearest half frame's value."""
    first, last = clause.speech
    starts = np.concatenate([[0], np.cumsum(clause.durations)])
    return _nearest(_places(clause, track), halves, np.arange(starts[first], starts[last], 0.5))


def _at_frames(clause: Clause, track: Track, other: Track) -> Numbers:
    """The F0 that ``track`` has where the half frames of ``other`` are."""
    places = _places(clause, track)
    wanted = _places(clause, other)
    near = _nearest(places, track.f0, wanted)
    between: Numbers = np.interp(wanted, places, track.f0)
    smooth = np.abs(np.log(np.maximum(between, 1.0) / np.maximum(near, 1.0))) < 0.2
    return np.where(smooth, between, near)


def _places(clause: Clause, track: Track) -> Numbers:
    """Where in the neutral reading each half frame of a track stands, in frames."""
    starts = np.concatenate([[0], np.cumsum(clause.durations)])
    place = starts[track.token] + track.fraction * clause.durations[track.token]
    after = np.append(place[1:], starts[-1])
    found: Numbers = np.stack([place, (place + after) / 2], axis=1).reshape(-1)
    return found


def _nearest(places: Numbers, values: Samples, wanted: Numbers) -> Samples:
    right = np.clip(np.searchsorted(places, wanted), 1, len(places) - 1)
    near = np.where(wanted - places[right - 1] < places[right] - wanted, right - 1, right)
    found: Samples = values[near]
    return found


def mean_miss(clauses: Sequence[Clause], make: Decoder, emotion: Emotion) -> tuple[Miss, float]:
    """Mean over clauses, lengths and all absolute; and the mean length with its sign."""
    tracks = spoken([make(c, EmotionState.of(emotion)) for c in clauses])
    misses = [
        miss(c, track, taught(c, Direction(emotion)))
        for c, track in zip(clauses, tracks, strict=True)
    ]
    table = np.array([[m.frames, m.length, m.pitch_st, m.voicing, m.level_db] for m in misses])
    return Miss(*(float(x) for x in np.abs(table).mean(0))), float(table[:, 1].mean())


def steps_at_turn(clauses: Sequence[Clause], make: Decoder, emotion: Emotion) -> Samples:
    """Largest steps from frame to frame around a turn in the middle of each clause, ``[clauses, 3]``.

    F0 (st) is measured against the same decoder's neutral F0 at the same place of the same sound, so that neither
    the melody nor a change of pace counts; then level (dB) and tilt (dB). Clauses without voice there are left out.
    """
    before = spoken([make(clause, EmotionState.of(NEUTRAL)) for clause in clauses])
    takes = [make(clause, EmotionState.of(NEUTRAL)) for clause in clauses]
    middles = [track.length // 2 for track in before]
    spoken(takes, middles)
    for take in takes:
        take.emotion.turn(emotion, RAMP_MS)
    found = []
    for clause, plain, turned, at in zip(clauses, before, spoken(takes), middles, strict=True):
        around = slice(at - 1, at + RAMP_MS // 25 + 8)
        shift = _log_pitch(turned.f0) - _log_pitch(_at_frames(clause, plain, turned))
        moved = np.abs(np.diff(shift[::2][around]))
        moved = moved[np.isfinite(moved)]
        if len(moved):
            quality = [np.abs(np.diff(x[around])).max() for x in (turned.level_db, turned.tilt_db)]
            found.append([moved.max(), *quality])
    return np.array(found, np.float32)


def _log_pitch(f0: Numbers) -> Numbers:
    """Semitones; NaN without voice."""
    return np.where(f0 >= VOICED_FROM_HZ, 12 * np.log2(np.maximum(f0, 1.0)), np.nan)


def budget_misses(
    clauses: Sequence[Clause], make: Decoder, ratio: float, emotion: Emotion
) -> Places:
    """Frames by which the last sound ends after its budget, one a clause."""
    takes = [make(clause, EmotionState.of(emotion)) for clause in clauses]
    budgets = [round(ratio * take.natural()) for take in takes]
    for take, budget in zip(takes, budgets, strict=True):
        take.steer(budget)
    ends = [
        int(np.searchsorted(track.token, clause.speech[1]))
        for clause, track in zip(clauses, spoken(takes), strict=True)
    ]
    late: Places = np.array(ends) - np.array(budgets)
    return late


def frames_table(clauses: Sequence[Clause], network: ProsodyNetwork) -> Iterator[str]:
    """The tables of frames, in Markdown."""
    ways = decoders(network)
    minutes = sum(clause.frames for clause in clauses) / FRAME_RATE / 60
    yield f"{len(clauses)} held-out clauses, {minutes:.1f} min, intensity {INTENSITY}"
    yield ""
    yield from _budget_rows(clauses, ways)
    yield ""
    yield from _turn_rows(clauses, ways)
    yield ""
    yield from _miss_rows(clauses, ways)


def _miss_rows(clauses: Sequence[Clause], ways: Mapping[str, Decoder]) -> Iterator[str]:
    yield "| emotion | decoder | frames/token | length, abs | length | F0 st | voicing | level dB |"
    yield "|---|---|---|---|---|---|---|---|"
    for axis in ("neutral", *(a for a in AXES if a != "neutral")):
        emotion = NEUTRAL if axis == "neutral" else Emotion.of(axis, INTENSITY)
        for name, make in ways.items():
            m, signed = mean_miss(clauses, make, emotion)
            cells = f"{m.frames:.2f} | {m.length:.1%} | {signed:+.1%} | {m.pitch_st:.2f}"
            yield f"| {axis} | {name} | {cells} | {m.voicing:.1%} | {m.level_db:.2f} |"


def _turn_rows(clauses: Sequence[Clause], ways: Mapping[str, Decoder]) -> Iterator[str]:
    yield f"| turn, {RAMP_MS} ms; median / p95 of the largest step | decoder | F0 st | level dB | tilt dB |"
    yield "|---|---|---|---|---|"
    for axis in ("joy", "anger", "sadness", "surprise"):
        for name, make in ways.items():
            steps = steps_at_turn(clauses, make, Emotion.of(axis, INTENSITY))
            middle, high = np.median(steps, axis=0), np.percentile(steps, 95, axis=0)
            cells = " | ".join(f"{a:.2f} / {b:.2f}" for a, b in zip(middle, high, strict=True))
            yield f"| neutral → {axis} | {name} | {cells} |"


def _budget_rows(clauses: Sequence[Clause], ways: Mapping[str, Decoder]) -> Iterator[str]:
    yield "| budget | decoder | on the frame | within one | worst, frames |"
    yield "|---|---|---|---|---|"
    for ratio in RATIOS:
        for name, make in ways.items():
            moods = (NEUTRAL, Emotion.of("sadness", INTENSITY))
            late = np.concatenate([budget_misses(clauses, make, ratio, mood) for mood in moods])
            shares = f"{np.mean(late == 0):.0%} | {np.mean(np.abs(late) <= 1):.0%}"
            yield f"| × {ratio} | {name} | {shares} | {late[np.argmax(np.abs(late))]:+d} |"


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--lines", type=int, default=80, help="held-out clauses for the table of frames"
    )
    parser.add_argument(
        "--audio", type=int, default=0, help="sentences a language for the table of sound"
    )
    parser.add_argument(
        "--network", type=Path, help="folder of another network than the shipped one"
    )
    options = parser.parse_args()
    network = ProsodyNetwork.load(options.network)
    clauses = [n.clause for n in held_out(Stages(prepare()), voice_vectors(), options.lines)]
    for line in frames_table(clauses, network):
        print(line, flush=True)
    if options.audio:
        from .compare_audio import audio_table

        for line in audio_table(options.audio):
            print(line, flush=True)


if __name__ == "__main__":
    main()
