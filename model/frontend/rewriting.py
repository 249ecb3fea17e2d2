"""Rules that put words in the place of signs, tried in order wherever something but plain text starts."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

from .spanned import SpannedBuilder, SpannedText

Saying = Callable[[re.Match[str]], str | None]


@dataclass(frozen=True, slots=True)
class Rule:
    """``say`` gives the words for a match, or None to leave it to the next rule.

    Every repetition in ``pattern`` is bounded, so that trying it costs the same however long the text is.
    """

    pattern: re.Pattern[str]
    say: Saying


def rule(pattern: str, say: Saying | str, flags: int = 0) -> Rule:
    """A rule from a pattern and a function, or a text that the groups are put into (``\\1``)."""
    compiled = re.compile(pattern, flags)
    if isinstance(say, str):
        template = say
        return Rule(compiled, lambda match: match.expand(template))
    return Rule(compiled, say)


def rewrite(
    text: SpannedText, rules: Sequence[Rule], trigger: re.Pattern[str], given: Collection[int] = ()
) -> SpannedText:
    """``text`` with the first fitting rule applied at every place where ``trigger`` matches.

    Characters whose source place is in ``given`` have a sound of their own already and are left alone.
    """
    chars = text.text
    first = trigger.search(chars)
    if first is None:
        return text
    built = SpannedBuilder(text)
    at, done = first.start(), 0
    while True:
        end = _apply(text, rules, at, done, built, given)
        if end > at:
            done = end
        following = trigger.search(chars, max(end, at + 1))
        if following is None:
            break
        at = following.start()
    built.copy(done, len(chars))
    return built.build()


def _apply(
    text: SpannedText,
    rules: Sequence[Rule],
    at: int,
    done: int,
    built: SpannedBuilder,
    given: Collection[int],
) -> int:
    """Rewrite at ``at``; the end of what was rewritten, or ``at``."""
    for each in rules:
        match = each.pattern.match(text.text, at)
        if match is None or match.end() == at:
            continue
        if given and any(text.starts[i] in given for i in range(at, match.end())):
            continue
        words = each.say(match)
        if words is not None:
            built.copy(done, at)
            built.say(words, at, match.end())
            return match.end()
    return at
