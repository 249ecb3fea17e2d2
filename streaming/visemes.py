def viseme_of(symbol: str) -> str: return "sil"
