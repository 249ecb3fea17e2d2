"""Understanding the emotion reader's answers."""

from pathlib import Path

import pytest

from seiyuu.model.indextts2.emotion import EMOTIONS, emotion_of
from seiyuu.model.indextts2.reader import EmotionReader, parse
from seiyuu.streaming.errors import EngineFailed, UnknownEmotion

pytestmark = pytest.mark.unit


def weight(weights: tuple[float, ...], emotion: str) -> float:
    return weights[EMOTIONS.index(emotion)]


@pytest.mark.parametrize(
    "answer",
    [
        '{"高兴": 0.1, "愤怒": 0.9, "悲伤": 0.0}',
        'Here: {"高兴": 0.1, "愤怒": 0.9} .',
        "高兴: 0.1, 愤怒:0.9",
    ],
)
def test_scores_are_read_from_json_and_from_pairs(answer: str) -> None:
    """However it is dressed, the numbers are found."""
    weights = parse(answer, "愤怒地质问")
    assert weight(weights, "angry") == 0.9
    assert weight(weights, "happy") == 0.1


@pytest.mark.parametrize("answer", ['{"emotion": "惊讶"}', '{"label": "惊讶"}', "惊讶"])
def test_a_bare_label_counts_fully(answer: str) -> None:
    """A name without a number is the whole answer."""
    assert weight(parse(answer, "吓了一跳"), "surprised") == 1.0


@pytest.mark.parametrize("answer", ["", "{}", '{"高兴": 0}', "{broken", "nonsense"])
def test_no_answer_is_calm(answer: str) -> None:
    """What says nothing asks for nothing."""
    assert weight(parse(answer, "x"), "calm") == 1.0


def test_scores_are_bounded() -> None:
    """0 to 1.2, whatever the model writes."""
    weights = parse('{"高兴": 7, "愤怒": -3}', "x")
    assert (weight(weights, "happy"), weight(weights, "angry")) == (1.2, 0.0)


def test_low_spirits_are_told_from_grief() -> None:
    """For words of low spirits the two scores are swapped."""
    answer = '{"悲伤": 0.8, "低落": 0.1}'
    assert weight(parse(answer, "很低落"), "melancholic") == 0.8
    assert weight(parse(answer, "很难过"), "sad") == 0.8
    assert emotion_of(parse(answer, "gloomy")).strongest == "sadness"


def test_a_missing_reader_is_named(tmp_path: Path) -> None:
    """The folder is in the message."""
    with pytest.raises(EngineFailed, match="cannot be loaded"):
        EmotionReader(tmp_path)


def _tiny_reader(folder: Path) -> None:
    """A random Qwen3 of two layers with a byte vocabulary, saved where the reader looks."""
    from tokenizers import Tokenizer, models, pre_tokenizers
    from transformers import PreTrainedTokenizerFast, Qwen3Config, Qwen3ForCausalLM

    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    vocabulary = {char: i for i, char in enumerate([*alphabet, "<end>"])}
    raw = Tokenizer(models.BPE(vocabulary, []))
    raw.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer = PreTrainedTokenizerFast(tokenizer_object=raw, eos_token="<end>")
    tokenizer.chat_template = "{% for m in messages %}{{ m.role }}:{{ m.content }};{% endfor %}"
    tokenizer.save_pretrained(folder)
    config = Qwen3Config(
        vocab_size=len(vocabulary),
        hidden_size=16,
        intermediate_size=16,
        num_hidden_layers=2,
        num_attention_heads=2,
        num_key_value_heads=1,
        head_dim=8,
        eos_token_id=len(vocabulary) - 1,
        pad_token_id=len(vocabulary) - 1,
        bos_token_id=None,
    )
    Qwen3ForCausalLM(config).save_pretrained(folder)


def test_a_description_goes_through_a_model_of_the_same_make(tmp_path: Path) -> None:
    """A tiny random Qwen3 answers noise, which is read as calm; nothing to read is refused."""
    _tiny_reader(tmp_path)
    reader = EmotionReader(tmp_path)
    assert reader.read("冷冷地嘲讽").strongest in (
        "neutral",
        "joy",
        "anger",
        "sadness",
        "fear",
        "surprise",
        "contempt",
    )
    with pytest.raises(UnknownEmotion):
        reader.read("  ")
