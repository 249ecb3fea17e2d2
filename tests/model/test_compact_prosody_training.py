"""What the prosody network is taught: the corpus, the teacher's frames, and that they can be learned."""

import random
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seiyuu.model.compact.clause import Clause
from seiyuu.model.compact.delivery import delivery_of, strength_of
from seiyuu.model.compact.prosody import EmotionState
from seiyuu.model.compact.prosody_ar import NetworkProsody
from seiyuu.model.compact.prosody_features import (
    F0,
    STRETCH,
    VOICED,
    Plan,
    knot_weights,
    pace_wanted,
    token_features,
)
from seiyuu.model.compact.prosody_network import ProsodyNetwork
from seiyuu.model.compact.training.corpus import GRAMMARS, Grammar, lines
from seiyuu.model.compact.training.prosody import main
from seiyuu.model.compact.training.prosody_batches import batches, blurred, collate
from seiyuu.model.compact.training.prosody_fit import Schedule, Trainer
from seiyuu.model.compact.training.prosody_net import Shape
from seiyuu.model.compact.training.readings import Line, Neutral, load, save
from seiyuu.model.compact.training.taught import answers, load_takes, teach
from seiyuu.model.compact.training.teacher import Direction, Teacher, draw_direction
from seiyuu.streaming.emotion import AXES, NEUTRAL, Emotion

from .clauses import make_clause

pytestmark = pytest.mark.unit

LINE = "well, this is a longer line"
TINY = Shape(width=16, layers=1, heads=2, hidden=24, window=8)


def teacher_of(direction: Direction, clause: Clause | None = None) -> Teacher:
    teacher = Teacher(clause or make_clause(LINE), direction)
    teacher.run()
    return teacher


@pytest.mark.parametrize("language", GRAMMARS)
def test_every_slot_of_a_grammar_is_filled(language: str) -> None:
    """No line keeps a brace, and a thousand draws give hundreds of different lines."""
    rng = random.Random(0)
    drawn = {Grammar(GRAMMARS[language]).line(rng) for _ in range(1000)}
    assert len(drawn) > 500
    assert not any("{" in line or "}" in line for line in drawn)


def test_the_corpus_is_the_same_each_time() -> None:
    """A seed gives the same lines in the same order, the languages in turn, none twice."""
    first = list(lines(200, 5))
    assert first == list(lines(200, 5))
    assert [line.language for line in first[:4]] == list(GRAMMARS)
    assert len({line.text for line in first}) == 200


def test_neutral_teaching_is_the_predictors_reading() -> None:
    """Without emotion or budget the teacher gives every token its predicted frames and F0."""
    clause = make_clause(LINE)
    track = teacher_of(Direction()).track
    np.testing.assert_array_equal(
        track.token, np.repeat(np.arange(len(clause.symbols)), clause.durations)
    )
    np.testing.assert_allclose(track.f0, clause.f0, rtol=1e-4)


def test_controls_move_without_overshoot() -> None:
    """After a sudden turn the level goes to its new value steadily and never beyond it."""
    emotion = Emotion.of("tenderness", 1.0)
    track = teacher_of(Direction(turns=((30, emotion, 0),))).track
    target = delivery_of(strength_of(emotion)).level_db
    level = track.level_db[29:]
    assert level[0] == 0.0
    assert np.all(np.diff(level) <= 1e-6)
    assert target - 1e-5 <= level[-1] < 0.9 * target
    assert np.abs(np.diff(level)).max() < 0.5 * abs(target)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000))
def test_answers_walk_the_teachers_way(seed: int) -> None:
    """The answers that are taught lead over the same tokens in the same number of frames."""
    clause = make_clause(LINE)
    teacher = teacher_of(draw_direction(120, np.random.default_rng(seed)), clause)
    said = answers(teacher)
    plan = Plan.of(clause)
    assert np.all(np.isfinite(said))
    for at in range(teacher.track.length - 1):
        token, fraction = teacher.track.token[at], teacher.track.fraction[at]
        duration = plan.durations[token] * np.exp(0.3 * said[at, STRETCH])
        left = (1 - fraction - 1 / duration) * duration + teacher.track.debt[at]
        assert (teacher.track.token[at + 1] > token) == (left < 0.5)
    np.testing.assert_array_equal(said[:, F0] == 0, said[:, VOICED] == 0)


@given(st.floats(0, 1))
def test_knots_share_a_place_between_them(fraction: float) -> None:
    """The weights of a place sum to one, and at most two knots have a part in it."""
    weights = knot_weights(np.array([fraction]))[0]
    assert weights.sum() == pytest.approx(1.0, abs=1e-6)
    assert np.count_nonzero(weights) <= 2


def test_pace_asks_for_what_the_budget_leaves() -> None:
    """As many frames as the natural reading has ask for nothing, more for slower, fewer for faster speech."""
    plan = Plan.of(make_clause(LINE))
    token, fraction = np.full(4, 3), np.zeros(4)
    natural = plan.natural[3]
    left = np.array([natural, 1.3 * natural, 0.7 * natural, np.nan])
    pace = pace_wanted(plan, token, fraction, left)
    assert pace[0] == pytest.approx(0.0)
    assert pace[1] > 0 > pace[2]
    assert np.isnan(pace[3])


def test_shards_keep_clauses(tmp_path: Path) -> None:
    """What is written is what is read, and its takes are those of the clauses."""
    made = [
        Neutral(Line("en", text), "af_heart", make_clause(text)) for text in ("ab, c", "a longer b")
    ]
    path = tmp_path / "000.npz"
    save(path, made)
    for clause, reading in zip(load(path), made, strict=True):
        assert clause.symbols == reading.clause.symbols
        np.testing.assert_array_equal(clause.durations, reading.clause.durations)
        np.testing.assert_array_equal(clause.f0, reading.clause.f0)
    first, again = list(load_takes(path, 0)), list(load_takes(path, 0))
    assert [take.length for take in first] == [take.length for take in again]
    assert len(first) == 2


def test_a_batch_loses_no_frame() -> None:
    """Every frame of every take is in some batch once, and padding is marked as such."""
    takes = [teach(make_clause("a" * n), Direction()) for n in range(1, 12)]
    rng = np.random.default_rng(0)
    valid = sum(int(batch.valid.sum()) for batch in batches(takes, 200, rng))
    assert valid == sum(take.length for take in takes)


def test_frames_before_are_behind_and_never_ahead() -> None:
    """What a frame is told of its predecessor does not depend on itself or on what follows."""
    outputs = np.random.default_rng(0).standard_normal((3, 20, 10)).astype(np.float32)
    changed = outputs.copy()
    changed[:, 12:] += 5.0
    before, known = blurred(outputs, np.random.default_rng(1))
    before2, _ = blurred(changed, np.random.default_rng(1))
    np.testing.assert_array_equal(before[:, :13], before2[:, :13])
    assert not known[:, 0].any()


def test_teaching_is_learned(tmp_path: Path) -> None:
    """A tiny network gets clearly better on a handful of takes, and goes on from its checkpoint."""
    emotions = [NEUTRAL, *(Emotion.of(axis, 1.0) for axis in AXES if axis != "neutral")]
    takes = [teach(make_clause(LINE), Direction(emotion)) for emotion in emotions]
    schedule = Schedule(40, frames=512, peak=5e-3, warm=5)
    trainer = Trainer(schedule, 0, TINY)
    trainer.run(takes, [], tmp_path / "state", until=1)
    begun = trainer.judge(takes).sum()
    trainer.run(takes, [], tmp_path / "state")
    assert trainer.judge(takes).sum() < 0.6 * begun
    other = Trainer(schedule, 1, TINY)
    other.resume(tmp_path / "state")
    assert other.step == 40
    np.testing.assert_allclose(other.judge(takes), trainer.judge(takes), rtol=1e-5)
    assert len(collate(takes).token) == len(takes)


def test_the_documented_command_makes_a_network_from_nothing(tmp_path: Path) -> None:
    """A few lines and steps of it, end to end: what comes out loads, walks every token, and is found made again."""
    out, cache = tmp_path / "out", tmp_path / "cache"
    out.mkdir()
    asked = ["--out", str(out), "--cache", str(cache), "--lines", "8", "--held-out", "4"]
    main([*asked, "--renditions", "1", "--steps", "2"])
    network = ProsodyNetwork.load(out)
    prosody = NetworkProsody(network, make_clause(LINE), EmotionState.of())
    prosody.decide(10_000)
    assert set(prosody.track.token) == set(range(len(LINE) + 2))
    made = {path: path.stat().st_mtime_ns for path in (cache / "readings").iterdir()}
    before = network.knots(*_token_inputs())
    main([*asked, "--renditions", "1", "--steps", "2"])
    assert {path: path.stat().st_mtime_ns for path in (cache / "readings").iterdir()} == made
    np.testing.assert_array_equal(ProsodyNetwork.load(out).knots(*_token_inputs()), before)


def _token_inputs() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    clause = make_clause(LINE)
    features = token_features(clause, Plan.of(clause))
    return np.ascontiguousarray(clause.encoded[:, :512]), clause.style, features
