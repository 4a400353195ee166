"""Which addresses belong to a crawl. Pure: from the seeds, the options and what a page or feed says."""

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from archiver.crawling.session import CrawlPlan
from archiver.errors import UsageError
from archiver.model.findings import Feed, FeedEntry, Page
from archiver.platforms import post_of_url
from archiver.urls import host_of, url_key

# Addresses that a site links to and that are no pages of it: forms, logins, share links, other views of the same page.
_NEVER = re.compile(
    r"/wp-(?:login|admin|json|includes)|/xmlrpc\.php|[?&](?:replytocom|share|action|print|add-to-cart|openidserver)="
    r"|/(?:login|signin|signup|register|logout|cart|checkout|trackback)/?(?:$|\?)|/(?:comments/)?feed/?(?:$|\?)"
    r"|\.(?:jpe?g|png|gif|webp|svg|ico|css|js|pdf|zip|gz|mp[34]|m4[av]|avi|mov|webm|ogg|docx?|xlsx?|pptx?|xml|rss|json)(?:$|\?)",
    re.I,
)
_REPEATED = re.compile(r"(/[^/]+)(?:.*\1/){3}")  # /a/b/a/b/a/b/a: links that grow for ever
MAX_PATH = 500  # characters
SCOPES = ("page", "feed", "prefix", "site")


@dataclass(frozen=True, slots=True)
class Scope:
    """Made with `scope_of`."""

    kinds: dict[str, str]
    """Seed URL -> page, feed, prefix or site."""
    include: tuple[re.Pattern[str], ...]
    exclude: tuple[re.Pattern[str], ...]
    since: str | None

    def allows(self, url: str) -> bool:
        """Whether a page may be asked for at all, wherever its address came from."""
        return (not self.include or any(p.search(url) for p in self.include)) and not any(p.search(url) for p in self.exclude)

    def follows(self, url: str) -> bool:
        """Whether a link in a page leads on: it lies on the site, or under the prefix, of a seed."""
        if _NEVER.search(url) or len(url) > MAX_PATH or _REPEATED.search(url) or not self.allows(url):
            return False
        return any(_within(url, seed, kind) for seed, kind in self.kinds.items())

    def covers(self, url: str) -> bool:
        """Whether this is an address of a seed's site, which a sitemap may name pages for."""
        return any(_site(url) == _site(seed) for seed in self.kinds)

    def recent(self, entry: FeedEntry) -> bool:
        """Whether an entry is new enough for `--since`; one without a date is."""
        dated = entry.modified_at or entry.published_at
        return self.since is None or dated is None or dated[:10] >= self.since[:10]

    @property
    def walks_sites(self) -> bool:
        return "site" in self.kinds.values()

    def pages_of(self, page: Page) -> tuple[str, ...]:
        """The links of a page that lead on."""
        return tuple(url for url in page.links if self.follows(url)) if self.walks() else ()

    def walks(self) -> bool:
        return any(kind in ("site", "prefix") for kind in self.kinds.values())

    def entries_of(self, feed: Feed) -> tuple[str, ...]:
        return tuple(entry.url for entry in feed.entries if self.recent(entry) and self.allows(entry.url))


def scope_of(plan: CrawlPlan) -> Scope:
    """Raises `UsageError` for a scope or regular expression that is none."""
    if plan.scope not in (None, *SCOPES):
        raise UsageError(f"there is no scope `{plan.scope}`: page, feed, prefix or site")
    kinds = {seed: plan.scope or _kind_of(seed) for seed in plan.seeds}
    return Scope(kinds, _patterns(plan.include), _patterns(plan.exclude), plan.since)


def _kind_of(seed: str) -> str:
    """A bare host is a site; anything else one page (a feed or sitemap is known when it comes)."""
    parts = urlsplit(seed)
    return "site" if parts.path in ("", "/") and not parts.query and post_of_url(seed) is None else "page"


def _within(url: str, seed: str, kind: str) -> bool:
    if kind == "site":
        return _site(url) == _site(seed)
    return kind == "prefix" and url_key(url).startswith(url_key(seed))


def _site(url: str) -> str:
    return host_of(url).removeprefix("www.")


def _patterns(texts: tuple[str, ...]) -> tuple[re.Pattern[str], ...]:
    try:
        return tuple(re.compile(text) for text in texts)
    except re.error as error:
        raise UsageError(f"`{error.pattern!s}` is no regular expression: {error}") from error
