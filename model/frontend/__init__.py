"""Text to reading: normalise, split by language, pronounce, keeping the place each sound came from.

``read(text, language="auto", *, lexicon=None, options=ReadOptions()) -> Reading`` is the one entry; ``warm()``
loads the dictionaries beforehand. Both are safe from any thread. ``read`` never raises and is a pure function of
its arguments, so a segment reads the same however its text arrived.

A ``Reading`` has ``words`` of ``units``. ``Reading.symbols()`` yields every phoneme symbol in order of speech with the
``Unit`` it belongs to (None for the blank between words); ``"".join`` of them is ``Reading.phonemes``, to be looked
up symbol by symbol in the acoustic model's vocabulary. ``Unit.char_start:char_end`` are places in the text as given.
``Unit.reading`` shows the dictionary's tones (``yi1 ge4``), so that it can be copied back as an annotation; sandhi
is in the phonemes only, and an erhua 儿 shows as ``r5``.

The way: ``clean`` → ``markup``, ``inline_pinyin``, ``lexicon``, ``signs`` (what the writer put in) → ``languages``
(regions) → ``normalise`` (numbers and signs in words) → ``mandarin``, ``english``, ``japanese``, ``korean``. Between
them goes ``SpannedText``, whose every character knows its place in the source. What a segmenter must not cut:
a tag, an annotation from the characters before it to its closing bracket, a number with its sign and unit.
"""

from .lexicon import Lexicon
from .read import Emoji, ReadOptions, read, warm
from .reading import Reading, Unit, Word

__all__ = ["Emoji", "Lexicon", "ReadOptions", "Reading", "Unit", "Word", "read", "warm"]
