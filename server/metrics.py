"""Counters and histograms of a running server, in the Prometheus text exposition format.

Each server has its own registry: two servers in one process do not add up. What happens once a packet is only
counted in plain integers by its utterance; the totals arrive here once, when the utterance is over.
"""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST

CONTENT_TYPE = CONTENT_TYPE_LATEST

LATENCY_S = (0.02, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.4, 0.6, 0.8, 1.0, 1.5, 2.5, 5.0)
SHORT_S = (0.001, 0.0025, 0.005, 0.01, 0.02, 0.04, 0.08, 0.16, 0.4, 1.0)
UNDERRUN_S = (0.0, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0)
RTF = (0.02, 0.05, 0.1, 0.15, 0.2, 0.35, 0.5, 0.75, 1.0, 1.5)


class Metrics:
    """What the server counts. Names follow Prometheus: base units, ``_total`` for counters."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        to = self.registry
        self.sessions = Gauge("seiyuu_sessions_open", "Sessions open now", registry=to)
        self.detached = Gauge(
            "seiyuu_sessions_detached", "Sessions waiting to be resumed", registry=to
        )
        self.sessions_total = Counter("seiyuu_sessions_total", "Sessions started", registry=to)
        self.resumed_total = Counter(
            "seiyuu_sessions_resumed_total", "Sessions resumed", registry=to
        )
        self.refused_total = Counter(
            "seiyuu_sessions_refused_total", "Sessions refused", ["code"], registry=to
        )
        self.utterances_total = Counter(
            "seiyuu_utterances_total", "Utterances over", ["reason"], registry=to
        )
        self.retries_total = Counter(
            "seiyuu_engine_retries_total",
            "Utterances begun again before their first packet",
            registry=to,
        )
        self.errors_total = Counter(
            "seiyuu_errors_total", "Errors told to clients", ["code"], registry=to
        )
        self.rewinds_total = Counter(
            "seiyuu_rewinds_total", "Turns of emotion that made sound again", registry=to
        )
        self.audio_total = Counter("seiyuu_audio_seconds_total", "Audio sent", registry=to)
        self.packets_total = Counter("seiyuu_packets_total", "Audio packets sent", registry=to)
        self.starved_total = Counter(
            "seiyuu_starved_total",
            "Times a listener waited because the text had not come",
            registry=to,
        )
        self.slow_readers_total = Counter(
            "seiyuu_slow_readers_total", "Connections closed because they did not read", registry=to
        )
        self._histograms()

    def _histograms(self) -> None:
        to = self.registry
        self.first_packet = Histogram(
            "seiyuu_first_packet_seconds",
            "From the first text to the first packet handed to the transport",
            buckets=LATENCY_S,
            registry=to,
        )
        self.audible_onset = Histogram(
            "seiyuu_audible_onset_seconds",
            "From the first text to the first sample above -50 dBFS, had it been played at once",
            buckets=LATENCY_S,
            registry=to,
        )
        self.rtf = Histogram(
            "seiyuu_rtf",
            "Seconds spent waiting for the engine per second of audio it gave; below 1 is live",
            buckets=RTF,
            registry=to,
        )
        self.underrun = Histogram(
            "seiyuu_underrun_seconds",
            "Worst underrun of a player that starts at the first packet, one an utterance",
            buckets=UNDERRUN_S,
            registry=to,
        )
        self.cancel = Histogram(
            "seiyuu_cancel_seconds",
            "From the cancel received to the slot free",
            buckets=SHORT_S,
            registry=to,
        )
        self.turn = Histogram(
            "seiyuu_emotion_turn_seconds",
            "From emotion.set received to the first changed packet handed to the transport",
            buckets=LATENCY_S,
            registry=to,
        )

    def exposition(self) -> bytes:
        """The body of ``GET /metrics``."""
        return generate_latest(self.registry)
