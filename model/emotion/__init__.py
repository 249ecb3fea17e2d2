"""Emotion in plain words: a description in four languages becomes a point in the emotion space.

``describe`` is the door. ``fold`` makes spellings one, ``lexicon`` finds the words that say something, ``cues`` weighs
them (negation, contrast, degree, pace), ``features`` and ``network`` judge the whole, with words the lexicon lacks.
``remote`` asks a chat endpoint instead when one is configured; ``accuracy`` measures; ``training`` makes the weights.
"""
