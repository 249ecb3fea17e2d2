"""Options from code and from a configuration file."""

import pytest

from seiyuu.model.indextts2.options import StreamingOptions
from seiyuu.streaming.errors import EngineFailed

pytestmark = pytest.mark.unit


def test_a_table_of_a_file_becomes_options() -> None:
    """Lists are tuples, sampling is a table inside."""
    options = StreamingOptions.of({"chunk_frames": [20, 40], "sampling": {"temperature": 0.6}})
    assert options.chunk_frames == (20, 40)
    assert options.sampling.temperature == 0.6


@pytest.mark.parametrize(
    "wrong",
    [
        {"no_such": 1},
        {"sampling": {"top_k": 0}},
        {"vocoder_right": 30},
        {"chunk_frames": []},
        {"flow_steps": 0},
    ],
)
def test_what_cannot_be_is_refused(wrong: dict[str, object]) -> None:
    """Unknown keys and impossible values, each with a message."""
    with pytest.raises(EngineFailed, match="do not fit"):
        StreamingOptions.of(wrong)


def test_a_passages_limit_grows_with_its_text() -> None:
    """Up to the most codes there may be."""
    options = StreamingOptions()
    assert options.limit(1) < options.limit(10) < options.limit(1000) == options.max_codes
