"""Training the network for second voices, on next to nothing."""

from pathlib import Path

import numpy as np
import pytest

from seiyuu.model.second_voice import SecondVoice
from seiyuu.model.second_voice_features import FEATURES

from ..sound_files import golden, speech, wav

fit = pytest.importorskip("seiyuu.model.compact.training.fit_second_voice")

pytestmark = pytest.mark.unit


@pytest.fixture
def folders(tmp_path: Path) -> tuple[Path, Path, Path, Path]:
    """Two takes, two speakers with emotion, three recordings of two people, two pieces of music."""
    made = tuple(tmp_path / name for name in ("takes", "moved", "people", "music"))
    for folder in made:
        folder.mkdir()
    takes, moved, people, music = made
    said = [(speech(name) * 32767).astype(np.int16) for name in ("speech_one", "speech_two")]
    shard = {"audio": np.concatenate(said), "lengths": np.array([len(each) for each in said])}
    np.savez(takes / "takes-1-00002.npz", **shard)
    for name, each in zip(("a", "b"), said, strict=True):
        np.savez(moved / f"{name}.npz", **{"joy/0/audio": each, "joy/0/strength": np.ones(8)})
    for name in ("anna-1", "anna-2", "ben-1"):
        (people / f"{name}.flac").write_bytes(golden("speech_calm"))
    for hz in (220, 330):
        (music / f"{hz}.wav").write_bytes(wav(0.3 * np.sin(np.arange(48_000) * hz / 2546)))
    return takes, moved, people, music


def test_a_person_is_in_one_half_only(folders: tuple[Path, Path, Path, Path]) -> None:
    """Whoever was learnt from is not reported on, however many recordings of them there are."""
    one, other = fit.read_half(*folders, 0), fit.read_half(*folders, 1)
    assert (sorted(one.people), sorted(other.people)) == (["anna-1", "anna-2"], ["ben-1"])
    for group in ("takes", "moved"):
        assert len(getattr(one, group)) == len(getattr(other, group)) == 1
    assert (len(one.music), len(other.music)) == (1, 1)


def test_what_is_trained_tells_its_own_examples_apart(
    folders: tuple[Path, Path, Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From folders to a file that the encoder loads; two speakers are needed for two at once."""
    halves = [fit.read_half(*folders, which) for which in (0, 1)]
    both = fit.Half(
        *({**getattr(halves[0], g), **getattr(halves[1], g)} for g in ("takes", "moved", "people")),
        halves[0].music + halves[1].music,
    )
    monkeypatch.setattr(fit, "NETWORKS", 1)
    known = fit.examples(both, 1, np.random.default_rng(0))
    assert known.inputs.shape[1] == FEATURES
    assert set(known.kinds) == {fit.ALONE, fit.VOICE, fit.MUSIC}
    np.savez(tmp_path / "made.npz", **fit.train(known))
    shares = SecondVoice.load(tmp_path / "made.npz").shares(known.inputs)
    assert np.mean(shares.argmax(axis=1) == known.kinds) > 0.8
