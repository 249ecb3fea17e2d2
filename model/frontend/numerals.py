"""Cardinal numbers in words, in four languages. All take a string of ASCII digits of any length."""

from __future__ import annotations

HAN_DIGITS = "零一二三四五六七八九"
_HAN_GROUPS = ("", "万", "亿", "兆")
_KANJI_GROUPS = ("", "万", "億", "兆", "京")
_HANGUL_DIGITS = "영일이삼사오육칠팔구"
_HANGUL_GROUPS = ("", "만", "억", "조", "경")
_ONES = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
]
_TENS = ["_", "_", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
_SCALES = ("", "thousand", "million", "billion", "trillion", "quadrillion")
MAX_DIGITS = 16  # longer strings are said digit by digit


def chinese_digits(digits: str, one: str = "一") -> str:
    """Digit by digit: years, codes, telephone numbers (there ``one`` is 幺)."""
    return "".join(one if d == "1" else HAN_DIGITS[int(d)] for d in digits)


def chinese(digits: str) -> str:
    """1234 → 一千二百三十四, 100001 → 十万零一, 20000 → 二万."""
    digits = digits.lstrip("0") or "0"
    if len(digits) > MAX_DIGITS:
        return chinese_digits(digits)
    if digits == "0":
        return "零"
    said, gap = "", False
    groups = _groups(digits)
    for power in range(len(groups) - 1, -1, -1):
        value = groups[power]
        if value == 0:
            gap = bool(said)
            continue
        if said and (gap or value < 1000):
            said += "零"
        said += _chinese_group(value, first=not said) + _HAN_GROUPS[power]
        gap = False
    return said


def _groups(digits: str) -> list[int]:
    return [int(digits[max(0, end - 4) : end]) for end in range(len(digits), 0, -4)]


def _chinese_group(value: int, *, first: bool) -> str:
    said, gap = "", False
    for unit, name in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit = value // unit % 10
        if digit == 0:
            gap = bool(said)
            continue
        if gap:
            said += "零"
            gap = False
        said += (
            "" if unit == 10 and digit == 1 and not said and first else HAN_DIGITS[digit]
        ) + name
    return said


def japanese_digits(digits: str) -> str:
    return "".join("ゼロ" if d == "0" else HAN_DIGITS[int(d)] for d in digits)


def japanese(digits: str) -> str:
    """Kanji numerals: 1234 → 千二百三十四, 0 → ゼロ."""
    digits = digits.lstrip("0") or "0"
    if len(digits) > MAX_DIGITS:
        return japanese_digits(digits)
    said = ""
    groups = _groups(digits)
    for power in range(len(groups) - 1, -1, -1):
        value = groups[power]
        if value:
            said += (
                _sino(value, HAN_DIGITS, "千百十", keep_one=power > 0 and value == 1)
            ) + _KANJI_GROUPS[power]
    return said or "ゼロ"


def _sino(value: int, names: str, units: str, *, keep_one: bool) -> str:
    said = ""
    for unit, name in ((1000, units[0]), (100, units[1]), (10, units[2])):
        digit = value // unit % 10
        if digit:
            said += ("" if digit == 1 else names[digit]) + name
    ones = value % 10
    return said + (names[ones] if ones and (value > 1 or keep_one or value == 1) else "")


def korean_digits(digits: str, zero: str = "공") -> str:
    return "".join(zero if d == "0" else _HANGUL_DIGITS[int(d)] for d in digits)


def korean(digits: str) -> str:
    """Sino-Korean: 1234 → 천이백삼십사, 10000 → 만."""
    digits = digits.lstrip("0") or "0"
    if len(digits) > MAX_DIGITS:
        return korean_digits(digits)
    said = ""
    groups = _groups(digits)
    for power in range(len(groups) - 1, -1, -1):
        value = groups[power]
        if value:
            bare = power == 1 and value == 1 and not said
            said += (
                "" if bare else _sino(value, _HANGUL_DIGITS, "천백십", keep_one=True)
            ) + _HANGUL_GROUPS[power]
    return said or "영"


_NATIVE_ONES = ("", "한", "두", "세", "네", "다섯", "여섯", "일곱", "여덟", "아홉")
_NATIVE_TENS = ("", "열", "스물", "서른", "마흔", "쉰", "예순", "일흔", "여든", "아흔")


def korean_native(digits: str) -> str:
    """The native numeral before a counter: 3 → 세, 20 → 스무, 21 → 스물한; Sino-Korean from 100 on."""
    value = int(digits) if len(digits) < 4 else 100
    if not 0 < value < 100:
        return korean(digits)
    if value == 20:
        return "스무"
    return _NATIVE_TENS[value // 10] + _NATIVE_ONES[value % 10]


def english(digits: str) -> str:
    """1234 → one thousand two hundred thirty-four (with a blank for the hyphen)."""
    digits = digits.lstrip("0") or "0"
    if len(digits) > MAX_DIGITS:
        return english_digits(digits)
    if digits == "0":
        return "zero"
    value, said = int(digits), []
    for power in range(len(_SCALES) - 1, -1, -1):
        part = value // 1000**power % 1000
        if part:
            said.append(_hundreds(part) + (" " + _SCALES[power] if power else ""))
    return " ".join(said)


def _hundreds(value: int) -> str:
    said = [_ONES[value // 100], "hundred"] if value >= 100 else []
    rest = value % 100
    if rest >= 20:
        said.append(_TENS[rest // 10])
        rest %= 10
    if rest:
        said.append(_ONES[rest])
    return " ".join(said)


def english_digits(digits: str, zero: str = "zero") -> str:
    return " ".join(zero if d == "0" else _ONES[int(d)] for d in digits)
