"""What comes from the web is shown on terminals, and must not be able to command them."""

import json
from pathlib import Path

import pytest

from archiver.cli.printing import one_line, print_json, printable
from tests.cli.program import Ended, archiver, pointed_at
from tests.spiders.webs import reply, running_web

POST = "https://blog.example/post/"
CLEAR, TITLE, BELL, OVERRIDE, CSI = "\x1b[2J\x1b[H", "\x1b]0;owned\x07", "\x07", "\u202e", "\x9b31m"
ESCAPED = f"{CLEAR}{TITLE}{BELL}{OVERRIDE}{CSI}"
DANGEROUS = {"\x1b", "\x07", "\u202e", "\x9b", "\x08", "\r"}


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An archive of a page whose title, text and tweet are full of escape sequences."""
    folder = tmp_path_factory.mktemp("hostile")
    with running_web(folder) as web:
        web["blog.example", "/post/"] = hostile_page()
        ended = archiver("crawl", POST, f"{POST}?{ESCAPED}", "--archive", folder / "archive", *pointed_at(web))
        assert ended.code == 4
        assert_harmless(ended)
    return folder / "archive"


def hostile_page() -> bytes:
    return reply(
        f"<html><head><title>Title {ESCAPED}</title><meta name=author content='Author {ESCAPED}'></head><body>"
        f'<blockquote class="twitter-tweet"><p>Words {ESCAPED} pic.twitter.com/uOWxLTTvGP</p>&mdash; Name {ESCAPED} (@handle) '
        '<a href="https://twitter.com/handle/status/1568656084437740674">September 10, 2022</a></blockquote>'
        f"<p>The text {ESCAPED} of the page is long enough to be taken for its main text by whoever reads it.</p></body></html>"
    )


def assert_harmless(ended: Ended) -> None:
    assert not DANGEROUS & set(ended.out + ended.err)


@pytest.mark.parametrize(
    "command",
    [
        ("find", POST), ("find", POST, "--json"), ("find", "pic.twitter.com/uOWxLTTvGP"), ("find", "@handle", "--json"),
        ("search", "words"), ("search", "title", "--json"), ("show", "1568656084437740674"), ("show", POST), ("status",),
    ],
)  # fmt: skip
def test_escape_sequences_of_pages_and_posts_are_shown_and_not_obeyed(hostile: Path, command: tuple[str, ...]) -> None:
    ended = archiver(*command, "--archive", hostile)

    assert ended.code == 0, ended
    assert ended.out
    assert_harmless(ended)


def test_escape_sequences_of_arguments_are_not_obeyed_either(hostile: Path) -> None:
    ended = archiver("find", f"nothing{CLEAR}", f"@nobody{OVERRIDE}", "--archive", hostile)

    assert ended.code == 5
    assert_harmless(ended)


def test_extract_shows_them_too(tmp_path: Path) -> None:
    (tmp_path / "page.html").write_bytes(hostile_page().partition(b"\r\n\r\n")[2])

    for options in ((), ("--json",)):
        ended = archiver("extract", tmp_path / "page.html", *options)
        assert ended.code == 0 and ended.out
        assert_harmless(ended)


def test_json_keeps_what_it_must_not_print(capsys: pytest.CaptureFixture[str]) -> None:
    print_json({"text": ESCAPED})

    line = capsys.readouterr().out
    assert not DANGEROUS & set(line)
    assert json.loads(line) == {"text": ESCAPED}


def test_for_people_each_control_character_becomes_a_mark() -> None:
    assert printable("a\x1b[31mb") == "a\ufffd[31mb"


def test_the_web_of_words_stays_whole() -> None:
    assert printable("Ізюм, Ёлка, 👩‍🚀, résumé, 漢字, שלום\n\ttab") == "Ізюм, Ёлка, 👩‍🚀, résumé, 漢字, שלום\n\ttab"


def test_no_colour_reaches_a_file(hostile: Path) -> None:
    assert "\x1b" not in archiver("find", POST, "--archive", hostile).out


def test_marks_that_turn_the_direction_of_text_are_shown() -> None:
    """Overrides were shown, and the marks that need no end were not."""
    assert printable("a\u200eb\u200fc\u061cd") == "a\ufffdb\ufffdc\ufffdd"


def test_a_line_of_ours_stays_one_line() -> None:
    """A title with a line break could print a line that looked like one of ours."""
    assert one_line("a title\nfailed: https://bank.example/\u2028\x1b[2J") == "a title failed: https://bank.example/ \ufffd[2J"


def test_a_title_cannot_begin_a_line_of_its_own(tmp_path: Path) -> None:
    embed = '<blockquote class="twitter-tweet"><p>Fog</p>&mdash; A (@a)'
    link = '<a href="https://twitter.com/a/status/1568656084437740674">x</a></blockquote>'
    (tmp_path / "page\nforged.html").write_text(f"<html><title>Fog</title><body>{embed} {link}</body></html>")

    ended = archiver("extract", tmp_path / "page\nforged.html")

    assert ended.out.startswith("page forged.html: Fog")
