"""What stock spiders ask for besides pages: each feature of Scrapy's requests, in one crawl of a web that answers oddly."""

import base64
import gzip
import json
import re
import shutil
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest

from archiver.storage.index.crawl_queries import CrawlIndex
from archiver.storage.index.database import open_index_to_read
from archiver.storage.warc.reader import StoredRecord
from archiver.tasks.reindex import reindex
from tests.support.crawling import records, rows
from tests.support.photos import landscape, saved
from tests.support.program import archiver
from tests.support.scrapy_project import ScrapyProject, pointing_at
from tests.support.tables import tables_of
from tests.support.webs import Asked, Web, Writer, in_turn, page, redirect, reply, running_web

SITE = "https://odd.example"
TWEET = (
    '<blockquote class="twitter-tweet"><p>Whole rows of tanks</p>&mdash; A (@a)'
    ' <a href="https://twitter.com/a/status/1568656084437740674">September 10, 2022</a></blockquote>'
)
SPIDER = """
import json
from pathlib import Path

import scrapy
from scrapy import signals
from scrapy.exceptions import StopDownload


class OddSpider(scrapy.Spider):
    name = "odd"
    handle_httpstatus_list = [404]

    @classmethod
    def from_crawler(cls, crawler, *args, **kwargs):
        spider = super().from_crawler(crawler, *args, **kwargs)
        crawler.signals.connect(spider.head_came, signals.headers_received)
        return spider

    def head_came(self, request, headers, body_length):
        if request.url.endswith("/stopped"):
            raise StopDownload(fail=False)

    async def start(self):
        site = "https://odd.example"
        def ask(path, **options):
            return scrapy.Request(site + path, self.parse, errback=self.failed, dont_filter=True, **options)
        yield ask("/gzip")
        yield ask("/old")
        yield ask("/missing")
        yield ask("/form", method="POST", body="a=1&b=2", headers={"Content-Type": "application/x-www-form-urlencoded"})
        yield ask("/form", method="GET", priority=-10)
        yield ask("/same")
        yield ask("/same", method="POST", priority=-10)
        yield ask("/head", method="HEAD")
        yield ask("/flaky")
        yield ask("/large")
        yield ask("/broken-off")
        yield ask("/broken-off?kept", meta={"download_fail_on_dataloss": False})
        yield ask("/slow", meta={"download_timeout": 0.5, "dont_retry": True})
        yield ask("/secret", headers={"Authorization": "Basic c2VjcmV0", "X-Plain": "shown"})
        yield ask("/cookie")
        yield ask("/stopped")
        yield ask("/bad-header", headers={"X-Bad": "a\\r\\nInjected: b"})
        yield ask("/bound", meta={"bindaddress": "127.0.0.2"})
        yield ask("/proxied", meta={"proxy": "socks5://127.0.0.1:1"})
        yield scrapy.Request("http://gone.example/", self.parse, errback=self.failed)
        yield scrapy.Request("http://127.0.0.1:81/", self.parse, errback=self.failed)
        yield scrapy.Request("data:text/html,not%20of%20the%20web", self.parse, errback=self.failed)
        yield scrapy.Request(Path(__file__).as_uri(), self.parse, errback=self.failed)

    def parse(self, response):
        self.tell(response.request, response=response)
        if response.url.endswith("/gzip"):
            yield {"image_urls": ["https://odd.example/photo.jpg"]}
        if response.url.endswith("/cookie"):
            yield scrapy.Request("https://odd.example/cookie?again", self.parse)

    def failed(self, failure):
        self.tell(failure.request, error=failure.value)

    def tell(self, request, response=None, error=None):
        told = {"url": request.url, "method": request.method}
        if response is not None:
            told |= {"status": response.status, "text": response.text, "kind": type(response).__name__, "flags": response.flags,
                     "ip": str(response.ip_address), "protocol": response.protocol, "hops": request.meta.get("redirect_urls")}
        else:
            told |= {"error": type(error).__name__, "reason": str(error)}
        with open("seen.jsonl", "a") as file:
            print(json.dumps(told), file=file)
"""


async def breaking_off(_: Asked, writer: Writer) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 1000\r\n\r\n<p>half of i")


async def slowly(_: Asked, writer: Writer) -> None:
    import asyncio  # noqa: PLC0415

    writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 1000\r\n\r\n<p>the first part")
    await writer.drain()
    await asyncio.sleep(5)


@dataclass
class OddCrawl:
    made: ScrapyProject
    web: Web
    log: str

    def seen(self, path: str, method: str = "GET") -> dict[str, object]:
        """What the spider saw of a request; of a redirect, by where it led."""
        lines = [json.loads(line) for line in (self.made.folder / "seen.jsonl").read_text().splitlines()]
        (found,) = [each for each in lines if each["url"] in (path, SITE + path) and each["method"] == method]
        return dict(found)

    def asked(self, path: str) -> list[Asked]:
        return [each for each in self.web.asked if each.url == SITE + path]

    def record(self, path: str, kind: str = "response", number: int = 0) -> StoredRecord:
        return [each for each in records(self.made.archive) if each.url == SITE + path and each.record_type == kind][number]

    def captured(self, path: str) -> list[tuple[int, str, str | None]]:
        sql = "SELECT status, resource_type, truncated FROM captures WHERE url = ? ORDER BY captured_at"
        return rows(self.made.archive, sql, SITE + path)


GZIPPED = gzip.compress(f"<html><head><title>Coded</title></head><body>{TWEET}</body></html>".encode(), mtime=0)


@pytest.fixture(scope="module")
def odd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OddCrawl]:
    with running_web(tmp_path_factory.mktemp("web")) as web:
        host = "odd.example"
        web[host, "/gzip"] = reply(GZIPPED, content_encoding="gzip")
        web[host, "/old"] = redirect("/older")
        web[host, "/older"] = redirect("/new", "302 Found")
        web[host, "/new"] = page("moved twice")
        web[host, "/form"] = lambda asked: page(f"by {asked.method}: {asked.body.decode()}")
        web[host, "/same"] = page("the same to everybody " * 100)
        web[host, "/head"] = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 1000\r\n\r\n"
        web[host, "/flaky"] = in_turn(reply("later", status="503 Service Unavailable"), page("now"))
        web[host, "/large"] = reply("x" * 400_000)
        web[host, "/broken-off"] = breaking_off
        web[host, "/broken-off?kept"] = breaking_off
        web[host, "/slow"] = slowly
        web[host, "/secret"] = page("for who knows")
        web[host, "/cookie"] = reply("have one", set_cookie="visit=42; Path=/")
        web[host, "/cookie?again"] = page("thanks")
        web[host, "/stopped"] = page("never read to its end")
        web[host, "/bound"] = page("from another address")
        web[host, "/photo.jpg"] = reply(saved(landscape()), "application/octet-stream")
        made = ScrapyProject(
            tmp_path_factory.mktemp("project"),
            SPIDER,
            ITEM_PIPELINES={"scrapy.pipelines.images.ImagesPipeline": 1},
            IMAGES_STORE="images",
            ROBOTSTXT_OBEY=False,
            DOWNLOAD_MAXSIZE=200_000,
            RETRY_TIMES=1,
            CONCURRENT_REQUESTS_PER_DOMAIN=8,
            **{**pointing_at(web), "ARCHIVE_CONNECT_TO": [*web.connect_to, "gone.example:80:127.0.0.1:1"]},
        )
        ended = made.scrapy("crawl", "odd")
        assert ended.returncode == 0, ended.stderr
        yield OddCrawl(made, web, ended.stderr)


def test_a_compressed_page_lies_there_as_it_came_and_is_read_decoded(odd: OddCrawl) -> None:
    assert odd.record("/gzip").block.bytes().endswith(b"\r\n\r\n" + GZIPPED)
    assert "Whole rows of tanks" in str(odd.seen("/gzip")["text"])
    assert odd.seen("/gzip")["kind"] == "HtmlResponse"
    assert rows(odd.made.archive, "SELECT post_id FROM posts") == ["1568656084437740674"]
    assert "br" not in odd.asked("/gzip")[0].headers["accept-encoding"]


def test_each_hop_of_a_redirect_is_recorded(odd: OddCrawl) -> None:
    assert odd.seen("/new")["hops"] == [f"{SITE}/old", f"{SITE}/older"]
    assert [odd.captured(path)[0][0] for path in ("/old", "/older", "/new")] == [301, 302, 200]


def test_a_post_is_sent_and_recorded_with_its_body_and_is_no_page(odd: OddCrawl) -> None:
    assert "by POST: a=1&amp;b=2" in str(odd.seen("/form", "POST")["text"]).replace("&b", "&amp;b")
    requests = [
        each.block.bytes() for each in records(odd.made.archive) if each.url == f"{SITE}/form" and each.record_type == "request"
    ]
    assert sum(request.startswith(b"POST ") and request.endswith(b"\r\n\r\na=1&b=2") for request in requests) == 1
    assert sorted(kind for _, kind, _ in odd.captured("/form")) == ["document", "xhr"]
    (version,) = rows(odd.made.archive, "SELECT version FROM pages WHERE url = ?", f"{SITE}/form")
    assert "by GET" in rows(odd.made.archive, "SELECT text FROM page_versions WHERE id = ?", version)[0]


def test_a_post_repeats_no_get_and_a_get_is_never_compared_with_a_post(odd: OddCrawl) -> None:
    """Both got the same page of 2 KB, the POST after the GET."""
    assert [kind for _, kind, _ in odd.captured("/same")] == ["document", "xhr"]
    assert not [each for each in records(odd.made.archive) if each.url == f"{SITE}/same" and each.record_type == "revisit"]
    with closing(open_index_to_read(odd.made.archive / "index.db")) as database:
        latest = CrawlIndex(database).latest(f"{SITE}/same")
    (got,) = rows(odd.made.archive, "SELECT record_id FROM captures WHERE url = ? AND resource_type = 'document'", f"{SITE}/same")
    assert latest is not None
    assert latest.record_id == got


def test_the_answer_to_a_head_is_kept_and_stands_for_no_page(odd: OddCrawl) -> None:
    assert odd.seen("/head", "HEAD")["status"] == 200
    assert odd.captured("/head") == []
    (note,) = [each for each in records(odd.made.archive) if each.url == f"urn:head:{SITE}/head"]
    kept = json.loads(note.block.bytes())
    assert base64.b64decode(kept["request"]).startswith(b"HEAD /head HTTP/1.1\r\n")
    assert base64.b64decode(kept["response"]).endswith(b"Content-Length: 1000\r\n\r\n")


def test_both_tries_of_a_retry_are_recorded(odd: OddCrawl) -> None:
    assert "now" in str(odd.seen("/flaky")["text"])
    assert [status for status, _, _ in odd.captured("/flaky")] == [503, 200]


def test_an_error_page_is_recorded(odd: OddCrawl) -> None:
    assert odd.captured("/missing") == [(404, "document", None)]


def test_a_picture_of_the_images_pipeline_is_recorded_as_media(odd: OddCrawl) -> None:
    """Its server called it application/octet-stream."""
    assert odd.captured("/photo.jpg") == [(200, "media", None)]
    assert rows(odd.made.archive, "SELECT mime FROM media") == ["image/jpeg"]
    assert len(list((odd.made.folder / "images" / "full").iterdir())) == 1


def test_what_is_larger_than_allowed_is_kept_cut_off_and_refused_to_the_spider(odd: OddCrawl) -> None:
    assert odd.seen("/large")["error"] == "DownloadCancelledError"
    assert odd.captured("/large") == [(200, "document", "length")]
    assert 200_000 <= len(odd.record("/large").block) <= 300_000


def test_what_broke_off_is_kept_and_fails_or_is_marked_as_the_spider_wants_it(odd: OddCrawl) -> None:
    assert odd.seen("/broken-off")["error"] == "ResponseDataLossError"
    assert odd.captured("/broken-off") == [(200, "document", "disconnect")] * 2  # Scrapy tried again
    assert (odd.seen("/broken-off?kept")["flags"], odd.seen("/broken-off?kept")["text"]) == (["dataloss"], "<p>half of i")


def test_what_is_too_slow_is_kept_cut_off_and_times_out(odd: OddCrawl) -> None:
    assert odd.seen("/slow")["error"] == "DownloadTimeoutError"
    assert odd.captured("/slow") == [(200, "document", "time")]


def test_a_secret_is_sent_and_not_recorded(odd: OddCrawl) -> None:
    assert odd.asked("/secret")[0].headers["authorization"] == "Basic c2VjcmV0"
    request = odd.record("/secret", "request")
    assert b"Authorization: [blanked]\r\n" in request.block.bytes()
    assert b"X-Plain: shown\r\n" in request.block.bytes()
    assert request.get("WARC-Request-Blanked") == "Authorization"
    assert not any(b"c2VjcmV0" in each.block.bytes() for each in records(odd.made.archive))


def test_cookies_go_back(odd: OddCrawl) -> None:
    assert odd.asked("/cookie?again")[0].headers["cookie"] == "visit=42"


def test_a_download_that_the_spider_stops_is_recorded_whole(odd: OddCrawl) -> None:
    assert (odd.seen("/stopped")["text"], odd.seen("/stopped")["flags"]) == ("", ["download_stopped"])
    assert b"never read to its end" in odd.record("/stopped").block.bytes()


def test_a_request_that_cannot_be_sent_says_so(odd: OddCrawl) -> None:
    told = odd.seen("/bad-header")
    assert told["error"] == "NotSupported" and "X-Bad" in str(told["reason"])
    told = odd.seen("/proxied")
    assert told["error"] == "NotSupported" and "other kinds of proxies are not supported" in str(told["reason"])


def test_the_spider_sees_who_answered(odd: OddCrawl) -> None:
    assert (odd.seen("/gzip")["ip"], odd.seen("/gzip")["protocol"]) == ("127.0.0.1", "HTTP/1.1")


def test_a_refused_connection_is_noted_in_the_archive_and_retried(odd: OddCrawl) -> None:
    assert odd.seen("http://gone.example/")["error"] == "DownloadFailedError"
    assert rows(odd.made.archive, "SELECT error FROM failures WHERE url = 'http://gone.example/'") == ["ConnectionFailed"] * 2


def test_private_addresses_are_refused_once_with_the_setting_that_lets_them_through(odd: OddCrawl) -> None:
    told = odd.seen("http://127.0.0.1:81/")
    assert told["error"] == "AddressRefused" and "ARCHIVE_ALLOW_PRIVATE = True lets it through" in str(told["reason"])
    assert rows(odd.made.archive, "SELECT count(*) FROM failures WHERE url LIKE 'http://127%'") == [1]


def test_what_scrapy_fetches_itself_is_counted_and_told_once(odd: OddCrawl) -> None:
    assert odd.seen("data:text/html,not%20of%20the%20web")["text"] == "not of the web"
    counted = dict(re.findall(r"'archive/not_archived/(\w+)': (\d+)", odd.log))
    assert counted == {"data": "1", "file": "1"}
    assert odd.log.count("data: addresses are asked for by Scrapy itself and are not recorded") == 1
    assert rows(odd.made.archive, "SELECT url FROM captures WHERE url NOT LIKE 'http%'") == []


def test_the_archive_is_sound_and_reindex_makes_the_same_tables(odd: OddCrawl, tmp_path: Path) -> None:
    verified = archiver("verify", "--archive", odd.made.archive)
    assert (verified.code, "no problems" in verified.out) == (0, True), verified
    copy = tmp_path / "archive"
    shutil.copytree(odd.made.archive, copy)
    live = tables_of(copy)
    reindex(copy)
    again = tables_of(copy)
    assert live["captures"] and live["failures"] and live["media"]
    for name, found in live.items():
        assert again[name] == found, name
