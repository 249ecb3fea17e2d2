"""Numbers and signs in Chinese text to the hanzi people say for them."""

from __future__ import annotations

import re

from . import web
from .numerals import HAN_DIGITS, chinese, chinese_digits
from .rewriting import Rule, rule
from .slang import CHINESE
from .units import CHINESE as UNITS

TRIGGER = re.compile(r"[の0-9A-Za-z¥￥$€£₩±√½¼¾⅓⅔%#@\-+=×÷<>≤≥≠≈*^²³℃°①-⑳Ⅰ-Ⅻ&−~∞]")

# Measure words before which 2 is 两 (before others, as in 2楼, 2号, 2月, it is 二).
_MEASURES = (
    "个月|个|只|位|次|块|元|年|天|周|岁|本|条|张|件|把|辆|台|部|家|间|座|棵|朵|头|匹|双|对|套|碗|杯|瓶|盒|包|袋|箱|斤|公斤|千克|克|吨|"
    "米|厘米|公里|千米|里|小时|分钟|秒|刻|种|类|样|群|排|段|句|首|篇|章|节|场|局|轮|遍|趟|回|下|口|眼|声|脚|拳|圈|倍|万|千|亿|人|名|代|"
    "起|份|项|门|届|股|组|架|艘|粒|颗|滴|根|支|枝|片|面|道|堆|串|束|所|点半|点钟|层|步|滴|笔|亩|平方|立方|毫米|毫升|升|夜|晚|边|头牛"
)
_N = r"\d{1,3}(?:,\d{3}){1,6}(?!\d)|\d{1,60}"
_DECIMAL = rf"(?:{_N})(?:\.\d{{1,30}})?"
_NOT_IN_NUMBER = r"(?<![\d.])"
_CODES = (
    "电话|手机|热线|拨打|致电|号码|验证码|密码|房间|房号|房间号|尾号|编号|学号|工号|单号|卡号|门牌|邮编|代码|QQ|QQ号|QQ群|qq|微信|群号|车牌|"
    "航班|Room|room|账号|帐号|分机|口令|UID|uid|ID|id"
)
_CODE_BEFORE = re.compile(rf"(?:{_CODES})(?:号码|号|码)?(?:就是|是|为|改成)?[:：\s]{{0,2}}$")
_STYLE_SIGNS = {"-": "负", "−": "负", "+": "正"}
_MONEY = {"¥": "元", "￥": "元", "$": "美元", "€": "欧元", "£": "英镑", "₩": "韩元"}
_CURRENCY_CODES = {
    "RMB": "人民币",
    "CNY": "人民币",
    "USD": "美元",
    "JPY": "日元",
    "EUR": "欧元",
    "HKD": "港币",
}
_CIRCLED = {chr(0x2460 + i): chinese(str(i + 1)) for i in range(20)} | {
    chr(0x2160 + i): chinese(str(i + 1)) for i in range(12)
}
_FRACTIONS = {"½": "二分之一", "¼": "四分之一", "¾": "四分之三", "⅓": "三分之一", "⅔": "三分之二"}
_SCORE_BEFORE = re.compile(
    r"(?:比分|大比分|比例|画幅|赔率|以|战|胜|负|赢|输|成|平|[队人士])(?:是|为|了|:|：)?\s?$"
)
_SCORE_AFTER = re.compile(
    r"\s?(?:战胜|击败|大胜|险胜|逆转|领先|落后|获胜|取胜|战平|胜|负|的(?:比分|屏|画|比例)|屏|比例|画面|画幅|[^\d\s,，。]{1,4}[队士])"
)
_EMERGENCY = "110|119|120|122|12315|12306|12345|12348|10086|10010|10000|114|911|95588|400"


def cardinal(number: str) -> str:
    """``1,234.50`` → 一千二百三十四点五零; 2 before 千, 万, 亿 and in a round 200 is 两."""
    whole, _, decimals = number.replace(",", "").partition(".")
    if len(whole) > 1 and whole.startswith("0") and not decimals:
        return chinese_digits(whole)
    said = re.sub(r"二(?=[千万亿])(?<!十二)", "两", chinese(whole))
    if re.fullmatch(r"二百[万亿]?", said):
        said = said.replace("二百", "两百")
    return said + ("点" + chinese_digits(decimals) if decimals else "")


def _signed(match: re.Match[str]) -> str:
    return _STYLE_SIGNS.get(match["sign"] or "", "") + cardinal(match["n"])


def _code(match: re.Match[str]) -> str | None:
    if not _CODE_BEFORE.search(match.string, max(0, match.start() - 14), match.start()):
        return None
    if re.match(r"\s?(?:个|次|块|元|万|人)", match.string[match.end() : match.end() + 2]):
        return None
    return digits_one_by_one(match.group())


def digits_one_by_one(text: str) -> str:
    """A telephone number or code: 1 is 幺, groups are parted by a pause."""
    groups = re.split(r"[^\d]+", text.strip("+- "))
    return ("加" if text.startswith("+") else "") + ",".join(
        chinese_digits(g, "幺") for g in groups if g
    )


def _date(match: re.Match[str]) -> str | None:
    month, day = int(match["month"]), int(match["day"])
    if not (1 <= month <= 12 and 1 <= day <= 31):
        return None
    year = match.groupdict().get("year")
    return (
        chinese_digits(year) + "年" if year else ""
    ) + f"{chinese(str(month))}月{chinese(str(day))}日"


def _clock(match: re.Match[str]) -> str | None:
    before, after = (
        match.string[max(0, match.start() - 4) : match.start()],
        match.string[match.end() : match.end() + 6],
    )
    hour, minute, second = match["hour"], match["minute"], match["second"]
    is_score = (
        _SCORE_BEFORE.search(before)
        or _SCORE_AFTER.match(after)
        or int(hour) > 24
        or len(minute) < 2
    )
    if int(minute) > 59 or is_score and second is None:
        return None
    said = _hour(hour) + "点"
    if int(minute) or second:
        said += ("零" if minute[0] == "0" and int(minute) else "") + chinese(minute) + "分"
    return said + (chinese(second) + "秒" if second else "")


def _hour(hour: str) -> str:
    return "两" if int(hour) == 2 else chinese(hour)


def _ratio(match: re.Match[str]) -> str:
    return f"{chinese(match[1])}比{chinese(match[2])}"


def _fraction(match: re.Match[str]) -> str | None:
    top, bottom = int(match[1]), int(match[2])
    if 0 < top < bottom:
        return f"{chinese(match[2])}分之{chinese(match[1])}"
    return None


def _percent(match: re.Match[str]) -> str:
    base = {"%": "百分之", "‰": "千分之"}[match["base"]]
    number = "百" if match["n"] == "100" and match["base"] == "%" else cardinal(match["n"])
    return _STYLE_SIGNS.get(match["sign"] or "", "") + base + number


def _money(match: re.Match[str]) -> str:
    # Nobody says the noughts behind the point of a price.
    number = re.sub(r"(\.\d{0,28}?)0+$", r"\1", match["n"]).rstrip(".")
    amount = cardinal(number) + (match["scale"] or "")
    return re.sub(r"^二(?=[元块])", "两", amount + _MONEY[match["sign"]])


def _degrees(match: re.Match[str]) -> str:
    below = "零下" if match["sign"] else ""
    scale = {"C": "摄氏度", "℃": "摄氏度", "F": "华氏度", "℉": "华氏度"}.get(
        match["scale"][-1:], "度"
    )
    return below + cardinal(match["n"]) + scale


def _unit(match: re.Match[str]) -> str:
    number, unit = cardinal(match["n"]), UNITS[match["unit"]]
    if number == "二" and re.match(rf"(?:{_MEASURES})", unit):
        number = "两"
    return (_STYLE_SIGNS.get(match["sign"] or "", "")) + number + unit


def _version(match: re.Match[str]) -> str:
    parts = match["n"].split(".")
    address = len(parts) == 4
    said = [
        chinese_digits(part) if address or part.startswith("0") else chinese(part) for part in parts
    ]
    return ("v" if match["v"] else "") + "点".join(said)


_OPERATORS = {
    "+": "加", "×": "乘", "*": "乘", "÷": "除以", "=": "等于", "<": "小于", ">": "大于", "≤": "小于等于", "≥": "大于等于",
    "≠": "不等于", "≈": "约等于", "±": "正负", "-": "减", "−": "减", "/": "除以",
}  # fmt: skip


def _operator(match: re.Match[str]) -> str:
    return _OPERATORS[match[1]]


_UNIT_NAMES = "|".join(sorted(map(re.escape, UNITS), key=len, reverse=True))
_SIGNS = {".": "点", "/": "斜杠", "@": "艾特", "-": "杠", "_": "下划线", ":": "冒号", "+": "加"}
_FESTIVAL = r"(?=[\u4e00-\u9fff]{0,3}(?:节|假|放假|号|促销|大促))"

_NUMBER_END = r"(?![\d.]*\d)"

RULES: list[Rule] = [
    *web.rules(_SIGNS, {d: HAN_DIGITS[int(d)] for d in "0123456789"}),
    *CHINESE,
    # dates
    rule(
        rf"{_NOT_IN_NUMBER}(?P<year>\d{{4}})([-/.])(?P<month>\d{{1,2}})\2(?P<day>\d{{1,2}}){_NUMBER_END}日?",
        _date,
    ),
    rule(rf"{_NOT_IN_NUMBER}(?P<month>\d{{1,2}})/(?P<day>\d{{1,2}}){_FESTIVAL}", _date),
    rule(
        rf"{_NOT_IN_NUMBER}(?P<y>[12]\d{{3}}|0\d{{3}})(?P<r>[-~～—–至])(?=[12]\d{{3}}(?:年|赛季|学年|财年))",
        lambda m: chinese_digits(m["y"]) + "到",
    ),
    rule(
        rf"{_NOT_IN_NUMBER}(?:[12]\d00)(?=年(?:前|后|以前|以后|历史|的历史|来))",
        lambda m: cardinal(m.group()),
    ),
    rule(
        rf"(?<!前){_NOT_IN_NUMBER}[12]\d{{3}}(?=\s?年)", lambda m: chinese_digits(m.group().strip())
    ),
    rule(
        rf"{_NOT_IN_NUMBER}(?:0\d|(?<=[于在自从到是])[5-9]\d)(?=年(?!前|后|代|间|多|来|内|的?(?:老|经验|历史|时间)))",
        lambda m: chinese_digits(m.group()),
    ),
    rule(
        rf"{_NOT_IN_NUMBER}(?:00|[5-9][05]|05|10)(?=后(?!天|个|来|面|边|就|再|的))",
        lambda m: chinese_digits(m.group()),
    ),
    rule(rf"{_NOT_IN_NUMBER}0(\d)(?=[月日号](?!楼|线))", lambda m: chinese(m[1])),
    rule(rf"{_NOT_IN_NUMBER}[12]\d{{3}}(?=赛季|学年|财年)", lambda m: chinese_digits(m.group())),
    rule(rf"{_NOT_IN_NUMBER}(\d{{1,2}})·(\d{{1,2}})(?!\d)", lambda m: chinese_digits(m[1] + m[2])),
    # telephone numbers and codes
    rule(r"(?<![\d.])\+\d{1,3}(?:[- ]?\d{2,4}){2,4}(?!\d)", lambda m: digits_one_by_one(m.group())),
    rule(r"(?<![\d.])1[3-9]\d(?:[- ]?\d{4}){2}(?!\d)", lambda m: digits_one_by_one(m.group())),
    rule(
        r"(?<![\d.])(?:0\d{2,3}|400|800)-\d{3,4}-?\d{3,4}(?!\d)",
        lambda m: digits_one_by_one(m.group()),
    ),
    rule(rf"(?<=[打拨叫])(?:{_EMERGENCY})(?!\d)", lambda m: digits_one_by_one(m.group())),
    rule(
        rf"(?<![\d.])(?:{_EMERGENCY})(?=报警|火警|急救|客服|热线|电话)",
        lambda m: digits_one_by_one(m.group()),
    ),
    rule(r"(?<![\d.])\d{2,20}(?![\d.])", _code),
    rule(
        r"(?:(?<=[A-Z][A-Z])|(?<=[A-Z][A-Z][ \-]))\d{4}(?![\d.年])",
        lambda m: chinese_digits(m.group()),
    ),
    rule(
        r"(?:(?<=[A-Z])|(?<=[A-Z][\-·]))-?(\d{3,20})(?![\d.%年万亿])",
        lambda m: chinese_digits(m[1]),
    ),
    rule(r"(?<=[A-Za-z]\d)-(?=\d{3,6}(?!\d))", " "),
    rule(r"(?<=[A-Za-z]\d[- ])\d{3,6}(?!\d)", lambda m: chinese_digits(m.group())),
    rule(r"(?<![\d.])\d{3,4}(?=室|号房)", lambda m: chinese_digits(m.group())),
    rule(
        r"(?<![\d.])(?:360|480|540|720|1080|1440|2160)(?=[pPi](?![A-Za-z]))",
        lambda m: chinese_digits(m.group()),
    ),
    rule(r"(?<![A-Za-z])CO(?=2)", "C O "),
    # times, scores
    rule(
        r"(?<![\dA-Za-z.])(\d{1,3})h(\d{1,2})(?:min|m)?(?![A-Za-z\d])",
        lambda m: f"{cardinal(m[1])}小时{chinese(m[2])}分",
    ),
    rule(
        r"(?<![\d.:])(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>[0-5]\d))?(?![\d:])", _clock
    ),
    rule(r"(?:(?<=\d)|(?<=\d\s))[-~～—–]\s?(?=\d{1,2}:\d{2})", "到"),
    rule(r"(?<![\d.:])(\d{1,4})\s?:\s?(\d{1,4})(?![\d:.])", _ratio),
    rule(r"(?<=[点时])0(\d)(?=分)", lambda m: "零" + chinese(m[1])),
    # versions, money, shares, measures
    rule(
        r"(?<![\d.A-Za-uw-z])(?P<v>[vV])?\.?(?P<n>\d{1,4}(?:\.\d{1,6}){2,5})(?![.\d]*\d)", _version
    ),
    rule(rf"(?P<sign>[¥￥$€£₩])\s?(?P<n>{_DECIMAL})(?P<scale>[万亿]?)", _money),
    rule(
        rf"(RMB|CNY|USD|JPY|EUR|HKD)\s?(?P<n>{_DECIMAL})",
        lambda m: _CURRENCY_CODES[m[1]] + cardinal(m["n"]),
    ),
    rule(rf"(?<![\dA-Za-z%])(?P<sign>[-−+])?(?P<n>{_DECIMAL})\s?(?P<base>[%‰])", _percent),
    rule(rf"(?P<sign>)(?P<n>{_DECIMAL})\s?(?P<base>[%‰])", _percent),
    rule(
        rf"(?<![\dA-Za-z])(?P<sign>[-−])?(?P<n>{_DECIMAL})\s?(?P<scale>℃|℉|°\s?[CF](?![A-Za-z])|°)",
        _degrees,
    ),
    rule(
        rf"(?<![\dA-Za-z])(?P<sign>[-−])(?P<n>{_DECIMAL})(?P<scale>)(?=度)",
        lambda m: "零下" + cardinal(m["n"]),
    ),
    rule(
        rf"(?<![\dA-Za-z])(?P<sign>[-−])?(?P<n>{_DECIMAL})\s?(?P<unit>{_UNIT_NAMES})(?![A-Za-z²³])",
        _unit,
    ),
    rule(r"(?<![\d./])(\d{1,4})/(\d{1,4})(?![\d/.])", _fraction),
    rule(r"[½¼¾⅓⅔]", lambda m: _FRACTIONS[m.group()]),
    rule(r"[①-⑳Ⅰ-Ⅻ]", lambda m: _CIRCLED[m.group()]),
    # sums
    rule(r"(?<=\w)\^\s?(\d{1,9})", lambda m: f"的{chinese(m[1])}次方"),
    rule(r"(?<=\w)[²³]", lambda m: {"²": "的平方", "³": "的立方"}[m.group()]),
    rule(r"√", "根号"),
    rule(r"(?:(?<=[\w)）])|(?<=[\w)）]\s))([-−])\s?(?=\d{1,30}\s?=)", _operator),
    rule(r"(?:(?<=[\d)）])|(?<=[\d)）]\s))([-−])\s?(?=\d{1,20}\s?[-+×÷])", _operator),
    rule(r"(?:(?<=[\w)）%°])|(?<=[\w)）%°]\s))([+×÷=<>≤≥≠≈*±])\s?(?=[\d\w(（√\-−$¥])", _operator),
    rule(r"([±≈≤≥≠<>])\s?(?=[\d])", _operator),
    rule(r"(?<=C)\+\+", "加加"),
    rule(r"(?<![\w+])\+(?=\d)", "加"),
    rule(r"(?<=[A-Z\d])\+(?![\w+])", "加"),
    rule(r"(?<=\d)[xX](?=\d)", "乘"),
    # ranges
    rule(r"(?:(?<=[\d%万亿年月日号点时分])|(?<=[\d%]\s))[-~～–—−]\s?(?=\d)", "到"),
    # counts
    rule(rf"(?<![\d.第初])2(?=\s?[-~～–]\s?\d{{1,4}}(?:{_MEASURES}))", "两"),
    rule(r"(?i)(?<=第)No\.\s?(\d{1,9})", lambda m: chinese(m[1])),
    rule(r"(?i)No\.\s?(\d{1,9})", lambda m: "第" + chinese(m[1])),
    rule(r"(?i)Lv\.?\s?(\d{1,9})", lambda m: "等级" + chinese(m[1])),
    rule(rf"(?<![\d.第初])2(?=\s?(?:{_MEASURES}))(?!\s?(?:号|楼|点(?!半|钟)))", "两"),
    rule(r"(?<![\d.])2(?=点(?![\d一二三四五六七八九零]))", "两"),
    rule(rf"(?<![\w\d])(?P<sign>[-−])(?P<n>{_DECIMAL})", _signed),
    rule(rf"(?P<n>{_DECIMAL})", lambda m: cardinal(m["n"])),
    rule(r"(?<=[\u4e00-\u9fff])の(?=[\u4e00-\u9fff])", "的"),
    # names
    rule(r"@(?=\w)", "艾特"),
    rule(r"(?:(?<=[A-Za-z])|(?<=[A-Za-z]\s))&\s?(?=[A-Za-z])", " and "),
]
