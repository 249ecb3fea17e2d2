"""When each packet may leave: never more than a lead ahead of what the listener has played.

The shorter the lead, the sooner a turn or a cancel is heard; the longer, the more trouble on the way it outlives. The
pacer asks a clock and never sleeps: a shell waits for :meth:`Pacer.delay_until_next`.
"""

from __future__ import annotations

import math

from .clock import Clock


class Pacer:
    """Models the player at the other end over all utterances of a session.

    Playback is taken to begin when the first packet leaves, to run at the sample rate, and to stand still when it has
    nothing left. A report of the client moves the model to what is true there.
    """

    def __init__(self, clock: Clock, sample_rate: int, lead_ms: int) -> None:
        self._clock = clock
        self._rate = sample_rate
        self._lead = lead_ms * sample_rate // 1000
        # Positions in samples of everything sent in the session; the model was at ``_anchor`` at ``_anchored_s``.
        self._begin = 0
        self._sent = 0
        self._anchor = 0.0
        self._anchored_s = clock.now()
        self._paused = False

    @property
    def played(self) -> int:
        """Samples of the present utterance the listener has played, as far as one can know."""
        return max(0, round(self._position()) - self._begin)

    @property
    def sent(self) -> int:
        """Samples of the present utterance that have left."""
        return self._sent - self._begin

    @property
    def ahead(self) -> int:
        """Samples that have left and are still to be played, of all utterances."""
        return self._sent - round(self._position())

    @property
    def paused(self) -> bool:
        """Whether the voice is held."""
        return self._paused

    def begin(self) -> None:
        """A new utterance: its timestamps begin at 0, behind what is still to be played of the last one."""
        self._begin = self._sent

    def delay_until_next(self) -> float:
        """Seconds until the next packet may leave; 0 for now, infinite while paused."""
        if self._paused:
            return math.inf
        return max(0, self.ahead - self._lead) / self._rate

    def left(self, samples: int) -> None:
        """A packet of so many samples has left."""
        self._fix()
        self._sent += samples

    def reported(self, played: int) -> None:
        """The listener has played so many samples of the present utterance; more than was sent is not believed."""
        self._anchor = float(min(self._begin + max(0, played), self._sent))
        self._anchored_s = self._clock.now()

    def pause(self) -> None:
        """Hold the voice: nothing leaves and nothing counts as played."""
        self._fix()
        self._paused = True

    def resume(self) -> None:
        """Go on where :meth:`pause` held. Idempotent, as that is."""
        if self._paused:
            self._anchored_s = self._clock.now()
            self._paused = False

    def rewind(self, timestamp: int) -> None:
        """The listener drops what it has not played from ``timestamp`` of the present utterance on."""
        self._fix()
        self._sent = min(self._sent, self._begin + timestamp)
        self._anchor = min(self._anchor, float(self._sent))

    def drop(self) -> None:
        """The listener drops everything it has not played: a cancel."""
        self._fix()
        self._sent = round(self._anchor)
        self._anchor = float(self._sent)

    def _position(self) -> float:
        if self._paused:
            return self._anchor
        passed = (self._clock.now() - self._anchored_s) * self._rate
        return min(float(self._sent), self._anchor + passed)

    def _fix(self) -> None:
        self._anchor = self._position()
        self._anchored_s = self._clock.now()
