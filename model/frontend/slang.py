"""What people of the net type in the place of words, by language, as it is said aloud."""

from __future__ import annotations

import re

from .numerals import chinese_digits
from .rewriting import Rule, rule

_ALONE = r"(?<![\dA-Za-z.]){}(?![\dA-Za-z.%])"
_QUANTITY = r"(?!\s?(?:个|只|块|元|人|万|亿|千|百|名|次|天|年|米|条|位|岁|度|分钟|秒|页|斤|公里|路|号|楼|班|美|刀))"
_LETTERS = {
    "awsl": "啊我死了", "yyds": "永远的神", "xswl": "笑死我了", "dddd": "懂的都懂", "zqsg": "真情实感", "ssfd": "瑟瑟发抖", "nsdd": "你说得对",
    "bdjw": "不懂就问", "pyq": "朋友圈", "plmm": "漂亮妹妹", "xdm": "兄弟们", "jms": "姐妹们", "gkd": "搞快点",
    "u1s1": "有一说一", "tql": "太强了", "ddl": "截止日期", "yygq": "阴阳怪气", "xhs": "小红书", "zdjd": "真的假的", "bhys": "不好意思",
    "kswl": "磕死我了", "szd": "是真的",
}  # fmt: skip


def _laughs(match: re.Match[str]) -> str:
    return "哈哈哈"


CHINESE: list[Rule] = [
    rule(_ALONE.format("23{2,30}") + _QUANTITY, _laughs),
    rule(r"(?<![A-Za-z])h{3,60}(?![A-Za-z])", _laughs, re.I),
    rule(r"(?<![A-Za-z])w{3,60}(?![A-Za-z.])", _laughs),
    rule(_ALONE.format("6{3,60}") + _QUANTITY, lambda m: "六六六"),
    rule(_ALONE.format("886") + _QUANTITY, lambda m: "拜拜喽"),
    rule(r"(?:(?<=^)|(?<=[\s,，。!！?？~]))88(?=$|[\s,，。!！?？~])", lambda m: "拜拜"),
    rule(
        _ALONE.format("(?:520|1314|5201314|618|996|007|985|211|315|404|1024)") + _QUANTITY,
        lambda m: chinese_digits(m.group()),
    ),
    rule(
        r"(?<![A-Za-z0-9])(?:"
        + "|".join(sorted(_LETTERS, key=len, reverse=True))
        + r")(?![A-Za-z0-9])",
        lambda m: _LETTERS[m.group().lower()],
        re.I,
    ),
]
