"""What a capture makes a crawl wish for next. Pure, but for asking what is held already."""

from collections.abc import Iterator
from dataclasses import replace
from urllib.parse import urljoin

from archiver.findings import Embed, Findings, PostRef, Statement
from archiver.platforms import media_urls_of, platform_named, post_of_url, short_link_of
from archiver.storage.held import Held
from spiders.answers import MAX_REDIRECTS
from spiders.scope import Scope
from spiders.wishes import Wish, WishKind


def wishes_for_seed(url: str, scope: Scope) -> Iterator[Wish]:
    """A seed as a user gave it: a post is asked for at its platform where that answers; else a page, feed or sitemap."""
    post = post_of_url(url)
    asked = list(wishes_for_post(post, seed=True)) if post is not None else []
    if asked:
        yield from asked
        return
    yield Wish(url, WishKind.PAGE, seed=True)
    if scope.kinds.get(url) == "site":
        yield Wish(urljoin(url, "/sitemap.xml"), WishKind.SITEMAP, optional=True)


def wishes_for_post(ref: PostRef, *, seed: bool = False) -> Iterator[Wish]:
    """What a platform can be asked about a post."""
    platform = platform_named(ref.platform)
    if platform is not None:
        yield from (Wish(ask.url, WishKind.ASK, seed=seed) for ask in platform.asks(ref.post_id))


def wishes_after(wish: Wish, findings: Findings, scope: Scope, held: Held) -> Iterator[Wish]:
    """All that follows from one capture."""
    if wish.kind is not WishKind.LINK:  # a short link is not followed: where it leads is all that is asked
        yield from _redirected(wish, findings, scope, held)
    if findings.page is not None:
        yield from (Wish(url, WishKind.PAGE) for url in scope.pages_of(findings.page))
        if wish.seed and scope.walks_sites:
            yield from (Wish(url, WishKind.FEED) for url in findings.page.feeds if scope.covers(url))
        yield from _embedded(wish, findings, held)
        yield from _pictures(wish, findings, held)
    if findings.feed is not None:
        yield from (Wish(url, WishKind.PAGE) for url in scope.entries_of(findings.feed))
        yield from (Wish(url, WishKind.SITEMAP) for url in findings.feed.sitemaps)
        if findings.feed.next_url:
            yield Wish(findings.feed.next_url, WishKind.FEED)
    for statement in findings.statements:
        yield from _stated(statement, held)
    for alias in findings.aliases:
        if not held.post(alias.post):
            yield from wishes_for_post(alias.post)


def _redirected(wish: Wish, findings: Findings, scope: Scope, held: Held) -> Iterator[Wish]:
    """The next hop. A page that is excluded stays so when another address leads to it; a seed is always asked for."""
    if wish.redirects >= MAX_REDIRECTS:
        return
    for url in findings.links[:1]:
        excluded = wish.kind is WishKind.PAGE and not wish.seed and not scope.allows(url)
        if not excluded and not (wish.kind is WishKind.MEDIA and held.file((url,))):
            yield replace(wish, url=url, tries=0, via=(*wish.via, wish.url))


def _embedded(wish: Wish, findings: Findings, held: Held) -> Iterator[Wish]:
    found = findings.embeds
    for embed in found.embeds if found else ():
        if embed.post_id is not None:
            ref = PostRef(embed.platform, embed.post_id)
            if not held.post(ref):
                yield from wishes_for_post(ref)
        yield from _short_links(embed, held)
    for url in found.media if found else ():
        yield from _medium(url, wish.page_visit, held)


def _short_links(embed: Embed, held: Held) -> Iterator[Wish]:
    for link in embed.short_links:
        key = short_link_of(link)
        if key is not None and not held.short_link(f"https://{key}"):
            yield Wish(f"https://{key}", WishKind.LINK)


def _pictures(wish: Wish, findings: Findings, held: Held) -> Iterator[Wish]:
    if findings.page is not None:
        for url in (*(picture.url for picture in findings.page.pictures), *findings.page.shown):
            if not held.file((url,)):
                yield Wish(url, WishKind.MEDIA, page_visit=wish.page_visit)


def _stated(statement: Statement, held: Held) -> Iterator[Wish]:
    for ref in statement.media:
        yield from _medium(ref.url, None, held)
    if statement.quotes is not None and not held.post(statement.quotes):  # the embed shows it too
        yield from wishes_for_post(statement.quotes)


def _medium(url: str, page_visit: str | None, held: Held) -> Iterator[Wish]:
    """The original, with smaller sizes to fall back on; and the address as it stands in a page, so that the page replays."""
    sizes = media_urls_of(url)
    if not held.file(sizes):
        yield Wish(sizes[0], WishKind.MEDIA, page_visit=page_visit, instead=sizes[1:])
    if page_visit is not None and url not in sizes and not held.file((url,)):
        yield Wish(url, WishKind.MEDIA, page_visit=page_visit)
