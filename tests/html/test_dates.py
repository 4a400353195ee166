"""Days as the embed code writes them in the languages of readers."""

import pytest

from archiver.html.dates import first_date, month_number


@pytest.mark.parametrize(
    "text",
    [
        "September 10, 2022",
        "Sep 10, 2022",
        "10 September 2022",
        "10. September 2022",
        "5:30 PM · Sep 10, 2022",
        "2022-09-10T11:00:00Z",
        "10 вересня 2022 р.",
        "10 сентября 2022 г.",
        "10 septembre 2022",
        "10 de septiembre de 2022",
        "10 settembre 2022",
        "10 de setembro de 2022",
        "10 września 2022",
        "10. září 2022",
        "10 Eylül 2022",
        "10 september 2022",
        "2022. szeptember 10.",
        "10. syyskuuta 2022",
        "10 Σεπτεμβρίου 2022",
        "2022年9月10日",
        "2022년 9월 10일",
        "10 سبتمبر 2022",
        "10 בספטמבר 2022",
        "10.09.2022",
        "10 Tháng 9, 2022",
    ],
)
def test_a_day_is_read_in_any_language_and_order(text: str) -> None:
    found = first_date(f"{text} and more")
    assert found is not None
    assert found[0] == "2022-09-10"


@pytest.mark.parametrize(
    ("text", "day"),
    [("červen: 1. června 2020", "2020-06-01"), ("1. července 2020", "2020-07-01"), ("5 листопада 2021", "2021-11-05"),
     ("5 липня 2021", "2021-07-05"), ("3 juin 2019", "2019-06-03"), ("3 juillet 2019", "2019-07-03"), ("9/30/2022", "2022-09-30"),
     ("30/9/2022", "2022-09-30"), ("4 марта 2016", "2016-03-04"), ("4 мая 2016", "2016-05-04")],
)  # fmt: skip
def test_months_that_begin_alike_are_distinguished(text: str, day: str) -> None:
    assert (first_date(text) or ("",))[0] == day


@pytest.mark.parametrize("text", ["", "September", "February 30, 2022", "Windows 10, 2022", "in 2022", "10 widgets 2022"])
def test_what_is_no_day_gives_none(text: str) -> None:
    assert first_date(text) is None


def test_a_word_that_begins_as_a_short_month_is_no_month() -> None:
    """The names that pages and embeds write are read from one table: `pro` is Czech for December, `products` is not."""
    assert (month_number("pro"), month_number("prosince"), month_number("products")) == (12, 12, None)
    assert (month_number("listopadu"), month_number("SEPT."), month_number("Kasım"), month_number("")) == (11, 9, 11, None)
