"""The tweets of the sample web and their calendar: what is true of each on which day."""

import tomllib
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any

DATA = Path(__file__).with_name("data")
AGES = (2022, 2026)
"""The years whose platforms the sample web can stand in for."""


class State(StrEnum):
    """What has become of a tweet."""

    LIVE = "live"
    DELETED = "deleted"
    SUSPENDED = "suspended"
    PROTECTED = "protected"
    AGE_RESTRICTED = "age_restricted"


class Denial(StrEnum):
    """In which of its ways the syndication host says that it will not show a tweet."""

    NOT_FOUND = "not_found"
    """404 without a body."""
    EMPTY = "empty"
    """200 and `{}`."""
    TOMBSTONE = "tombstone"
    """200 and a tombstone with words."""
    WORDLESS = "wordless"
    """200 and `{"__typename": "TweetTombstone", "tombstone": {}}`."""
    BARE = "bare"
    """200 and `{"__typename": "TweetTombstone"}`."""


@dataclass(frozen=True, slots=True)
class Account:
    """Who writes tweets here."""

    handle: str
    name: str
    user_id: str


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture of a tweet at pbs.twimg.com."""

    key: str
    """`FcSbF8eXwAAyV3q`, as in `https://pbs.twimg.com/media/FcSbF8eXwAAyV3q.jpg`."""
    width: int
    height: int
    extension: str = "jpg"
    original: bool = True
    """False: `name=orig` and `4096x4096` answer 404, `large` and smaller still work."""


@dataclass(frozen=True, slots=True)
class Video:
    """A video or an animated GIF of a tweet."""

    media_id: str
    poster: str
    """The 16 characters of the poster's file name; for a GIF the media key."""
    name: str
    """The 16 characters of the name of the video's file."""
    gif: bool = False
    seconds: int = 12

    @property
    def poster_url(self) -> str:
        if self.gif:
            return f"https://pbs.twimg.com/tweet_video_thumb/{self.poster}.jpg"
        return f"https://pbs.twimg.com/ext_tw_video_thumb/{self.media_id}/pu/img/{self.poster}.jpg"

    @property
    def mp4_urls(self) -> dict[int, str]:
        """Addresses by bitrate, best first."""
        if self.gif:
            return {0: f"https://video.twimg.com/tweet_video/{self.poster}.mp4"}
        base = f"https://video.twimg.com/ext_tw_video/{self.media_id}/pu/vid"
        sizes = {2176000: "1280x720", 832000: "640x360", 256000: "480x270"}
        return {rate: f"{base}/{size}/{self.name[:-1]}{number}.mp4?tag=12" for number, (rate, size) in enumerate(sizes.items())}

    @property
    def playlist_url(self) -> str:
        return f"https://video.twimg.com/ext_tw_video/{self.media_id}/pu/pl/{self.name}.m3u8?tag=12"


@dataclass(frozen=True, slots=True)
class Article:
    """A long text of X that a tweet stands for; such a tweet's own text is a bare link."""

    id: str
    """Of the article: another number than the tweet's."""
    title: str
    opening: str
    """Its first sentences, as previews show them."""
    cover: Picture


@dataclass(frozen=True, slots=True)
class Card:
    """The preview of a web page below a tweet."""

    code: str
    """Of the short link to the page."""
    title: str
    description: str
    domain: str
    picture: str
    """Its address at pbs.twimg.com."""


@dataclass(frozen=True, slots=True)
class Change:
    """From `day` on the tweet is in this state."""

    day: int
    state: State
    denial: Denial = Denial.NOT_FOUND
    media_gone: bool = False
    """Whether its pictures and videos answer 404 as well. Media often outlive posts, so mostly not."""


@dataclass(frozen=True, slots=True)
class Tweet:
    """One tweet. `text` is as on day 1, plain, with `https://t.co/…` for links and without the link of its own media."""

    key: str
    """How posts and tests call it: `izyum`."""
    id: str
    account: Account
    posted_at: datetime
    language: str
    text: str
    code: str | None = None
    """The code of its own media: `uOWxLTTvGP` of `pic.twitter.com/uOWxLTTvGP`; None without media."""
    pictures: tuple[Picture, ...] = ()
    video: Video | None = None
    links: tuple[tuple[str, str], ...] = ()
    """Code and target of each `https://t.co/…` in the text."""
    quotes: str | None = None
    """The key of the quoted tweet; its link stands in `text` and `links`."""
    replies_to: str | None = None
    cut: bool = False
    """A long tweet: platforms show the beginning and a `note_tweet`."""
    edited_on: int | None = None
    edited_text: str | None = None
    changes: tuple[Change, ...] = ()
    """Ascending by day; before the first the tweet is live."""
    article: Article | None = None
    card: Card | None = None
    domain: str = "twitter.com"
    """Of its address when it was written: x.com for those of the table of 2026."""

    @property
    def handle(self) -> str:
        return self.account.handle

    @property
    def url(self) -> str:
        return f"https://{self.domain}/{self.handle}/status/{self.id}"

    @property
    def media_path(self) -> str:
        """What its own short link leads to: `…/photo/1` or `…/video/1`."""
        return f"{self.url}/{'video' if self.video else 'photo'}/1"

    @property
    def short_links(self) -> tuple[str, ...]:
        """All codes as `pic.twitter.com/CODE` (its own media) and `t.co/CODE`, in the order of the text."""
        own = (f"pic.{self.domain}/{self.code}",) if self.code else ()
        return tuple(f"t.co/{code}" for code, _ in self.links) + own

    def change_on(self, day: int) -> Change:
        """The latest change up to that day."""
        past = [change for change in self.changes if change.day <= day]
        return past[-1] if past else Change(1, State.LIVE)

    def state_on(self, day: int) -> State:
        return self.change_on(day).state

    def edited_by(self, day: int) -> bool:
        return self.edited_on is not None and day >= self.edited_on

    def text_on(self, day: int) -> str:
        """The text that platforms show while it is live (pages that embedded it keep the first)."""
        return self.edited_text if self.edited_by(day) and self.edited_text else self.text

    def media_urls(self) -> tuple[str, ...]:
        """The best address of each picture; of a video the poster and the best mp4."""
        best = [
            f"https://pbs.twimg.com/media/{each.key}?format={each.extension}&name={'orig' if each.original else 'large'}"
            for each in self.pictures
        ]
        if self.video:
            best += [self.video.poster_url, next(iter(self.video.mp4_urls.values()))]
        return tuple(best)


@cache
def all_tweets(age: int = 2022) -> tuple[Tweet, ...]:
    """The whole table (`data/tweets.toml`, in 2026 `data/tweets_2026.toml` as well), oldest first."""
    tables = [
        tomllib.loads((DATA / name).read_text("utf-8")) for name in ("tweets.toml", "tweets_2026.toml")[: 1 + (age >= 2026)]
    ]
    accounts = {
        row["handle"]: Account(row["handle"], row["name"], row["user_id"]) for table in tables for row in table["account"]
    }
    return tuple(sorted((_tweet(row, accounts) for table in tables for row in table["tweet"]), key=lambda tweet: int(tweet.id)))


@cache
def control_tweets() -> tuple[Tweet, ...]:
    """Those that a probe asks for (`data/control.toml`). No page embeds them, and they are in no other table."""
    table = tomllib.loads((DATA / "control.toml").read_text("utf-8"))
    accounts = {row["handle"]: Account(row["handle"], row["name"], row["user_id"]) for row in table["account"]}
    return tuple(_tweet(row, accounts) for row in table["tweet"])


def _tweet(row: dict[str, Any], accounts: dict[str, Account]) -> Tweet:
    """A table row. Keys that are no field of `Tweet` raise TypeError: a misspelt row must not pass unseen."""
    made = ("handle", "pictures", "video", "links", "changes", "article", "card")
    plain = {name: value for name, value in row.items() if name not in made}
    article = dict(row["article"], cover=Picture(**row["article"]["cover"])) if "article" in row else None
    return Tweet(
        account=accounts[row["handle"]],
        pictures=tuple(Picture(**each) for each in row.get("pictures", ())),
        video=Video(**row["video"]) if "video" in row else None,
        links=tuple(row.get("links", {}).items()),
        article=Article(**article) if article else None,
        card=Card(**row["card"]) if "card" in row else None,
        changes=tuple(
            Change(each["day"], State(each["state"]), Denial(each.get("denial", "not_found")), each.get("media_gone", False))
            for each in row.get("changes", ())
        ),
        **plain,
    )
