"""Which of its readings an English word has where it stands: the part of speech, told from the words around it.

The dictionary marks readings by part of speech (``VERB``, ``NOUN``, ``ADJ``, ``VBD`` and ``VBN`` for the past);
everything else is ``DEFAULT``. No tagger is carried: function words on either side decide, as a reader's eye does, and
a few common words have clues of their own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache


@cache
def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_SUBJECTS = _words(
    "i you we they he she it who that's that there everyone everybody somebody someone anybody anyone nobody"
)
_PLURALS = _words("i you we they people who all both some most many others these those")
_MODALS = _words(
    "will would can could should must may might shall do does did don't didn't doesn't can't "
    "cannot couldn't won't wouldn't shouldn't let let's lets please not never i'll you'll "
    "we'll they'll he'll she'll it'll i'd you'd we'd they'd he'd she'd gonna wanna gotta"
)
_HAVES = _words(
    "have has had having i've you've we've they've haven't hasn't hadn't he's she's it's"
)
_BES = _words(
    "am is are was were be been being i'm you're we're they're he's she's it's that's isn't "
    "aren't wasn't weren't get gets got getting"
)
_DETERMINERS = _words(
    "the a an my your his her its our their this that these those no some any every each "
    "another whose what which one two three four five six seven eight nine ten many several "
    "few new old good bad great first last next own same whole"
)
_OBJECTS = _words("it me him us them her you everything something this that these those")
_ARTICLES = _words("the a an my your his her its our their this that these those")
_PREPOSITIONS = _words(
    "of in on for with at by from about into onto under over without against between through "
    "during per like"
)
_ADVERBS = _words(
    "also always just still often usually sometimes even ever already now then only both soon "
    "never not too almost first actually finally simply all quite once either"
)
_FRAMES = _words(
    "in at on with here there together alone near by next forever among under outside inside"
)
_PAST = _words("yesterday ago earlier previously was were had did went said")
_PAST_SECOND = _words(
    "night week month year time summer winter spring weekend monday friday sunday"
)

Words = Sequence[str]


def tag_of(words: Words, index: int) -> str:
    """The dictionary's tag for the word at ``index`` of a stretch of words in small letters."""
    known = _CLUES.get(words[index])
    tag = known(words, index) if known else ""
    return tag or _general(words, index)


def _general(words: Words, index: int) -> str:
    """What the nearest word before that is no adverb makes of it; an order if there is none."""
    before, after = _before(words, index), _at(words, index + 1)
    nearest = _at(words, index - 1)
    if before in _HAVES or before in _BES:
        return "VBN"
    if before == "to" or before in _MODALS or _made_to(words, index):
        return "VERB"
    if before in _SUBJECTS and nearest not in _DETERMINERS:
        return "VERB"
    if nearest in _DETERMINERS or nearest.endswith(("'s", "s'")):
        return "NOUN"
    if before in _PREPOSITIONS or _described(words, index):
        return "NOUN"
    # An order at the start, a second verb after "and", a plural before: "fans record it".
    acts = before in ("", "and", "or", "then") or _plural(before)
    return "VERB" if acts and after in _ARTICLES | _OBJECTS else "DEFAULT"


def _at(words: Words, index: int) -> str:
    return words[index] if 0 <= index < len(words) else ""


def _before(words: Words, index: int) -> str:
    """The nearest word before ``index`` that is no adverb."""
    index -= 1
    while index > 0 and _is_adverb(words[index]):
        index -= 1
    return _at(words, index)


def _is_adverb(word: str) -> bool:
    return word in _ADVERBS or (
        word.endswith("ly") and word not in ("family", "only", "italy", "july")
    )


def _described(words: Words, index: int) -> bool:
    """``a huge increase``: an article, a word between, and no object behind."""
    between, after = _at(words, index - 1), _at(words, index + 1)
    return (
        _at(words, index - 2) in _ARTICLES
        and not _plural(between)
        and after not in _ARTICLES | _OBJECTS
    )


def _made_to(words: Words, index: int) -> bool:
    """``let me present``, ``make him refuse``."""
    causes = _words("let make makes made help helps helped watch hear see")
    return _at(words, index - 1) in _OBJECTS and _at(words, index - 2) in causes


def _plural(word: str) -> bool:
    return word in _PLURALS or (
        len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "'s", "us", "is"))
    )


def _asked(words: Words, index: int, helpers: frozenset[str]) -> bool:
    """A question: the helping verb stands before the subject, ``have you read``, ``did the man read``."""
    return any(
        words[at] in helpers and (at == 0 or words[at - 1] not in _SUBJECTS)
        for at in range(max(0, index - 4), index - 1)
    )


def _read(words: Words, index: int) -> str:
    before = _before(words, index)
    if before in _HAVES or before in _BES:
        return "VBN"
    if (
        before == "to"
        or before in _MODALS
        or _asked(words, index, _MODALS - {"not", "never", "please"})
    ):
        return "VERB"
    if _asked(words, index, _HAVES):
        return "VBN"
    if _at(words, index - 1) in _words("a good great quick long must easy"):
        return "VERB"
    if _told_past(words, index):
        return "VBD"
    if before and not _plural(before) and before not in ("and", "or", "then", "but") and index:
        return "VBD"  # he read, the teacher read: in the present it would have an s
    return "VERB"


def _told_past(words: Words, index: int) -> bool:
    others = [word for at, word in enumerate(words) if at != index]
    pairs = zip(words, words[1:], strict=False)
    return (
        not _PAST.isdisjoint(others)
        or any(first == "last" and second in _PAST_SECOND for first, second in pairs)
        or any(len(word) > 4 and word.endswith("ed") for word in others)
        or _at(words, index - 1) == "once"
        or words[-1] in ("before", "once")
        or not _IRREGULAR.isdisjoint(others)
    )


_IRREGULAR = _words(
    "sat took came stood told saw knew thought found left wrote spoke gave bought brought "
    "heard felt fell woke lay kept began ran made slept lost held drank ate broke drove"
)


def _live(words: Words, index: int) -> str:
    before, after = _before(words, index), _at(words, index + 1)
    if before in _BES or before in _words("go goes going went gone stream streaming perform sing"):
        return "DEFAULT"
    if before == "to":
        return "DEFAULT" if _at(words, index - 2) in ("listen", "back", "over") else "VERB"
    if before in _MODALS or before in _PLURALS or _asked(words, index, _MODALS):
        return "VERB"
    if after in _FRAMES and (_plural(before) or before in ("and", "where", "us", "them")):
        return "VERB"
    if before == "long" or not before and after in _words("and long your the a with in"):
        return "VERB"
    return "VERB" if before in ("where", "us", "him", "them") else "DEFAULT"


def _lives(words: Words, index: int) -> str:
    before = _at(words, index - 1)
    plural = before in _DETERMINERS | _PREPOSITIONS | _words("and save saved saves changes extra")
    if plural or before.endswith(("ing", "'s")) or not before:
        return "DEFAULT"
    return "VERB"


def _lead(words: Words, index: int) -> str:
    before, after = _at(words, index - 1), _at(words, index + 1)
    metal = after in _words("pipe pipes paint poisoning acid bullet bullets weight weights")
    return (
        "METAL"
        if metal or before in ("of", "like", "heavy", "molten") and after in ("", "and")
        else "VERB"
    )


def _wind(words: Words, index: int) -> str:
    after = _at(words, index + 1)
    if after in _words("up down back around through") and (
        _before(words, index) in _MODALS | _PLURALS | {"to", ""} or _plural(_before(words, index))
    ):
        return "VERB"
    before = _at(words, index - 1)
    ordered = before in ("to", "") and after in _ARTICLES
    return "VERB" if ordered or before in _MODALS and after in _ARTICLES | _OBJECTS else "DEFAULT"


def _wound(words: Words, index: int) -> str:
    after, before = _at(words, index + 1), _before(words, index)
    turned = after in _words("up down around through tightly its their back")
    return "VBD" if turned or after in _ARTICLES and before in _SUBJECTS else "DEFAULT"


def _tear(words: Words, index: int) -> str:
    after = _at(words, index + 1)
    if _at(words, index - 1) in _words("a the one single every") and after in _words(
        "in near along across"
    ):
        return "VERB"  # a rip sounds as the verb does
    if _before(words, index) in _MODALS | _PLURALS | {"to", "and"} or after in _words(
        "up apart off down open"
    ):
        return "VERB"
    return "VERB" if after in _ARTICLES or not index else "DEFAULT"


def _tears(words: Words, index: int) -> str:
    after = _at(words, index + 1)
    subject = _before(words, index) in ("he", "she", "it")
    rips = _OBJECTS | _words("up apart off through open")
    return "VERB" if subject or after in rips else "DEFAULT"


def _bow(words: Words, index: int) -> str:
    before, after = _at(words, index - 1), _at(words, index + 1)
    if before in _words("take took deep polite final low little slight"):
        return "VERB"
    if after in _words("to before down low deeply politely out of") and before != "the":
        return "VERB"
    if before in ("a", "the") and (
        "took" in words[:index] or "take" in words[:index] or "with" in words[:index]
    ):
        return "VERB"
    if before in ("the",) and after in ("of", "and") and _ship(words):
        return "VERB"
    return "VERB" if _before(words, index) in _MODALS | _PLURALS | {"to"} else "DEFAULT"


def _ship(words: Words) -> bool:
    return not {"ship", "boat", "stern", "deck"}.isdisjoint(words)


def _close(words: Words, index: int) -> str:
    before, after = _before(words, index), _at(words, index + 1)
    nearest = _at(words, index - 1)
    if nearest in _words("too so very really pretty as how that this get stay come came"):
        return "DEFAULT"
    if after in _words("to by friend friends enough call together behind family match game"):
        return "DEFAULT" if before != "to" or after != "to" else "VERB"
    if before in _BES or nearest in ("a", "my", "very", "each"):
        return "DEFAULT"
    if before == "the":
        return "NOUN" if after in ("of", "") else "DEFAULT"
    if before in _MODALS | _PLURALS | {"to", "and", ""} or _plural(before):
        return "VERB"
    return "VERB" if after in _ARTICLES else "DEFAULT"


def _use(words: Words, index: int) -> str:
    nearest = _at(words, index - 1)
    if nearest in _words("no any much little of in for into the its good common better"):
        return "NOUN"
    return ""


def _used(words: Words, index: int) -> str:
    """``used to`` is a habit, but for a tool that is used to make something."""
    before, after = _before(words, index), _at(words, index + 1)
    tool = before in _words("is are was were be been") and _at(words, index + 2) in _TOOLS
    return "VBD" if after == "to" and not tool else "DEFAULT"


_TOOLS = _words(
    "make build create measure describe cut clean open find help produce store send show mark fix"
)


def _record(words: Words, index: int) -> str:
    before, after = _at(words, index - 1), _at(words, index + 1)
    if before in _words("world track broken broke break set personal police criminal"):
        return "DEFAULT"
    if not before:
        return (
            "VERB" if after in _ARTICLES | _OBJECTS | {"your", "yourself", "every"} else "DEFAULT"
        )
    return ""


def _present(words: Words, index: int) -> str:
    before, after = _before(words, index), _at(words, index + 1)
    if before in _BES or before in ("birthday", "christmas", "were"):
        return "DEFAULT"
    if before == "to" and _at(words, index + 1) in ("", "day"):
        return "VERB"
    return "VERB" if before in _PLURALS and after in _ARTICLES | _OBJECTS else ""


def _minute(words: Words, index: int) -> str:
    before, after = _at(words, index - 1), _at(words, index + 1)
    fine = after in _words("detail details amount amounts particles differences changes")
    tiny = fine and before not in ("a", "one", "last") or before in ("so", "extremely")
    return "ADJ" if tiny else "DEFAULT"


def _bass(words: Words, index: int) -> str:
    fish = _words("sea striped largemouth caught catch fried grilled lake river")
    fishing = _at(words, index + 1) in ("fishing", "fisherman")
    return "DEFAULT" if fishing or not fish.isdisjoint(words[:index]) else "ADJ"


def _resume(words: Words, index: int) -> str:
    return "PAPER" if _at(words, index - 1) in _ARTICLES | {"good", "strong"} else "DEFAULT"


def _dove(words: Words, index: int) -> str:
    return (
        "VERB"
        if _at(words, index + 1) in _words("into in down under off deep straight")
        else "DEFAULT"
    )


def _content(words: Words, index: int) -> str:
    before, after = _before(words, index), _at(words, index + 1)
    if before in _BES | _words("feel feels felt very seem seems seemed") and after in (
        "",
        "with",
        "to",
        "and",
    ):
        return "DEFAULT"
    return "NOUN"


def _fit_to_be(words: Words, index: int) -> str:
    """Adjectives that follow "be": perfect, separate, moderate, absent; the verb needs an object."""
    before, after = _before(words, index), _at(words, index + 1)
    if before in _BES:
        return "DEFAULT"
    verb = before in _MODALS | _PLURALS | {"to", ""} and (after in _ARTICLES | _OBJECTS)
    return "VERB" if verb else ""


def _house(words: Words, index: int) -> str:
    before, after = _before(words, index), _at(words, index + 1)
    return "VERB" if before in _MODALS | {"to"} and after in _ARTICLES else "DEFAULT"


_CLUES: Mapping[str, Callable[[Words, int], str]] = {
    "read": _read,
    "live": _live,
    "lives": _lives,
    "lead": _lead,
    "wind": _wind,
    "wound": _wound,
    "tear": _tear,
    "tears": _tears,
    "bow": _bow,
    "close": _close,
    "use": _use,
    "used": _used,
    "record": _record,
    "present": _present,
    "minute": _minute,
    "bass": _bass,
    "resume": _resume,
    "dove": _dove,
    "content": _content,
    "house": _house,
    "mouth": _house,
    "perfect": _fit_to_be,
    "separate": _fit_to_be,
    "moderate": _fit_to_be,
    "absent": _fit_to_be,
}

EXTRA: Mapping[tuple[str, str], str] = {("lead", "METAL"): "lˈɛd", ("resume", "PAPER"): "ɹˈɛzəmˌA"}
"""Readings that the dictionary lacks."""
