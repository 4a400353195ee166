"""The records of what is read from captured bytes: pages, embeds, posts, statements. Frozen; some write themselves as JSON."""

from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any


class EmbedKind(StrEnum):
    """The kind of markup in which a page carries a post."""

    BLOCKQUOTE = "blockquote"
    IFRAME = "iframe"
    AMP = "amp"
    SCRIPT = "script"
    PLACEHOLDER = "placeholder"
    STATIC = "static"
    OEMBED = "oembed"
    LINK_CARD = "link_card"
    TEXT = "text"


class MediaKind(StrEnum):
    PICTURE = "picture"
    VIDEO = "video"
    POSTER = "poster"


class Source(StrEnum):
    """Who says something about a post, best first: where two disagree on a field, `posts` takes the better one's word."""

    SYNDICATION = "syndication"
    """What the embed's own script asks for (Twitter / X)."""
    API = "api"
    """The platform's public API."""
    EMBED_PAGE = "embed_page"
    """The page that the platform makes for frames, or for readers without an account."""
    OEMBED = "oembed"
    EMBED = "embed"
    THIRD_PARTY = "third_party"
    """Somebody else's public service that passes on what the platform shows: asked only where archiver.toml says so."""
    SHORT_LINK = "short_link"


SECOND_HAND = (Source.EMBED, Source.THIRD_PARTY, Source.SHORT_LINK)
"""Sources that are not the platform's own word on whether a post is up."""


class PostState(StrEnum):
    """What one source says, or lets conclude, about a post at one time. Not a verdict: that takes more than one word."""

    LIVE = "live"
    GONE = "gone"
    """Not found, with no reason given."""
    NOT_FOUND = "not_found"
    """A bare status 404 or 410, not in the platform's own words. A host that answers so to everything says nothing of a post: the
    index makes it `gone` where the host answered for a live post in the same crawl."""
    TOMBSTONE = "tombstone"
    """A tombstone without words: deleted, age-restricted, or even valid."""
    DELETED = "deleted"
    """A tombstone whose words say that its author deleted it."""
    SUSPENDED = "suspended"
    PROTECTED = "protected"
    AGE_RESTRICTED = "age_restricted"
    WITHHELD = "withheld"


@dataclass(frozen=True, slots=True)
class PostRef:
    """A post by name: `PostRef("twitter", "1568…")`. Ids are unique within a platform."""

    platform: str
    post_id: str


@dataclass(frozen=True, slots=True)
class MediaRef:
    """A picture or video that a post or page shows, by address."""

    url: str
    key: str
    """The same for all addresses of one picture (`pbs.twimg.com/media/KEY`), else the URL's key."""
    kind: MediaKind = MediaKind.PICTURE
    alt: str | None = None
    caption: str | None = None
    width: int | None = None
    height: int | None = None


@dataclass(frozen=True, slots=True)
class Embed:
    """One appearance of a post in a page."""

    platform: str
    post_id: str | None
    """None where the page does not tell (text only: a code, a handle, a date)."""
    url: str | None
    """The post's canonical URL; None without an id."""
    kind: EmbedKind
    position: int
    """From 1, in document order."""
    author: str | None = None
    """The handle, without @."""
    author_name: str | None = None
    posted_at: str | None = None
    """ISO 8601: a date (`2022-09-10`) or a UTC time, as precise as the embed says."""
    text: str | None = None
    short_links: tuple[str, ...] = ()
    """`pic.twitter.com/CODE`, `t.co/CODE`: without scheme, case kept, in document order."""
    media: tuple[str, ...] = ()
    """Absolute URLs of the post's pictures and videos that stand in the embed."""
    html: str = ""
    """The markup, as parsed."""
    context: str = ""
    """Some words of the page before and after."""

    def to_json(self) -> dict[str, Any]:
        """One of `embeds` in a line of `archiver extract --json`, as docs/scripts.md has it."""
        return {
            "platform": self.platform,
            "post_id": self.post_id,
            "url": self.url,
            "kind": self.kind.value,
            "position": self.position,
            "author": self.author,
            "author_name": self.author_name,
            "posted_at": self.posted_at,
            "text": self.text,
            "short_links": list(self.short_links),
            "media": list(self.media),
            "html": self.html,
        }


@dataclass(frozen=True, slots=True)
class PostLink:
    """A post that a page links to and does not embed."""

    platform: str
    post_id: str
    url: str
    """Canonical."""


@dataclass(frozen=True, slots=True)
class EmbedFindings:
    """All that `extraction.embeds` reads from one page."""

    embeds: tuple[Embed, ...] = ()
    links: tuple[PostLink, ...] = ()
    short_links: tuple[str, ...] = ()
    """All of the page's, embedded or not, without scheme."""
    media: tuple[str, ...] = ()
    """All platform-hosted media URLs of the page, embedded or hot-linked, absolute."""


@dataclass(frozen=True, slots=True)
class ExtractedPage:
    """A page that was saved or recorded somewhere, and what it embeds: the result of `extract_html` and `archiver extract`."""

    source: str
    """What the caller calls it: a path relative to the folder that was given, a file's name, a record's URL, `-` for a pipe."""
    url: str | None
    """Where it was captured, or the address that a saved page gives itself; None where it gives none."""
    title: str | None = None
    author: str | None = None
    published_at: str | None = None
    """ISO 8601, as `Page` has it."""
    tags: tuple[str, ...] = ()
    embeds: tuple[Embed, ...] = ()
    """In document order, each appearance of a post."""
    links: tuple[PostLink, ...] = ()
    """Posts that are linked and not embedded."""
    short_links: tuple[str, ...] = ()
    """All of the page's, embedded or not, without scheme."""
    media: tuple[str, ...] = ()
    """All platform-hosted media URLs of the page, embedded or hot-linked, absolute."""

    def to_json(self) -> dict[str, Any]:
        """A line of `archiver extract --json`, as docs/scripts.md has it."""
        return {
            "source": self.source,
            "url": self.url,
            "title": self.title,
            "author": self.author,
            "published_at": self.published_at,
            "tags": list(self.tags),
            "embeds": [embed.to_json() for embed in self.embeds],
            "links": [asdict(link) for link in self.links],
            "short_links": list(self.short_links),
            "media": list(self.media),
        }


@dataclass(frozen=True, slots=True)
class Comment:
    """A reader's comment under a page."""

    author: str | None
    posted_at: str | None
    text: str


@dataclass(frozen=True, slots=True)
class Page:
    """What a page says of itself."""

    url: str
    """As captured."""
    canonical_url: str | None = None
    title: str | None = None
    author: str | None = None
    published_at: str | None = None
    """ISO 8601, UTC time or a date, as precise as the page says."""
    modified_at: str | None = None
    language: str | None = None
    """BCP 47, lower case: `uk`, `en-us`."""
    site_name: str | None = None
    description: str | None = None
    tags: tuple[str, ...] = ()
    pictures: tuple[MediaRef, ...] = ()
    shown: tuple[str, ...] = ()
    """Addresses of pictures as a browser asks for them, where `pictures` has a larger one: a replay needs these."""
    comments: tuple[Comment, ...] = ()
    links: tuple[str, ...] = ()
    """Absolute http(s) URLs of all `a[href]`, each once, in document order."""
    feeds: tuple[str, ...] = ()
    """`link[rel=alternate]` with a feed's type, absolute."""
    text: str = ""
    """The main text, paragraphs on lines of their own; "" where there is none."""
    is_listing: bool = False
    """A front, tag or archive page that lists posts, rather than one post."""


@dataclass(frozen=True, slots=True)
class FeedEntry:
    """One entry of a feed or sitemap."""

    url: str
    title: str | None = None
    published_at: str | None = None
    modified_at: str | None = None
    html: str | None = None
    """The entry's content, where the feed carries it."""


@dataclass(frozen=True, slots=True)
class Feed:
    """An RSS or Atom feed, a sitemap or a sitemap index."""

    url: str
    entries: tuple[FeedEntry, ...] = ()
    sitemaps: tuple[str, ...] = ()
    """Further sitemaps that a sitemap index names."""
    next_url: str | None = None
    """The next page of a paged feed (RFC 5005)."""


@dataclass(frozen=True, slots=True)
class Statement:
    """What one source says of one post at one time. Kept as said: `posts` is a merge of these."""

    platform: str
    post_id: str
    source: Source
    state: PostState | None = None
    author: str | None = None
    author_name: str | None = None
    text: str | None = None
    posted_at: str | None = None
    language: str | None = None
    short_links: tuple[str, ...] = ()
    media: tuple[MediaRef, ...] = ()
    quotes: PostRef | None = None
    replies_to: PostRef | None = None
    position: int = 0
    """Which one, where a capture makes several statements of one kind: the embed's position."""


@dataclass(frozen=True, slots=True)
class Alias:
    """A short link, or another name, that leads to a post: `Alias("t.co/CODE", PostRef(…))`."""

    key: str
    post: PostRef


@dataclass(frozen=True, slots=True)
class MediaFile:
    """A picture or video that was captured."""

    sha256: str
    """Hex, over the decoded file."""
    mime: str
    """As sniffed from the bytes."""
    size: int
    """Bytes."""
    width: int | None = None
    height: int | None = None
    pdq: str | None = None
    """Perceptual hash, 64 hex digits; None for videos, SVG, and pictures that show nothing to tell them by."""
    pdq_trimmed: str | None = None
    """The same without the border of one colour that the picture has."""
    exif: str | None = None
    """A JSON object of chosen fields under their standard names."""


@dataclass(frozen=True, slots=True)
class Findings:
    """All that is read from one captured response, by itself."""

    page: Page | None = None
    embeds: EmbedFindings | None = None
    feed: Feed | None = None
    statements: tuple[Statement, ...] = ()
    aliases: tuple[Alias, ...] = ()
    media: MediaFile | None = None
    links: tuple[str, ...] = ()
    """Further addresses to ask for: a redirect's target."""
    unreadable: str | None = None
    """Why nothing could be read, where that is a mistake of this program; the bytes are kept all the same."""
    refusal: str | None = None
    """Why a platform's reply says nothing of the post that it was asked about, in words for people: `answered 403 with a web
    page`; or what its host served in place of a picture. Never evidence about the post."""
    needs_browser: bool = False
    """The refusal asks for a script to be run first, and a browser is known to get on by that."""
    control: bool = False
    """The reply is about a control post: it shows whether the host answers, and is no part of the archive's posts."""
