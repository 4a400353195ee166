"""Month names in many languages, and days as embeds write them: `September 10, 2022`, `10 вересня 2022 р.`."""

import re
from datetime import date
from functools import lru_cache

# The beginnings of the months' names in the languages of Twitter's widget, enough of each to tell them apart: case forms and
# abbreviations share them.
_MONTHS = (
    "jan gen ene tammi oca sty led янв січ ян сту ιαν يناير كانونالثاني ינואר ژانویه जनवरी มกราคม มค",
    "feb fév fev şub lut úno helm лют фев φεβ فبراير شباط פברואר فوریه फ़रवरी फरवरी กุมภาพันธ์ กพ",
    "mar már mär maa mrt bře берез мар бер μαρ μάρ مارس آذار מרץ مارس मार्च มีนาคม มีค",
    "apr abr avr nis kwi dub huh ápr апр квіт кві απρ أبريل ابريل نيسان אפריל آوریل अप्रैल เมษายน เมย",
    "may mai mei maj mag máj kvě touk mayıs травн тра мая май μαΐ μαι μάι مايو أيار מאי مه मई พฤษภาคม พค",
    "jun jún juin giu haz cze červn kesä jún черв чер июн юни ιουν يونيو حزيران יוני ژوئن जून มิถุนายน มิย",
    "jul júl juil lug tem lip červenc heinä júl лип июл юли ιουλ يوليو تموز יולי ژوئیه जुलाई กรกฎาคม กค",
    "aug ago agu aoû aou ağu sie srp elo серп сер авг αυγ αύγ أغسطس اغسطس آب אוגוסט اوت अगस्त สิงหาคม สค",
    "sep set eyl wrz zář syys szept верес вер сен σεπ سبتمبر أيلول ספטמבר سپتامبر सितंबर กันยายน กย",
    "oct okt ott out eki paź říj loka жовт жов окт οκτ أكتوبر اكتوبر تشرينالأول אוקטובר اکتبر अक्टूबर ตุลาคม ตค",
    "nov kas lis marras листоп лис ноя ное νοε نوفمبر تشرينالثاني נובמבר نوامبر नवंबर พฤศจิกายน พย",
    "dec déc dez dic des ara gru prosin joul груд гру дек δεκ ديسمبر كانونالأول דצמבר دسامبر दिसंबर ธันวาคม ธค",
)
_MONTH_OF = {stem: number for number, stems in enumerate(_MONTHS, 1) for stem in stems.split()}
_STEMS = sorted(_MONTH_OF, key=len, reverse=True)  # `červenc` (July) before `červn` (June), `листоп` before `лис`
_WORD = r"[^\W\d_]{2,14}\.?"
_YEAR = r"(?P<year>20[0-3]\d)(?!\d)"
_DAY = r"(?<!\d)(?P<day>[0-3]?\d)"
_DATES = tuple(
    re.compile(pattern, re.I)
    for pattern in (
        rf"{_YEAR}\s*[年년]\s*(?P<number>1[0-2]|0?\d)\s*[月월]\s*{_DAY}\s*[日일]",
        rf"{_YEAR}-(?P<number>[01]\d)-{_DAY}",
        rf"(?P<month>{_WORD})\s+{_DAY}(?:st|nd|rd|th)?\s*[,،]?\s+{_YEAR}",  # September 10, 2022
        rf"{_DAY}(?:\.|º|er|-го)?\s*(?:de\s+|d['’]\s*|del\s+|ב|ביום\s+|tháng\s+)?(?P<month>{_WORD})[\s,،]+(?:de\s+|del\s+)?{_YEAR}",
        rf"{_YEAR}\.?\s+(?P<month>{_WORD})\s+{_DAY}\.?(?!\d)",  # 2022. szeptember 10.
        rf"{_DAY}\s+(?:tháng|thg)\s+(?P<number>1[0-2]|0?\d),?\s+{_YEAR}",
        rf"(?<!\d)(?P<day>[0-3]?\d)[./](?P<number>1[0-2]|0?\d)[./]{_YEAR}",  # 10.09.2022; a US 9/30/2022 is turned round below
        rf"(?<!\d)(?P<number>1[0-2]|0?\d)/(?P<day>[0-3]?\d)/{_YEAR}",
    )
)
MAX_TEXT = 300  # characters in which a date is searched: the patterns take the square of a long stretch of blanks


@lru_cache(maxsize=4_096)  # words; a month's name is compared with 200 beginnings
def month_number(word: str) -> int | None:
    """1 to 12 for a month's name, in any case form or abbreviated; None for any other word."""
    folded = word.lower().rstrip(".").replace("i̇", "i")
    if folded == "pro":  # Czech for December, and what `products` and `provoz` begin with
        return 12
    for prefix in ("", "ב", "de"):
        trimmed = folded.removeprefix(prefix)
        for stem in _STEMS:
            if trimmed.startswith(stem):
                return _MONTH_OF[stem]
    return None


def first_date(text: str) -> tuple[str, int, int] | None:
    """The first day named in a text, as (`2022-09-10`, where it begins, where it ends); None where there is none.

    `10/09/2022` is read as day, month, year (all but one country's order) unless that is no date.
    """
    text = text[:MAX_TEXT]
    best: tuple[str, int, int] | None = None
    for pattern in _DATES:
        for found in pattern.finditer(text):
            groups = found.groupdict()
            month = int(groups["number"]) if groups.get("number") else month_number(groups.get("month") or "")
            if month is None:
                continue
            try:
                day = date(int(groups["year"]), month, int(groups["day"])).isoformat()
            except ValueError:
                continue
            if best is None or found.start() < best[1]:
                best = (day, found.start(), found.end())
            break
    return best
