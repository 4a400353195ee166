"""archiver.toml: what it may say, and what is said where it says something else."""

from pathlib import Path

import pytest

from archiver.config import Config, CrawlSettings, load_config, parse_duration, parse_size, with_overrides
from archiver.errors import ConfigError
from archiver.session import CrawlPlan


def config(folder: Path, text: str) -> Config:
    (folder / "archiver.toml").write_text(text, encoding="utf-8")
    return load_config(folder / "archiver.toml")


def test_without_a_file_everything_is_as_usual(tmp_path: Path) -> None:
    assert load_config(tmp_path / "archiver.toml") == Config()


def test_where_the_folder_is_a_file_there_is_no_config_either(tmp_path: Path) -> None:
    # Whoever writes there says that it cannot: that is another exit code than a wrong configuration.
    (tmp_path / "archive").write_text("no folder")

    assert load_config(tmp_path / "archive" / "archiver.toml") == Config()


def test_all_settings_can_be_given(tmp_path: Path) -> None:
    settings = config(
        tmp_path,
        '[crawl]\nuser_agent = "me/1"\ndelay = 0\nconcurrency = 2\nmax_bytes = 5\nmax_time = 1.5\nmax_pages = 7\nproxy = "http://p:1"\n'
        'cacert = "ca.pem"\nconnect_to = ["a:1:b:2"]\nallow_private = true\nignore_robots = "asked to"\n',
    ).crawl

    assert settings == CrawlSettings(
        user_agent="me/1", delay=0, concurrency=2, max_bytes=5, max_time=1.5, max_pages=7, proxy="http://p:1",
        cacert=Path("ca.pem"), connect_to=("a:1:b:2",), allow_private=True, ignore_robots="asked to",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[crawl]\nuseragent = 'x'", "unknown key `crawl.useragent`: write `user_agent` instead"),
        ("[crawl]\nconect_to = []", "unknown key `crawl.conect_to`: write `connect_to` instead"),
        ("[crawl]\nzzz = 1", "unknown key `crawl.zzz`: known here: user_agent, delay"),
        ("craw = 1", "unknown key `craw`: write `crawl` instead"),
        ("[crawl]\nconcurrency = 0", "`crawl.concurrency`: expected a whole number >= 1"),
        ("[crawl]\ndelay = -1", "`crawl.delay`: expected a number >= 0"),
        ("[crawl]\nmax_pages = 'all'", "`crawl.max_pages`: expected a whole number, got text in quotes"),
        ("[crawl]\nconnect_to = 'a:1:b:2'", "`crawl.connect_to`: expected a [list], got text in quotes"),
        ("crawl = 7", "`crawl`: expected a [table], got a whole number"),
        ("[crawl]\ndelay = ", "is not valid TOML"),
    ],
)
def test_what_is_wrong_is_named_with_what_to_write(tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(ConfigError) as error:
        config(tmp_path, text)

    assert says in str(error.value)
    assert str(tmp_path / "archiver.toml") in str(error.value)
    assert error.value.exit_code == 2


def test_bytes_that_are_no_text_are_no_toml(tmp_path: Path) -> None:
    (tmp_path / "archiver.toml").write_bytes(b"\xff\xfe\x00")

    with pytest.raises(ConfigError, match="not valid TOML"):
        load_config(tmp_path / "archiver.toml")


def test_a_folder_in_its_place_is_told(tmp_path: Path) -> None:
    (tmp_path / "archiver.toml").mkdir()

    with pytest.raises(ConfigError, match="cannot read"):
        load_config(tmp_path / "archiver.toml")


def test_what_the_command_line_gives_goes_over_the_file() -> None:
    settings = CrawlSettings(delay=5, concurrency=3, allow_private=True)

    changed = with_overrides(settings, delay=2.0, concurrency=None, connect_to=(), allow_private=False, max_pages=9)

    assert changed == CrawlSettings(delay=2, concurrency=3, allow_private=True, max_pages=9)


def test_no_delay_is_something_else_than_none_given() -> None:
    # 0 counted as "not given", so `--delay 0` waited a second before every request.
    assert with_overrides(CrawlSettings(), delay=0.0).delay == 0
    assert with_overrides(CrawlSettings(delay=5), delay=0.0).delay == 0


def test_what_is_recorded_of_a_crawl_holds_its_settings_and_no_secrets() -> None:
    proxy, cacert = "http://user:secret@proxy.example:3128", Path("/home/me/ca.pem")
    settings = CrawlSettings(delay=0, proxy=proxy, cacert=cacert, ignore_robots="why")

    told = CrawlPlan(Path("/home/me/archive"), ("https://a.example/",), settings=settings).to_json()

    assert '"delay": 0' in told and '"proxy": "proxy.example:3128"' in told and '"ignore_robots": "why"' in told
    assert "secret" not in told and "/home/me" not in told


@pytest.mark.parametrize(
    ("text", "size"), [("1234", 1234), ("500k", 500_000), ("100MB", 100_000_000), ("2 GB", 2_000_000_000), ("1.5m", 1_500_000)]
)
def test_sizes_are_written_as_people_write_them(text: str, size: int) -> None:
    assert parse_size(text) == size


@pytest.mark.parametrize("text", ["", "0", "0MB", "-1", "much", "1TB", "1 2", "k", "1e9"])
def test_what_is_no_size_is_told_how_to_write_one(text: str) -> None:
    with pytest.raises(ConfigError, match="write 500k, 100MB or 2GB"):
        parse_size(text)


@pytest.mark.parametrize(("text", "seconds"), [("90", 90), ("90s", 90), ("0.5", 0.5), ("15m", 900), ("2H", 7200)])
def test_times_are_written_as_people_write_them(text: str, seconds: float) -> None:
    assert parse_duration(text) == seconds


@pytest.mark.parametrize("text", ["", "soon", "-1", "1d", "1:30"])
def test_what_is_no_time_is_told_how_to_write_one(text: str) -> None:
    with pytest.raises(ConfigError, match="write 90s, 15m or 2h"):
        parse_duration(text)
