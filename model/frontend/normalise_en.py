"""Numbers and signs in English text to words."""

from __future__ import annotations

import re

from . import web
from .numerals import english as cardinal_words
from .numerals import english_digits
from .rewriting import Rule, rule
from .units import ENGLISH as UNITS

TRIGGER = re.compile(r"[0-9$£€¥₩%#@&+=<>×÷*²³°℃½¼¾√①-⑳/−(\-]|(?<![A-Za-z0-9'])[A-Za-z]")

_N = r"\d{1,3}(?:,\d{3}){1,6}(?!\d)|\d{1,60}"
_DECIMAL = rf"(?:{_N})(?:\.\d{{1,30}})?"
_MONTHS = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]
_MONTH = r"(?P<month>Jan(?:uary|\.)?|Feb(?:ruary|\.)?|Mar(?:ch|\.)?|Apr(?:il|\.)?|May|June?\.?|July?\.?|Aug(?:ust|\.)?|Sept?(?:ember|\.)?|Oct(?:ober|\.)?|Nov(?:ember|\.)?|Dec(?:ember|\.)?)"
_ORDINALS = {
    "one": "first", "two": "second", "three": "third", "five": "fifth", "eight": "eighth", "nine": "ninth", "twelve": "twelfth",
}  # fmt: skip
_MONEY = {
    "$": ("dollar", "cent"), "£": ("pound", "pence"), "€": ("euro", "cent"), "¥": ("yen", ""), "₩": ("won", ""),
}  # fmt: skip
_SCALES = {
    "k": "thousand",
    "K": "thousand",
    "M": "million",
    "m": "million",
    "B": "billion",
    "bn": "billion",
    "T": "trillion",
}
_ABBREVIATIONS = {
    "dr.": "doctor", "mr.": "mister", "mrs.": "missus", "ms.": "miz", "prof.": "professor", "st.": "saint", "vs.": "versus",
    "vs": "versus", "e.g.": "for example", "i.e.": "that is", "etc.": "et cetera", "approx.": "approximately", "jr.": "junior",
    "sr.": "senior", "w/": "with", "w/o": "without", "feat.": "featuring", "ft.": "featuring", "dept.": "department", "ave.": "avenue",
}  # fmt: skip
_SLANG = {
    "brb": "be right back", "idk": "I don't know", "btw": "by the way", "imo": "in my opinion", "imho": "in my humble opinion",
    "gg": "g g", "wp": "well played", "thx": "thanks", "ty": "thank you", "afk": "AFK", "pls": "please", "plz": "please",
    "ngl": "not gonna lie", "tbh": "to be honest", "omg": "o m g", "irl": "in real life", "smh": "shaking my head", "fyi": "f y i",
    "asap": "ASAP", "dm": "d m", "np": "no problem", "omw": "on my way", "tysm": "thank you so much", "wtf": "w t f", "jk": "just kidding",
    "nvm": "never mind", "rn": "right now", "ppl": "people", "msg": "message", "gn": "good night", "gm": "good morning", "glhf": "good luck have fun",
    "ggwp": "g g well played", "iirc": "if I recall correctly", "ikr": "I know right", "lmao": "LMAO", "rofl": "rofl", "bf": "boyfriend",
    "gf": "girlfriend", "hmu": "hit me up", "ily": "I love you", "tfw": "that feeling when", "fr": "for real", "ofc": "of course", "cya": "see you",
}  # fmt: skip
_CODE = re.compile(
    r"(?:call|dial|room|flight|code|pin|password|extension|ext\.?|phone|number is|id)\s?:?\s?$",
    re.I,
)


def cardinal(number: str) -> str:
    whole, _, decimals = number.replace(",", "").partition(".")
    if len(whole) > 1 and whole.startswith("0") and not decimals:
        return english_digits(whole)
    return cardinal_words(whole or "0") + (" point " + english_digits(decimals) if decimals else "")


def ordinal(digits: str) -> str:
    head, _, last = cardinal_words(digits).rpartition(" ")
    if last in _ORDINALS:
        last = _ORDINALS[last]
    elif last.endswith("y"):
        last = last[:-1] + "ieth"
    else:
        last += "th"
    return (head + " " + last).strip()


def year(digits: str) -> str:
    """1999 → nineteen ninety nine, 2005 → two thousand five, 1905 → nineteen oh five."""
    high, low = digits[:2], digits[2:]
    if digits[1:3] == "00" or len(digits) != 4:
        return cardinal_words(digits)
    if low == "00":
        return cardinal_words(high) + " hundred"
    return cardinal_words(high) + (" oh " if low[0] == "0" else " ") + cardinal_words(low)


def _month(name: str) -> str:
    return next(
        (month for month in _MONTHS if month.lower().startswith(name.lower().rstrip(".")[:3])), name
    )


def _plural(number: str, noun: str) -> str:
    if number in ("1", "-1"):
        return noun
    head, _, tail = noun.partition(" ")
    irregular = {
        "foot": "feet",
        "inch": "inches",
        "hertz": "hertz",
        "kilohertz": "kilohertz",
        "megahertz": "megahertz",
    }
    irregular |= {
        "gigahertz": "gigahertz",
        "yen": "yen",
        "won": "won",
        "pence": "pence",
        "square": "square",
        "cubic": "cubic",
    }
    if head in ("square", "cubic", "milliamp", "kilowatt") and tail:
        return f"{head} {tail}s"
    return (irregular.get(head) or head + "s") + (" " + tail if tail else "")


def _money(match: re.Match[str]) -> str:
    unit, small = _MONEY[match["sign"]]
    number = match["n"].replace(",", "")
    if match["scale"]:
        return (
            f"{cardinal(number)} {_SCALES.get(match['scale'], match['scale'])} {_plural('2', unit)}"
        )
    whole, _, cents = number.partition(".")
    if not cents or not small:
        return f"{cardinal(number)} {_plural(number, unit)}"
    said = [f"{cardinal(whole)} {_plural(whole, unit)}"] if int(whole) else []
    if int(cents[:2]):
        count = str(int(cents[:2].ljust(2, "0")))
        said.append(f"{cardinal(count)} {_plural(count, small)}")
    return " ".join(said)


def _clock(match: re.Match[str]) -> str | None:
    hour, minute = int(match["hour"]), int(match["minute"])
    if hour > 24 or minute > 59:
        return None
    half = _half(match["half"])
    if re.search(
        r"(?:score|won|lost|lead|ratio|aspect|beat)\D{0,12}$",
        match.string[max(0, match.start() - 24) : match.start()],
    ):
        return None
    if minute == 0:
        return cardinal(str(hour)) + (half or " o'clock")
    return cardinal(str(hour)) + (" oh " if minute < 10 else " ") + cardinal(str(minute)) + half


def _half(written: str | None) -> str:
    return "" if not written else " " + written.lower().replace(".", "")


def _unit(match: re.Match[str]) -> str:
    return f"{_sign(match)}{cardinal(match['n'])} {_plural(match['n'], UNITS[match['unit']])}"


def _sign(match: re.Match[str]) -> str:
    return "minus " if match["sign"] else ""


def _degrees(match: re.Match[str]) -> str:
    scale = {"C": " Celsius", "F": " Fahrenheit"}.get(
        match["scale"][-1].replace("℃", "C").replace("℉", "F"), ""
    )
    return f"{_sign(match)}{cardinal(match['n'])} {_plural(match['n'], 'degree')}{scale}"


def _fraction(match: re.Match[str]) -> str | None:
    top, bottom = int(match[1]), int(match[2])
    if not 0 < top < bottom or bottom > 100:
        return None
    name = {2: "half", 4: "quarter"}.get(bottom, ordinal(match[2]))
    return f"{cardinal(match[1])} {name if top == 1 else name.replace('half', 'halve') + 's'}"


def _date(match: re.Match[str]) -> str | None:
    month, day = int(match["m"]), int(match["d"])
    if not (1 <= month <= 12 and 1 <= day <= 31):
        return None
    return f"{_MONTHS[month - 1]} {ordinal(str(day))} {year(match['y'])}"


def _month_day(match: re.Match[str]) -> str | None:
    if int(match["day"]) > 31:
        return None
    tail = " " + year(match["year"]) if match["year"] else ""
    return f"{_month(match['month'])} {ordinal(match['day'])}{tail}"


def _digits(match: re.Match[str]) -> str:
    groups = re.findall(r"\d+", match.group())
    plus = "plus " if match.group().startswith("+") else ""
    return plus + ", ".join(english_digits(group, "oh") for group in groups)


def _code(match: re.Match[str]) -> str | None:
    before = match.string[max(0, match.start() - 14) : match.start()]
    return english_digits(match.group(), "oh") if _CODE.search(before) else None


def _version(match: re.Match[str]) -> str:
    parts = match["n"].split(".")
    if len(parts) == 4:
        return " dot ".join(english_digits(part) for part in parts)
    lead = "version " if match["v"] else ""
    return lead + " point ".join(cardinal(part) for part in parts)


def _pairs(digits: str) -> str:
    """1080 → ten eighty, 720 → seven twenty, 4090 → forty ninety, 5000 → five thousand."""
    if digits.endswith("00"):
        return cardinal(digits)
    return f"{cardinal(digits[:-2])} {cardinal(digits[-2:])}"


def _decade(match: re.Match[str]) -> str:
    head = year(match[1] + match[2] + "0") if match[1] else cardinal(match[2] + "0")
    return head[:-1] + "ies" if head.endswith("y") else head + "s"


def _abbreviation(match: re.Match[str]) -> str | None:
    return _ABBREVIATIONS.get(match.group().lower())


def _slang(match: re.Match[str]) -> str | None:
    return _SLANG.get(match.group().lower())


_OPERATORS = {
    "+": "plus", "×": "times", "*": "times", "÷": "divided by", "/": "divided by", "=": "equals", "<": "less than", ">": "greater than",
    "-": "minus", "−": "minus",
}  # fmt: skip
_UNIT_NAMES = "|".join(sorted(map(re.escape, UNITS), key=len, reverse=True))
_WORDS = sorted({*_SLANG}, key=len, reverse=True)
_SIGNS = {
    ".": " dot ",
    "/": " slash ",
    "@": " at ",
    "-": " dash ",
    "_": " underscore ",
    ":": " colon ",
    "+": " plus ",
}
_YEAR = r"(?:1[1-9]|20)\d{2}"
_YEAR_BEFORE = r"(?:(?<=in )|(?<=In )|(?<=since )|(?<=Since )|(?<=by )|(?<=until )|(?<=from )|(?<=of )|(?<=year )|(?<=before )|(?<=after )|(?<=during )|(?<=to ))"

RULES: list[Rule] = [
    *web.rules(_SIGNS, {d: f" {english_digits(d)} " for d in "0123456789"}, www=True),
    rule(
        r"(?<![A-Za-z])(?:Dr|Mr|Mrs|Ms|Prof|St|vs|e\.g|i\.e|etc|approx|Jr|Sr|feat|ft|dept|Ave)\.(?=\s|$|[,;])|(?<!\w)vs(?!\w)|(?<!\w)w/o?(?=\s)",
        _abbreviation,
        re.I,
    ),
    rule(r"(?<![\w'])(?:" + "|".join(_WORDS) + r")(?![\w'])", _slang, re.I),
    rule(r"(?i)(?<!\w)No\.\s?(?=\d)", "number "),
    rule(r"(?i)(?<![A-Za-z])(?:ha){2,30}h{0,9}(?![A-Za-z])", "ha ha ha"),
    rule(r"(?i)(?<![A-Za-z])(?:he){2,30}h{0,9}(?![A-Za-z])", "heh heh"),
    # dates and times
    rule(r"(?<![\d.])(?P<y>\d{4})([-/.])(?P<m>\d{1,2})\2(?P<d>\d{1,2})(?![\d.]*\d)", _date),
    rule(
        rf"(?<![A-Za-z]){_MONTH}\s(?P<day>\d{{1,2}})(?:st|nd|rd|th)?(?:,?\s(?P<year>{_YEAR}))?(?![\d:])",
        _month_day,
    ),
    rule(
        rf"(?<![\d.])(?P<day>\d{{1,2}})\s{_MONTH}(?:,?\s(?P<year>{_YEAR}))?(?!\w)",
        lambda m: (
            f"{ordinal(m['day'])} {_month(m['month'])}"
            + (" " + year(m["year"]) if m["year"] else "")
        ),
    ),
    rule(
        rf"(?<![A-Za-z]){_MONTH}\s(?P<year>{_YEAR})(?!\d)",
        lambda m: f"{_month(m['month'])} {year(m['year'])}",
    ),
    rule(r"(?<![\d.])([12]\d)?(\d)0s(?![A-Za-z])", _decade),
    rule(
        rf"(?<![\d.,]){_YEAR_BEFORE}(?:{_YEAR})(?![\d,]|\.\d|\s?[%A-Za-z]*(?:people|dollars))",
        lambda m: year(m.group()),
    ),
    rule(
        r"(?<![\d.:])(?P<hour>\d{1,2}):(?P<minute>\d{2})(?:\s?(?P<half>[aApP]\.?[mM]\.?(?!\w)))?(?![\d:])",
        _clock,
    ),
    rule(
        r"(?<![\d.:])(\d{1,2})\s?([aApP]\.?[mM])(?:\.|(?!\w))",
        lambda m: cardinal(m[1]) + _half(m[2]),
    ),
    rule(
        r"(?<![\d.:])(\d{1,3}):(\d{1,3})(?![\d:])",
        lambda m: f"{cardinal(m[1])} to {cardinal(m[2])}",
    ),
    # codes
    rule(r"(?<![\d.])\+\d{1,3}(?:[- ]\d{2,4}){2,4}(?!\d)", _digits),
    rule(
        r"(?<![\d.])\(\d{3}\)\s?\d{3}-\d{4}(?!\d)|(?<![\d.\-])(?:\d{3}-)?\d{3}-\d{4}(?!\d)", _digits
    ),
    rule(r"(?<![\d.])\d{3,12}(?![\d.,])", _code),
    rule(r"(?<![\d.A-Za-z])(?P<v>[vV])?(?P<n>\d{1,4}(?:\.\d{1,6}){2,5})(?![.\d]*\d)", _version),
    rule(r"(?<![A-Za-z])v(?=\d)", "version "),
    rule(r"(?<!\w)#(?=\d)", "number "),
    rule(
        r"(?<![\d.])(?:1080|1440|2160|720|540|480|360)(?=[pi](?![A-Za-z]))",
        lambda m: _pairs(m.group()) + " ",
    ),
    rule(r"(?:(?<=[RG]TX)|(?<=[RG]TX\s)|(?<=RX\s))(\d{4})(?!\d)", lambda m: " " + _pairs(m[1])),
    rule(rf"(?P<n>{_DECIMAL})(?P<k>M)(?![\w])", lambda m: cardinal(m["n"]) + " million"),
    # amounts
    rule(
        rf"(?P<sign>[$£€¥₩])\s?(?P<n>{_DECIMAL})(?:\s?(?P<scale>thousand|million|billion|trillion|bn|[kKMBT](?![A-Za-z])))?",
        _money,
    ),
    rule(
        rf"(?P<sign>(?<!\w)[-−])?(?P<n>{_DECIMAL})\s?%",
        lambda m: _sign(m) + cardinal(m["n"]) + " percent",
    ),
    rule(
        rf"(?P<sign>(?<!\w)[-−])?(?P<n>{_DECIMAL})\s?(?P<scale>°\s?[CF](?![A-Za-z])|℃|℉|°)",
        _degrees,
    ),
    rule(r"(?<![\d.])(\d)'(\d{1,2})\"", lambda m: f"{cardinal(m[1])} foot {cardinal(m[2])}"),
    rule(
        rf"(?P<sign>(?<!\w)[-−])?(?P<n>{_DECIMAL})\s?(?P<unit>{_UNIT_NAMES})(?![A-Za-z²³'])(?<!\d in)(?<!\d\sin)",
        _unit,
    ),
    rule(r"(?<![\d.])(\d{1,30})(?:st|nd|rd|th)(?![A-Za-z])", lambda m: ordinal(m[1])),
    rule(r"(?<![\d./])(\d{1,3})/(\d{1,3})(?![\d/.])", _fraction),
    rule(
        r"[½¼¾]", lambda m: {"½": "one half", "¼": "one quarter", "¾": "three quarters"}[m.group()]
    ),
    rule(r"(?<![\d.])(\d{1,4})[xX](?![\w])", lambda m: cardinal(m[1]) + " times"),
    rule(r"[①-⑳]", lambda m: f" {cardinal_words(str(ord(m.group()) - 0x245F))} "),
    # sums, ranges
    rule(r"(?<=\w)[²³]", lambda m: {"²": " squared", "³": " cubed"}[m.group()]),
    rule(
        r"(?:(?<=[\w)])|(?<=[\w)]\s))([+×*÷=<>/])\s?(?=[\w(\-])",
        lambda m: (
            f" {_OPERATORS[m[1]]} "
            if m[1] != "/" or re.match(r"\s?\d+\s?=", m.string[m.end() : m.end() + 12])
            else None
        ),
    ),
    rule(r"(?:(?<=\d)|(?<=\d\s))([-−])\s?(?=\d{1,20}\s?=)", " minus "),
    rule(r"(?:(?<=\d)|(?<=\d\s))[-–—~]\s?(?=\d)", " to "),
    rule(r"(?:(?<=[A-Za-z])|(?<=[A-Za-z]\s))&\s?(?=[A-Za-z])", " and "),
    rule(r"(?<!\w)@(?=\w)", "at "),
    rule(rf"(?<!\w)[-−](?P<n>{_DECIMAL})", lambda m: "minus " + cardinal(m["n"])),
    rule(r"(?<!\w)\+(?=\d)", "plus "),
    rule(
        rf"(?P<n>{_DECIMAL})(?P<k>[kK](?!\w))?",
        lambda m: (
            f" {cardinal(m['n'])}"
            + (" k" if m["k"] else "")
            + (" " if m.string[m.end() : m.end() + 1].isalpha() else "")
        ),
    ),
]
