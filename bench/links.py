"""An index of 2 million links for the look-up benchmark, made through the project's own storage and kept in bench/.cache."""

import hashlib
from collections.abc import Iterator
from pathlib import Path

from archiver.model.exchange import Capture
from archiver.model.findings import Embed, EmbedFindings, EmbedKind, Findings, Page
from bench.made_index import MadeIndex, ensure_made
from bench.site import BASE62
from bench.words import COMMON

PAGES = 50_000
EMBEDS_PER_PAGE = 20
LINKS = PAGES * EMBEDS_PER_PAGE * 2  # each post has a short link and a picture
PAGES_PER_COMMIT = 1_000


def code(number: int) -> str:
    """Ten base-62 digits that no other post has."""
    value = int.from_bytes(hashlib.blake2b(b"code %d" % number, digest_size=7).digest(), "big")
    digits = ""
    while len(digits) < 10:
        value, digit = divmod(value, 62)
        digits += BASE62[digit]
    return digits


def tweet_id(number: int) -> str:
    return str((300_000_000_000_000 + number * 7_919) << 12)


def embed(number: int, position: int) -> Embed:
    post_id = tweet_id(number)
    key = hashlib.blake2b(b"picture %d" % number, digest_size=8).hexdigest()[:15]
    words = " ".join(COMMON[(number * step) % len(COMMON)] for step in (1, 3, 7, 11, 13, 17, 19, 23))
    return Embed(
        platform="twitter",
        post_id=post_id,
        url=f"https://twitter.com/i/status/{post_id}",
        kind=EmbedKind.BLOCKQUOTE,
        position=position,
        author=f"witness_{number % 5_000}",
        posted_at="2022-09-10",
        text=words,
        short_links=(f"pic.twitter.com/{code(number)}",),
        media=(f"https://pbs.twimg.com/media/{key}.jpg",),
    )


def pages() -> Iterator[tuple[Capture, Findings]]:
    for number in range(PAGES):
        url = f"https://blog.example/posts/{number}"
        digest = "sha256:" + hashlib.sha256(url.encode()).hexdigest()
        capture = Capture(
            record_id=f"<urn:uuid:00000000-0000-4000-8000-{number:012d}>",
            record_type="response",
            url=url,
            captured_at="2022-09-11T00:00:00.000Z",
            status=200,
            mime="text/html",
            payload_digest=digest,
            warc="warc/20220911/bench-20220911000000-00000-bench.warc.gz",
            offset=number * 10_000,
            length=10_000,
            resource_type="document",
            page_visit=None,
            etag=None,
            last_modified=None,
            truncated=None,
            refers_to=None,
            crawl=None,
        )
        first = number * EMBEDS_PER_PAGE
        embeds = tuple(embed(first + offset, offset + 1) for offset in range(EMBEDS_PER_PAGE))
        yield capture, Findings(page=Page(url=url, title=f"Post {number}"), embeds=EmbedFindings(embeds=embeds))


def ensure_built(data_dir: Path) -> None:
    """Takes four minutes the first time, and again after a new migration."""
    ensure_made(data_dir, MadeIndex(pages(), PAGES_PER_COMMIT, "links", LINKS, (Path(__file__),)))
