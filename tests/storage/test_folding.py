"""Folding: what people type finds what was written."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archiver.storage.index.normalize import fold

# Where folding has something to do: Cyrillic, apostrophes, combining marks, letters that casefold into several.
TRICKY = st.text(st.sampled_from("еёиїйіґўЁЇаβxn ʼ'’`\u0300\u0301\u0306\u0308\u0327ßŉİΐᾳ가0-\"") | st.characters(codec="utf-8"))


@pytest.mark.parametrize(
    ("written", "typed"),
    [
        ("Ізюм", "ізюм"),
        ("Её ёлка", "ее елка"),
        ("Йод и чайка", "иод и чаика"),
        ("Київ, Їжак", "киів, іжак"),
        ("ґанок", "ганок"),
        ("об'єкт", "обєкт"),
        ("об’єкт", "обʼєкт"),
        ("Don’t", "dont"),
        ("за́мок", "замок"),
        ("STRASSE", "straße"),
        ("чаи\u0306ка", "чайка"),
        ("чаи\u0301\u0306ка", "чайка"),  # a stress mark between a letter and its breve
        ("Ки\u0457в", "Киі\u0308в"),
    ],
)
def test_both_spellings_fold_to_one(written: str, typed: str) -> None:
    assert fold(written) == fold(typed)


@pytest.mark.parametrize(("one", "other"), [("Изюм", "Ізюм"), ("там", "том"), ("u0WxLTTvGP", "uOWxLTTvGP")])
def test_different_words_stay_different(one: str, other: str) -> None:
    assert fold(one) != fold(other)


def test_other_marks_stay() -> None:
    assert fold("«Слово», “word”") == "«слово», “word”"


@given(TRICKY)
def test_folding_twice_changes_nothing(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@given(TRICKY)
def test_composed_and_decomposed_letters_are_the_same(text: str) -> None:
    assert fold(unicodedata.normalize("NFD", text)) == fold(unicodedata.normalize("NFC", text))
