"""Incremental decoding on slots."""

from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor

from seiyuu.model.indextts2.decoder import Decoder
from seiyuu.model.indextts2.gpt import UnifiedVoice
from seiyuu.model.indextts2.make_checkpoint import TINY
from seiyuu.model.layers.random import frame_noise
from seiyuu.model.layers.sampling import SamplingOptions

pytestmark = pytest.mark.unit

TEXT = [5, 9, 44, 3]
OPTIONS = SamplingOptions(temperature=1.0)


@pytest.fixture(scope="module")
def model() -> UnifiedVoice:
    """A tiny decoder with random weights."""
    torch.set_num_threads(1)
    made = UnifiedVoice(TINY.gpt).eval().requires_grad_(False)
    for seed, value in enumerate(made.parameters()):
        rows = value.numel() // value.shape[-1]
        drawn = frame_noise(seed, 0, torch.arange(rows), value.shape[-1]).reshape(value.shape)
        value.copy_(drawn / 4)
    return made


def conditions(model: UnifiedVoice, seed: int) -> Tensor:
    return frame_noise(seed, 9, torch.arange(model.config.condition_rows), TINY.gpt.dim)[None]


def begin(decoder: Decoder, row: int, seed: int, **more: Any) -> list[int]:
    head = decoder.head(conditions(decoder.model, seed))
    code, good = decoder.begin(row, head, TEXT, seed=seed, purpose=0, options=OPTIONS, **more)
    assert good
    return [code]


def grow(decoder: Decoder, codes: dict[int, list[int]], steps: int) -> None:
    for _ in range(steps):
        rows = sorted(codes)
        for row, (code, good) in zip(rows, decoder.step(rows), strict=True):
            assert good
            codes[row].append(code)


def test_latents_of_the_steps_equal_the_second_pass(model: UnifiedVoice) -> None:
    """What the steps leave behind is what a pass over the whole gives."""
    decoder = Decoder(model, 2, max_codes=40)
    codes = {1: begin(decoder, 1, 3)}
    grow(decoder, codes, 20)
    prefix = torch.cat([conditions(model, 3), model.text_rows(TEXT)], 1)
    whole = model.latents(prefix, torch.tensor(codes[1]))[0]
    torch.testing.assert_close(decoder.latents(1, 21), whole, atol=1e-5, rtol=0)


@pytest.mark.parametrize("exact", [True, False])
def test_a_passage_is_the_same_alone_and_beside_others(model: UnifiedVoice, exact: bool) -> None:
    """Slots that begin at different times draw the codes each draws alone."""
    alone = Decoder(model, 3, max_codes=60, exact_batches=exact)
    wanted = {0: begin(alone, 0, 1)}
    grow(alone, wanted, 25)
    decoder = Decoder(model, 3, max_codes=60, exact_batches=exact)
    codes = {2: begin(decoder, 2, 7)}
    grow(decoder, codes, 4)
    codes[0] = begin(decoder, 0, 1)
    grow(decoder, codes, 10)
    codes[1] = begin(decoder, 1, 8)
    grow(decoder, codes, 10)
    del codes[2]
    grow(decoder, codes, 5)
    assert codes[0] == wanted[0]
    assert codes[1] != wanted[0][: len(codes[1])]


def test_a_begun_slot_equals_a_fresh_one(model: UnifiedVoice) -> None:
    """Nothing of the last passage is left in a row."""
    used, fresh = Decoder(model, 1, max_codes=40), Decoder(model, 1, max_codes=40)
    old = {0: begin(used, 0, 5)}
    grow(used, old, 12)
    again, first = {0: begin(used, 0, 6)}, {0: begin(fresh, 0, 6)}
    grow(used, again, 12)
    grow(fresh, first, 12)
    assert again == first


def test_a_full_turn_equals_a_history_under_the_new_emotion(model: UnifiedVoice) -> None:
    """Beginning anew behind given codes gives the state of having been fed them."""
    kept = [3, 8, 20, 41]
    turned, fed = Decoder(model, 1, max_codes=40), Decoder(model, 1, max_codes=40)
    old = {0: begin(turned, 0, 5)}
    grow(turned, old, 9)
    begin(turned, 0, 6, codes=kept)
    begin(fed, 0, 6, codes=kept)
    torch.testing.assert_close(turned.latents(0, 5)[4], fed.latents(0, 5)[4], atol=1e-6, rtol=0)
    prefix = torch.cat([conditions(model, 6), model.text_rows(TEXT)], 1)
    whole = model.latents(prefix, torch.tensor([*kept, 0]))[0]
    torch.testing.assert_close(turned.latents(0, 5)[4], whole[4], atol=1e-5, rtol=0)


@pytest.mark.parametrize("with_text", [False, True])
def test_a_turn_of_nothing_changes_nothing(model: UnifiedVoice, with_text: bool) -> None:
    """Swapping in the head that is already there and going back draws the same codes again."""
    decoder = Decoder(model, 1, max_codes=40)
    codes = {0: begin(decoder, 0, 4)}
    grow(decoder, codes, 15)
    wanted = list(codes[0])
    head = decoder.head(conditions(model, 4))
    code, good = decoder.turn(0, head, TEXT, 8, 0, with_text=with_text)
    assert good
    codes[0] = [*wanted[:8], code]
    grow(decoder, codes, 7)
    assert codes[0] == wanted


@pytest.mark.parametrize("with_text", [False, True])
def test_a_turn_moves_what_follows(model: UnifiedVoice, with_text: bool) -> None:
    """Another head changes the very next latent; the codes kept stay."""
    decoder = Decoder(model, 1, max_codes=40)
    codes = {0: begin(decoder, 0, 4)}
    grow(decoder, codes, 15)
    before = decoder.latents(0, 16).clone()
    decoder.turn(0, decoder.head(conditions(model, 99)), TEXT, 8, 1, with_text=with_text)
    after = decoder.latents(0, 16)
    assert torch.equal(after[:8], before[:8])
    assert not torch.allclose(after[8], before[8], atol=1e-4)


def test_published_positions_are_a_switch(model: UnifiedVoice) -> None:
    """The first code is the same, the second sees another position."""
    latents = []
    for positions in ("trained", "reference"):
        decoder = Decoder(model, 1, max_codes=40, positions=positions)  # type: ignore[arg-type]
        begin(decoder, 0, 2, codes=[7])
        latents.append(decoder.latents(0, 2).clone())
    assert not torch.allclose(latents[0][1], latents[1][1], atol=1e-4)


def test_a_broken_row_is_reported_alone(model: UnifiedVoice) -> None:
    """Numbers that went wrong in one cache row spoil that row only."""
    decoder = Decoder(model, 2, max_codes=40)
    codes = {0: begin(decoder, 0, 1), 1: begin(decoder, 1, 2)}
    grow(decoder, codes, 3)
    decoder.state.kv.values[:, 0, :, 4] = torch.nan
    (_, first), (_, second) = decoder.step([0, 1])
    assert (first, second) == (False, True)


@pytest.fixture
def row_attention(model: UnifiedVoice) -> Callable[[int], Tensor]:
    decoder = Decoder(model, 1, max_codes=40)
    codes = {0: begin(decoder, 0, 2)}
    grow(decoder, codes, 10)
    return lambda count: decoder.attention(0, count, len(TEXT))


def test_attention_over_the_text_is_kept(row_attention: Callable[[int], Tensor]) -> None:
    """A weight for each code and token, between 0 and 1, not all alike."""
    seen = row_attention(11)
    assert seen.shape == (11, len(TEXT))
    assert bool(((seen > 0) & (seen < 1)).all())
    assert float(seen.std()) > 0


def test_warming_up_moves_no_row(model: UnifiedVoice) -> None:
    """Steps of no row at all, at every size of batch."""
    decoder, other = (Decoder(model, 3, max_codes=40, exact_batches=False) for _ in range(2))
    codes, wanted = {1: begin(decoder, 1, 3)}, {1: begin(other, 1, 3)}
    decoder.warm()
    grow(decoder, codes, 6)
    grow(other, wanted, 6)
    assert codes == wanted
