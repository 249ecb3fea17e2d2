"""Kana to the acoustic model's phonemes.

Palatalised and affricate letters as the model was trained on them; moraic ん by the sound that follows
(Vance, *The Sounds of Japanese*, 2008, ch. 5).
"""

from __future__ import annotations

_ROWS = {
    "あいうえお": "a i ɯ e o", "かきくけこ": "ka kʲi kɯ ke ko", "がぎぐげご": "ɡa ɡʲi ɡɯ ɡe ɡo",
    "さしすせそ": "sa ɕi sɨ se so", "ざじずぜぞ": "ʣa ʥi zɨ ʣe ʣo", "たちつてと": "ta ʨi ʦɨ te to",
    "だぢづでど": "da ʥi zɨ de do", "なにぬねの": "na ɲi nɯ ne no", "はひふへほ": "ha çi ɸɯ he ho",
    "ばびぶべぼ": "ba bʲi bɯ be bo", "ぱぴぷぺぽ": "pa pʲi pɯ pe po", "まみむめも": "ma mʲi mɯ me mo",
    "やゆよ": "ja jɯ jo", "らりるれろ": "ɾa ɾʲi ɾɯ ɾe ɾo", "わゐゑを": "βa i e o", "ゔ": "vɯ",
    "ぁぃぅぇぉ": "a i ɯ e o", "ゃゅょ": "ja jɯ jo", "ゎゕゖ": "βa ka ke",
}  # fmt: skip
# Stems of two-letter moras, and what each small vowel adds to them.
_STEMS = {
    "き": "kʲ", "ぎ": "ɡʲ", "し": "ɕ", "じ": "ʥ", "ち": "ʨ", "ぢ": "ʥ", "に": "ɲ", "ひ": "ç", "び": "bʲ", "ぴ": "pʲ",
    "み": "mʲ", "り": "ɾʲ", "て": "tʲ", "で": "dʲ", "ふ": "ɸ", "ゔ": "v", "つ": "ʦ", "と": "t", "ど": "d", "く": "kᵝ",
    "ぐ": "ɡᵝ", "う": "β", "い": "j", "す": "s", "ず": "z",
}  # fmt: skip
_SMALL = {
    "ゃ": "a",
    "ゅ": "ɨ",
    "ょ": "o",
    "ぁ": "a",
    "ぃ": "i",
    "ぅ": "ɯ",
    "ぇ": "e",
    "ぉ": "o",
    "ゎ": "a",
}
_LABIAL_YOON = {
    "ふゅ": "ɸʲɨ",
    "ふょ": "ɸʲo",
    "ゔゅ": "bʲɨ",
    "ゔょ": "bʲo",
    "ふぃ": "ɸʲi",
    "ゔぃ": "vʲi",
    "つぃ": "ʦʲi",
}
_VOICED = str.maketrans(
    "かきくけこさしすせそたちつてとはひふへほ", "がぎぐげござじずぜぞだぢづでどばびぶべぼ"
)
_LONG = {"a": "あ", "i": "い", "ɯ": "う", "ɨ": "う", "e": "え", "o": "お"}


def _build() -> dict[str, str]:
    table = {
        letter: sound
        for letters, sounds in _ROWS.items()
        for letter, sound in zip(letters, sounds.split(), strict=True)
    }
    table |= {
        stem + small: sound + vowel
        for stem, sound in _STEMS.items()
        for small, vowel in _SMALL.items()
    }
    return table | _LABIAL_YOON


SOUNDS = _build()
_LENGTHENED = frozenset(
    [
        ("o", "う"),
        ("o", "お"),
        ("e", "い"),
        ("e", "え"),
        ("ɯ", "う"),
        ("ɨ", "う"),
        ("a", "あ"),
        ("i", "い"),
    ]
)
SMALL = frozenset("ゃゅょぁぃぅぇぉゎ")


def hiragana(text: str) -> str:
    """Katakana as hiragana; other characters stay."""
    return "".join(
        chr(ord(c) - 0x60)
        if "ァ" <= c <= "ヶ"
        else {"ヷ": "ゔぁ", "ヸ": "ゔぃ", "ヹ": "ゔぇ", "ヺ": "ゔぉ"}.get(c, c)
        for c in text
    )


def moras(text: str) -> list[str]:
    """Hiragana cut into moras; a small letter stays with the one before it."""
    found: list[str] = []
    for char in text:
        if char in SMALL and found and found[-1] + char in SOUNDS:
            found[-1] += char
        elif char in "ゝゞ" and found:
            found.append(found[-1][0].translate(_VOICED) if char == "ゞ" else found[-1][0])
        else:
            found.append(char)
    return found


def sounded(text: str) -> str:
    """One spelling of what sounds alike: particles, long vowels, the four kana, hiragana and katakana."""
    plain = hiragana(text).translate(str.maketrans("はへをぢづ", "わえおじず"))
    said: list[str] = []
    for mora in moras(plain):
        vowel = SOUNDS.get(said[-1], "")[-1:] if said else ""
        said.append("ー" if (vowel, mora) in _LENGTHENED else mora)
    return "".join(said)


def phonemes(parts: list[str]) -> list[str]:
    """The sound of each mora of a phrase, in its surroundings."""
    sounds: list[str] = []
    for index, mora in enumerate(parts):
        following = SOUNDS.get(parts[index + 1], "") if index + 1 < len(parts) else ""
        if mora == "ん":
            sounds.append(_nasal(following))
        elif mora == "っ":
            sounds.append("ʔ" if following else "")
        elif mora == "ー":
            sounds.append("ː" if sounds and sounds[-1] else "")
        else:
            sounds.append(SOUNDS.get(mora, ""))
    return sounds


def _nasal(following: str) -> str:
    for letters, nasal in (("mpb", "m"), ("kɡ", "ŋ"), ("ɲʨʥ", "ɲ"), ("ntdɾzʦʣ", "n")):
        if following[:1] and following[0] in letters:
            return nasal
    return "ɴ"
