"""The prosody network's laws: it walks every token once, remembers exactly, and minds no neighbour."""

from importlib.resources import files
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from seiyuu.model.compact.job import Line
from seiyuu.model.compact.prosody import PLAIN, EmotionState, Manner, TokenTurn
from seiyuu.model.compact.prosody_ar import (
    NetworkProsody,
    by_network,
    decide_together,
)
from seiyuu.model.compact.prosody_features import (
    CENTRE,
    ENERGY,
    FRAME_FEATURES,
    SCALE,
    Plan,
    reading_features,
    token_features,
)
from seiyuu.model.compact.prosody_network import ProsodyNetwork, Row
from seiyuu.model.compact.training.prosody_export import export
from seiyuu.model.compact.training.prosody_net import ProsodyNet, Shape, causal_bias
from seiyuu.streaming.emotion import AXES, NEUTRAL, Emotion
from seiyuu.streaming.errors import EngineFailed

from .clauses import make_clause

pytestmark = pytest.mark.unit

TINY = Shape(width=16, layers=2, heads=2, hidden=24, window=6)
LINE = "well, this is a longer line"
SEEDS = st.integers(0, 5)


def tiny(seed: int = 0, folder: Path | None = None) -> tuple[ProsodyNet, ProsodyNetwork]:
    """A network of random weights, wild enough to try everything a trained one would not."""
    torch.manual_seed(seed)
    net = ProsodyNet(TINY).eval()
    for value in net.parameters():
        value.data = (2.0 * value.data).half().float()
    assert folder is not None
    export(net, folder)
    return net, ProsodyNetwork.load(folder)


@pytest.fixture(scope="module")
def networks(tmp_path_factory: pytest.TempPathFactory) -> list[ProsodyNetwork]:
    return [tiny(seed, tmp_path_factory.mktemp("network"))[1] for seed in range(6)]


def speak(
    network: ProsodyNetwork,
    spoken: str = LINE,
    emotion: Emotion = NEUTRAL,
    manner: Manner = PLAIN,
    budget: int | None = None,
) -> NetworkProsody:
    prosody = NetworkProsody(network, make_clause(spoken), EmotionState.of(emotion), (), manner)
    prosody.steer(budget)
    prosody.decide(10_000)
    assert prosody.finished
    return prosody


def frames_of(prosody: NetworkProsody) -> np.ndarray:
    track = prosody.track
    columns = [track.token, track.fraction, track.debt, *track.f0.reshape(-1, 2).T]
    return np.stack([*columns, track.level_db, track.tilt_db, track.breath], axis=1)


@settings(max_examples=40, deadline=None)
@given(
    SEEDS,
    st.sampled_from(AXES),
    st.floats(0, 1),
    st.one_of(st.none(), st.integers(1, 200)),
    st.floats(0, 2),
)
def test_no_sound_is_skipped_or_repeated(
    networks: list[ProsodyNetwork],
    seed: int,
    axis: str,
    intensity: float,
    budget: int | None,
    temperature: float,
) -> None:
    """Whatever the network says, every token is spoken, once, in order."""
    manner = Manner(temperature=temperature, seed=seed)
    token = speak(networks[seed], "ab, c", Emotion.of(axis, intensity), manner, budget).track.token
    assert set(token) == set(range(7))
    assert set(np.diff(token)) <= {0, 1}


def test_speaking_step_by_step_is_the_whole_at_once(tmp_path: Path) -> None:
    """Frames from the cache are those of one causal pass over all of them, also beyond the window."""
    net, network = tiny(3, tmp_path)
    rng = np.random.default_rng(0)
    count = 4 * TINY.window
    vectors = rng.standard_normal((count, TINY.width)).astype(np.float32)
    features = rng.standard_normal((count, FRAME_FEATURES)).astype(np.float32)
    memory = network.memory()
    stepped = [network.step([Row(memory, v, f)])[0] for v, f in zip(vectors, features, strict=True)]
    with torch.no_grad():
        whole = net.frames(
            torch.from_numpy(vectors)[None],
            torch.from_numpy(features)[None],
            causal_bias(count, TINY),
        )
    np.testing.assert_allclose(np.stack(stepped), whole[0].numpy(), atol=2e-4)


def test_weights_of_eight_bits_say_the_same(tmp_path: Path) -> None:
    """Wide enough for them, a network answers within hundredths, and each row to the bit as if it were alone."""
    torch.manual_seed(1)
    shape = Shape(width=128, layers=2, heads=2, hidden=192, window=8)
    net = ProsodyNet(shape).eval()
    export(net, tmp_path)
    network = ProsodyNetwork.load(tmp_path)
    rng = np.random.default_rng(0)
    vectors = rng.standard_normal((4, 20, shape.width)).astype(np.float32)
    features = rng.standard_normal((4, 20, FRAME_FEATURES)).astype(np.float32)
    together, alone = ([network.memory() for _ in range(4)] for _ in range(2))
    said = []
    for t in range(20):
        rows = [Row(m, v[t], f[t]) for m, v, f in zip(together, vectors, features, strict=True)]
        said.append(network.step(rows))
        for n, (m, v, f) in enumerate(zip(alone, vectors, features, strict=True)):
            np.testing.assert_array_equal(network.step([Row(m, v[t], f[t])])[0], said[-1][n])
    with torch.no_grad():
        bias = causal_bias(20, shape)
        whole = net.frames(torch.from_numpy(vectors), torch.from_numpy(features), bias)
    np.testing.assert_allclose(np.stack(said, axis=1), whole.numpy(), atol=0.05)


def test_tokens_are_read_as_in_training(tmp_path: Path) -> None:
    """The exported pass over a clause's tokens gives what the trained network gives."""
    net, network = tiny(4, tmp_path)
    clause = make_clause(LINE)
    features = token_features(clause, Plan.of(clause))
    encoded = np.ascontiguousarray(clause.encoded[:, :512])
    style = np.linspace(-1, 1, 128, dtype=np.float32)
    with torch.no_grad():
        trained = net.tokens(*(torch.from_numpy(x)[None] for x in (encoded, style, features)))
    knots = network.knots(encoded, style, features)
    np.testing.assert_allclose(knots, trained[0].numpy(), atol=1e-3)


@settings(max_examples=10, deadline=None)
@given(SEEDS, st.lists(st.text("abcdef ,", min_size=2, max_size=12), min_size=1, max_size=5))
def test_neighbours_change_nothing(
    networks: list[ProsodyNetwork], seed: int, others: list[str]
) -> None:
    """A clause's frames are the same, bit for bit, alone and beside any others."""
    alone = frames_of(speak(networks[seed]))
    lines = [LINE, *(f"a{text}b" for text in others)]
    rows = [NetworkProsody(networks[seed], make_clause(t), EmotionState.of()) for t in lines]
    while not rows[0].finished:
        decide_together(rows, [3] * len(rows))
    np.testing.assert_array_equal(frames_of(rows[0]), alone)


@settings(max_examples=30, deadline=None)
@given(SEEDS, st.integers(0, 150), st.sampled_from(AXES), st.floats(0, 1))
def test_going_back_and_on_gives_the_same_frames(
    networks: list[ProsodyNetwork], seed: int, frame: int, axis: str, temperature: float
) -> None:
    """Rewinding to any frame and deciding again with the same emotion repeats what was there."""
    prosody = speak(networks[seed], LINE, Emotion.of(axis), Manner(temperature=temperature, seed=7))
    before = frames_of(prosody)
    prosody.rewind(min(frame, len(before)))
    assert prosody.track.length == min(frame, len(before))
    prosody.decide(10_000)
    np.testing.assert_array_equal(frames_of(prosody), before)


def test_a_turn_changes_only_what_follows(networks: list[ProsodyNetwork]) -> None:
    """Frames before a rewind stay, those after it follow the new emotion."""
    prosody = speak(networks[1])
    before = frames_of(prosody)
    prosody.rewind(20)
    prosody.emotion.turn(Emotion.of("anger", 1.0), 100)
    prosody.decide(10_000)
    after = frames_of(prosody)
    np.testing.assert_array_equal(after[:20], before[:20])
    assert not np.array_equal(after[20:30], before[20:30])
    assert prosody.track.strength[30, AXES.index("anger")] == pytest.approx(1.0)


def test_a_written_turn_acts_at_its_token(networks: list[ProsodyNetwork]) -> None:
    """The emotion turns where the writer put it, not a frame before."""
    turns = [TokenTurn(5, Emotion.of("joy", 1.0), 25)]
    prosody = NetworkProsody(networks[0], make_clause(LINE), EmotionState.of(), turns)
    prosody.decide(10_000)
    joy = prosody.track.strength[:, AXES.index("joy")]
    np.testing.assert_array_equal(joy > 0, prosody.track.token >= 5)


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("ratio", [0.75, 1.0, 1.25])
def test_a_budget_is_met(networks: list[ProsodyNetwork], seed: int, ratio: float) -> None:
    """Even an untrained network ends its last sound on the budget's frame."""
    network = networks[seed]
    clause = make_clause(LINE)
    last = clause.speech[1]
    budget = round(int(clause.durations[:last].sum()) * ratio)
    token = speak(network, budget=budget).track.token
    assert int(np.searchsorted(token, last)) == budget


def test_a_seed_decides_how_frames_stray(networks: list[ProsodyNetwork]) -> None:
    """The same seed gives the same frames, another seed others; without a temperature seeds do nothing."""

    def said(temperature: float, seed: int) -> np.ndarray:
        return speak(networks[2], manner=Manner(temperature=temperature, seed=seed)).track.f0

    np.testing.assert_array_equal(said(1.0, 1), said(1.0, 1))
    assert not np.array_equal(said(1.0, 1), said(1.0, 2))
    np.testing.assert_array_equal(said(0.0, 1), said(0.0, 2))


def test_rate_and_pitch_of_a_voice_are_exact(networks: list[ProsodyNetwork]) -> None:
    """Twelve semitones double F0; a faster rate shortens the sounds and leaves the edge silence alone."""
    plain, high = speak(networks[0]), speak(networks[0], manner=Manner(pitch_st=12.0))
    voiced = (plain.track.f0 > 60) & (plain.track.f0 < 300) & (high.track.f0 < 600)
    np.testing.assert_allclose(high.track.f0[voiced], 2 * plain.track.f0[voiced], rtol=1e-4)
    fast = speak(networks[0], manner=Manner(rate=1.5))
    assert fast.track.length < plain.track.length
    assert (fast.track.token == 0).sum() == (plain.track.token == 0).sum() == 8


def test_an_emphasised_word_stands_out(networks: list[ProsodyNetwork]) -> None:
    """The writer's emphasis lifts pitch and level of its tokens, and only theirs."""
    clause = make_clause("ab, c")
    emphasis = np.array([0, 1, 1, 0, 0, 0, 0], np.float32)
    plain = NetworkProsody(networks[0], clause, EmotionState.of())
    strong = NetworkProsody(networks[0], clause, EmotionState.of(), emphasis=emphasis)
    plain.decide(9)
    strong.decide(9)
    assert plain.track.token[8] == strong.track.token[8] == 1
    gained = strong.track.level_db - plain.track.level_db
    assert gained[8] == pytest.approx(2.5)
    assert not gained[:8].any()


def test_frames_that_can_be_heard(networks: list[ProsodyNetwork]) -> None:
    """F0 stays within what a voice can do, breath within 0…1."""
    track = speak(networks[5], manner=Manner(temperature=2.0)).track
    assert np.all((track.f0 < 10) | ((track.f0 >= 55) & (track.f0 <= 620)))
    assert np.all((track.breath >= 0) & (track.breath <= 1))


def test_energy_is_that_of_the_reading(networks: list[ProsodyNetwork]) -> None:
    """Whatever the network says and feels, each frame has the energy that was predicted for its place."""
    clause = make_clause(LINE)
    emotion = EmotionState.of(Emotion.of("anger", 1.0))
    prosody = NetworkProsody(networks[4], clause, emotion, manner=Manner(temperature=1.0))
    prosody.decide(10_000)
    track = prosody.track
    wanted = reading_features(clause, Plan.of(clause), track.token, track.fraction)[:, -2:]
    wanted = wanted * SCALE[ENERGY] + CENTRE[ENERGY]
    np.testing.assert_allclose(track.energy.reshape(-1, 2), wanted, atol=1e-4)


def test_a_missing_network_is_named(tmp_path: Path) -> None:
    """A folder without the files is one clear error."""
    with pytest.raises(EngineFailed, match="missing"):
        ProsodyNetwork.load(tmp_path)
    (tmp_path / "prosody_tokens.onnx").write_bytes(b"no network")
    (tmp_path / "prosody_step.onnx").write_bytes(b"no network")
    with pytest.raises(EngineFailed, match="cannot load"):
        ProsodyNetwork.load(tmp_path)


def test_the_writers_wishes_reach_the_network(networks: list[ProsodyNetwork]) -> None:
    """What makes prosody for an engine hands on manner, emphasis and turns of the line."""
    clause = make_clause("ab, c")
    turns = (TokenTurn(2, Emotion.of("joy", 1.0), 25),)
    emphasis = np.array([0, 0, 1, 0, 0, 0, 0], np.float32)
    line = Line(clause, (), turns, emphasis, 1.5, 0, 0)
    manner = Manner(rate=1.5, pitch_st=12.0)
    made = by_network(networks[0])(line, EmotionState.of(), manner)
    wanted = NetworkProsody(networks[0], clause, EmotionState.of(), turns, manner, emphasis)
    made.decide(10_000)
    wanted.decide(10_000)
    np.testing.assert_array_equal(made.track.f0, wanted.track.f0)
    np.testing.assert_array_equal(made.track.strength, wanted.track.strength)


def test_the_shipped_network_is_small_and_keeps_the_laws() -> None:
    """It fits its 12 MB, walks every token, meets budgets, and remembers what it said."""
    assets = files("seiyuu.model.compact") / "assets"
    sizes = [len((assets / f"prosody_{part}.onnx").read_bytes()) for part in ("tokens", "step")]
    assert sum(sizes) <= 12_000_000
    network = ProsodyNetwork.load()
    clause = make_clause(LINE)
    first, last = clause.speech
    natural = int(clause.durations[:last].sum())
    for budget in (round(0.75 * natural), natural, round(1.25 * natural)):
        prosody = speak(network, budget=budget)
        assert int(np.searchsorted(prosody.track.token, last)) == budget
        assert set(np.diff(prosody.track.token)) <= {0, 1}
    before = frames_of(prosody)
    prosody.rewind(natural // 2)
    prosody.decide(10_000)
    np.testing.assert_array_equal(frames_of(prosody), before)
    plain = speak(network)
    np.testing.assert_array_equal(
        np.bincount(plain.track.token)[first:last], clause.durations[first:last]
    )
