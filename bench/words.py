"""The words that the texts of the generated site are made of."""

from itertools import accumulate, product
from pathlib import Path

COMMON = tuple(Path(__file__).with_name("words.txt").read_text(encoding="utf-8").split())
_FIRST = ("ba", "ke", "li", "mo", "nu", "pra", "ske", "tro", "vi", "za", "che", "dru", "fli", "gra", "hov")
_LAST = ("che", "dru", "fli", "gra", "hov", "il", "jan", "kry", "lo", "mir")
# Rarer words, so that a page compresses to 0.27 of its size, as real pages of blogs do (0.27 and 0.30 on two, 2026-11-22).
RARE = tuple("".join(three) for three in product(_FIRST, _FIRST + _LAST, _LAST))
VOCABULARY = COMMON + RARE
# Zipf's law: the n-th word of a language is about 1/n as frequent as the first.
WEIGHTS = tuple(accumulate(1 / (rank + 8) for rank in range(len(VOCABULARY))))
