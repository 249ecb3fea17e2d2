"""When each packet may leave: never more than a lead ahead of what the listener has played.

The shorter the lead, the sooner a turn or a cancel is heard; the longer, the more trouble on the way it outlives.

Where the listener is, a model of their player says. It is taken to start an utterance when its first packet leaves,
or when the utterance before has sounded, whichever is later; to play in real time; and to stand still when it has run
dry, which is counted as an underrun. A ``playback.report`` replaces the guess.

The pacer asks a clock and never sleeps: a shell waits for :meth:`Pacer.due_s`.
"""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass

from .clock import Clock
from .ids import UtteranceId


@dataclass(slots=True)
class Track:
    """One utterance at the player; times in seconds of the clock, lengths in seconds of audio.

    ``begins_at`` is when its first sample sounds (or would have, had it never run dry since).
    """

    utterance: UtteranceId
    begins_at: float
    sent_s: float = 0.0
    complete: bool = False
    worst_underrun_s: float = 0.0


class Pacer:
    """Follows the utterances of one session, in the order they are sent.

    Args:
        lead_s: how much may be sent ahead of the listener, the packet that is sent included.
    """

    def __init__(self, clock: Clock, lead_s: float) -> None:
        self._clock = clock
        self._lead_s = lead_s
        self._tracks: deque[Track] = deque()
        self._paused_at: float | None = None

    @property
    def paused(self) -> bool:
        return self._paused_at is not None

    @property
    def tracks(self) -> tuple[Track, ...]:
        """Utterances sent and not yet removed, oldest first."""
        return tuple(self._tracks)

    def due_s(self, packet_s: float) -> float:
        """Seconds until a packet of ``packet_s`` may leave; infinite while paused, negative if it is late."""
        if self._paused_at is not None:
            return math.inf
        return self.unplayed_s() + packet_s - self._lead_s

    def over_in_s(self) -> float:
        """Seconds until the end of the oldest utterance is heard; infinite if not all of it was sent, or paused."""
        if self._paused_at is not None or not self._tracks or not self._tracks[0].complete:
            return math.inf
        return self._left_s(self._tracks[0], self._clock.now())

    def sent(self, utterance: UtteranceId, until_s: float, *, excused: bool = False) -> float:
        """The player has this utterance up to ``until_s`` seconds of it; returns how long it had run dry before.

        ``excused`` means that there was nothing to say: the wait is no underrun.
        """
        now = self._now()
        track = self._tracks[-1] if self._tracks else None
        if track is None or track.utterance != utterance:
            before = track.begins_at + track.sent_s if track else now
            track = Track(utterance, max(now, before))
            self._tracks.append(track)
        dry = now - (track.begins_at + track.sent_s)
        begun = track.sent_s > 0
        if dry > 0:
            if begun and not excused:
                track.worst_underrun_s = max(track.worst_underrun_s, dry)
            track.begins_at += dry
        track.sent_s = max(track.sent_s, until_s)
        return dry if begun and dry > 0 else 0.0

    def complete(self, utterance: UtteranceId) -> None:
        """Its last packet was sent."""
        if track := self._find(utterance):
            track.complete = True

    def rewound(self, utterance: UtteranceId, to_s: float) -> None:
        """What the player has behind ``to_s`` is void."""
        if track := self._find(utterance):
            track.sent_s = min(track.sent_s, to_s)
            track.complete = False

    def report(self, utterance: UtteranceId, played_s: float) -> None:
        """The player says where it is; utterances sent after this one begin when it ends."""
        now = self._now()
        tracks = iter(self._tracks)
        track = next((track for track in tracks if track.utterance == utterance), None)
        if track is None:
            return
        heard_out = played_s >= track.sent_s
        track.begins_at = now - min(played_s, track.sent_s)
        for later in tracks:
            ends_at = track.begins_at + track.sent_s
            later.begins_at = min(later.begins_at, ends_at) if heard_out else ends_at
            track = later

    def position_s(self, utterance: UtteranceId) -> float:
        """Seconds of the utterance the listener has heard; 0 if it was not sent."""
        track = self._find(utterance)
        return self._position(track, self._now()) if track else 0.0

    def until_s(self, utterance: UtteranceId, at_s: float) -> float:
        """Seconds until second ``at_s`` of an utterance is heard, if all goes well; negative if it was."""
        track = self._find(utterance)
        if track is None:
            return self.unplayed_s() + at_s
        return track.begins_at + at_s - self._now()

    def unplayed_s(self) -> float:
        """Seconds sent and not heard yet, over all utterances."""
        now = self._now()
        unplayed_s = 0.0
        for track in self._tracks:
            unplayed_s += min(self._left_s(track, now), track.sent_s)
        return unplayed_s

    def played_out(self) -> UtteranceId | None:
        """The oldest utterance, if it was sent completely and the listener has heard its end."""
        if self._tracks and (first := self._tracks[0]).complete:
            return first.utterance if self._left_s(first, self._now()) <= 0 else None
        return None

    def remove(self, utterance: UtteranceId) -> Track | None:
        """Forget an utterance: it has sounded, or it was cancelled; later ones move up if it had not begun."""
        track = self._find(utterance)
        if track is not None:
            self._tracks.remove(track)
        return track

    def pause(self) -> None:
        """The player holds; time stands still here as well. Idempotent."""
        if self._paused_at is None:
            self._paused_at = self._clock.now()

    def resume(self) -> None:
        """The player goes on. Idempotent."""
        if self._paused_at is not None:
            held = self._clock.now() - self._paused_at
            self._paused_at = None
            for track in self._tracks:
                track.begins_at += held

    def _now(self) -> float:
        return self._clock.now() if self._paused_at is None else self._paused_at

    def _find(self, utterance: UtteranceId) -> Track | None:
        for track in self._tracks:
            if track.utterance == utterance:
                return track
        return None

    @staticmethod
    def _position(track: Track, now: float) -> float:
        return min(max(now - track.begins_at, 0.0), track.sent_s)

    @staticmethod
    def _left_s(track: Track, now: float) -> float:
        """Seconds until what was sent of it is heard, before it begins more than there is of it."""
        return max(0.0, track.begins_at + track.sent_s - now)
