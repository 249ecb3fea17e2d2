"""How a writer names an emotion on the wire: a word, a mix, a vector, a description, or a clip.

The first three are points in the emotion space and resolve here; a description needs a reader and a clip needs an
encoder, which engines and the server have.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Discriminator,
    Field,
    Tag,
    model_validator,
)
from pydantic_core import PydanticCustomError

from .emotion import AXES, DEFAULT_INTENSITY, Emotion, axis_of
from .errors import UnknownEmotion

Intensity = Annotated[float, Field(ge=0.0, le=1.0)]
EmotionName = Annotated[str, Field(min_length=1, max_length=40)]
Weight = Annotated[float, Field(ge=0.0, le=1_000.0)]


def _check_name(name: str) -> None:
    try:
        axis_of(name)
    except UnknownEmotion as error:
        raise PydanticCustomError(
            "unknown_emotion", "{sentence}", {"sentence": str(error)}
        ) from error


class _Spec(BaseModel):
    model_config = ConfigDict(frozen=True, strict=True, extra="forbid", allow_inf_nan=False)


class NamedEmotion(_Spec):
    """One emotion of :data:`AXES` or a synonym of it."""

    name: EmotionName
    intensity: Intensity = DEFAULT_INTENSITY

    @model_validator(mode="after")
    def _known(self) -> NamedEmotion:
        _check_name(self.name)
        return self


class MixedEmotion(_Spec):
    """Several named emotions; without ``intensity`` the sum of the weights is it, at most 1."""

    mix: Annotated[dict[EmotionName, Weight], Field(min_length=1, max_length=16)]
    intensity: Intensity | None = None

    @model_validator(mode="after")
    def _known(self) -> MixedEmotion:
        for name in self.mix:
            _check_name(name)
        return self


class EmotionVector(_Spec):
    """Eight weights in the order of :data:`AXES`; without ``intensity`` their sum is it, at most 1."""

    vector: Annotated[
        tuple[Weight, ...], Field(strict=False, min_length=len(AXES), max_length=len(AXES))
    ]
    intensity: Intensity | None = None

    @classmethod
    def of(cls, emotion: Emotion) -> EmotionVector:
        """The wire form of a point in the space, rounded to four places."""
        return cls(
            vector=tuple(round(x, 4) for x in emotion.vector),
            intensity=round(emotion.intensity, 4),
        )


class DescribedEmotion(_Spec):
    """An emotion in plain words, in any of the languages. ``intensity`` None leaves it to the reader."""

    describe: Annotated[str, Field(min_length=1, max_length=500)]
    intensity: Intensity | None = None


class ClipEmotion(_Spec):
    """The emotion heard in a clip uploaded before, named by its id."""

    reference: Annotated[str, Field(min_length=1, max_length=200)]
    intensity: Intensity | None = None


_KINDS = ("name", "mix", "vector", "describe", "reference")


def _kind_of(value: object) -> str | None:
    """Which member of the union a value means; exactly one of the telling keys must be there."""
    if isinstance(value, str):
        return "word"
    if isinstance(value, dict):
        present = [kind for kind in _KINDS if kind in value]
    else:
        present = [kind for kind in _KINDS if hasattr(value, kind)]
    return present[0] if len(present) == 1 else None


def _from_word(word: str) -> NamedEmotion:
    _check_name(word)
    return NamedEmotion(name=word)


EmotionSpec = Annotated[
    Annotated[str, AfterValidator(_from_word), Tag("word")]
    | Annotated[NamedEmotion, Tag("name")]
    | Annotated[MixedEmotion, Tag("mix")]
    | Annotated[EmotionVector, Tag("vector")]
    | Annotated[DescribedEmotion, Tag("describe")]
    | Annotated[ClipEmotion, Tag("reference")],
    Discriminator(
        _kind_of,
        custom_error_type="emotion_form",
        custom_error_message="a name, or an object with one of name, mix, vector, describe, reference",
    ),
]
"""What may stand in a field ``emotion``; a bare word is kept as :class:`NamedEmotion`."""


def resolve(spec: EmotionSpec) -> Emotion | None:
    """The point in the space a spec means; None for a description or a clip, which an engine has to read.

    Raises:
        UnknownEmotion: a bare word that was never validated is not known.
    """
    match spec:
        case str():
            return Emotion.of(spec)
        case NamedEmotion():
            return Emotion.of(spec.name, spec.intensity)
        case MixedEmotion():
            return Emotion.mix(spec.mix, spec.intensity)
        case EmotionVector():
            return Emotion.from_vector(spec.vector, spec.intensity)
        case _:
            return None
