"""Many sessions on a virtual clock: who gets the first packet when, and that nobody starves."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seiyuu.model.indextts2.costs import Prices, simulate
from seiyuu.model.indextts2.listeners import Arrival, Listener
from seiyuu.model.indextts2.make_checkpoint import vocabulary
from seiyuu.model.indextts2.options import StreamingOptions
from seiyuu.model.indextts2.text import Tokenizer

pytestmark = pytest.mark.unit

TEXT = "大家好今天我们来玩一个新游戏,"


@pytest.fixture(scope="module")
def tokenizer() -> Tokenizer:
    return Tokenizer(vocabulary(200))


def first_ms(listeners: list[Listener]) -> list[float]:
    return [round((x.first - x.asked) * 1000) for x in listeners if x.first is not None]


def test_prices_follow_the_counts() -> None:
    """The published cost model's own figures, at its rates."""
    prices = Prices(bandwidth=1.5e12, step_s=0.0, flow=1e12, euler_s=0.0)
    assert prices.decode(1, 500) * 1000 == pytest.approx(0.68, abs=0.01)
    assert prices.decode(20, 500) * 1000 == pytest.approx(1.46, abs=0.02)
    assert prices.euler(512, 1) == pytest.approx(2 * 83.0e9 / 1e12, rel=0.01)


def test_twenty_sessions_at_once_are_heard_without_a_gap(tokenizer: Tokenizer) -> None:
    """All come within a second; each begins within 0.6 s, and no player runs dry for a tenth of one."""
    came = simulate([Arrival(0.05 * i, i) for i in range(20)], TEXT, 3, tokenizer)
    assert len(first_ms(came)) == 20
    assert max(first_ms(came)) < 600
    assert max(x.player.worst_s for x in came) < 0.1
    assert all(x.job.closed and x.error is None for x in came)
    assert len({x.end for x in came}) == 1


def test_a_late_comer_does_not_wait_for_those_who_speak(tokenizer: Tokenizer) -> None:
    """Beside twenty that speak, a first packet takes no longer than four times what it takes alone."""
    alone = first_ms(simulate([Arrival(0.0, 0, probe=True)], TEXT, 1, tokenizer))
    speaking = [Arrival(0.05 * i, i) for i in range(20)]
    probes = [Arrival(4.0 + 0.7 * i, 50 + i, probe=True) for i in range(8)]
    came = simulate([*speaking, *probes], TEXT, 3, tokenizer)
    beside = first_ms([x for x in came if x.arrival.probe])
    assert len(beside) == 8
    assert max(beside) < 4 * alone[0]


def test_small_company_makes_first_packets_fast(tokenizer: Tokenizer) -> None:
    """On a busy device a first packet that is drawn together with all who draw anyway takes twice as long."""
    speaking = [Arrival(0.05 * i, i) for i in range(40)]
    probes = [Arrival(2.0 + 0.5 * i, 50 + i, probe=True) for i in range(8)]
    waits = []
    for company in (4, 16):
        options = StreamingOptions(first_batch=company)
        came = simulate([*speaking, *probes], TEXT, 2, tokenizer, options=options)
        waits.append(sum(first_ms([x for x in came if x.arrival.probe])))
    assert 2 * waits[0] < waits[1]


def test_a_turn_is_made_before_others_go_on(tokenizer: Tokenizer) -> None:
    """Eight sessions turn their emotion in mid-speech, each heard within a quarter of a second."""
    arrivals = [Arrival(0.3 * i, i, turn_s=2.5) for i in range(8)]
    came = simulate(arrivals, TEXT, 3, tokenizer)
    took = [x.turn_took for x in came]
    assert all(t is not None and t < 0.25 for t in took)


@given(
    st.lists(st.floats(0.0, 3.0), min_size=1, max_size=12),
    st.integers(1, 6),
    st.sampled_from([1.0, 3.0, 10.0]),
)
@settings(max_examples=15, deadline=None)
def test_whoever_comes_when_everybody_is_heard_to_the_end(
    tokenizer: Tokenizer, times: list[float], company: int, slowness: float
) -> None:
    """Also on a device that is far too slow: late, with gaps, and complete."""
    options = StreamingOptions(first_batch=company)
    prices = Prices(flow=200e12 / slowness, bandwidth=2.5e12 / slowness)
    arrivals = [Arrival(at, i) for i, at in enumerate(times)]
    came = simulate(arrivals, TEXT, 1, tokenizer, prices=prices, options=options)
    assert len(came) == len(times)
    assert len({x.end for x in came}) == 1
    assert all(x.job.closed and x.end > 0 for x in came)
