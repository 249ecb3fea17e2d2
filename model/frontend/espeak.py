"""Pronunciation of words no dictionary has, by the espeak-ng library (loaded late; its state is process-wide)."""

from __future__ import annotations

import ctypes
import threading
from functools import lru_cache

# espeak-ng's IPA with "^" between the letters of one sound, to the acoustic model's alphabet (American English).
_ENGLISH = (
    ("ʔˌn\u0329", "ʔn"), ("ʔn\u0329", "ʔn"), ("a^ɪ", "I"), ("a^ʊ", "W"), ("d^ʒ", "ʤ"), ("e^ɪ", "A"), ("t^ʃ", "ʧ"),
    ("ɔ^ɪ", "Y"), ("ə^l", "ᵊl"), ("o^ʊ", "O"), ("ɜːɹ", "ɜɹ"), ("ɜː", "ɜɹ"), ("ɪə", "iə"), ("ʲo", "jo"), ("ʲə", "jə"),
    ("ʲ", ""), ("ɚ", "əɹ"), ("e", "A"), ("r", "ɹ"), ("x", "k"), ("ç", "k"), ("ɐ", "ə"), ("ɬ", "l"), ("\u0303", ""),
    ("n\u0329", "ᵊn"), ("l\u0329", "ᵊl"), ("ː", ""), ("o", "ɔ"), ("ɾ", "T"), ("ʔ", "t"), ("^", ""),
)  # fmt: skip
_FOREIGN = (
    ("a^ɪ", "I"), ("a^ʊ", "W"), ("d^z", "ʣ"), ("d^ʒ", "ʤ"), ("e^ɪ", "A"), ("t^s", "ʦ"), ("t^ʃ", "ʧ"), ("ɔ^ɪ", "Y"),
    ("g", "ɡ"), ("^", ""),
)  # fmt: skip

_AUDIO_RETRIEVAL = 1
_CHARS_UTF8 = 1
_IPA_WITH_TIE = 0x02 | 0x80 | ord("^") << 8
MAX_WORD = 40  # letters; longer strings are no words and are said in pieces


class Espeak:
    """The shared library, opened once. Every call takes the lock: espeak-ng keeps one voice for the process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._library: ctypes.CDLL | None = None
        self._failed = False
        self._voice = ""

    def ipa(self, text: str, voice: str) -> str:
        """IPA of ``text`` read by ``voice`` (``en-us``, ``ru`` …); empty where espeak-ng cannot be loaded."""
        with self._lock:
            library = self._open()
            if library is None or not self._choose(library, voice):
                return ""
            pointer = ctypes.c_char_p(text[: 4 * MAX_WORD].encode("utf-8", "ignore"))
            said: list[str] = []
            while pointer.value:
                part = library.espeak_TextToPhonemes(
                    ctypes.byref(pointer), _CHARS_UTF8, _IPA_WITH_TIE
                )
                if part:
                    said.append(part.decode("utf-8", "ignore"))
            return " ".join(said).strip()

    def _choose(self, library: ctypes.CDLL, voice: str) -> bool:
        if voice != self._voice:
            if library.espeak_SetVoiceByName(voice.encode()) != 0:
                return False
            self._voice = voice
        return True

    def _open(self) -> ctypes.CDLL | None:
        if self._library is None and not self._failed:
            try:
                import espeakng_loader

                library = ctypes.CDLL(espeakng_loader.get_library_path())
                data = espeakng_loader.get_data_path()
            except (ImportError, OSError):
                self._failed = True
                return None
            library.espeak_TextToPhonemes.restype = ctypes.c_char_p
            library.espeak_TextToPhonemes.argtypes = [
                ctypes.POINTER(ctypes.c_char_p), ctypes.c_int, ctypes.c_int
            ]  # fmt: skip
            if library.espeak_Initialize(_AUDIO_RETRIEVAL, 0, str(data).encode(), 0) <= 0:
                self._failed = True
                return None
            self._library = library
        return self._library


_ESPEAK = Espeak()


@lru_cache(maxsize=8192)
def english(word: str) -> str:
    """Phonemes of an English word the dictionary lacks."""
    sound = _ESPEAK.ipa(word, "en-us")
    for old, new in _ENGLISH:
        sound = sound.replace(old, new)
    return sound


@lru_cache(maxsize=4096)
def foreign(word: str, voice: str) -> str:
    """Phonemes of a word of another language."""
    sound = _ESPEAK.ipa(word, voice)
    for old, new in _FOREIGN:
        sound = sound.replace(old, new)
    return sound
