"""Text in, samples out. Knows nothing of sockets.

``engine`` is the contract every engine and host satisfies; ``registry`` opens one by name, importing it late.
``frontend`` turns text into a reading; ``compact`` (CPU), ``indextts2`` (GPU) and ``tone`` (no weights) are the
engines; ``hosts`` are the places where one can live; ``layers`` and ``vocoder`` are networks the engines share.
"""
