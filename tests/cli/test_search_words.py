"""`archiver search`: what is a word and what is an option."""

from pathlib import Path

import click
import pytest

from archiver.cli.search import search


def parsed(*arguments: str) -> dict[str, object]:
    with search.make_context("search", list(arguments)) as context:
        return context.params


@pytest.mark.parametrize("word", ["-video", "-quarantine", "-not", "-q1", "-a", "-їжа", "-"])
def test_a_word_that_is_not_wanted_is_taken_whole(word: str) -> None:
    """click took the letters of -v and -q out of it: `-video` was searched for as `-ideo`."""
    for arguments in ((word, "Izyum"), ("Izyum", word), ("Izyum", "--limit", "5", word)):
        found = parsed(*arguments)
        assert found["words"] == tuple(each for each in arguments if each not in ("--limit", "5"))
        assert not found["verbose"] and not found["quiet"]


@pytest.mark.parametrize(
    "arguments",
    [
        ("Izyum", "-video", "-q", "--limit", "5", "--json", "-v"),
        ("-q", "-v", "--json", "--limit=5", "Izyum", "-video"),
        ("-qv", "Izyum", "--limit", "5", "-video", "--json"),
        ("--limit", "5", "--verbose", "--json", "--quiet", "--", "Izyum", "-video"),
    ],
)
def test_options_are_known_wherever_they_stand(arguments: tuple[str, ...]) -> None:
    found = parsed(*arguments)

    assert found["words"] == ("Izyum", "-video")
    assert (found["quiet"], found["verbose"], found["as_json"], found["limit"]) == (True, True, True, 5)


def test_the_value_of_an_option_may_look_like_a_word() -> None:
    found = parsed("--author", "-me", "Izyum", "--archive", "-folder")

    assert (found["words"], found["author"], found["data_dir"]) == (("Izyum",), "-me", Path("-folder"))


def test_behind_two_dashes_all_are_words() -> None:
    assert parsed("--", "-v", "--json")["words"] == ("-v", "--json")


def test_a_long_option_that_does_not_exist_is_told() -> None:
    with pytest.raises(click.NoSuchOption, match="--bogus"):
        parsed("Izyum", "--bogus")
