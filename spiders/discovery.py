"""What a capture makes a crawl wish for next. Pure, but for asking what is held already."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import urljoin

from archiver.config.settings import HostSettings, host_settings
from archiver.crawling.session import CrawlPlan
from archiver.model.findings import Embed, Findings, PostRef, PostState, Source, Statement
from archiver.platforms import media_urls_of, platform_named, post_of_url, short_link_of
from archiver.recording.recorder import Recorded
from archiver.storage.index.crawl_queries import Held, shows_posts
from archiver.storage.state.requeue_list import Requeued
from spiders.crawl_request import Wish, WishKind
from spiders.response_policy import MAX_REDIRECTS
from spiders.scope import Scope

MAX_QUOTED = 5  # posts that quote one another in a row, or in a circle
NO_PAGE = "no page is known that shows it by itself: name one that embeds it"


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
        post = (ref.platform, ref.post_id)
        yield from (Wish(ask.url, WishKind.ASK, seed=seed, post=post) for ask in platform.asks(ref.post_id))


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
        yield from _stated(statement, wish.again, held)
    for alias in findings.aliases:
        yield from _lacking_of(alias.post, wish.again, held)


def _redirected(wish: Wish, findings: Findings, scope: Scope, held: Held) -> Iterator[Wish]:
    """The next hop. A page that is excluded stays so when another address leads to it; a seed is always asked for."""
    if wish.redirects >= MAX_REDIRECTS:
        return
    for url in findings.links[:1]:
        excluded = wish.kind is WishKind.PAGE and not wish.seed and not scope.allows(url)
        if not excluded and not (wish.kind is WishKind.MEDIA and held.file((url,))):
            yield replace(wish, url=url, tries=0, via=(*wish.via, wish.url))


def told_apart(wishes: Iterable[Wish], by: Wish, hosts: Mapping[str, HostSettings]) -> Iterable[Wish]:
    """The same wishes; `foreign` are those for which the user has cookies, and which the site of `by` may not have them sent for.

    As browsers do it (SameSite=Lax): a page is asked for with cookies whoever leads there, as by a click on a link; pictures,
    feeds and sitemaps only where their own site names them. What a platform is asked is an address of ours, unless it redirects.
    Hosts that have one cookie file are one site.
    """
    if all(host.cookies is None for host in hosts.values()):
        return wishes
    own = host_settings(hosts, by.host).cookies
    return (replace(wish, foreign=True) if _is_foreign(wish, by, own, hosts) else wish for wish in wishes)


def _is_foreign(wish: Wish, by: Wish, own: Path | None, hosts: Mapping[str, HostSettings]) -> bool:
    if wish.kind in (WishKind.PAGE, WishKind.RENDER) or (wish.kind is WishKind.ASK and not wish.redirects):
        return False
    cookies = host_settings(hosts, wish.host).cookies
    return cookies not in (None, own) and wish.host != by.host


def _embedded(wish: Wish, findings: Findings, held: Held) -> Iterator[Wish]:
    found = findings.embeds
    for embed in found.embeds if found else ():
        if embed.post_id is not None:
            ref = PostRef(embed.platform, embed.post_id)
            yield from _lacking_of(ref, wish.again, held)
        yield from _short_links(embed, wish.again, held)
    for url in found.media if found else ():
        yield from _medium(url, wish.page_visit, wish.again, held)


def _lacking_of(ref: PostRef, again: bool, held: Held, quoted_by: tuple[PostRef, ...] = ()) -> Iterator[Wish]:
    """All that a platform can be asked about a post, unless the post is held: then what gave no answer yet, and what the post
    shows that was never fetched. Its platform may have told of it in another post's reply; or the run that asked was killed, and
    what it wished for next was not safe yet, or is lost with state.db, or belongs to a job that has other seeds by now.
    """
    if not held.post(ref):
        yield from wishes_for_post(ref)
        return
    yield from (wish for wish in wishes_for_post(ref) if not held.asked(wish.url))
    for url in held.media_of(ref):
        if not held.not_there(media_urls_of(url)[-1]):
            yield from _medium(url, None, again, held)
    for quoted in held.quoted(ref):
        if quoted not in quoted_by and len(quoted_by) < MAX_QUOTED:
            yield from _lacking_of(quoted, again, held, (*quoted_by, ref))


def _short_links(embed: Embed, again: bool, held: Held) -> Iterator[Wish]:
    for link in embed.short_links:
        key = short_link_of(link)
        if key is not None and not held.short_link(f"https://{key}"):
            yield Wish(f"https://{key}", WishKind.LINK)
        elif key is not None:
            for ref in held.behind(key):
                yield from _lacking_of(ref, again, held)


def _pictures(wish: Wish, findings: Findings, held: Held) -> Iterator[Wish]:
    if findings.page is not None:
        for url in (*(picture.url for picture in findings.page.pictures), *findings.page.shown):
            if not held.file((url,)):
                yield Wish(url, WishKind.MEDIA, page_visit=wish.page_visit)


def _stated(statement: Statement, again: bool, held: Held) -> Iterator[Wish]:
    for ref in statement.media:
        yield from _medium(ref.url, None, again, held)
    if statement.quotes is not None:  # the embed shows it too
        yield from _lacking_of(statement.quotes, again, held)


def _medium(url: str, page_visit: str | None, again: bool, held: Held) -> Iterator[Wish]:
    """The original, with smaller sizes to fall back on; and the address as it stands in a page, so that the page replays.

    `again`: the original also where a smaller size is held, unless its host said that there is none.
    """
    sizes = media_urls_of(url)
    if not held.file(sizes):
        yield Wish(sizes[0], WishKind.MEDIA, page_visit=page_visit, instead=sizes[1:])
    elif again and not held.file(sizes[:1]) and not held.not_there(sizes[0]):
        yield Wish(sizes[0], WishKind.MEDIA, page_visit=page_visit)
    if page_visit is not None and url not in sizes and not held.file((url,)):
        yield Wish(url, WishKind.MEDIA, page_visit=page_visit)


@dataclass(frozen=True, slots=True)
class Drawing:
    """What of all that a crawl captures a browser is to draw."""

    screenshots: str
    """As `CrawlSettings.screenshots`."""
    again: bool
    """Also what was drawn before."""

    def wishes_after(self, wish: Wish, recorded: Recorded, held: Held) -> Iterator[Wish]:
        """The page itself, or the post that this is a platform's word on."""
        findings = recorded.findings
        again = self.again or wish.again
        if findings.page is not None and self._wants_page(findings) and (again or not held.page_drawn(recorded.capture)):
            yield Wish(wish.url, WishKind.RENDER, page_visit=wish.page_visit, again=wish.again)
        if self.screenshots not in ("posts", "all"):
            return
        for ref, author in _shown_posts(findings):
            yield from self.wishes_for_post(ref, held, author, again=wish.again)

    def wishes_for_post(self, ref: PostRef, held: Held, author: str | None = None, *, again: bool = False) -> Iterator[Wish]:
        """Its platform's own page for frames, where it has one. `author` is asked of the archive where it is not given."""
        platform = platform_named(ref.platform)
        url = platform.embed_page(ref.post_id, author or held.author(ref)) if platform is not None else None
        if url is not None and (again or self.again or not held.post_drawn(ref)):
            yield Wish(url, WishKind.RENDER, post=(ref.platform, ref.post_id), again=again)

    def _wants_page(self, findings: Findings) -> bool:
        embeds = findings.embeds.embeds if findings.embeds is not None else ()
        listing = findings.page is not None and findings.page.is_listing
        shows = shows_posts([embed.post_id for embed in embeds], is_listing=listing)
        return self.screenshots in ("pages", "all") or (self.screenshots == "posts" and shows)


def wishes_of_requeued(items: Iterable[Requeued], drawing: Drawing, held: Held) -> Iterator[Wish]:
    """What an audit put back: its platform is asked once more, what belongs to it follows, and it is drawn once more.

    What nothing but drawing would mend is left out where nothing is drawn.
    """
    for item in items:
        if drawing.screenshots == "none" and not item.asks:
            continue
        if item.post is None:
            yield Wish(item.url, WishKind.PAGE, again=True)
            continue
        yield from (replace(wish, again=True) for wish in wishes_for_post(item.post))
        if drawing.screenshots != "none":
            yield from drawing.wishes_for_post(item.post, held, again=True)


def wishes_to_draw(plan: CrawlPlan, drawing: Drawing, held: Held) -> Iterator[Wish]:
    """What a run is to draw that no seed leads to: the posts that it names, and what was never drawn."""
    for ref in (*plan.posts, *(held.undrawn_posts() if plan.missing else ())):
        yield from drawing.wishes_for_post(ref, held)
    for url in held.undrawn_pages() if plan.missing else ():
        yield Wish(url, WishKind.PAGE)


def undrawable(plan: CrawlPlan, drawing: Drawing, held: Held) -> Iterator[tuple[str, str]]:
    """The posts that a run is to draw and cannot, with the reason."""
    for ref in plan.posts:
        platform = platform_named(ref.platform)
        if platform is not None and not any(drawing.wishes_for_post(ref, held, again=True)):
            yield platform.canonical_url(ref.post_id), NO_PAGE


def _shown_posts(findings: Findings) -> Iterator[tuple[PostRef, str | None]]:
    """The posts that this shows to be up, or that nobody can be asked about, each with its author's handle; not what another one
    only quotes or answers."""
    inner = {ref for statement in findings.statements for ref in (statement.quotes, statement.replies_to)}
    for statement in findings.statements:
        ref = PostRef(statement.platform, statement.post_id)
        if statement.state is PostState.LIVE and statement.source is not Source.EMBED and ref not in inner:
            yield ref, statement.author
    for embed in findings.embeds.embeds if findings.embeds is not None else ():
        platform = platform_named(embed.platform)
        if embed.post_id is not None and platform is not None and not platform.asks(embed.post_id):
            yield PostRef(embed.platform, embed.post_id), embed.author
