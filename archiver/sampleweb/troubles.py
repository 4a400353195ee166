"""What goes wrong on purpose: 429, 503, slow, cut off, malformed. It depends on day, address and count of requests."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from archiver.sampleweb.exchanges import Reply, Request
from archiver.sampleweb.tweets import Tweet

RETRY_AFTER_SECONDS = 1  # short, so that those who obey it are done soon
SLOW_SECONDS = 0.3
ALWAYS = 1_000_000


class Kind(StrEnum):
    """The kinds of trouble."""

    TOO_MANY = "too_many"
    """429 with Retry-After."""
    UNAVAILABLE = "unavailable"
    """503 with Retry-After."""
    SLOW = "slow"
    CUT = "cut"
    """The body ends half-way, with the connection."""
    MALFORMED = "malformed"
    """JSON that ends in the middle, with a right Content-Length and status 200."""


@dataclass(frozen=True, slots=True)
class Trouble:
    """One thing that goes wrong."""

    kind: Kind
    host: str
    part: str
    """What the path and query contain; `{KEY}` stands for the id of a tweet, `{KEY:media}` for its first picture's key."""
    times: int = 1
    """The first so many requests of one address in a day; then all is well."""
    days: tuple[int, ...] = ()
    """Only on these days; empty: every day."""


SYNDICATION, PUBLISH, PICTURES = "cdn.syndication.twimg.com", "publish.twitter.com", "pbs.twimg.com"
BLOG = "kharkiv-notebook.example"
TROUBLES = (
    Trouble(Kind.TOO_MANY, SYNDICATION, "id={market}&"),
    Trouble(Kind.TOO_MANY, PUBLISH, "{books}"),
    Trouble(Kind.TOO_MANY, BLOG, "/2022/09/26/forty-hives/", days=(1,)),
    Trouble(Kind.UNAVAILABLE, BLOG, "/tag/oskil/", days=(1,)),
    Trouble(Kind.SLOW, BLOG, "/2022/09/08/how-to-read-mud/", times=ALWAYS),
    Trouble(Kind.SLOW, SYNDICATION, "id={bees}&", times=ALWAYS),
    Trouble(Kind.SLOW, PICTURES, "{rail-clock:media}", times=ALWAYS),
    Trouble(Kind.CUT, PICTURES, "{bakery:media}"),
    Trouble(Kind.MALFORMED, SYNDICATION, "id={light-plan}&", times=ALWAYS, days=(1,)),
)


def troubles_of(age: int) -> tuple[Trouble, ...]:
    """What goes wrong in an age: in 2026 X's oEmbed has another host, and Reddit refuses many (NetNewsWire#5328, 2026-06)."""
    if age < 2026:
        return TROUBLES
    moved = (replace(each, host="publish.x.com") if each.host == PUBLISH else each for each in TROUBLES)
    return (*moved, Trouble(Kind.TOO_MANY, "www.reddit.com", "/comments/1ckq7x2/.rss"))


class Troubles:
    """Counts requests, and spoils the replies whose turn it is."""

    def __init__(self, tweets: Mapping[str, Tweet], troubles: tuple[Trouble, ...] = TROUBLES) -> None:
        names = {f"{{{key}}}": tweet.id for key, tweet in tweets.items()}
        names |= {f"{{{key}:media}}": tweet.pictures[0].key for key, tweet in tweets.items() if tweet.pictures}
        self.troubles = tuple(replace(each, part=_filled(each.part, names)) for each in troubles)
        self.counts: dict[tuple[int, str, str], int] = {}
        """Requests so far, by day, host and target. Clear it, and everything goes wrong again."""

    def touch(self, request: Request, day: int, reply: Reply) -> Reply:
        """The reply, spoilt where it is its turn."""
        address = (day, request.host, request.target)
        count = self.counts[address] = self.counts.get(address, 0) + 1
        for trouble in self.troubles:
            if trouble.host != request.host or trouble.part not in request.target or not request.secure:
                continue
            if count <= trouble.times and (not trouble.days or day in trouble.days):
                return _spoilt(reply, trouble.kind)
        return reply


def _filled(part: str, names: Mapping[str, str]) -> str:
    for name, value in names.items():
        part = part.replace(name, value)
    return part


def _spoilt(reply: Reply, kind: Kind) -> Reply:
    # Scripts of other hosts may read this as well: else a browser would tell them of no answer at all.
    wait = (("Retry-After", str(RETRY_AFTER_SECONDS)), ("access-control-allow-origin", "*"))
    match kind:
        case Kind.TOO_MANY:
            return Reply(429, b"Rate limit exceeded\n", "text/plain", wait)
        case Kind.UNAVAILABLE:
            return Reply(503, b"<h1>Briefly unavailable for scheduled maintenance</h1>", headers=wait)
        case Kind.SLOW:
            return replace(reply, delay=SLOW_SECONDS)
        case Kind.CUT:
            return replace(reply, cut=True)
        case Kind.MALFORMED:
            return replace(reply, body=reply.body[: len(reply.body) // 2])
