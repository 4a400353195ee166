"""Saved pages of a blog, served over TLS under one host name while no platform answers: all that they embed is found."""

import json
import os
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from urllib.parse import quote

import pytest

import spiders.response_policy
from archiver.cli import run
from tests.support.crawling import captures, rows
from tests.support.webs import reply, running_web, sitemap

HERE = Path(__file__).parent
HOST = "blog.example"
PLATFORMS = {"cdn.syndication.twimg.com", "publish.twitter.com", "t.co", "pbs.twimg.com"}


@dataclass(frozen=True)
class Corpus:
    """A folder with `pages/` and `truth.json`; of the pages those below one folder, which becomes the site."""

    root: Path
    site: str

    @cached_property
    def truth(self) -> dict[str, dict[str, list[str]]]:
        """By address: what the page there embeds."""
        truth = json.loads((self.root / "truth.json").read_text(encoding="utf-8"))
        return {self.url(path): truth[path.relative_to(self.root / "pages").as_posix()] for path in self.pages}

    @cached_property
    def pages(self) -> list[Path]:
        return sorted(path for path in (self.root / "pages" / self.site).rglob("*") if path.is_file())

    def url(self, page: Path) -> str:
        return f"https://{HOST}/{quote(page.relative_to(self.root / 'pages' / self.site).as_posix())}"

    def all(self, what: str) -> set[str]:
        return {value for page in self.truth.values() for value in page[what]}


def found_corpora() -> list[Corpus]:
    """Our own pages, and the corpus of real ones where this machine has it."""
    named = os.environ.get("ARCHIVER_CORPUS")
    real = Path(named) if named else HERE.parent.parent.parent / "shared" / "corpus"
    own = [Corpus(HERE, "blog")]
    return [*own, Corpus(real, "mitmedialab+civic-media-blog-archive")] if named or (real / "truth.json").is_file() else own


@dataclass(frozen=True)
class Crawled:
    corpus: Corpus
    data_dir: Path
    exit_code: int


@pytest.fixture(scope="module", params=found_corpora(), ids=lambda corpus: corpus.site)
def crawled(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Crawled]:
    """One crawl by the command line, from a sitemap made of the list of files; every other host refuses to be connected to."""
    corpus: Corpus = request.param
    folder = tmp_path_factory.mktemp("corpus")
    with socket.socket() as closed, running_web(folder) as web, pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.setattr(spiders.response_policy, "RETRY_SECONDS", 0.01)
        closed.bind(("127.0.0.1", 0))  # never listens
        for path in corpus.pages:
            web[HOST, corpus.url(path).removeprefix(f"https://{HOST}")] = reply(path.read_bytes(), "text/html")
        web[HOST, "/sitemap.xml"] = sitemap(*map(corpus.url, corpus.pages))
        rules = [*web.connect_to, f"::127.0.0.1:{closed.getsockname()[1]}"]
        options = [
            "--no-screenshots",
            "--cacert",
            str(web.cacert),
            "--delay",
            "0",
            *(part for rule in rules for part in ("--connect-to", rule)),
        ]
        code = run(["crawl", f"https://{HOST}/sitemap.xml", "-q", "--archive", str(folder / "archive"), *options])
    yield Crawled(corpus, folder / "archive", code)


def test_every_page_is_captured_and_the_crawl_is_a_success(crawled: Crawled) -> None:
    wanted = set(crawled.corpus.truth)

    assert wanted
    assert {(url, 200) for url in wanted} <= captures(crawled.data_dir)
    assert wanted == set(rows(crawled.data_dir, "SELECT url FROM pages"))
    assert crawled.exit_code == 0


def test_every_embedded_tweet_is_in_the_index_at_its_page(crawled: Crawled) -> None:
    found = set(rows(crawled.data_dir, "SELECT v.url, p.post_id FROM embeds e JOIN page_versions v ON v.id = e.version"
                                       " JOIN posts p ON p.id = e.post"))  # fmt: skip

    missing = {(url, post) for url, page in crawled.corpus.truth.items() for post in page["embedded"]} - found
    assert not missing


def test_every_code_leads_to_something(crawled: Crawled) -> None:
    known = set(rows(crawled.data_dir, "SELECT DISTINCT key FROM links"))

    assert {f"t.co/{code}" for code in crawled.corpus.all("pic_codes")} - known == set()


def test_what_is_only_linked_is_no_embed(crawled: Crawled) -> None:
    embedded = set(rows(crawled.data_dir, "SELECT p.post_id FROM embeds e JOIN posts p ON p.id = e.post"))

    assert not embedded & (crawled.corpus.all("linked_only") - crawled.corpus.all("embedded"))


def test_each_failure_to_reach_a_platform_is_a_plain_note(crawled: Crawled) -> None:
    [outcome] = rows(crawled.data_dir, "SELECT outcome FROM crawls")
    summary = json.loads(outcome)

    assert summary["ended"] == "finished" and summary["failed"] == []
    asked = set(rows(crawled.data_dir, "SELECT DISTINCT substr(url, 9, instr(substr(url, 9), '/') - 1) FROM failures"))
    assert PLATFORMS & asked == PLATFORMS
    assert rows(crawled.data_dir, "SELECT DISTINCT error FROM failures") == ["ConnectionFailed"]
    assert rows(crawled.data_dir, "SELECT count(*) FROM captures WHERE url NOT LIKE ?", f"https://{HOST}/%") == [0]
