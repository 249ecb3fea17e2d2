"""Numbers and signs in Korean text to hangul: native numerals before native counters, Sino-Korean elsewhere."""

from __future__ import annotations

import re

from . import web
from .numerals import korean, korean_digits, korean_native
from .rewriting import Rule, rule
from .units import KOREAN as UNITS

TRIGGER = re.compile(r"[0-9₩￦$€£¥￥%℃°\-−+=×÷<>&@~ㄱ-ㅣ①-⑳]")
_N = r"\d{1,3}(?:,\d{3}){1,6}(?!\d)|\d{1,60}"
_DECIMAL = rf"(?:{_N})(?:\.\d{{1,30}})?"
_NATIVE = (
    "시간|시(?!리즈|장|도|간)|살|개월째|개(?!월|국|년)|마리|명|사람|권|잔|병|번째|번(?=[이만을은도 ]|이나)|가지|벌|켤레|송이|그루|대|채|"
    "척|자루|장(?!면)|달|군데|판|모금|조각|쌍|통|줄|곡|칸|바퀴|그릇|숟가락|상자|포기|알|봉지|끼|걸음|방울|톨|다발|묶음|배(?=[는가로의 ])|접시|번"
)
_MONEY = {"₩": "원", "￦": "원", "$": "달러", "€": "유로", "£": "파운드", "¥": "엔", "￥": "엔"}
_JAMO = {
    "ㅇㅋ": "오키", "ㄱㅅ": "감사", "ㅇㅇ": "응응", "ㄴㄴ": "노노", "ㅇㅈ": "인정", "ㄱㄱ": "고고", "ㅊㅋ": "축하", "ㄹㅇ": "리얼", "ㅅㄱ": "수고",
    "ㅈㅅ": "죄송", "ㅂㅂ": "바이바이", "ㅂㅇ": "바이", "ㅎㅇ": "하이", "ㄷㄷ": "덜덜", "ㅁㄹ": "몰라", "ㅇㄷ": "어디", "ㄱㄷ": "기다려", "ㅇㅎ": "아하",
    "ㅊㅊ": "추천", "ㄴㅇㅅ": "나이스", "ㄱㅊ": "괜찮아", "ㅇㄴ": "아니", "ㅈㅂ": "제발", "ㅃㅃ": "빠빠",
}  # fmt: skip
_OPERATORS = {
    "+": "더하기",
    "-": "빼기",
    "−": "빼기",
    "×": "곱하기",
    "*": "곱하기",
    "÷": "나누기",
    "=": "는",
    "<": "작다",
    ">": "크다",
}


def cardinal(number: str) -> str:
    whole, _, decimals = number.replace(",", "").partition(".")
    if len(whole) > 1 and whole.startswith("0") and not decimals:
        return korean_digits(whole)
    return korean(whole) + (" 점 " + korean_digits(decimals, "영") if decimals else "")


def _signed(match: re.Match[str]) -> str:
    return ("마이너스 " if match["sign"] else "") + cardinal(match["n"])


def _counted(match: re.Match[str]) -> str | None:
    return korean_native(match[1]) + " " if len(match[1]) < 3 else None


def _clock(match: re.Match[str]) -> str | None:
    hour, minute = int(match[1]), int(match[2])
    if hour > 24 or minute > 59:
        return None
    return _hour(match[1]) + " 시" + (f" {korean(str(minute))} 분" if minute else "")


def _hour(hour: str) -> str:
    return korean_native(hour) if 1 <= int(hour) <= 12 else korean(hour)


def _month(number: int) -> str:
    return {6: "유", 10: "시"}.get(number) or korean(str(number))


def _date(match: re.Match[str]) -> str | None:
    month, day = int(match["month"]), int(match["day"])
    if not (1 <= month <= 12 and 1 <= day <= 31):
        return None
    return f"{korean(match['year'])} 년 {_month(month)}월 {korean(str(day))} 일"


def _groups(match: re.Match[str]) -> str:
    return " ".join(korean_digits(group) for group in re.findall(r"\d+", match.group()))


def _fraction(match: re.Match[str]) -> str | None:
    return (
        f"{korean(match[2])}분의 {korean(match[1])}" if 0 < int(match[1]) < int(match[2]) else None
    )


def _laugh(match: re.Match[str]) -> str:
    return {"ㅋ": "크", "ㅎ": "흐"}[match.group()[0]] * min(3, len(match.group()))


_UNIT_NAMES = "|".join(sorted(map(re.escape, UNITS), key=len, reverse=True))
_SIGNS = {
    ".": " 닷 ",
    "/": " 슬래시 ",
    "@": " 골뱅이 ",
    "-": " 하이픈 ",
    "_": " 밑줄 ",
    ":": " 콜론 ",
    "+": " 플러스 ",
}

RULES: list[Rule] = [
    *web.rules(_SIGNS, {d: korean_digits(d) for d in "0123456789"}),
    rule(r"ㅋ{1,60}|ㅎ{1,60}", _laugh),
    rule(
        "|".join(sorted(_JAMO, key=len, reverse=True)) + r"(?![ㄱ-ㅎ])",
        lambda m: _JAMO.get(m.group()),
    ),
    rule(r"[ㅠㅜㅡ]{1,60}", " "),
    rule(
        r"(?<![\d.])(?P<year>\d{4})([-/.])\s?(?P<month>\d{1,2})\2\s?(?P<day>\d{1,2})(?![\d.]*\d)\.?",
        _date,
    ),
    rule(r"(?<![\d.])(\d{1,2})월", lambda m: _month(int(m[1])) + "월"),
    rule(r"(?<![\d.:])(\d{1,2}):(\d{2})(?![\d:])", _clock),
    rule(r"(?<![\d.:])(\d{1,3}):(\d{1,3})(?![\d:])", lambda m: f"{korean(m[1])} 대 {korean(m[2])}"),
    rule(r"(?<![\d.])0\d{1,2}[- ]\d{3,4}[- ]\d{4}(?!\d)", _groups),
    rule(
        r"(?<![\d.])(?:11[0-9]|12[0-9]|13[0-9])(?=에 (?:신고|전화)|로 (?:신고|전화)|번에 (?:신고|전화))",
        _groups,
    ),
    rule(r"(?<![\d.])24(?=시간)", "이십사 "),
    rule(r"(?<![\d.])(1[3-9]|2[0-4]|0)\s?(?=시(?!간))", lambda m: korean(m[1]) + " "),
    rule(
        r"(?<![\d.])(\d{1,9})(?=번\s?(?:출구|버스|국도|방|문제|홈|게이트|타자|선수|트랙))",
        lambda m: korean(m[1]) + " ",
    ),
    rule(rf"(?<![\d.,/])(\d{{1,2}})\s?(?={_NATIVE})", _counted),
    rule(
        r"\$\s?(\d{1,9})\.(\d\d)(?!\d)",
        lambda m: f"{korean(m[1])} 달러" + (f" {korean(m[2])} 센트" if int(m[2]) else ""),
    ),
    rule(
        rf"(?P<sign>[₩￦$€£¥￥])\s?(?P<n>{_DECIMAL})(?P<scale>[만억천]?)",
        lambda m: cardinal(m["n"]) + m["scale"] + " " + _MONEY[m["sign"]],
    ),
    rule(rf"(?P<sign>(?<!\w)[-−])?(?P<n>{_DECIMAL})\s?[%％]", lambda m: _signed(m) + " 퍼센트"),
    rule(
        rf"(?P<sign>(?<!\w)[-−])?(?P<n>{_DECIMAL})\s?(?:℃|°C)",
        lambda m: "섭씨 " + ("영하 " if m["sign"] else "") + cardinal(m["n"]) + " 도",
    ),
    rule(rf"(?<!\w)[-−](?P<n>{_DECIMAL})\s?(?=도)", lambda m: "영하 " + cardinal(m["n"]) + " "),
    rule(
        rf"(?P<sign>(?<!\w)[-−])?(?P<n>{_DECIMAL})\s?(?P<unit>{_UNIT_NAMES})(?![A-Za-z²³])",
        lambda m: _signed(m) + " " + UNITS[m["unit"]],
    ),
    rule(r"(?<![\d./])(\d{1,4})/(\d{1,4})(?![\d/.])", _fraction),
    rule(r"(?<=[\d일월년시분%])\s?[-~～–]\s?(?=\d)", "에서 "),
    rule(r"(?:(?<=[\w)])|(?<=[\w)]\s))([+×÷=*<>])\s?(?=[\w(])", lambda m: f" {_OPERATORS[m[1]]} "),
    rule(r"(?:(?<=[A-Za-z])|(?<=[A-Za-z]\s))&\s?(?=[A-Za-z])", " 앤 "),
    rule(rf"(?<!\w)(?P<sign>[-−])(?P<n>{_DECIMAL})", _signed),
    rule(rf"(?P<n>{_DECIMAL})", lambda m: cardinal(m["n"])),
    rule(r"[①-⑳]", lambda m: korean(str(ord(m.group()) - 0x245F))),
]
