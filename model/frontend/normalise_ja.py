"""Numbers and signs in Japanese text to the kanji and kana people say for them; Open JTalk reads the counters."""

from __future__ import annotations

import re

from . import web
from .numerals import japanese
from .rewriting import Rule, rule
from .units import JAPANESE as UNITS

TRIGGER = re.compile(r"[0-9A-Za-zｗ¥￥$€£₩%±√½¼¾#@\-+=×÷<>−~〜～°℃乙草空辛何(（①-⑳]")
_N = r"\d{1,3}(?:,\d{3}){1,6}(?!\d)|\d{1,60}"
_DECIMAL = rf"(?:{_N})(?:\.\d{{1,30}})?"
_MONEY = {"¥": "円", "￥": "円", "$": "ドル", "€": "ユーロ", "£": "ポンド", "₩": "ウォン"}
_PHONE_DIGITS = ("ゼロ", "イチ", "ニ", "サン", "ヨン", "ゴ", "ロク", "ナナ", "ハチ", "キュー")
_DAYS = {
    1: "ついたち", 2: "ふつか", 3: "みっか", 4: "よっか", 5: "いつか", 6: "むいか", 7: "なのか", 8: "ようか", 9: "ここのか", 10: "とおか",
    14: "じゅうよっか", 20: "はつか", 24: "にじゅうよっか",
}  # fmt: skip
_MONTHS = {4: "しがつ", 7: "しちがつ", 9: "くがつ"}
_THINGS = (
    "",
    "ひとつ",
    "ふたつ",
    "みっつ",
    "よっつ",
    "いつつ",
    "むっつ",
    "ななつ",
    "やっつ",
    "ここのつ",
)
_OPERATORS = {
    "+": "たす",
    "-": "ひく",
    "−": "ひく",
    "×": "かける",
    "*": "かける",
    "÷": "わる",
    "=": "イコール",
    "<": "小なり",
    ">": "大なり",
}


def cardinal(number: str) -> str:
    whole, _, decimals = number.replace(",", "").partition(".")
    if len(whole) > 1 and whole.startswith("0") and not decimals:
        return digits(whole)
    if not decimals:
        return japanese(whole)
    head = (
        "れい"
        if set(whole) <= {"0"}
        else "にー"
        if whole == "2"
        else "ごー"
        if whole == "5"
        else japanese(whole)
    )
    return head + "てん" + "".join(_PHONE_DIGITS[int(d)] if d != "0" else "ゼロ" for d in decimals)


def digits(text: str) -> str:
    return "".join(_PHONE_DIGITS[int(digit)] for digit in text)


def _signed(match: re.Match[str]) -> str:
    return ("マイナス" if match["sign"] else "") + cardinal(match["n"])


def _day(number: int) -> str:
    return _DAYS.get(number) or japanese(str(number)) + "にち"


def _date(match: re.Match[str]) -> str | None:
    month, day = int(match["month"]), int(match["day"])
    if not (1 <= month <= 12 and 1 <= day <= 31):
        return None
    year = match.groupdict().get("year")
    return (japanese(year) + "年" if year else "") + _month(month) + _day(day)


def _month(month: int) -> str:
    return _MONTHS.get(month) or japanese(str(month)) + "月"


def _day_of_month(match: re.Match[str]) -> str | None:
    return _day(int(match[1])) if 1 <= int(match[1]) <= 31 else None


def _clock(match: re.Match[str]) -> str | None:
    hour, minute = int(match[1]), int(match[2])
    if hour > 24 or minute > 59:
        return None
    return f"{japanese(match[1])}時" + (f"{japanese(str(minute))}分" if minute else "")


def _fraction(match: re.Match[str]) -> str | None:
    top, bottom = int(match[1]), int(match[2])
    return f"{japanese(match[2])}ぶんの{japanese(match[1])}" if 0 < top < bottom else None


def _groups(match: re.Match[str]) -> str:
    return "、".join(digits(group) for group in re.findall(r"\d+", match.group()))


def _neighbours(match: re.Match[str]) -> str | None:
    """2〜3日: two numbers side by side, an estimate."""
    if int(match[2]) != int(match[1]) + 1:
        return None
    return f"{japanese(match[1])}、{japanese(match[2])}" + ("にち" if match[3] else "")


# The sound before a voiceless consonant of a unit (Vance 2008, §5.3): 十センチ is ジュッセンチ.
_HARD = {
    "十": ("ジュッ", "カキクケコサシセソタチツテトパピプペポ"),
    "百": ("ヒャッ", "カキクケコパピプペポ"),
    "六": ("ロッ", "カキクケコパピプペポ"),
}
_HARD |= {"一": ("イッ", "サシセソタチツテト"), "八": ("ハッ", "サシセソタチツテト")}


def _before(number: str, unit: str) -> str:
    short, consonants = _HARD.get(number[-1:], ("", ""))
    return number[:-1] + short if short and unit[0] in consonants else number


_UNIT_NAMES = "|".join(sorted(map(re.escape, UNITS), key=len, reverse=True))
_SIGNS = {
    ".": "ドット",
    "/": "スラッシュ",
    "@": "アットマーク",
    "-": "ハイフン",
    "_": "アンダーバー",
    ":": "コロン",
    "+": "プラス",
}

RULES: list[Rule] = [
    *web.rules(_SIGNS, {d: _PHONE_DIGITS[int(d)] for d in "0123456789"}),
    rule(
        r"(?<![A-Za-z0-9])(?:w{1,60}|ｗ{1,60})(?![A-Za-z0-9.])",
        lambda m: "わら" if len(m.group()) == 1 else "わらわら",
    ),
    rule(r"(?<![\d.])8{4,60}(?![\d.円年人])", "パチパチパチ"),
    rule(
        r"[(（](笑|泣|爆|汗|怒|照|涙)[)）]",
        lambda m: (
            "かっこ"
            + {
                "笑": "わらい",
                "泣": "なき",
                "爆": "ばく",
                "汗": "あせ",
                "怒": "いかり",
                "照": "てれ",
                "涙": "なみだ",
            }[m[1]]
        ),
    ),
    rule(r"(?<![一-龥])乙(?=$|[。、!！?？\sでーww])", "おつ"),
    rule(r"(?<![一-龥])草(?=$|[。、!！?？\swｗ])", "くさ"),
    rule(r"(?:(?<=腹が)|(?<=腹も)|(?<=なかが)|(?<=なかも)|(?<=お腹))空(?=[いくけきか])", "す"),
    rule(
        r"辛(?=い(?:ラーメン|カレー|料理|食|もの|物|味|キムチ|麻婆|スープ|ソース|鍋|お菓子|スナック|チキン|味噌|の(?:が好|は苦手)))",
        "から",
    ),
    rule(r"(?<![\d.])10分間", "じゅっぷんかん"),
    rule(r"(?<![\d.])10分(?!の)", "じゅっぷん"),
    rule(r"(?<=[\d日])[(（]([月火水木金土日])[)）]", lambda m: f"、{m[1]}曜日、"),
    rule(r"何(?=曜日)", "なん"),
    rule(r"No\.\s?1(?!\d)", "ナンバーワン"),
    rule(r"No\.\s?(?=\d)", "ナンバー"),
    rule(r"(?i)Ver\.?\s?(?=\d)", "バージョン"),
    rule(
        r"(?<![\d.])(?P<year>\d{4})([-/.])(?P<month>\d{1,2})\2(?P<day>\d{1,2})(?![\d.]*\d)", _date
    ),
    rule(r"(?<![\d.])(?P<month>\d{1,2})月(?P<day>\d{1,2})日(?!間)", _date),
    rule(r"(?<![\d.])(?P<month>\d{1,2})/(?P<day>\d{1,2})(?=[(（に]|から|まで)", _date),
    rule(r"(?<![\d.])([1-9]|1[0-2])月(?!間)", lambda m: _month(int(m[1]))),
    rule(
        r"(?<![\d.])([1-9])\s?[-〜~～]\s?([1-9])(日(?!月)|(?=[年時分人個本枚匹回週歳]))",
        _neighbours,
    ),
    rule(r"(?<![\d.])(\d{1,2})日(?=間|後|前|目)", lambda m: japanese(m[1]) + "日"),
    rule(r"(?<![\d.])(\d{1,2})日(?!中)", _day_of_month),
    rule(r"(?<![\d.:])(\d{1,2}):(\d{2})(?![\d:])", _clock),
    rule(
        r"(?<![\d.:])(\d{1,3}):(\d{1,3})(?![\d:])",
        lambda m: f"{japanese(m[1])}たい{japanese(m[2])}",
    ),
    rule(r"(?<![\d.])0\d{1,3}-\d{2,4}-\d{3,4}(?!\d)", _groups),
    rule(r"(?<!\d)110番", "ひゃくとおばん"),
    rule(r"(?<![\d.])([1-9])つ(?!き|づ|つ)", lambda m: _THINGS[int(m[1])]),
    rule(r"(?<![\d.])20歳(?!代)", "はたち"),
    rule(r"(?<![\d.])1人(?!前|称|当)", "ひとり"),
    rule(r"(?<![\d.])2人(?!前|称|三脚)", "ふたり"),
    rule(
        rf"(?P<sign>[¥￥$€£₩])\s?(?P<n>{_DECIMAL})(?P<scale>[万億]?)",
        lambda m: cardinal(m["n"]) + m["scale"] + _MONEY[m["sign"]],
    ),
    rule(
        rf"(?P<sign>(?<!\w)[-−])?(?P<n>{_DECIMAL})\s?[%％]",
        lambda m: _before(_signed(m), "パーセント") + "パーセント",
    ),
    rule(rf"(?P<sign>(?<!\w)[-−])?(?P<n>{_DECIMAL})\s?(?:℃|°C|°)", lambda m: _signed(m) + "度"),
    rule(
        rf"(?P<sign>(?<!\w)[-−])?(?P<n>{_DECIMAL})\s?(?P<unit>{_UNIT_NAMES})(?![A-Za-z²³])",
        lambda m: _before(_signed(m), UNITS[m["unit"]]) + UNITS[m["unit"]],
    ),
    rule(r"(?<![\d./])(\d{1,4})/(\d{1,4})(?![\d/.])", _fraction),
    rule(
        r"(?<![\d.])(?P<n>\d{1,4}(?:\.\d{1,6}){2,5})(?![.\d]*\d)",
        lambda m: "てん".join(japanese(part) for part in m["n"].split(".")),
    ),
    rule(r"(?<=[\d日月年時分円%])\s?[-〜~～–]\s?(?=\d)", "から"),
    rule(r"(?:(?<=[\w)）])|(?<=[\w)）]\s))([+×÷=*<>])\s?(?=[\w(（])", lambda m: _OPERATORS[m[1]]),
    rule(r"(?:(?<=\d)|(?<=\d\s))[-−]\s?(?=\d{1,20}\s?=)", "ひく"),
    rule(r"(?:(?<=[A-Za-z])|(?<=[A-Za-z]\s))&\s?(?=[A-Za-z])", "アンド"),
    rule(rf"(?<!\w)(?P<sign>[-−])(?P<n>{_DECIMAL})", _signed),
    rule(rf"(?P<n>{_DECIMAL})", lambda m: cardinal(m["n"])),
    rule(r"[①-⑳]", lambda m: japanese(str(ord(m.group()) - 0x245F))),
]
