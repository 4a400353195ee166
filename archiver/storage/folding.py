"""Folds text so that what people type finds what was written: case, ё/е, й/и, ї/і, apostrophes inside words."""

import re
import unicodedata

# FTS5's unicode61 removes diacritics of Latin letters only. People type е for ё and и for й, and і for ї (seen in the Ukrainian
# and Russian parts of the sample web); ґ is often written г.
_LETTERS = str.maketrans({"ё": "е", "й": "и", "ї": "і", "ґ": "г", "ў": "у"})
# об'єкт, об’єкт, обʼєкт and обєкт are one word. Also English: don't, don’t, dont.
_APOSTROPHE = re.compile(r"(?<=\w)['’ʼ`´‘′＇](?=\w)")
_STRESS = re.compile("[\u0300\u0301]")  # stress marks, as encyclopedias set them


def fold(text: str) -> str:
    """The form that is indexed and searched. Folding twice changes nothing."""
    # й and ї may come decomposed, as и + breve; composing them first lets one table serve both.
    return _STRESS.sub("", _APOSTROPHE.sub("", _compose(text).casefold().translate(_LETTERS)))


def _compose(text: str) -> str:
    return text if text.isascii() else unicodedata.normalize("NFC", text)
