"""Measuring how speech sounds: a recogniser, predicted quality, tones, joins. For benchmarks, never for serving.

The measuring libraries are the ``[eval]`` extra and are imported where they are used.
"""
