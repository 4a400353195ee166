"""How a crawl begins and ends: settings that are wrong, an archive that is held, Ctrl-C, scripts, the shell."""

import re
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from scrapy.settings import Settings

from archiver.errors import ConfigError
from archiver.network.routes import ConnectTo
from archiver.scrapy.options import ArchiveOptions, read_options
from archiver.storage.files.lock import ArchiveLock
from tests.support.crawling import records, rows
from tests.support.program import archiver
from tests.support.scrapy_project import ScrapyProject, pointing_at
from tests.support.waiting import until
from tests.support.webs import Asked, Web, page, reply, running_web

SITE = "https://site.example/"
SPIDER = """
import scrapy


class PlainSpider(scrapy.Spider):
    name = "plain"
    start_urls = ["https://site.example/"]

    def parse(self, response):
        yield from response.follow_all(css="a", callback=self.parse)
"""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Web]:
    with running_web(tmp_path_factory.mktemp("web")) as web:
        web["site.example", "/"] = page(*(f"/{number}" for number in range(200)), "<p>long enough to be repeated</p>" * 50)

        def one(asked: Asked) -> bytes:
            time.sleep(0.02)  # so that there is a middle to interrupt it in
            return page(f"page {asked.path}")

        for number in range(200):
            web["site.example", f"/{number}"] = one
        yield web


@pytest.fixture
def made(site: Web, tmp_path: Path) -> ScrapyProject:
    return ScrapyProject(tmp_path, SPIDER, ROBOTSTXT_OBEY=False, CONCURRENT_REQUESTS_PER_DOMAIN=2, **pointing_at(site))


def test_ctrl_c_leaves_a_sound_and_sealed_archive(made: ScrapyProject) -> None:
    process = made.begin("crawl", "plain", "-L", "DEBUG")
    warcs = made.archive / "warc"
    until(lambda: sum(file.stat().st_size for file in warcs.rglob("*.warc.gz")) > 5_000, process)

    process.send_signal(signal.SIGINT)
    _, log = process.communicate(timeout=60)

    assert b"recorded in" in log and b"Traceback" not in log
    assert 0 < len(rows(made.archive, "SELECT url FROM captures")) < 201
    assert '"ended": "interrupted"' in rows(made.archive, "SELECT outcome FROM crawls")[0]
    verified = archiver("verify", "--archive", made.archive)
    assert verified.code == 0 and "1 of them in manifests" in verified.out, verified


def test_what_a_kill_left_is_picked_up_by_the_next_crawl(made: ScrapyProject) -> None:
    process = made.begin("crawl", "plain")
    until(lambda: any(file.stat().st_size > 5_000 for file in made.archive.rglob("*.warc.gz")), process)
    process.kill()
    process.communicate()

    assert made.scrapy("crawl", "plain", "-s", "CLOSESPIDER_PAGECOUNT=1").returncode == 0

    assert len(rows(made.archive, "SELECT DISTINCT crawl FROM captures")) == 2
    recorded = {each.record_id for each in records(made.archive) if each.record_type in ("response", "revisit")}
    assert recorded == set(rows(made.archive, "SELECT record_id FROM captures"))
    assert archiver("verify", "--archive", made.archive).code == 0


def test_a_second_crawl_adds_revisits(made: ScrapyProject) -> None:
    first = made.scrapy("crawl", "plain", "-s", "CLOSESPIDER_PAGECOUNT=1", "-s", "DEPTH_LIMIT=0")
    again = made.scrapy("crawl", "plain", "-s", "CLOSESPIDER_PAGECOUNT=1", "-s", "ARCHIVE_JOB=again")
    assert "archive/revisits" not in first.stderr and "'archive/revisits': 1" in again.stderr
    assert rows(made.archive, "SELECT record_type FROM captures WHERE url = ? ORDER BY captured_at", SITE) == [
        "response",
        "revisit",
    ]
    assert rows(made.archive, "SELECT job FROM crawls ORDER BY started_at") == ["plain", "again"]
    assert '"ended": "limit"' in rows(made.archive, "SELECT outcome FROM crawls")[0]


def test_an_archive_that_is_held_ends_the_crawl_before_it_begins(made: ScrapyProject, site: Web) -> None:
    made.archive.mkdir()
    before = len(site.asked)
    lock = ArchiveLock(made.archive / ".lock", "job nightly")
    try:
        ended = made.scrapy("crawl", "plain")
    finally:
        lock.release()
    assert ended.returncode == 1
    assert "nothing is crawled: archive is being written to by process" in ended.stderr
    assert "(job nightly, since" in ended.stderr
    assert len(site.asked) == before


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("ARCHIVE_DIRECTORY", "x", "ARCHIVE_DIRECTORY is no setting of the archive's add-on: did you mean ARCHIVE_DIR?"),
        ("ARCHIVE_DIR", 3, "ARCHIVE_DIR = 3 is not understood: write ARCHIVE_DIR = "),
        ("ARCHIVE_JOB", ["a"], "ARCHIVE_JOB = ['a'] is not understood: write ARCHIVE_JOB = "),
        (
            "ARCHIVE_ALLOW_PRIVATE",
            "perhaps",
            "ARCHIVE_ALLOW_PRIVATE = 'perhaps' is not understood: write ARCHIVE_ALLOW_PRIVATE = ",
        ),
        ("ARCHIVE_CACERT", "no.pem", "ARCHIVE_CACERT = 'no.pem' is not understood: write the path of a PEM file"),
        (
            "ARCHIVE_CONNECT_TO",
            "nonsense",
            "ARCHIVE_CONNECT_TO: ARCHIVE_CONNECT_TO 'nonsense' is not understood: write HOST:PORT",
        ),
        ("ARCHIVE_BLANK_HEADERS", 1, "ARCHIVE_BLANK_HEADERS = 1 is not understood: write ARCHIVE_BLANK_HEADERS = "),
        ("ARCHIVE_MIN_FREE", "much", "ARCHIVE_MIN_FREE: `much` is no size: write 500k, 100MB or 2GB"),
    ],
)
def test_a_setting_that_is_wrong_is_named_with_what_to_write(name: str, value: object, told: str) -> None:
    with pytest.raises(ConfigError, match=re.escape(told)):
        read_options(Settings({name: value}))


def test_settings_are_read_as_python_and_as_the_command_line_write_them() -> None:
    route = ConnectTo.parse("::127.0.0.1:8443")
    as_python = {"ARCHIVE_CONNECT_TO": ["::127.0.0.1:8443"], "ARCHIVE_ALLOW_PRIVATE": True, "ARCHIVE_MIN_FREE": 1000}
    as_text = {"ARCHIVE_CONNECT_TO": "::127.0.0.1:8443", "ARCHIVE_ALLOW_PRIVATE": "1", "ARCHIVE_MIN_FREE": "1k"}
    wanted = ArchiveOptions(connect_to=(route,), allow_private=True, min_free=1000)
    assert read_options(Settings(as_python)) == read_options(Settings(as_text)) == wanted
    assert read_options(Settings()) == ArchiveOptions()
    assert read_options(Settings({"ARCHIVE_BLANK_HEADERS": "Authorization,Cookie"})).blank_headers == {"authorization", "cookie"}


def test_with_a_wrong_setting_nothing_is_asked(made: ScrapyProject, site: Web) -> None:
    before = len(site.asked)
    ended = made.scrapy("crawl", "plain", "-s", "ARCHIVE_DIRECTORY=x")
    assert ended.returncode == 1
    assert "nothing is crawled: ARCHIVE_DIRECTORY is no setting" in ended.stderr
    assert (len(site.asked), made.archive.exists()) == (before, False)


def test_switched_off_it_records_nothing(made: ScrapyProject) -> None:
    ended = made.scrapy("crawl", "plain", "-s", "ARCHIVE_ENABLED=False", "-s", "CLOSESPIDER_PAGECOUNT=1")
    assert "ARCHIVE_ENABLED is False: nothing is recorded" in ended.stderr
    assert (ended.returncode, made.archive.exists()) == (0, False)


def test_a_handler_of_the_project_is_refused_and_settings_without_effect_are_named(made: ScrapyProject) -> None:
    handler = '{"https": "scrapy.core.downloader.handlers.http2.H2DownloadHandler"}'
    ended = made.scrapy("crawl", "plain", "-s", f"DOWNLOAD_HANDLERS={handler}")
    assert ended.returncode == 1
    assert 'nothing is crawled: DOWNLOAD_HANDLERS["https"] is scrapy.core' in ended.stderr
    ended = made.scrapy("crawl", "plain", "-s", "DOWNLOAD_TLS_MIN_VERSION=TLSv1.3", "-s", "CLOSESPIDER_PAGECOUNT=1")
    assert "DOWNLOAD_TLS_MIN_VERSION has no effect" in ended.stderr


def test_a_reactor_without_asyncio_is_refused(made: ScrapyProject) -> None:
    ended = made.scrapy("crawl", "plain", "-s", "TWISTED_REACTOR=twisted.internet.pollreactor.PollReactor")
    assert ended.returncode == 1
    assert "nothing is crawled: the archive's fetcher needs asyncio: set TWISTED_REACTOR" in ended.stderr


def test_it_works_without_twisteds_reactor(made: ScrapyProject) -> None:
    ended = made.scrapy("crawl", "plain", "-s", "TWISTED_REACTOR_ENABLED=False", "-s", "CLOSESPIDER_PAGECOUNT=1")
    assert ended.returncode == 0, ended.stderr
    assert SITE in rows(made.archive, "SELECT url FROM captures")


def test_runspider_records_too(made: ScrapyProject) -> None:
    ended = made.scrapy("runspider", "news/spiders/spider0.py", "-s", "CLOSESPIDER_PAGECOUNT=1")
    assert ended.returncode == 0, ended.stderr
    assert SITE in rows(made.archive, "SELECT url FROM captures")


def test_what_the_shell_fetched_is_found_and_the_next_crawl_seals_it(made: ScrapyProject) -> None:
    ended = made.scrapy("shell", SITE, "-c", "(response.status, response.css('h1::text').get())")
    assert "(200, 'A page')" in ended.stdout, ended.stderr
    assert rows(made.archive, "SELECT url FROM captures") == [SITE]
    assert rows(made.archive, "SELECT job FROM crawls") == ["shell"]
    assert archiver("verify", "--archive", made.archive).code == 0
    made.scrapy("crawl", "plain", "-s", "CLOSESPIDER_PAGECOUNT=1")
    assert "2 of them in manifests" in archiver("verify", "--archive", made.archive).out


SCRIPT = """
import scrapy
from scrapy.crawler import CrawlerProcess
from scrapy.utils.project import get_project_settings

class One(scrapy.Spider):
    name = "one"
    start_urls = ["https://site.example/"]
    custom_settings = {"ARCHIVE_DIR": "one"}

class Two(scrapy.Spider):
    name = "two"
    start_urls = ["https://site.example/1"]
    custom_settings = {"ARCHIVE_DIR": %r}

process = CrawlerProcess(get_project_settings())
process.crawl(One)
process.crawl(Two)
process.start()
"""


def test_two_crawlers_of_a_script_record_into_two_archives(made: ScrapyProject) -> None:
    ended = made.python(SCRIPT % "two")
    assert ended.returncode == 0, ended.stderr
    assert rows(made.folder / "one", "SELECT url FROM captures") == [SITE]
    assert rows(made.folder / "two", "SELECT url FROM captures") == [f"{SITE}1"]


def test_two_crawlers_of_a_script_cannot_record_into_one(made: ScrapyProject) -> None:
    ended = made.python(SCRIPT % "one")
    assert (
        "nothing is crawled: one is being written to by another crawler of this process: give each an ARCHIVE_DIR" in ended.stderr
    )
    assert rows(made.folder / "one", "SELECT url FROM captures") == [SITE]
    assert archiver("verify", "--archive", made.folder / "one").code == 0


def test_the_http_cache_answers_without_being_recorded_again(made: ScrapyProject) -> None:
    cached = ("-s", "HTTPCACHE_ENABLED=True", "-s", "CLOSESPIDER_PAGECOUNT=1")
    made.scrapy("crawl", "plain", *cached)
    before = rows(made.archive, "SELECT record_id FROM captures WHERE url = ?", SITE)
    again = made.scrapy("crawl", "plain", *cached)
    assert "'archive/not_archived/cached'" in again.stderr
    assert again.stderr.count("what HTTPCACHE answers is not asked for again and is not recorded again") == 1
    assert rows(made.archive, "SELECT record_id FROM captures WHERE url = ?", SITE) == before


def test_a_spider_that_fails_leaves_a_sealed_archive(made: ScrapyProject) -> None:
    (made.folder / "news" / "spiders" / "spider0.py").write_text(
        SPIDER.replace("yield from", "raise RuntimeError(1); yield from")
    )
    ended = made.scrapy("crawl", "plain")
    assert "RuntimeError: 1" in ended.stderr
    assert "1 of them in manifests" in archiver("verify", "--archive", made.archive).out


def test_a_disk_that_is_nearly_full_ends_the_crawl_before_it_begins(made: ScrapyProject) -> None:
    ended = made.scrapy("crawl", "plain", "-s", "ARCHIVE_MIN_FREE=900000GB")
    assert ended.returncode == 1
    assert "nothing is crawled: " in ended.stderr and "ARCHIVE_MIN_FREE" in ended.stderr


def test_autothrottle_has_a_latency_to_go_by(made: ScrapyProject) -> None:
    throttled = ("-s", "AUTOTHROTTLE_ENABLED=True", "-s", "AUTOTHROTTLE_DEBUG=True", "-s", "AUTOTHROTTLE_START_DELAY=0.1")
    ended = made.scrapy("crawl", "plain", *throttled, "-s", "CLOSESPIDER_PAGECOUNT=2")
    assert "latency:" in ended.stderr


def test_a_proxy_of_a_request_is_used_and_its_password_is_nowhere(site: Web, tmp_path: Path) -> None:
    """The small web serves as a plain HTTP proxy: it answers by Host, whatever the request line says."""
    spider = SPIDER.replace(
        'start_urls = ["https://site.example/"]',
        'custom_settings = {"ARCHIVE_ALLOW_PRIVATE": True}\n\n    async def start(self):\n'
        f'        yield scrapy.Request("http://by.proxy/", meta={{"proxy": "http://ann:pass@127.0.0.1:{site.http_port}"}})',
    )
    site["by.proxy", "http://by.proxy/"] = reply("through the proxy")
    made = ScrapyProject(tmp_path, spider, ROBOTSTXT_OBEY=False)
    ended = made.scrapy("crawl", "plain")
    assert rows(made.archive, "SELECT url, status FROM captures") == [("http://by.proxy/", 200)], ended.stderr
    (asked,) = [each for each in site.asked if each.host == "by.proxy"]
    assert asked.headers["proxy-authorization"] == "Basic YW5uOnBhc3M="
    assert not any(b"YW5uOnBhc3M" in each.block.bytes() for each in records(made.archive))
