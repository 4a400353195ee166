"""Discovery: the requests that follow from a seed or from a capture. Pure, but for asking what the archive has already."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from urllib.parse import urljoin

from archiver.config.settings import HostSettings, host_settings
from archiver.crawling.session import CrawlPlan
from archiver.model.findings import Embed, Findings, PostRef, PostState, Source, Statement
from archiver.platforms import media_urls_of, platform_named, post_of_url, short_link_of
from archiver.platforms.doors import Doors
from archiver.recording.recorder import Recorded
from archiver.storage.index.crawl_queries import CrawlIndex, shows_posts
from archiver.storage.state.requeue_list import Requeued
from archiver.urls import host_of
from spiders.crawl_request import CrawlRequest, RequestKind
from spiders.response_policy import MAX_REDIRECTS
from spiders.scope import Scope

MAX_QUOTED = 5  # posts that quote one another in a row, or in a circle
NO_PAGE = "no page is known that shows it by itself: name one that embeds it"


def requests_for_seed(url: str, scope: Scope, doors: Doors) -> Iterator[CrawlRequest]:
    """The first requests for a seed: of a post, its platform's replies where it gives any; else the page, feed or sitemap."""
    post = post_of_url(url)
    asked = list(requests_for_post(post, doors, seed=True)) if post is not None else []
    if asked:
        yield from asked
        return
    yield CrawlRequest(url, RequestKind.PAGE, seed=True)
    if scope.kinds.get(url) == "site":
        yield CrawlRequest(urljoin(url, "/sitemap.xml"), RequestKind.SITEMAP, optional=True)


def requests_for_post(ref: PostRef, doors: Doors, *, seed: bool = False) -> Iterator[CrawlRequest]:
    """All that a platform can be asked about a post."""
    post = (ref.platform, ref.post_id)
    for request in doors.requests_about(ref):
        yield CrawlRequest(request.url, RequestKind.ASK, seed=seed, post=post, fallbacks=request.others)


def requests_for_control(ref: PostRef, doors: Doors, url: str) -> Iterator[CrawlRequest]:
    """The question whether a host that said "not found" of a post answers at all: a post known to be live, by the same door.

    `url` is the address that said so. Nothing where the platform has no control post.
    """
    platform, asked = platform_named(ref.platform), doors.question(ref, url)
    if platform is None or asked is None:
        return
    for control in (PostRef(ref.platform, post.id) for post in doors.control_posts(platform).live):
        for address in (each for request in doors.requests_about(control) for each in (request.url, *request.others)):
            question = doors.question(control, address)
            if question is not None and question.door == asked.door and host_of(address) == host_of(url):
                yield CrawlRequest(address, RequestKind.ASK, post=(control.platform, control.post_id), control=True)
                return


def requests_after(
    request: CrawlRequest, findings: Findings, scope: Scope, crawl_index: CrawlIndex, doors: Doors
) -> Iterator[CrawlRequest]:
    """The requests that follow from the capture of `request`: the next hop, pages in scope, posts, pictures, feeds."""
    if findings.control:
        yield from _redirected(request, findings, scope, crawl_index)
        return
    if request.kind is not RequestKind.LINK:  # a short link is not followed: its target is all that is wanted
        yield from _redirected(request, findings, scope, crawl_index)
    if findings.page is not None:
        yield from (CrawlRequest(url, RequestKind.PAGE) for url in scope.pages_of(findings.page))
        if request.seed and scope.walks_sites:
            yield from (CrawlRequest(url, RequestKind.FEED) for url in findings.page.feeds if scope.covers(url))
        yield from _embedded(request, findings, crawl_index, doors)
        yield from _pictures(request, findings, crawl_index)
    if findings.feed is not None:
        yield from (CrawlRequest(url, RequestKind.PAGE) for url in scope.entries_of(findings.feed))
        yield from (CrawlRequest(url, RequestKind.SITEMAP) for url in findings.feed.sitemaps)
        if findings.feed.next_url:
            yield CrawlRequest(findings.feed.next_url, RequestKind.FEED)
    for statement in findings.statements:
        yield from _stated(statement, request.again, crawl_index, doors)
    answered = {PostRef(one.platform, one.post_id) for one in findings.statements if one.state is not None}
    for alias in findings.aliases:
        if alias.post not in answered:  # else this reply is what its platform says of it
            yield from _lacking_of(alias.post, request.again, crawl_index, doors)


def _redirected(request: CrawlRequest, findings: Findings, scope: Scope, crawl_index: CrawlIndex) -> Iterator[CrawlRequest]:
    """The next hop. A page that is excluded stays so when another address leads to it; a seed is always asked for."""
    if request.redirects >= MAX_REDIRECTS:
        return
    for url in findings.links[:1]:
        excluded = request.kind is RequestKind.PAGE and not request.seed and not scope.allows(url)
        if not excluded and not (request.kind is RequestKind.MEDIA and crawl_index.file((url,))):
            others = tuple(other for other in request.fallbacks if other != url)  # it is not asked twice, so it would end there
            yield replace(request, url=url, tries=0, via=(*request.via, request.url), fallbacks=others)


def mark_third_party(
    requests: Iterable[CrawlRequest], by: CrawlRequest, hosts: Mapping[str, HostSettings]
) -> Iterable[CrawlRequest]:
    """Marks those of the requests that follow from `by` as third party that may not carry the user's cookies.

    As browsers do it (SameSite=Lax): a page is asked for with cookies whoever leads there, as by a click on a link; pictures,
    feeds and sitemaps only where their own site names them. The URL that a platform is asked at is ours, unless it redirects.
    Hosts that have one cookie file are one site.
    """
    if all(host.cookies is None for host in hosts.values()):
        return requests
    own = host_settings(hosts, by.host).cookies
    return (replace(request, third_party=True) if _is_third_party(request, by, own, hosts) else request for request in requests)


def _is_third_party(request: CrawlRequest, by: CrawlRequest, own: Path | None, hosts: Mapping[str, HostSettings]) -> bool:
    if request.kind in (RequestKind.PAGE, RequestKind.RENDER) or (request.kind is RequestKind.ASK and not request.redirects):
        return False
    cookies = host_settings(hosts, request.host).cookies
    return cookies not in (None, own) and request.host != by.host


def _embedded(request: CrawlRequest, findings: Findings, crawl_index: CrawlIndex, doors: Doors) -> Iterator[CrawlRequest]:
    found = findings.embeds
    for embed in found.embeds if found else ():
        if embed.post_id is not None:
            ref = PostRef(embed.platform, embed.post_id)
            yield from _lacking_of(ref, request.again, crawl_index, doors)
        yield from _short_links(embed, request.again, crawl_index, doors)
    for url in found.media if found else ():
        yield from _medium(url, request.page_visit, request.again, crawl_index)


def _lacking_of(
    ref: PostRef, again: bool, crawl_index: CrawlIndex, doors: Doors, quoted_by: tuple[PostRef, ...] = ()
) -> Iterator[CrawlRequest]:
    """All that a platform can be asked about a post. Where the archive has the post: the requests that got no response yet, and
    the media and quoted posts in it that were never fetched.

    The archive may have a post without its media: its platform told of it in another post's reply, or a crawl was killed before
    the requests that follow were safe, or they are lost with state.db, or belong to a job with other seeds.
    """
    if not crawl_index.post(ref):
        yield from requests_for_post(ref, doors)
        return
    for request in requests_for_post(ref, doors):
        yield from _unasked(request, ref, crawl_index)
    for url in crawl_index.media_of(ref):
        if not crawl_index.answered_not_found(media_urls_of(url)[-1]):
            yield from _medium(url, None, again, crawl_index)
    for quoted in crawl_index.quoted(ref):
        if quoted not in quoted_by and len(quoted_by) < MAX_QUOTED:
            yield from _lacking_of(quoted, again, crawl_index, doors, (*quoted_by, ref))


def _unasked(request: CrawlRequest, ref: PostRef, crawl_index: CrawlIndex) -> Iterator[CrawlRequest]:
    """A question about a post at the first of its addresses that was not asked yet; nothing where one of them answered."""
    while crawl_index.asked(request.url):
        fallback = request.fallback()
        if fallback is None or crawl_index.answered_about(ref, request.url):
            return
        request = fallback
    yield request


def _short_links(embed: Embed, again: bool, crawl_index: CrawlIndex, doors: Doors) -> Iterator[CrawlRequest]:
    for link in embed.short_links:
        key = short_link_of(link)
        if key is not None and not crawl_index.short_link(f"https://{key}"):
            yield CrawlRequest(f"https://{key}", RequestKind.LINK)
        elif key is not None:
            for ref in crawl_index.posts_behind(key):
                yield from _lacking_of(ref, again, crawl_index, doors)


def _pictures(request: CrawlRequest, findings: Findings, crawl_index: CrawlIndex) -> Iterator[CrawlRequest]:
    if findings.page is not None:
        for url in (*(picture.url for picture in findings.page.pictures), *findings.page.shown):
            if not crawl_index.file((url,)):
                yield CrawlRequest(url, RequestKind.MEDIA, page_visit=request.page_visit)


def _stated(statement: Statement, again: bool, crawl_index: CrawlIndex, doors: Doors) -> Iterator[CrawlRequest]:
    for ref in statement.media:
        yield from _medium(ref.url, None, again, crawl_index)
    if statement.quotes is not None:  # the embed shows it too
        yield from _lacking_of(statement.quotes, again, crawl_index, doors)


def _medium(url: str, page_visit: str | None, again: bool, crawl_index: CrawlIndex) -> Iterator[CrawlRequest]:
    """The original, with smaller sizes to fall back on; and the URL as it stands in a page, so that the page replays.

    `again`: the original also where the archive has a smaller size, unless its host said that there is none.
    """
    sizes = media_urls_of(url)
    if not crawl_index.file(sizes):
        yield CrawlRequest(sizes[0], RequestKind.MEDIA, page_visit=page_visit, fallbacks=sizes[1:])
    elif again and not crawl_index.file(sizes[:1]) and not crawl_index.answered_not_found(sizes[0]):
        yield CrawlRequest(sizes[0], RequestKind.MEDIA, page_visit=page_visit)
    if page_visit is not None and url not in sizes and not crawl_index.file((url,)):
        yield CrawlRequest(url, RequestKind.MEDIA, page_visit=page_visit)


@dataclass(frozen=True, slots=True)
class RenderPolicy:
    """Which of the pages and posts that a crawl captures are rendered."""

    screenshots: str
    """As `CrawlSettings.screenshots`."""
    again: bool
    """Also what the archive has renders of."""
    doors: Doors = field(default_factory=Doors)
    """Which pages show a post by itself."""

    def requests_after(self, request: CrawlRequest, recorded: Recorded, crawl_index: CrawlIndex) -> Iterator[CrawlRequest]:
        """The renders that follow from the capture of `request`: of the page itself, and of the posts that a page or a platform's
        reply shows to be live, or that only a browser is shown."""
        findings = recorded.findings
        again = self.again or request.again
        if (
            findings.page is not None
            and self._wants_page(findings)
            and (again or not crawl_index.page_rendered(recorded.capture))
        ):
            yield CrawlRequest(request.url, RequestKind.RENDER, page_visit=request.page_visit, again=request.again)
        if self.screenshots not in ("posts", "all"):
            return
        named = {alias.key: alias.post for alias in findings.aliases}
        if findings.needs_browser and request.post is not None and not findings.control:
            yield from self.requests_for_post(PostRef(*request.post), crawl_index, again=request.again)
        for ref, author in _shown_posts(findings, self.doors):
            yield from self.requests_for_post(ref, crawl_index, author, named, again=request.again)

    def requests_for_post(
        self,
        ref: PostRef,
        crawl_index: CrawlIndex,
        author: str | None = None,
        named: Mapping[str, PostRef] | None = None,
        *,
        again: bool = False,
    ) -> Iterator[CrawlRequest]:
        """The render of a post by itself, on its platform's embed page where it has one.

        `author` is the handle; `named` the posts by the keys of their aliases, as a reply has just told them. The archive is
        asked for what is not there.
        """
        platform = platform_named(ref.platform)
        key = platform.alias_key(ref.post_id) if platform is not None else None
        other = (named or {}).get(key) or next(iter(crawl_index.posts_behind(key)), None) if key is not None else None
        pages = self.doors.embed_pages(ref, author or crawl_index.author(ref), other.post_id if other is not None else None)
        if pages and (again or self.again or not crawl_index.post_rendered(ref)):
            yield CrawlRequest(pages[0], RequestKind.RENDER, post=(ref.platform, ref.post_id), again=again, fallbacks=pages[1:])

    def _wants_page(self, findings: Findings) -> bool:
        embeds = findings.embeds.embeds if findings.embeds is not None else ()
        listing = findings.page is not None and findings.page.is_listing
        shows = shows_posts([embed.post_id for embed in embeds], is_listing=listing)
        return self.screenshots in ("pages", "all") or (self.screenshots == "posts" and shows)


def requests_of_requeued(
    items: Iterable[Requeued], render_policy: RenderPolicy, crawl_index: CrawlIndex
) -> Iterator[CrawlRequest]:
    """The requests for what an audit requeued: its platform's replies or the page, and its render, all `again`.

    Items that only a render would repair are left out where nothing is rendered.
    """
    for item in items:
        if render_policy.screenshots == "none" and not item.asks:
            continue
        if item.post is None:
            yield CrawlRequest(item.url, RequestKind.PAGE, again=True)
            continue
        yield from (replace(request, again=True) for request in requests_for_post(item.post, render_policy.doors))
        if render_policy.screenshots != "none":
            yield from render_policy.requests_for_post(item.post, crawl_index, again=True)


def requests_to_render(plan: CrawlPlan, render_policy: RenderPolicy, crawl_index: CrawlIndex) -> Iterator[CrawlRequest]:
    """The renders of a plan that no seed leads to: of the posts that it names, and with `missing` of all that has none."""
    for ref in (*plan.posts, *(crawl_index.unrendered_posts() if plan.missing else ())):
        yield from render_policy.requests_for_post(ref, crawl_index)
    for url in crawl_index.unrendered_pages() if plan.missing else ():
        yield CrawlRequest(url, RequestKind.PAGE)


def unrenderable(plan: CrawlPlan, render_policy: RenderPolicy, crawl_index: CrawlIndex) -> Iterator[tuple[str, str]]:
    """The posts of a plan that cannot be rendered, by URL, with the reason."""
    for ref in plan.posts:
        platform = platform_named(ref.platform)
        if platform is not None and not any(render_policy.requests_for_post(ref, crawl_index, again=True)):
            yield platform.canonical_url(ref.post_id), NO_PAGE


def _shown_posts(findings: Findings, doors: Doors) -> Iterator[tuple[PostRef, str | None]]:
    """The posts in a capture that are live, or that no platform can be asked about, each with its author's handle; without those
    that another post only quotes or answers."""
    if findings.control:
        return
    inner = {ref for statement in findings.statements for ref in (statement.quotes, statement.replies_to)}
    for statement in findings.statements:
        ref = PostRef(statement.platform, statement.post_id)
        if statement.state is PostState.LIVE and statement.source is not Source.EMBED and ref not in inner:
            yield ref, statement.author
    for embed in findings.embeds.embeds if findings.embeds is not None else ():
        shown = PostRef(embed.platform, embed.post_id) if embed.post_id is not None else None
        if shown is not None and platform_named(shown.platform) is not None and not doors.requests_about(shown):
            yield shown, embed.author
