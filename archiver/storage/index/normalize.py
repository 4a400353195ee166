"""Folds text so that what people type finds what was written: case, ё/е, й/и, ї/і, apostrophes inside words."""

import re
import unicodedata

# FTS5's unicode61 removes diacritics of Latin letters only. People type е for ё and и for й, and і for ї (seen in the Ukrainian
# and Russian parts of the sample web); ґ is often written г.
_LETTERS = (("ё", "е"), ("й", "и"), ("ї", "і"), ("ґ", "г"), ("ў", "у"))
# об'єкт, об’єкт, обʼєкт and обєкт are one word. Also English: don't, don’t, dont. At the edge of a word they say nothing either.
_APOSTROPHES = "'’ʼ`´‘′＇"
_STRESS = re.compile("[\u0300\u0301]")  # stress marks, as encyclopedias set them
# Where these are left, a second look may find more: a stress mark stood between a letter and its breve.
_UNSETTLED = re.compile("[\u0300-\u036f\u1100-\u11ff]")


def fold(text: str) -> str:
    """The form that is indexed and searched. Folding twice changes nothing, and composed or decomposed letters are the same."""
    folded = _folded(text)
    while not folded.isascii() and _UNSETTLED.search(folded) is not None and (again := _folded(folded)) != folded:
        folded = again
    return folded


def _folded(text: str) -> str:
    if text.isascii():
        return text.lower().replace("'", "").replace("`", "")
    # й and ї may come decomposed, as и + breve; composing them first lets one table serve both.
    folded = _STRESS.sub("", unicodedata.normalize("NFC", text).casefold())
    for letter, plain in _LETTERS:  # passes in C, where str.translate looks up every letter
        folded = folded.replace(letter, plain)
    for mark in _APOSTROPHES:
        folded = folded.replace(mark, "")
    return folded
