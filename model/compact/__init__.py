"""The embedded CPU engine: packaged acoustic weights cut into stages, decoded as a stream.

The acoustic half, bottom up (one frame = 25 ms = 600 samples at 24 kHz)::

    prepare.prepare(cache=None, weights=None, progress=None) -> Parts     files, made once
    vocabulary.tokens_of(phonemes) -> int64 [n]                           pads at both ends
    stages.Stages(parts, threads=1)
        .encode(tokens, style [256]) -> Encoding(durations [n] float, encoded [n, 640], content [512, n])
        .intone(encoded per frame [T, 640], style) -> f0 [2T] Hz, energy [2T]
    decoder.Decoder(parts, threads=1, precision=None)                     one per process, one thread
        .condition(timbre [128], Statistics) -> Conditioning              once per voice
        .emit_frames                                                      lengths that cost least, e.g. (8, 14, 22)
    rendering.Rendering(decoder, conditioning)                            one per clause
        .append(content [512, k], f0 [2k], energy [2k]) · .end() · .truncate(frames)
        .frames · .ready (frames that can be rendered: all but LOOK_AHEAD = 13 until ended)
        .render(start, stop) -> samples [600 * (stop - start)]            any window, any order
    personas.personas() -> tuple[Voice, ...]; personas.style_of(voice, language) -> [256]
    personas.statistics_of(voice) -> Statistics; personas.gain_of(voice) -> float
    loudness.limit / Limiter                                              last, before samples leave
    calibration.Calibrator(parts, stages).calibrate(timbre, prosody)      statistics of a new voice
    synthesis.predict / render                                            a whole clause at once, for reference

The prosody between the two, one clause at a time (``prosody.Prosody``: decide, steer, natural, rewind)::

    prosody_network.ProsodyNetwork.load()                                 one per process; holds no row's state
    prosody_ar.NetworkProsody(network, clause, emotion, turns, manner)    the network decides every frame
    prosody_ar.decide_together(rows, frames)                              many clauses, one step of the network each
    batching.decide_ahead(jobs)                                           what all jobs' next windows wait for
    prosody.RuleProsody(clause, emotion, turns, manner)                   the other way: the reading bent by rule
    training.prosody · training.compare                                   how the network was made; both ways compared

Style is timbre [128] (who speaks; the decoder's half) followed by prosody [128] (durations and F0).
``graph``, ``rewrite`` and ``cuts`` are what ``prepare`` does to the packaged network; ``source`` and ``istft`` are the
decoder's two ends in numpy; ``statistics`` holds its frozen normalisation.
"""
