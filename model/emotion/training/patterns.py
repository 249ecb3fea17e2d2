"""Sentence patterns in which people describe a way of speaking, by language.

``{a}`` and ``{b}`` are emotion words, ``{d}`` a degree word, ``{v}`` a verb of speaking, ``{p}`` a remark on the
pace, ``{x}`` a remark that says nothing of emotion. In ``but`` the second, in ``not_but`` only the second, in
``pretend`` the second emotion is what is meant.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Patterns:
    one: tuple[str, ...]
    two: tuple[str, ...]
    but: tuple[str, ...]
    not_but: tuple[str, ...]
    denied: tuple[str, ...]
    pretend: tuple[str, ...]
    scene: tuple[str, ...]
    verbs: tuple[str, ...]
    paces: tuple[str, ...]


def _p(text: str) -> tuple[str, ...]:
    return tuple(x.strip() for x in text.split("|"))


PATTERNS: Mapping[str, Patterns] = {
    "zh": Patterns(
        one=_p(
            "{a}|{a}地{v}|{d}{a}|{d}{a}地{v}|{a}的语气|用{a}的声音{v}|带着{a}的感觉|听起来{d}{a}|{a},{p}|{p},{a}|语气{d}{a}|"
            "{x},{a}|{a}的样子|声音里透着{a}|一副{a}的口吻|他{d}{a}|整个人{a}|{a}一点|很{a}的那种|充满{a}|{a}{v}道|像{a}一样|显得{a}|{a}的人"
        ),
        two=_p("{a}又{b}|{a}、{b}|{a}而{b}|{a}地{v},{b}|{a}中带着{b}|既{a}又{b}|{a},还有点{b}|{b}{a}|{a}和{b}交织"),
        but=_p("{a}但{b}|{a},可是{b}|{a},其实{b}|先{a},然后{b}|{a}转为{b}|{a},但更多的是{b}"),
        not_but=_p(
            "不是{a},是{b}|不是{a},而是{b}|并非{a},只是{b}|没有{a},只有{b}|{b}而不是{a}|与其说{a},不如说{b}|别{a},要{b}|不要{a},{b}一点|"
            "一点都不{a},{b}"
        ),
        denied=_p("不{a}|没有{a}|毫无{a}|不带{a}|一点都不{a}|既不{a}也不{b}|没有{a}也没有{b}|别{a}"),
        pretend=_p("装作{a},其实{b}|表面{a},内心{b}|强装{a},{b}|嘴上{a},心里{b}|看似{a}实际{b}"),
        scene=_p("{s}|{s}的感觉|{s}那种语气|像是{s}|{s}的时候|{s}时的语气|{x},{s}|{s},{p}|用{s}的口吻|想象一下{s}"),
        verbs=_p("说|说道|问|回答|宣布|喊|讲|念|开口|质问|解释|回应|低语|道|叫|告诉他|对话|朗读"),
        paces=_p("语速快|语速很快|语速慢|慢慢地|急促|一字一句|语速适中|声音大|声音小|压低声音|音调高|音调低"),
    ),
    "en": Patterns(
        one=_p(
            "{a}|{d} {a}|in a {a} voice|{a} tone|sounding {d} {a}|{v} {d} {a}|with {a}|like someone {a}|{a}, {p}|{p}, {a}|{x}, {a}|"
            "she sounds {a}|he is {d} {a}|{v}, {a}|make it {a}|more {a}|as if {a}|a {a} person|{d} {a} and {a}|voice full of {a}|so {a}"
        ),
        two=_p("{a} and {b}|{a}, {b}|a mix of {a} and {b}|{a} with a hint of {b}|both {a} and {b}|{a} yet {b}|{b} {a}"),
        but=_p("{a} but {b}|{a}, then {b}|{a} at first but actually {b}|{a}, although really {b}|{a} turning into {b}"),
        not_but=_p(
            "not {a}, {b}|not {a} but {b}|{b}, not {a}|{b} rather than {a}|without any {a}, just {b}|less {a}, more {b}|isn't {a}, she's {b}|"
            "{b} instead of {a}|no {a}, only {b}|more {b} than {a}|never {a}, always {b}"
        ),
        denied=_p("not {a}|without {a}|no {a}|neither {a} nor {b}|not at all {a}|not {a} or {b}|never {a}"),
        pretend=_p("pretending to be {a} but {b}|trying to sound {a}, {b}|{a} on the surface, {b} underneath|fake {a}, really {b}"),
        scene=_p("{s}|like {s}|as if {s}|{s}, you know|the way you sound when {s}|{x}, {s}|{s}, {p}|imagine {s}|someone saying {s}"),
        verbs=_p("says|speaking|talking|asking|announcing|whispering|shouting|replying|telling|reading|answering|narrating|said"),
        paces=_p("fast|speaking quickly|slow|slowly|one word at a time|medium pace|loud|quiet|low voice|high pitched|low pitched"),
    ),
    "ja": Patterns(
        one=_p(
            "{a}|{a}そうに|{a}そうに{v}|{d}{a}|{a}様子で|{a}感じで|{a}ような声で|{d}{a}口調で|{a}ながら{v}|{a}て{v}|{a}、{p}|{p}、{a}|{x}、{a}|"
            "{a}っぽく|{a}気持ちを込めて|{a}みたいに|{a}い声|{a}く{v}|{a}な雰囲気|{a}トーンで|{a}とした|{d}{a}って{v}|{a}がこもった声"
        ),
        two=_p("{a}、{b}|{a}て{b}|{a}そうに{b}ながら|{a}と{b}が混ざった|{a}く{b}|{a}ような{b}ような"),
        but=_p("{a}けど{b}|{a}、でも{b}|{a}が、実は{b}|最初は{a}、だんだん{b}|{a}ながらも{b}"),
        not_but=_p(
            "{a}ではなく{b}|{a}じゃなくて、{b}|{a}というより{b}|{a}わけではなく、ただ{b}|{a}くない、{b}|{a}ずに{b}|{b}、{a}ではない|{a}よりも{b}"
        ),
        denied=_p("{a}ではない|{a}くない|{a}なしで|{a}わけではない|{a}ずに|{a}でも{b}でもない|{a}くも{b}くもない"),
        pretend=_p("{a}ふりをして{b}|表面上は{a}、内心{b}|一見{a}だが{b}|無理に{a}、本当は{b}|{a}を装って{b}"),
        scene=_p("{s}|{s}みたいに|{s}ときの声|{s}感じ|{s}ような|{s}、{p}|{x}、{s}|{s}場面|{s}ときのように|まるで{s}"),
        verbs=_p("言う|話す|尋ねる|答える|叫ぶ|告げる|語る|読む|つぶやく|呼ぶ|宣言する|しゃべる"),
        paces=_p("早口で|ゆっくり|ぽつぽつと|普通の速さで|大きな声で|小さな声で|低い声で|高い声で|声を潜めて"),
    ),
    "ko": Patterns(
        one=_p(
            "{a}|{a}게|{a}듯이|{a}는 목소리|{d} {a}|{d} {a}게 {v}|{a} 톤으로|{a}ㄴ 느낌|{a}고 있는|{a}며 {v}|{a}서 {v}|{a}, {p}|{p}, {a}|{x}, {a}|"
            "{a} 말투|{a} 담아서|{a} 것처럼|{a} 분위기|{a}하게 {v}|{a}운 표정으로|{a}면서|{d} {a}는 듯이|{a}스럽게"
        ),
        two=_p("{a}고 {b}|{a}, {b}|{a}면서 {b}|{a}와 {b}이 섞인|{a} {b}|{a}듯 {b}듯"),
        but=_p("{a}지만 {b}|{a}, 하지만 {b}|{a}다가 점점 {b}|처음엔 {a} 사실은 {b}|{a}면서도 {b}"),
        not_but=_p("{a}지 않고 {b}|{a} 게 아니라 {b}|{a}라기보다 {b}|{a} 대신 {b}|{b}, {a} 아닌|{a} 없이 {b}|{a}보다는 {b}"),
        denied=_p("{a}지 않게|{a} 없이|{a}지 않은|안 {a}|{a}지도 {b}지도 않은|전혀 {a}지 않은"),
        pretend=_p("{a} 척하지만 {b}|겉으로는 {a} 속으로는 {b}|억지로 {a} 사실은 {b}|{a} 것 같지만 {b}"),
        scene=_p("{s}|{s}처럼|{s} 느낌|{s} 때 목소리|{s} 상황|{s}, {p}|{x}, {s}|마치 {s}|{s} 하는 말투|{s} 듯이"),
        verbs=_p("말한다|말하기|묻는다|대답|외친다|읽기|이야기하듯|발표|부른다|전한다|중얼"),
        paces=_p("빠르게|천천히|느리게|또박또박|보통 속도|큰 소리로|작은 소리로|낮은 목소리|높은 목소리"),
    ),
}
