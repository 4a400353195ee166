"""Twitter / X: embed codes, the widget's DOM, placeholders of all kinds, and words without any markup."""

from collections.abc import Iterable, Mapping
from typing import ClassVar

from archiver.html.document import Document
from archiver.html.embed_candidates import ANYWHERE
from archiver.model.findings import Findings, Source
from archiver.platforms.base import Appearance, Door, Platform, PostRequest
from archiver.platforms.twitter import markup, replies, search, text, urls
from archiver.platforms.twitter.examples import EXAMPLES
from archiver.platforms.twitter.syndication import token_of


class Twitter(Platform):
    """Posts of twitter.com and x.com. Ids are decimal numbers; a short link is `t.co/CODE`, whatever host it is written with."""

    name = urls.NAME
    title = "Twitter / X"
    doors = (
        Door("syndication", "2026-07", "react-tweet 3.3.1 and #218, which ask it; one public program met 402", verified=True),
        Door(
            "oembed",
            "2026-09",
            "a public program that asked it on 2026-09-16; the old host redirects or fails since 2025-12 (Umbraco-CMS#21053)",
            verified=True,
        ),
        Door(
            "page",
            "2026-09",
            "the head of the page as a public program got it on 2026-09-16",
            on=False,
            spare=True,
            why="others met login walls (metascraper#850, 2026-06), and a page says less than the first two",
        ),
        Door(
            "fxtwitter",
            "2026-09",
            "FxEmbed's published source; stoatchat#989",
            on=False,
            spare=True,
            why="a third party, which so learns what is archived; its word on whether a post is up does not count as X's",
        ),
        Door(
            "embed_page",
            "2026-07",
            "pressfreedomtracker.us#2258 and TryGhost/ActivityPub#2022, which have the new host",
            verified=True,
        ),
    )
    hosts = ("twitter.com", "x.com", "t.co", "twimg.com", ANYWHERE)  # front ends have hosts of their own
    # "Not found" is what `embed/Tweet.html` says, always in English.
    # That `embed/Tweet.html` shows the other words, which are those of tombstones, is a guess [?].
    embed_gone = (
        "Not found",
        "This Post is unavailable",
        "This Tweet is unavailable",
        "This Post was deleted by the Post author",
        "This Tweet was deleted by the Tweet author",
        "is from an account that no longer exists",
        "is from a suspended account",
        "limits who can view their Posts",
        "limits who can view their Tweets",
    )
    sufficient_sources = (Source.SYNDICATION,)  # the oEmbed endpoint knows of no pictures
    examples = EXAMPLES
    # Twitframe stopped; its address leads to a stranger's site (4chan-x#3550, 2026-03-03).
    never_loaded = ("twitframe.com",)
    # Nobody publishes limits. The first three answer 429 to an address that hurries, so they get fewer requests than
    # from a reader of a page with many embeds; pictures and videos come from a content network that serves whole timelines.
    paces: ClassVar[dict[str, float]] = {
        "cdn.syndication.twimg.com": 0.5,
        "publish.x.com": 0.5,
        "publish.twitter.com": 0.5,
        "x.com": 2.0,
        "api.fxtwitter.com": 2.0,
        "t.co": 0.5,
        "pbs.twimg.com": 0.1,
        "video.twimg.com": 0.5,
    }

    def parse_url(self, url: str) -> str | None:
        return urls.post_id_of(url)

    def canonical_url(self, post_id: str) -> str:
        return search.canonical(post_id)

    def embed_page(self, post_id: str, author: str | None = None) -> str | None:
        """What the platform's script puts into a page: an empty shell that asks for the post by itself."""
        return f"https://platform.x.com/embed/Tweet.html?dnt=true&id={post_id}"

    def other_embed_pages(self, post_id: str, author: str | None = None) -> tuple[str, ...]:
        """At the host that it had until 2026. Whether `platform.twitter.com` still answers is not known [?]."""
        return (f"https://platform.twitter.com/embed/Tweet.html?dnt=true&id={post_id}",)

    def address_values(self, post_id: str) -> Mapping[str, str]:
        return {**super().address_values(post_id), "token": token_of(post_id)}

    def find_embeds(self, document: Document) -> Iterable[Appearance]:
        return markup.find(document)

    def own_markup(self) -> tuple[str, ...]:
        return (
            ".twitter-tweet",
            ".twitter-video",
            "iframe[data-tweet-id]",
            "amp-twitter",
            "div.tweet[data-attrs]",
            "words alone",
        )

    def keywords(self) -> tuple[str, ...]:
        return (*search.KEYWORDS, *urls.KEYWORDS, *text.KEYWORDS, *markup.SHORTCODES)

    def find_links(self, document: Document) -> Iterable[str]:
        return markup.linked(document)

    def find_short_links(self, document: Document) -> tuple[str, ...]:
        return urls.short_links_in(document.html, document.page.offsets)

    def find_media(self, document: Document) -> tuple[str, ...]:
        return urls.media_in(document.html, document.page.offsets)

    def short_link(self, reference: str) -> str | None:
        return urls.short_link_key(reference)

    def media_key(self, url: str) -> str | None:
        return urls.media_key_of(url)

    def media_urls(self, url: str) -> tuple[str, ...]:
        return urls.media_addresses(url)

    def requests_about(self, post_id: str) -> tuple[PostRequest, ...]:
        return replies.requests_about(post_id)

    def is_reply(self, url: str) -> bool:
        return replies.is_reply(url)

    def read_reply(self, url: str, status: int, location: str | None, body: bytes) -> Findings | None:
        return replies.read(url, status, location, body)
