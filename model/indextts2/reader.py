"""Reading an emotion from a description, with the language model that comes with the checkpoint."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch

from ...streaming.emotion import Emotion
from ...streaming.errors import EngineFailed, UnknownEmotion
from .emotion import EMOTIONS, emotion_of

TASK = "文本情感分类"
"""The system message the reader was trained with."""

LABELS = ("高兴", "愤怒", "悲伤", "恐惧", "反感", "低落", "惊讶", "自然")
"""The reader's names for the model's eight emotions, in their order."""

THOUGHT_ENDS = 151_668
"""Token after which the answer follows."""

LOW_SPIRITS = ("低落", "melancholy", "melancholic", "depression", "depressed", "gloomy")
"""Words for which the reader confuses grief and low spirits; its two scores are swapped."""

MOST = 1.2
_PAIR = re.compile(r"[\"'“]?(" + "|".join(LABELS) + r")[\"'”]?\s*[::]\s*([0-9]+(?:\.[0-9]+)?)")


def parse(answer: str, description: str) -> tuple[float, ...]:
    """The eight weights in the reader's answer, each 0…1.2; calm where it names none.

    JSON is expected; pairs of name and number, or a bare name, are understood too.
    """
    scores = _scores(answer)
    if any(word in description.lower() for word in LOW_SPIRITS):
        sad, low = LABELS[2], LABELS[5]
        scores[sad], scores[low] = scores.get(low, 0.0), scores.get(sad, 0.0)
    weights = tuple(min(max(scores.get(label, 0.0), 0.0), MOST) for label in LABELS)
    if any(weights):
        return weights
    return tuple(float(name == "calm") for name in EMOTIONS)


def _scores(answer: str) -> dict[str, float]:
    start, stop = answer.find("{"), answer.rfind("}")
    if 0 <= start < stop:
        try:
            return _from_json(json.loads(answer[start : stop + 1]))
        except (ValueError, TypeError):
            pass  # not JSON after all: pairs may still be there
    pairs = {label: float(number) for label, number in _PAIR.findall(answer)}
    return pairs or {label: 1.0 for label in LABELS if label in answer}


def _from_json(content: Mapping[str, Any]) -> dict[str, float]:
    """Scores by label, or one label under ``emotion`` or ``label``."""
    named = {k: float(v) for k, v in content.items() if k in LABELS}
    if named:
        return named
    label = str(content.get("emotion", content.get("label", "")))
    return {label: 1.0} if label in LABELS else {}


class EmotionReader:
    """The small language model in ``qwen0.6bemo4-merge``; a call takes its time, so keep it off the event loop."""

    def __init__(self, folder: Path, device: str = "cpu") -> None:
        """Load it.

        Raises:
            EngineFailed: the folder does not hold a model that can be read.
        """
        from transformers import AutoModelForCausalLM, AutoTokenizer

        try:
            self._tokenizer: Any = AutoTokenizer.from_pretrained(folder, local_files_only=True)
            model: Any = AutoModelForCausalLM.from_pretrained(
                folder,
                local_files_only=True,
                dtype=torch.float16 if device != "cpu" else torch.float32,
            )
        except (OSError, ValueError) as error:
            raise EngineFailed(
                f"the emotion reader in {folder} cannot be loaded: {error}"
            ) from error
        self._model = model.to(device).eval()

    @torch.inference_mode()
    def read(self, description: str) -> Emotion:
        """The emotion a description asks for.

        Raises:
            UnknownEmotion: the description is empty.
        """
        if not description.strip():
            raise UnknownEmotion("the description of an emotion is empty")
        messages = [{"role": "system", "content": TASK}, {"role": "user", "content": description}]
        prompt = self._tokenizer.apply_chat_template(
            messages, tokenize=False, add_generation_prompt=True, enable_thinking=False
        )
        inputs = self._tokenizer([prompt], return_tensors="pt").to(self._model.device)
        made = self._model.generate(**inputs, max_new_tokens=256)
        ids = made[0][inputs["input_ids"].shape[1] :].tolist()
        if THOUGHT_ENDS in ids:
            ids = ids[len(ids) - ids[::-1].index(THOUGHT_ENDS) :]
        answer = self._tokenizer.decode(ids, skip_special_tokens=True)
        return emotion_of(parse(answer, description))
