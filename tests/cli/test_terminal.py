"""What comes from the web is shown on terminals, and must not be able to command them."""

import json
import re
from contextlib import redirect_stderr, redirect_stdout
from io import StringIO
from pathlib import Path

import pytest

import spiders.response_policy
from archiver.cli import run
from archiver.cli.printing import print_json
from archiver.text import json_line, printable, printable_line
from tests.support.program import Ended, archiver, pointed_at
from tests.support.webs import Web, redirect, reply, running_web

POST = "https://blog.example/post/"
CLEAR, TITLE, OVERRIDE, CSI = "\x1b[2J\x1b[H", "\x1b]0;owned\x07", "\u202e", "\x9b31m"
LINK = "\x1b]8;;https://bank.example/\x1b\\click\x1b]8;;\x1b\\"  # OSC 8: a link that says one thing and leads to another
CLIPBOARD = "\x1b]52;c;cm0gLXJmIH4=\x07\x9d52;c;cm0gLXJmIH4=\x9c"  # OSC 52: what is pasted next; the same in C1
RUBBED_OUT = "kept\x08\x08\x08\x08\x7f\x7f\r"
HIDDEN = "\u200b\u2060\ufeff\u2066\u2069\U000e0041\U000e007f\u3164\ufff0\U0001bca0\U0001d173\U000e0080\U000e01f0"
ESCAPED = f"{CLEAR}{TITLE}{OVERRIDE}{CSI}{LINK}{CLIPBOARD}{RUBBED_OUT}{HIDDEN}"
CONTROLS = {chr(code) for code in (*range(0x20), *range(0x7F, 0xA0))} - {"\t", "\n"}
DANGEROUS = CONTROLS | {each for each in ESCAPED if not each.isascii()}
SCOTLAND = "🏴\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f"
WORDS = f"Ізюм, Ёлка, 👩\u200d🚀, ré\u00adsumé, 漢字, שלום, می\u200cخواهم, {SCOTLAND}\n\ttab"


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An archive of a page whose title, text and tweet are full of escape sequences."""
    folder = tmp_path_factory.mktemp("hostile")
    with running_web(folder) as web:
        web["blog.example", "/post/"] = hostile_page()
        web["garbage.example", "/"] = f"{ESCAPED} 220 ready".encode()
        web["blog.example", "/moved/"] = redirect(f"https://blog.example/{CSI}/?{LINK}")
        web["blog.example", "/robots.txt"] = reply(f"User-agent: *\nDisallow: /{ESCAPED}\nSitemap: {ESCAPED}", "text/plain")
        web["blog.example", "/photo.png"] = reply("x", f"image/{ESCAPED.split(chr(13))[0]}")
        seeds = (POST, f"{POST}?{ESCAPED}", "https://blog.example/moved/", "http://garbage.example/", f"https://{CSI}.example/")
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(spiders.response_policy, "RETRY_SECONDS", 0.01)
            ended = said("crawl", *seeds, "--archive", folder / "archive", *pointed_at(web), "--max-time", "2")
            (folder / "archive" / "archiver.toml").write_text(job_of(web, folder / "run.jsonl"))
            night = said("run", "--archive", folder / "archive", "-v")
        assert ended.code in (2, 4), ended
        assert "failed: http://garbage.example/" in ended.err
        assert_harmless(ended)
        assert night.code == 4 and "nightly: " in night.out
        assert_harmless(night)
        log = (folder / "run.jsonl").read_text()
        assert "garbage.example" in log and not DANGEROUS & set(log)
    torn = next((folder / "archive").rglob("*.warc.gz"))
    (torn.parent / f"torn{CLEAR}{OVERRIDE}.warc.gz").write_bytes(torn.read_bytes()[:-40])
    return folder / "archive"


def job_of(web: Web, log: Path) -> str:
    rules = ", ".join(f'"{rule}"' for rule in web.connect_to)
    crawl = f'[crawl]\ndelay = 0\nscreenshots = "none"\ncacert = "{web.cacert}"\nconnect_to = [{rules}]\n'
    seeds = f'seeds = ["{POST}", "http://garbage.example/"]\nschedule = "17 3 * * *"\n'
    return f'{crawl}[jobs.nightly]\n{seeds}[run]\nlog = "{log}"\n'


def hostile_page() -> bytes:
    return reply(
        f"<html><head><title>Title {ESCAPED}</title><meta name=author content='Author {ESCAPED}'>"
        f"<meta property='article:tag' content='Tag {ESCAPED}'></head><body><img src='/photo.png' alt='Alt {ESCAPED}'>"
        f'<blockquote class="twitter-tweet"><p>Words {ESCAPED} pic.twitter.com/uOWxLTTvGP</p>&mdash; Name {ESCAPED} (@handle) '
        '<a href="https://twitter.com/handle/status/1568656084437740674">September 10, 2022</a></blockquote>'
        f"<p>The text {ESCAPED} of the page is long enough to be taken for its main text by whoever reads it.</p></body></html>"
    )


def said(*arguments: str | Path) -> Ended:
    """One command, in this process: starting a program for each takes longer than all of them do."""
    with redirect_stdout(StringIO()) as out, redirect_stderr(StringIO()) as err:
        code = run([str(argument) for argument in arguments])
    return Ended(code, out.getvalue().encode(), err.getvalue().encode())


def assert_harmless(ended: Ended) -> None:
    assert not DANGEROUS & set(ended.out + ended.err)


@pytest.mark.parametrize(
    "command",
    [
        ("find", POST), ("find", POST, "--json"), ("find", "pic.twitter.com/uOWxLTTvGP"), ("find", "@handle", "--json"),
        ("search", "words"), ("search", "title", "--json"), ("show", "1568656084437740674"), ("show", POST),
        ("show", POST, "--json"), ("status",), ("status", "--json"), ("audit",), ("audit", "--json"), ("platforms",),
        ("run", "--list"), ("run", "--list", "--json"),
    ],
)  # fmt: skip
def test_escape_sequences_of_pages_and_posts_are_shown_and_not_obeyed(hostile: Path, command: tuple[str, ...]) -> None:
    ended = said(*command, "--archive", hostile)

    assert ended.code == 0, ended
    assert ended.out
    assert_harmless(ended)


def test_so_it_is_where_a_file_is_named_so_and_damaged(hostile: Path) -> None:
    for options in ((), ("--json",)):
        ended = said("verify", "--archive", hostile, *options)
        assert "torn" in ended.out and "no whole record" in ended.out
        assert_harmless(ended)


def test_what_show_writes_out_has_names_of_ours(hostile: Path, tmp_path: Path) -> None:
    ended = said("show", POST, "--save", tmp_path / "out", "--archive", hostile)
    assert ended.code == 0, ended
    assert_harmless(ended)
    names = [path.name for path in (tmp_path / "out").rglob("*")]
    assert len(names) > 1 and all(re.fullmatch(r"[A-Za-z0-9._@-]+", name) for name in names)


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
    assert printable(WORDS) == WORDS
    assert json.loads(json_line(WORDS)) == WORDS and "\\u" not in json_line(WORDS)


def test_what_has_no_width_is_shown_and_in_json_it_is_escaped(capsys: pytest.CaptureFixture[str]) -> None:
    """A text in tags is seen by programs and by no reader."""
    assert printable(f"a{HIDDEN}b") == "a" + "\ufffd" * len(HIDDEN) + "b"
    assert printable("half \ud83d of a character") == "half \ufffd of a character"
    print_json([HIDDEN, "\ud83d"])
    line = capsys.readouterr().out
    assert line.isascii() and json.loads(line) == [HIDDEN, "\ud83d"]


def test_no_colour_reaches_a_file(hostile: Path) -> None:
    assert "\x1b" not in archiver("find", POST, "--archive", hostile).out


def test_marks_that_turn_the_direction_of_text_are_shown() -> None:
    """Overrides were shown, and the marks that need no end were not."""
    assert printable("a\u200eb\u200fc\u061cd") == "a\ufffdb\ufffdc\ufffdd"


def test_a_line_of_ours_stays_one_line() -> None:
    """A title with a line break could print a line that looked like one of ours."""
    assert (
        printable_line("a title\nfailed: https://bank.example/\u2028\x1b[2J") == "a title failed: https://bank.example/ \ufffd[2J"
    )


def test_a_title_cannot_begin_a_line_of_its_own(tmp_path: Path) -> None:
    embed = '<blockquote class="twitter-tweet"><p>Fog</p>&mdash; A (@a)'
    link = '<a href="https://twitter.com/a/status/1568656084437740674">x</a></blockquote>'
    (tmp_path / "page\nforged.html").write_text(f"<html><title>Fog</title><body>{embed} {link}</body></html>")

    ended = archiver("extract", tmp_path / "page\nforged.html")

    assert ended.out.startswith("page forged.html: Fog")
