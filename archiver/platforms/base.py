"""What a platform declares: its markup, its URLs, the public requests that say more, how to read the replies."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import ClassVar
from urllib.parse import quote

from selectolax.lexbor import LexborNode

from archiver.html.deferred_markup import MarkupOrigin
from archiver.html.document import Document, Position
from archiver.model.findings import Embed, Findings, PostState, Source


@dataclass(frozen=True, slots=True)
class Door:
    """One public way, without an account, to what a platform shows of a post.

    What is known of it comes from public reports; `as_of` and `source` say how old that is. archiver.toml can replace its
    address, and switch it on or off: see `archiver.platforms.doors`.
    """

    name: str
    """`oembed`, `api`, `embed_page`, …; one of each name a platform."""
    as_of: str
    """When it was last reported to answer: `2026-09`, or a year."""
    source: str
    """Who reports that."""
    verified: bool = False
    """Whether somebody is known to have tried it live at that time; else the docs mark it `[?]`."""
    on: bool = True
    """False: it is asked only where archiver.toml switches it on."""
    spare: bool = False
    """It is asked only where the door before it said nothing."""
    why: str = ""
    """Why it is off or spare, where that is not plain: terms of use, a closure."""


@dataclass(frozen=True, slots=True)
class PostRequest:
    """A public request, without an account, whose reply says more about a post."""

    url: str
    door: str
    """Name of the door that it goes through."""
    others: tuple[str, ...] = ()
    """The same question at other addresses, in the order in which to try them where those before say nothing."""


@dataclass(frozen=True, slots=True)
class Example:
    """Markup, and what must be found in it: documentation and test of a platform at once."""

    html: str
    posts: tuple[str | None, ...] = ()
    """The ids of the embedded posts, in document order; empty: nothing of this platform is embedded here."""
    short_links: tuple[str, ...] = ()
    links: tuple[str, ...] = ()
    """The ids of posts that are linked and not embedded."""


@dataclass(frozen=True, slots=True)
class Appearance:
    """An embed, and where in the page it stands. `extraction.embeds` merges those that show the same thing twice."""

    embed: Embed
    """`position` and `context` are still to be set."""
    start: Position
    end: Position
    """The last position that belongs to it: an appearance of the same post in between is this one in another form."""
    origin: MarkupOrigin
    node: LexborNode | None
    """The element in the page; for deferred markup the one that holds it."""


class Platform:
    """One social network. No network, no database, no logging, no clock in here or in any subclass."""

    name: ClassVar[str]
    title: ClassVar[str]
    """As its readers call it."""
    hosts: ClassVar[tuple[str, ...]]
    """The domains of its posts, pictures and replies, subdomains included; ANYWHERE where posts are on any host."""
    sufficient_sources: ClassVar[tuple[Source, ...]] = (Source.API, Source.EMBED_PAGE, Source.OEMBED)
    """Sources one of whose statements on a live post is enough: a crawl then makes no further request about it."""
    last_resort: ClassVar[bool] = False
    """Whether it only stands for what no other platform claims."""
    shows_words: ClassVar[bool] = True
    """Whether its frame shows the words that pages and replies have of a post; a map does not show what a page calls it."""
    embed_gone: ClassVar[tuple[str, ...]] = ()
    """What its frames and embed pages say instead of a post that they do not show, answered with status 200; in English, as our
    browsers ask. Case and punctuation do not count; one of less than 16 letters has to be a line by itself."""
    embed_refused: ClassVar[tuple[str, ...]] = ()
    """What they say where it is we who are not shown a post that is there: who asks without a Referer, from a site that its
    author did not choose, from this country, without an account. Compared as `embed_gone` is, and before it."""
    embed_refused_codes: ClassVar[tuple[str, ...]] = ()
    """The same in the markup of its embed page, where a script reads it."""
    login_means: ClassVar[str | None] = None
    """What a redirect to its login page means, where that is known: a limit, say."""
    browser_passes: ClassVar[bool] = False
    """Whether its challenge to strangers is a script that each browser runs by itself, and no riddle for people."""
    plays_videos: ClassVar[bool] = False
    """Whether its frame is a player: what is known of a post's words is its title, and that is shown beside an error too."""
    media_anywhere: ClassVar[tuple[str, ...]] = ()
    """What only the addresses of its pictures and videos have in them, where these lie on anybody's hosts as well."""
    asks_any_host: ClassVar[bool] = False
    """Whether its requests go to other people's sites, which may not want that: their robots.txt applies."""
    never_loaded: ClassVar[tuple[str, ...]] = ()
    """Hosts that once showed its posts and lead to strangers today, subdomains included: their addresses are read, and no
    browser is given what they answer."""
    whole_hosts: ClassVar[bool] = True
    """Whether what it does not claim at its hosts is no post either: a timeline, a channel's player."""
    doors: ClassVar[tuple[Door, ...]] = ()
    """The ways to what it shows of a post, in the order in which they are asked; `embed_page` is what a browser renders."""
    stand_ins: ClassVar[Mapping[str, PostState]] = {}
    """SHA-256, in hex, of pictures that its hosts serve with status 200 in place of those that they removed or withhold, and what
    that means. Such a file is kept, and is no picture of a post."""
    examples: ClassVar[tuple[Example, ...]]
    paces: ClassVar[dict[str, float]] = {}
    """Host -> seconds between two requests to it."""

    def parse_url(self, url: str) -> str | None:
        """The post id that a URL of any form names (mobile, `/photo/1`, Wayback-prefixed, front ends); else None."""
        raise NotImplementedError

    def canonical_url(self, post_id: str) -> str:
        """The post's canonical URL; `parse_url` reads it back to the same id."""
        raise NotImplementedError

    def posted_at(self, post_id: str) -> str | None:
        """When the post was made, where its id holds that (ISO 8601, UTC)."""
        return None

    def embed_page(self, post_id: str, author: str | None = None) -> str | None:
        """The public page, without an account, that the platform makes for frames: what a browser renders to show the post alone.

        `author` is the post's handle where one is known: some networks want it in that page's address. None where there is no
        such page, or where what is known does not make its address; then the post is not rendered by itself.
        """
        return None

    def other_embed_pages(self, post_id: str, author: str | None = None) -> tuple[str, ...]:
        """Further pages that show the post alone, to try where `embed_page` fails: at the host that it had before, say."""
        return ()

    def alias_key(self, post_id: str) -> str | None:
        """The key of the `Alias` by which a reply names another id of this post; None where it has none."""
        return None

    def embed_page_named(self, post_id: str, other_id: str) -> str | None:
        """The embed page by another id of the post, which a reply gave and its address wants; None where `post_id` will do."""
        return None

    def author_in(self, url: str) -> str | None:
        """The handle in the URL of an author's page; None where it has none."""
        return None

    def may_be_in(self, document: Document) -> bool:
        """Whether the page may have embeds, links, short links or media of it: quick, and never False where there are some."""
        return True

    def find_embeds(self, document: Document) -> Iterable[Appearance]:
        """The posts that a page embeds, each appearance in each of its forms, in any order."""
        raise NotImplementedError

    def own_markup(self) -> tuple[str, ...]:
        """What its embed codes are known by, as CSS writes it; frames, bare addresses and the like are looked at for all."""
        return ()

    def keywords(self) -> tuple[str, ...]:
        """Words that it looks for in the raw text (`Piece.contains`, `Piece.offsets`); one pass finds those of all platforms."""
        return ()

    def find_links(self, document: Document) -> Iterable[str]:
        """The ids of the posts that a page links to, embedded or not, in document order; may repeat."""
        return ()

    def find_short_links(self, document: Document) -> tuple[str, ...]:
        """All short links of a page as they stand there, without scheme, once each."""
        return ()

    def find_media(self, document: Document) -> tuple[str, ...]:
        """The addresses of all the platform's pictures and videos in a page, absolute, once each."""
        return ()

    def short_link(self, reference: str) -> str | None:
        """The key of a short link in any spelling (`pic.twitter.com/X`, `https://t.co/X` -> `t.co/X`); else None."""
        return None

    def media_key(self, url: str) -> str | None:
        """One key for all addresses of one picture or video of this platform; None for other URLs."""
        return None

    def media_urls(self, url: str) -> tuple[str, ...]:
        """The addresses to try for a medium, the original first, then smaller ones; empty for other URLs."""
        return ()

    def requests_about(self, post_id: str) -> tuple[PostRequest, ...]:
        """The public requests that say more about a post, in the order of `doors`; through those that are off as well."""
        return ()

    def address_values(self, post_id: str) -> Mapping[str, str]:
        """What an address in archiver.toml may have in braces: `{id}`; `{page}`, the canonical URL; `{url}`, that quoted."""
        page = self.canonical_url(post_id)
        return {"id": post_id, "url": quote(page, safe=""), "page": page}

    def is_reply(self, url: str) -> bool:
        """Whether `read_reply` reads its reply: a URL of `requests_about`, or a short link. Cheap: called for each capture."""
        return False

    def read_reply(self, url: str, status: int, location: str | None, body: bytes) -> Findings | None:
        """What a platform's reply says: statements, aliases, further links. None where `is_reply` is False.

        `body` is decoded of its content coding. Malformed replies give empty findings, never an exception: they say nothing.
        """
        return None

    def read_step(self, post_id: str, url: str, status: int, body: bytes) -> Findings | None:
        """What a reply says that is one of several on the way to a post, each of which names the next in `Findings.links`.

        Its address alone does not tell which post was asked about. None for other replies: `read_reply` reads them.
        """
        return None
