"""The site that the crawl benchmark crawls: 3,000 blog posts, each with one embedded tweet and one picture.

Everything follows from the page's number, so that every run and every peer sees the same bytes. A page has about 40 KB of
WordPress-like markup, a picture is a real JPEG of about 58 KB. Pages name the site's own address as WordPress does; it is written
as `BASE` here and put in by the server, which knows its port.
"""

import hashlib
import io
import random
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from PIL import Image

from bench.words import COMMON, VOCABULARY, WEIGHTS

BASE = "http://site.invalid"
PAGES = 3_000
PAGE_BYTES = 40_000
PICTURE_SIZE = (640, 400)
PICTURE_NOISE = (120, 75)  # blown up to PICTURE_SIZE, this much detail makes 58 KB
FIRST_POST = datetime(2022, 2, 24, 6, 0, tzinfo=UTC)
TWEET_EPOCH_MS = 1_288_834_974_657  # snowflake ids count from here (platforms: X's developer pages)
TAGS = tuple(f"topic-{word}" for word in COMMON[:20])
BASE62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


@dataclass(frozen=True, slots=True)
class Tweet:
    """The tweet that one page embeds."""

    post_id: str
    handle: str
    name: str
    text: str
    code: str
    """Of `pic.twitter.com/CODE`."""
    posted_at: datetime


def posted_at(number: int) -> datetime:
    return FIRST_POST + timedelta(hours=2 * number)


def page_path(number: int) -> str:
    return f"/{posted_at(number):%Y/%m/%d}/dispatch-{number:04d}/"


def picture_path(number: int) -> str:
    return f"/wp-content/uploads/{posted_at(number):%Y/%m}/photo-{number:04d}.jpg"


def marker(number: int) -> str:
    """A word that no other page has: what the benchmark searches for at the end."""
    return "kh" + hashlib.sha256(b"marker%d" % number).hexdigest()[:8]


def sentence(chance: random.Random, words: int) -> str:
    text = " ".join(chance.choices(VOCABULARY, cum_weights=WEIGHTS, k=words))
    return text[0].upper() + text[1:] + "."


def tweet(number: int) -> Tweet:
    chance = random.Random(f"tweet {number}")
    moment = posted_at(number) - timedelta(minutes=chance.randint(3, 90))
    ms = int(moment.timestamp() * 1000) - TWEET_EPOCH_MS
    return Tweet(
        post_id=str((ms << 22) + number),
        handle=f"witness_{chance.randint(100, 999)}",
        name=f"Witness {chance.choice(COMMON).title()}",
        text=sentence(chance, 22),
        code="".join(chance.choices(BASE62, k=10)),
        posted_at=moment,
    )


def title(number: int) -> str:
    return f"Dispatch {number}: {sentence(random.Random(f'title {number}'), 6)[:-1]}"


def picture(number: int) -> bytes:
    """A JPEG that no compressor makes smaller and that differs from all others."""
    noise = random.Random(f"picture {number}").randbytes(PICTURE_NOISE[0] * PICTURE_NOISE[1] * 3)
    image = Image.frombytes("RGB", PICTURE_NOISE, noise).resize(PICTURE_SIZE, Image.Resampling.BILINEAR)
    out = io.BytesIO()
    image.save(out, "JPEG", quality=70)
    return out.getvalue()


def tweets_as_json() -> list[list[str]]:
    """`[post id, handle, text, code]` of every page, sorted: what each peer that extracts must have found."""
    return sorted([t.post_id, t.handle, t.text, t.code] for t in map(tweet, range(PAGES)))
