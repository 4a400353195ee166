"""archiver.toml: what it may say, and what is said where it says something else."""

from datetime import date
from pathlib import Path

import pytest

from archiver.config.settings import (
    Config,
    CrawlSettings,
    HostSettings,
    JobSettings,
    PingSettings,
    RunSettings,
    TimestampAuthority,
    host_settings,
    hosts_beside,
    load_config,
    with_overrides,
)
from archiver.config.units import parse_duration, parse_size
from archiver.crawling.session import CrawlPlan
from archiver.errors import ConfigError


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
    (tmp_path / "ca.pem").touch()
    settings = config(
        tmp_path,
        '[crawl]\nuser_agent = "me/1"\ndelay = 0\nconcurrency = 2\nmax_bytes = 5\nmax_time = 1.5\nmax_pages = 7\nproxy = "http://p:1"\n'
        'cacert = "ca.pem"\nconnect_to = ["a:1:b:2"]\nallow_private = true\nignore_robots = "asked to"\n',
    ).crawl

    assert settings == CrawlSettings(
        user_agent="me/1", delay=0, concurrency=2, max_bytes=5, max_time=1.5, max_pages=7, proxy="http://p:1",
        cacert=tmp_path / "ca.pem", connect_to=("a:1:b:2",), allow_private=True, ignore_robots="asked to",
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


def test_sizes_and_times_may_be_written_as_people_write_them(tmp_path: Path) -> None:
    settings = config(
        tmp_path, '[crawl]\nmax_bytes = "2MB"\nmin_free = "1 GB"\nmax_time = "2m"\nstop_after = "4h"\ndelay = "500"\n'
    ).crawl

    assert (settings.max_bytes, settings.min_free) == (2_000_000, 1_000_000_000)
    assert (settings.max_time, settings.stop_after, settings.delay) == (120, 14_400, 500)


def test_a_job_has_the_settings_of_all_crawls_and_its_own(tmp_path: Path) -> None:
    settings = config(
        tmp_path,
        '[crawl]\ndelay = 3\nmax_pages = 9\n[jobs.blog]\nseeds = ["blog.example"]\nschedule = "17 3 * * *"\nscope = "site"\n'
        'include = ["/20"]\nexclude = ["/tag/"]\nsince = 2022-09-01\nenabled = false\ndelay = "5s"\n',
    )

    assert settings.jobs == {
        "blog": JobSettings(
            seeds=("blog.example",), schedule="17 3 * * *", scope="site", include=("/20",), exclude=("/tag/",),
            since=date(2022, 9, 1), enabled=False, crawl=CrawlSettings(delay=5, max_pages=9),
        )
    }  # fmt: skip


def test_files_are_looked_for_beside_the_configuration(tmp_path: Path) -> None:
    """Cron starts programs in the user's home, where a relative path leads nowhere."""
    (tmp_path / "cookies.txt").touch()
    (tmp_path / "root.pem").touch()

    settings = config(
        tmp_path,
        '[hosts."Blog.Example"]\ncookies = "cookies.txt"\n[run]\ntimezone = "Europe/Kyiv"\nlog = "run.jsonl"\n'
        '[run.ping]\nsuccess = "https://ping.example/1"\n[[timestamps]]\nurl = "https://tsa.example/"\nroot = "root.pem"\n',
    )

    assert settings.hosts == {"blog.example": HostSettings(cookies=tmp_path / "cookies.txt")}
    ping = PingSettings(success="https://ping.example/1")
    assert settings.run == RunSettings(timezone="Europe/Kyiv", log=tmp_path / "run.jsonl", ping=ping)
    assert settings.timestamps == (TimestampAuthority(url="https://tsa.example/", root=tmp_path / "root.pem"),)


JOB = "[jobs.blog]\nseeds = ['https://blog.example/']\n"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[jobs.blog]\nschedule = '17 3 * * *'", "`jobs.blog.seeds`: is missing: write which pages"),
        ("[jobs.blog]\nseeds = []", "`jobs.blog.seeds`: expected a [list] of length >= 1"),
        ("[jobs.blog]\nseeds = 'https://blog.example/'", "`jobs.blog.seeds`: expected a [list], got text in quotes"),
        (
            "[jobs.blog]\nseeds = ['ftp://blog.example/']",
            "`jobs.blog.seeds`: ftp://blog.example/ is not a URL that can be fetched",
        ),
        ("[jobs.'a b']\nseeds = ['https://a.example/']", "`jobs.a b`: a job's name has letters, digits, - and _ only"),
        ("jobs = 7", "`jobs`: expected a [table], got a whole number"),
        ("[jobs]\nblog = 7", "`jobs.blog`: expected a [table], got a whole number"),
        (f"{JOB}shedule = '17 3 * * *'", "unknown key `jobs.blog.shedule`: write `schedule` instead"),
        (f"{JOB}max-pages = 3", "unknown key `jobs.blog.max-pages`: write `max_pages` instead"),
        (f"{JOB}delay = -1", "`jobs.blog.delay`: expected a number >= 0"),
        (f"{JOB}max_bytes = 'much'", "`jobs.blog.max_bytes`: `much` is no size: write 500k, 100MB or 2GB"),
        (f"{JOB}schedule = 'at night'", "`jobs.blog.schedule`: `at night` has not the five fields of a schedule: minute, hour"),
        (f"{JOB}schedule = '61 3 * * *'", "`jobs.blog.schedule`: `61 3 * * *` is no schedule (bad minute): write minute, hour"),
        (f"{JOB}schedule = '0 0 30 2 *'", "`jobs.blog.schedule`: `0 0 30 2 *` is no schedule (bad day-of-month)"),
        (f"{JOB}include = ['(']", "`jobs.blog.include`: `(` is no regular expression"),
        ("[crawl]\nscreenshots = 'post'", "`crawl.screenshots`: `post` is none of none, posts, pages, all: write posts"),
        (f"{JOB}since = 'May'", "`jobs.blog.since`: expected a day like 2022-09-01"),
        (f"{JOB}since = 7", "`jobs.blog.since`: expected a day like 2022-09-01, got a whole number"),
        (f"{JOB}scope = 'all'", "`jobs.blog.scope`: `all` is none of page, feed, prefix, site"),
        ("[crawl]\nstop_after = 'soon'", "`crawl.stop_after`: `soon` is no time: write 90s, 15m or 2h"),
        ("[crawl]\ncacert = 7", "`crawl.cacert`: expected a path in quotes"),
        ("[crawl]\ncacert = 'ca.pem'\nx = 1", "unknown key `crawl.x`"),
        ('[hosts."https://blog.example/"]\ndelay = 1', 'write the name of a host alone, as in [hosts."blog.example"]'),
        ("[hosts.\"blog.example\"]\ncookie = 'c.txt'", 'unknown key `hosts."blog.example".cookie`: write `cookies` instead'),
        ("[hosts.\"blog.example\"]\ncookies = 'c.txt'", '`hosts."blog.example".cookies`: there is no file '),
        ("[run]\ntimezone = 'Kyiv'", "`run.timezone`: `Kyiv` is no time zone: write Europe/Kyiv"),
        (
            "[run]\ntimezone = 'berlin time'",
            "`run.timezone`: `berlin time` is no time zone: write Europe/Kyiv, America/New_York or",
        ),
        ("[run]\ntimezone = '../../etc/passwd'", "is no time zone"),
        ("[run]\nlog = 'logs/run.jsonl'", "`run.log`: there is no folder "),
        ("[run]\nmetrics = '.'", "is a folder: write the path of a file"),
        ("[run.ping]\nstarted = 'https://ping.example/'", "unknown key `run.ping.started`: write `start` instead"),
        ("[run.ping]\nstart = 'secret-id'", "`run.ping.start`: is no URL that begins with http:// or https://"),
        ("[timestamps]\nurl = 'https://tsa.example/'", "`timestamps`: expected [[timestamps]], in two brackets"),
        ("[[timestamps]]\nurl = 'https://tsa.example/'", "`timestamps[1].root`: is missing"),
        ("[[timestamps]]\nurl = 'https://tsa.example/'\nroot = 'r.pem'", "`timestamps[1].root`: there is no file "),
        (f"{JOB}delay = inf", "`jobs.blog.delay`: expected a number <= 31622400"),
        ('[crawl]\nuser_agent = "me/1\\r\\nCookie: a=b"', "`crawl.user_agent`: is sent in a header: write a name in ASCII"),
        ("[crawl]\nuser_agent = ''", "`crawl.user_agent`: is sent in a header"),
        (f"{JOB}ignore_robots = ''", "`jobs.blog.ignore_robots`: write the reason"),
        (f"{JOB}cacert = 'ca.pem'", "`jobs.blog.cacert`: there is no file "),
        ("[crawl]\ncacert = '~nobody-of-that-name/ca.pem'", "names a user who has no home here: write the whole path"),
        ('[hosts."A.example"]\n[hosts."a.example"]\n', '`hosts."a.example"`: stands there twice'),
        ("[recheck]\nafter = '1d'", "`recheck`: comes in a later version; leave it out"),
        ("[notify]\n", "`notify`: comes in a later version; leave it out"),
    ],
)
def test_what_is_wrong_with_jobs_hosts_and_runs_is_named(tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(ConfigError) as error:
        config(tmp_path, text)

    assert says in str(error.value)


def test_an_address_that_is_a_secret_is_not_repeated(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as error:
        config(tmp_path, "[run.ping]\nfailure = 'ping.example/a-secret'")

    assert "a-secret" not in str(error.value)


def test_a_delay_of_the_command_line_goes_over_those_of_hosts_and_leaves_their_cookies() -> None:
    hosts = {"blog.example": HostSettings(delay=5, cookies=Path("/cookies.txt"))}
    assert hosts_beside(hosts, None) == hosts
    assert hosts_beside(hosts, 0) == {"blog.example": HostSettings(cookies=Path("/cookies.txt"))}


def test_a_host_has_its_own_settings_before_those_of_all_below_a_name() -> None:
    hosts = {
        "a.blog.example": HostSettings(delay=0),
        ".blog.example": HostSettings(delay=5, cookies=Path("/blog")),
        ".example": HostSettings(delay=9),
    }

    assert host_settings(hosts, "a.blog.example") == HostSettings(delay=0, cookies=Path("/blog"))
    assert host_settings(hosts, "b.a.blog.example") == HostSettings(delay=5, cookies=Path("/blog"))
    assert host_settings(hosts, "blog.example") == HostSettings(delay=9)
    assert host_settings(hosts, "myblog.test") == HostSettings()


def test_where_cookies_lie_is_in_no_record(tmp_path: Path) -> None:
    hosts = {"blog.example": HostSettings(delay=5, cookies=tmp_path / "cookies.txt")}

    assert "cookies" not in CrawlPlan(tmp_path, ("https://blog.example/",), hosts=hosts).to_json()


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
