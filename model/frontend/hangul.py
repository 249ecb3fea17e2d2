"""Hangul as spelled to hangul as said: the rules of Standard Korean Pronunciation (표준 발음법), by chapter.

Works on one phrase (어절) of syllable blocks; a block is ``[onset, vowel, coda]`` of compatibility jamo, an empty
onset is ㅇ.
"""

from __future__ import annotations

ONSETS = "ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ"
VOWELS = "ㅏㅐㅑㅒㅓㅔㅕㅖㅗㅘㅙㅚㅛㅜㅝㅞㅟㅠㅡㅢㅣ"
CODAS = ["", *"ㄱㄲㄳㄴㄵㄶㄷㄹㄺㄻㄼㄽㄾㄿㅀㅁㅂㅄㅅㅆㅇㅈㅊㅋㅌㅍㅎ"]
_FIRST = ord("가")

_PAIRS = {
    "ㄳ": "ㄱㅅ", "ㄵ": "ㄴㅈ", "ㄶ": "ㄴㅎ", "ㄺ": "ㄹㄱ", "ㄻ": "ㄹㅁ", "ㄼ": "ㄹㅂ", "ㄽ": "ㄹㅅ", "ㄾ": "ㄹㅌ", "ㄿ": "ㄹㅍ",
    "ㅀ": "ㄹㅎ", "ㅄ": "ㅂㅅ",
}  # fmt: skip
# §8–11: the seven sounds a syllable can end with.
_CLOSED = {
    "ㄲ": "ㄱ", "ㅋ": "ㄱ", "ㄳ": "ㄱ", "ㄺ": "ㄱ", "ㅅ": "ㄷ", "ㅆ": "ㄷ", "ㅈ": "ㄷ", "ㅊ": "ㄷ", "ㅌ": "ㄷ", "ㅎ": "ㄷ",
    "ㅍ": "ㅂ", "ㅄ": "ㅂ", "ㄿ": "ㅂ", "ㄵ": "ㄴ", "ㄶ": "ㄴ", "ㄼ": "ㄹ", "ㄽ": "ㄹ", "ㄾ": "ㄹ", "ㅀ": "ㄹ", "ㄻ": "ㅁ",
}  # fmt: skip
_TENSE = {"ㄱ": "ㄲ", "ㄷ": "ㄸ", "ㅂ": "ㅃ", "ㅅ": "ㅆ", "ㅈ": "ㅉ"}
_ASPIRATED = {"ㄱ": "ㅋ", "ㄷ": "ㅌ", "ㅂ": "ㅍ", "ㅈ": "ㅊ"}
_NASAL = {"ㄱ": "ㅇ", "ㄷ": "ㄴ", "ㅂ": "ㅁ"}
_YOTISED = frozenset("ㅣㅕㅑㅛㅠ")


def is_block(char: str) -> bool:
    return "가" <= char <= "힣"


def split(char: str) -> list[str]:
    code = ord(char) - _FIRST
    return [ONSETS[code // 588], VOWELS[code % 588 // 28], CODAS[code % 28]]


def join(block: list[str]) -> str:
    onset, vowel, coda = block
    return chr(_FIRST + (ONSETS.index(onset) * 21 + VOWELS.index(vowel)) * 28 + CODAS.index(coda))


def said(phrase: str) -> list[list[str]]:
    """The blocks of a phrase as they sound. ``phrase`` holds syllable blocks, and blanks between its words.

    Across a blank consonants still assimilate (몇 명 [면명], 할 수 [할쑤]) but nothing is carried over to a vowel.
    """
    words = phrase.split(" ")
    chars = "".join(words)
    blocks = [split(char) for char in chars]
    starts, at = set(), 0
    for word in words:
        starts.add(at)
        at += len(word)
    _listed_sounds(phrase, chars, blocks)
    _tense_after_l(chars, blocks)
    for index in range(1, len(blocks)):
        left, right = blocks[index - 1], blocks[index]
        if index in starts and right[0] in "ㅇㅎ":
            left[2] = _CLOSED.get(left[2], left[2])
        else:
            _meet(left, right)
    if blocks:
        blocks[-1][2] = _CLOSED.get(blocks[-1][2], blocks[-1][2])
    for block in blocks:
        _weaken(block)
    return blocks


def _weaken(block: list[str]) -> None:
    """§5: what some vowels become after a consonant."""
    onset, vowel, _ = block
    if onset != "ㅇ" and vowel == "ㅢ":  # 희망 [히망]
        block[1] = "ㅣ"
    elif onset in "ㅈㅉㅊ" and vowel in "ㅑㅕㅛㅠ":  # 가져 [가저]
        block[1] = {"ㅑ": "ㅏ", "ㅕ": "ㅓ", "ㅛ": "ㅗ", "ㅠ": "ㅜ"}[vowel]
    elif vowel == "ㅖ" and onset not in "ㅇㄹ":
        block[1] = "ㅔ"


# §27: after the adnominal ending -(으)ㄹ these are tense; §26 and usage: Sino-Korean ㄹ before ㄷ, ㅅ, ㅈ.
_AFTER_L = ("것", "거", "게", "걸", "건", "수", "데", "지", "줄", "바", "뿐", "까")
_SINO_L = frozenset("갈발절물일출결철월실질열활몰달별밀불설술")
_SINO_L_NEXT = frozenset("등동도사시식성수세생실심전정장증적점제")
_TENSE_WORDS = {
    "물고기": "물꼬기", "문제점": "문제쩜", "눈빛": "눈삧", "손등": "손뜽", "길가": "길까", "밤바다": "밤빠다", "강가": "강까",
    "인기": "인끼", "한자": "한짜", "사건": "사껀", "조건": "조껀", "안건": "안껀", "평가": "평까", "효과": "효과", "내과": "내꽈",
    "성격": "성껵", "만점": "만쩜", "장점": "장쩜", "단점": "단쩜", "초점": "초쩜", "관점": "관쩜", "시점": "시쩜", "여권": "여꿘",
    "인권": "인꿘", "정권": "정꿘", "주권": "주꿘", "헌법": "헌뻡", "방법": "방법", "문법": "문뻡", "용법": "용뻡", "보름달": "보름딸",
    "아침밥": "아침빱", "김밥": "김빱", "비빔밥": "비빔빱", "술잔": "술짠", "눈사람": "눈싸람", "갈증": "갈쯩", "할수": "할쑤",
    "용돈": "용똔", "열정": "열쩡", "신바람": "신빠람", "산길": "산낄", "글자": "글짜", "숫자": "숟짜", "발가락": "발까락",
    "손가락": "손까락", "등불": "등뿔", "전기세": "전기쎄", "만날": "만날", "그믐달": "그믐딸", "안방": "안빵",
    # ㄴ put between the parts of a compound (§29)
    "꽃잎": "꼰닙", "깻잎": "깬닙", "나뭇잎": "나문닙", "담요": "담뇨", "솜이불": "솜니불", "한여름": "한녀름", "색연필": "생년필",
    "서울역": "서울력", "지하철역": "지하철력", "물약": "물략", "두통약": "두통냑", "알약": "알략", "식용유": "시굥뉴", "눈요기": "눈뇨기",
    "맨입": "맨닙", "볼일": "볼릴", "할일": "할릴", "무슨일": "무슨닐", "부산역": "부산녁", "십육": "심뉵", "백육": "뱅뉵", "영업용": "영엄뇽",
    # words said apart from the rules
    "맛있": "마싣", "멋있": "머싣", "첫인상": "처딘상", "맛없": "마덥", "값어치": "가버치", "의견란": "의견난", "생산량": "생산냥",
    "결단력": "결딴녁", "판단력": "판단녁", "음운론": "으문논", "입원료": "이붠뇨", "넓적": "넙쩍", "넓죽": "넙쭉",
}  # fmt: skip


def _listed_sounds(phrase: str, chars: str, blocks: list[list[str]]) -> None:
    for word, sound in _TENSE_WORDS.items():
        at = chars.find(word) if word in phrase else -1
        while at >= 0:
            _take(blocks, at, sound)
            at = chars.find(word, at + 1)
    for index, char in enumerate(chars[:-1]):
        if char == "밟" and blocks[index + 1][0] != "ㅇ":  # §10
            blocks[index][2] = "ㅂ"


def _tense_after_l(chars: str, blocks: list[list[str]]) -> None:
    for index in range(1, len(blocks)):
        before, block = blocks[index - 1], blocks[index]
        if before[2] != "ㄹ" or block[0] not in _TENSE:
            continue
        sino = chars[index - 1] in _SINO_L and chars[index] in _SINO_L_NEXT
        if sino or chars.startswith(_AFTER_L, index) and _adnominal(chars, index):
            block[0] = _TENSE[block[0]]


def _adnominal(phrase: str, index: int) -> bool:
    return phrase[index - 1] in "할볼갈올될일줄쓸살알먹을칠질릴뜰널날설클들될탈팔불"


def _take(blocks: list[list[str]], at: int, sound: str) -> None:
    """Put the listed sounds in; the last coda stays as spelled when a vowel follows, to be carried over."""
    for offset, char in enumerate(sound):
        block = split(char)
        last = offset == len(sound) - 1
        if last:
            block[2] = blocks[at + offset][2]
        blocks[at + offset][:] = block


def _meet(left: list[str], right: list[str]) -> None:
    """What the coda of one block and the onset of the next do to each other."""
    if not left[2]:
        return
    if right[0] == "ㅇ":
        _carry_over(left, right)
    else:
        _h(left, right)
        if left[2]:
            _clash(left, right)


def _parts(coda: str) -> tuple[str, str]:
    pair = _PAIRS.get(coda, " " + coda)
    return pair[0], pair[1]


def _carry_over(left: list[str], right: list[str]) -> None:
    """§12–14, §17: a coda moves to an empty onset; ㅎ is lost; ㄷ, ㅌ before 이 become ㅈ, ㅊ."""
    first, second = _parts(left[2])
    if second == "ㅇ":
        return
    stay = first.strip()
    if second == "ㅎ":
        left[2] = ""
        if stay:
            right[0] = stay
        return
    if right[1] in "ㅣㅕ" and second in "ㄷㅌ":
        second = {"ㄷ": "ㅈ", "ㅌ": "ㅊ"}[second]
    elif second == "ㅅ" and stay:  # 값이 [갑씨]
        second = "ㅆ"
    left[2], right[0] = stay, second


def _h(left: list[str], right: list[str]) -> None:
    """§12: ㅎ and a stop make an aspirate."""
    first, second = _parts(left[2])
    if second == "ㅎ":
        if right[0] in _ASPIRATED:
            right[0], left[2] = _ASPIRATED[right[0]], first.strip()
        elif right[0] == "ㅅ":
            right[0], left[2] = "ㅆ", first.strip()
        elif first.strip():
            left[2] = first
    elif right[0] == "ㅎ":
        closed = second if second in "ㅈㄱㄷㅂ" else _CLOSED.get(second, second)
        if closed == "ㄷ" and right[1] in _YOTISED and second in "ㄷㅈ":  # 굳히다 [구치다]
            right[0], left[2] = "ㅊ", first.strip()
        elif closed in _ASPIRATED:
            right[0], left[2] = _ASPIRATED[closed], first.strip()


def _clash(left: list[str], right: list[str]) -> None:
    """§9–11, §18–20, §23–25: closing, tension, nasals and laterals."""
    spelled = left[2]
    coda = _CLOSED.get(spelled, spelled)
    if spelled == "ㄺ" and right[0] == "ㄱ":  # 맑게 [말께]
        coda, right[0] = "ㄹ", "ㄲ"
    onset = right[0]
    if (
        coda in "ㄱㄷㅂ"
        and onset in _TENSE
        or spelled in ("ㄵ", "ㄻ", "ㄼ", "ㄾ")
        and onset in _TENSE
    ):
        onset = _TENSE[onset]
    if onset == "ㄹ" and coda in "ㄱㄷㅂㅁㅇ" and coda:
        onset = "ㄴ"
    if onset in "ㄴㅁ" and coda in _NASAL:
        coda = _NASAL[coda]
    if coda == "ㄴ" and onset == "ㄹ":
        coda = "ㄹ"
    elif coda == "ㄹ" and onset == "ㄴ":
        onset = "ㄹ"
    left[2], right[0] = coda, onset
