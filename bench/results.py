"""Whether a peer of the crawl benchmark did its work: speed counts only then."""

import json
import sqlite3
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from fastwarc.warc import ArchiveIterator, WarcRecordType

from bench import site

LATE_PAGE = site.PAGES - 7  # searched for at the end: what a crawl that lags behind with its index would not have yet


class WrongResult(Exception):
    """The peer ended well and its result is not what the site holds; its figure is worth nothing."""


def expect(what: str, found: Any, wanted: Any) -> None:
    if found != wanted:
        raise WrongResult(f"{what}: {str(found)[:300]} instead of {str(wanted)[:300]}")


def check_plain_scrapy(folder: Path) -> None:
    found = json.loads((folder / "found.json").read_text())
    expect("pages", found["pages"], site.PAGES)
    expect("pictures", found["pictures"], site.PAGES)
    expect("embeds", found["embeds"], site.tweets_as_json())


def check_wget(folder: Path) -> None:
    with (folder / "site.warc.gz").open("rb") as file:
        responses = sum(1 for _ in ArchiveIterator(file, record_types=WarcRecordType.response, parse_http=False))
    if responses < 2 * site.PAGES:
        raise WrongResult(f"wget recorded {responses} responses, the site has {2 * site.PAGES} pages and pictures")


def check_archive(archive: Path, archiver: Sequence[str]) -> None:
    """Every page and picture is in a WARC file and indexed, every embed is known, and a late page is found by its words."""
    index = sqlite3.connect(archive / "index.db")
    try:
        for what, kind, wanted in (("pages", "text/html", site.PAGES), ("pictures", "image/jpeg", site.PAGES)):
            query = "SELECT count(DISTINCT url) FROM captures WHERE mime = ? AND status = 200 AND url LIKE ?"
            pattern = "%/dispatch-%" if kind == "text/html" else "%/photo-%"
            expect(what, index.execute(query, (kind, pattern)).fetchone()[0], wanted)
        rows = index.execute("SELECT p.post_id, e.author, e.text, e.short_links FROM embeds e JOIN posts p ON p.id = e.post")
        expect("embeds", sorted(embed_row(*row) for row in rows), site.tweets_as_json())
    finally:
        index.close()
    word, code = site.marker(LATE_PAGE), site.tweet(LATE_PAGE).code
    late_page = [site.page_path(LATE_PAGE)]
    expect("search for a word of a late page", paths_found(archiver, archive, "search", word), late_page)
    expect("find by a late page's code", paths_found(archiver, archive, "find", f"pic.twitter.com/{code}"), late_page)


def embed_row(post_id: str, author: str, text: str, short_links: str) -> list[str]:
    """As `site.tweets_as_json` has it. The embed's text may go on with the code that stands in its link."""
    code = next(link.rsplit("/", 1)[1] for link in json.loads(short_links))
    return [post_id, author, text.removesuffix(f"pic.twitter.com/{code}").strip(), code]


def paths_found(archiver: Sequence[str], archive: Path, command: str, words: str) -> list[str]:
    """The paths of the pages that a command names, each once."""
    asked = [*archiver, command, words, "--archive", str(archive), "--json"]
    output = subprocess.run(asked, capture_output=True, text=True, check=True).stdout
    urls = [url for line in output.splitlines() for url in page_urls(json.loads(line))]
    return sorted({"/" + url.split("/", 3)[3] for url in urls})


def page_urls(found: dict[str, Any]) -> list[str]:
    """A page that was found names itself; a post names the pages that embed it."""
    return [page["url"] for page in found["pages"]] if found.get("pages") else [found["url"]]
