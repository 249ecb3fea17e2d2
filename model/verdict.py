"""Is this clip good enough to make a voice of? The checks, what they found, and what to do about it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

import numpy as np
import soxr

from ..streaming.audio import Samples
from ..streaming.errors import BadAudio
from .clip_measures import bandwidth_hz, clipped_share, level_db, tonality
from .clips import Clip
from .second_voice import Beside, SecondVoice
from .speaker import partial_d_vectors
from .vad import RATE, WINDOW, joined, speech_probability, speech_spans

TOO_SHORT_S, SHORT_S, ENOUGH_S = 1.0, 3.0, 15.0
CLIPPED, CLIPPED_BADLY = 0.001, 0.03
"""Share of samples in runs at full scale."""

QUIET_DB, TOO_QUIET_DB = -45.0, -65.0
NOISY_DB, TOO_NOISY_DB = 15.0, 3.0
NARROW_HZ = 4_200.0
TONAL = 0.5
"""Share of the sound beside the speech that stays on the same frequencies, from which on it is called music."""

TWO_SPEAKERS, MAYBE_TWO = 0.6, 0.78
"""Two groups of windows whose d-vectors are less alike than this were said by two people, or may have been: of clips of
eight seconds of one recorded person none and 11 in 100 (n = 180, actors of games among them), of two in turn 44 and
94 in 100 (n = 140)."""

SECOND_VOICE, SURE_VOICE, MUSIC = 0.8, 0.97, 0.8
"""Shares of "a second voice" from which on there may be one, and is one; and of "music"."""

ALONE = 0.05
"""A smaller share of "alone" means that there is one or the other, whichever is likelier. All four were chosen on the
half of the speakers and pieces that the network learnt from, each judged by networks that did not know them."""

SURE_SECONDS = 5.0
"""Of less speech than this nobody is told for sure that there is a second voice."""

Severity = Literal["error", "warning"]


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with a clip. An ``error`` keeps it from being used; ``code`` is short and stable."""

    code: str
    severity: Severity
    message: str
    advice: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was found in a clip: seconds of sound and of speech, level and noise of the speech in dB (full scale,
    and above the noise), the highest frequency that carries speech, and the problems.
    """

    seconds: float
    speech_s: float
    level_db: float
    snr_db: float
    bandwidth_hz: float
    clipped_share: float
    problems: tuple[Problem, ...] = ()

    @property
    def usable(self) -> bool:
        return all(problem.severity != "error" for problem in self.problems)

    def require_usable(self) -> None:
        """Raises:
        BadAudio: with every error and its advice.
        """
        errors = [p for p in self.problems if p.severity == "error"]
        if errors:
            raise BadAudio("; ".join(f"{p.message}: {p.advice}" for p in errors))

    def to_json(self) -> dict[str, Any]:
        """For the wire and the library's metadata."""
        return {
            "usable": self.usable,
            "seconds": round(self.seconds, 2),
            "speech_s": round(self.speech_s, 2),
            "level_db": round(self.level_db, 1),
            "snr_db": round(self.snr_db, 1),
            "bandwidth_hz": round(self.bandwidth_hz),
            "clipped_share": round(self.clipped_share, 5),
            "problems": [
                {"code": p.code, "severity": p.severity, "message": p.message, "advice": p.advice}
                for p in self.problems
            ],
        }


@dataclass(frozen=True, eq=False)
class Speech:
    """A clip taken apart: all of it at 16 kHz, the stretches of speech in it, and what is beside them."""

    samples: Samples
    spans: tuple[tuple[int, int], ...]
    probability: Samples

    @property
    def spoken(self) -> Samples:
        """The speech alone, one stretch after the other."""
        return joined(self.samples, list(self.spans))

    @property
    def seconds(self) -> float:
        return sum(end - begin for begin, end in self.spans) / RATE

    @property
    def beside(self) -> Samples:
        """What is surely not speech, one stretch after the other."""
        quiet = np.repeat(self.probability < 0.2, WINDOW)[: len(self.samples)]
        for begin, end in self.spans:
            quiet[begin:end] = False
        return self.samples[quiet]

    @cached_property
    def partial_d_vectors(self) -> Samples:
        """One d-vector for each window of the speech, ``[windows, 256]``; told once, for it takes longest."""
        return partial_d_vectors(self.spoken)

    @property
    def d_vector(self) -> Samples:
        """Who speaks, ``[256]``, length 1."""
        return _middle(self.partial_d_vectors)


@dataclass(frozen=True, slots=True, eq=False)
class JudgedClip:
    """A clip that can be used, with the speech found in it: what everybody who works with it starts from."""

    clip: Clip
    speech: Speech
    verdict: Verdict


def judged(clip: Clip) -> JudgedClip:
    """The clip with its speech and its verdict. Takes up to half a second.

    Raises:
        BadAudio: it cannot be used; the message says why and what to do.
    """
    speech = find_speech(clip)
    verdict = judge(clip, speech)
    verdict.require_usable()
    return JudgedClip(clip, speech, verdict)


def find_speech(clip: Clip) -> Speech:
    """The clip at 16 kHz with its stretches of speech."""
    samples = soxr.resample(clip.samples, clip.sample_rate, RATE).astype(np.float32)
    probability = speech_probability(_loud_enough(samples))
    spans = tuple((b, min(e, len(samples))) for b, e in speech_spans(probability))
    return Speech(samples, spans, probability)


def judge(clip: Clip, speech: Speech) -> Verdict:
    """Every check on a clip; never raises, whatever it holds."""
    spoken, beside = speech.spoken, speech.beside
    level = level_db(spoken if len(spoken) else speech.samples)
    snr = _snr_db(speech) if len(spoken) else 0.0
    clipped = clipped_share(clip.samples)
    bandwidth = bandwidth_hz(spoken) if len(spoken) else 0.0
    with_it = SecondVoice.packaged().listen(spoken)
    problems = [
        *_about_speech(speech, beside),
        *_about_level(level, clipped, len(spoken) > 0),
        *_about_noise(snr, beside, with_it, len(spoken) > 0),
        *_about_band(bandwidth, len(spoken) > 0),
        *_about_speakers(speech, with_it),
    ]
    return Verdict(clip.seconds, speech.seconds, level, snr, bandwidth, clipped, tuple(problems))


def _about_speech(speech: Speech, beside: Samples) -> Iterator[Problem]:
    heard = speech.seconds
    if heard == 0:
        if level_db(speech.samples) < TOO_QUIET_DB:
            found = "the clip is silent"
        elif _musical(speech.samples):
            found = "the clip holds no speech, it sounds like music"
        else:
            found = "the clip holds no speech"
        yield Problem("no_speech", "error", found, "record 5 to 15 seconds of one person speaking")
    elif heard < TOO_SHORT_S:
        message = f"the clip holds {heard:.1f} s of speech, at least {TOO_SHORT_S:.0f} is needed"
        yield Problem("too_short", "error", message, "record 5 to 15 seconds")
    elif heard < SHORT_S:
        message = f"the clip holds only {heard:.1f} s of speech"
        yield Problem("short", "warning", message, "5 to 15 seconds give a closer likeness")


def _about_level(level: float, clipped: float, spoken: bool) -> Iterator[Problem]:
    if clipped > CLIPPED:
        severity: Severity = "error" if clipped > CLIPPED_BADLY else "warning"
        message = f"{100 * clipped:.1f} % of the samples are cut off at full scale"
        yield Problem("clipping", severity, message, "turn the microphone down and record again")
    if spoken and level < QUIET_DB:
        severity = "error" if level < TOO_QUIET_DB else "warning"
        message = f"the speech is at {level:.0f} dB, very quiet"
        yield Problem("quiet", severity, message, "go closer to the microphone or turn it up")


def _about_noise(snr: float, beside: Samples, with_it: Beside, spoken: bool) -> Iterator[Problem]:
    noisy = snr < NOISY_DB
    musical = _with_music(with_it) or (noisy and tonality(beside) > TONAL)
    if not spoken or not (noisy or musical):
        return
    severity: Severity = "error" if snr < TOO_NOISY_DB else "warning"
    if musical:
        how = f"only {snr:.0f} dB below the speech" if noisy else "under the speech"
        yield Problem("music", severity, f"there is music {how}", "record without music")
    else:
        message = f"the noise is only {snr:.0f} dB below the speech"
        yield Problem("noise", severity, message, "record in a quieter place")


def _about_band(bandwidth: float, spoken: bool) -> Iterator[Problem]:
    if spoken and bandwidth < NARROW_HZ:
        message = f"the recording holds nothing above {bandwidth / 1000:.1f} kHz, as on a telephone"
        yield Problem("narrow_band", "warning", message, "a recording at 16 kHz or more is closer")


def _about_speakers(speech: Speech, with_it: Beside) -> Iterator[Problem]:
    unity = speaker_unity(speech.partial_d_vectors) if speech.seconds >= 4 else 1.0
    music = _with_music(with_it)
    together = not music and (with_it.voice > SECOND_VOICE or with_it.alone < ALONE)
    if unity >= MAYBE_TWO and not together:
        return
    in_turn = unity < TWO_SPEAKERS and not music  # which, as it changes, moves d-vectors as well
    sure = together and with_it.voice > SURE_VOICE and speech.seconds >= SURE_SECONDS
    severity: Severity = "error" if in_turn or sure else "warning"
    message = f"several people seem to speak{' at the same time' if together else ''}"
    yield Problem("several_speakers", severity, message, "send a clip of one person alone")


def _with_music(with_it: Beside) -> bool:
    return with_it.music > MUSIC or (with_it.alone < ALONE and with_it.music > with_it.voice)


def _musical(samples: Samples) -> bool:
    """Whether a sound without speech is music."""
    return tonality(samples) > TONAL or SecondVoice.packaged().listen(samples).music > 0.5


def speaker_unity(vectors: Samples) -> float:
    """How alike the two most different groups of windows of a clip sound, as a cosine of their d-vectors."""
    if len(vectors) < 4:
        return 1.0
    alike = vectors @ vectors.T
    first, second = np.unravel_index(int(alike.argmin()), alike.shape)
    one, other = vectors[first], vectors[second]
    for _ in range(4):
        nearer = vectors @ one >= vectors @ other
        if nearer.sum() < 2 or (~nearer).sum() < 2:
            return 1.0
        one, other = _middle(vectors[nearer]), _middle(vectors[~nearer])
    return float(one @ other)


def _middle(vectors: Samples) -> Samples:
    mean: Samples = vectors.mean(axis=0)
    unit: Samples = mean / np.linalg.norm(mean)
    return unit


def _loud_enough(samples: Samples) -> Samples:
    """Quiet recordings raised for the detector, which was trained on speech at usual levels."""
    peak = float(np.abs(samples).max()) if len(samples) else 0.0
    return samples * np.float32(0.5 / peak) if 1e-4 < peak < 0.25 else samples


def _snr_db(speech: Speech) -> float:
    """Level of the speech above what is heard beside it, or in its quietest moments where nothing is."""
    frames = speech.samples[: len(speech.samples) // 320 * 320].reshape(-1, 320)
    power = np.mean(np.square(frames, dtype=np.float64), axis=1) + 1e-12
    spoken = np.zeros(len(speech.samples), bool)
    for begin, end in speech.spans:
        spoken[begin:end] = True
    inside = spoken[: len(frames) * 320].reshape(-1, 320).all(axis=1)
    sure = np.repeat(speech.probability < 0.2, WINDOW)[: len(frames) * 320]
    outside = (
        ~inside & sure.reshape(-1, 320).all(axis=1) if len(sure) == len(frames) * 320 else ~inside
    )
    quiet = power[outside] if outside.sum() >= 10 else np.sort(power)[: max(1, len(power) // 20)]
    noise = float(np.median(quiet))
    loud = float(np.mean(power[inside])) if inside.any() else float(power.mean())
    return float(10 * np.log10(max(loud - noise, 1e-12) / noise))
