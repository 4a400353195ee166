"""Reddit: posts, and comments that are embedded by themselves.

A page's address with `.json` gives two listings: the post, and the comments below it. Strangers are often refused; then the reply
says nothing. Fields are as in Reddit's API documentation and in public code up to mid 2026.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, ClassVar

from selectolax.lexbor import LexborNode

from archiver.html.addresses import address_of, host_in, value_in
from archiver.html.pattern import Pattern
from archiver.html.text import text_of
from archiver.model.findings import EmbedKind, Findings, MediaKind, MediaRef, PostRef, PostState, Source, Statement
from archiver.platforms.base import Door, Example, Platform, PostRequest
from archiver.platforms.declared import Declared, EmbedContent, Marker, MediaForm
from archiver.platforms.replies import pixels, text_at
from archiver.text import json_loads
from archiver.times import to_iso
from archiver.urls import absolute, url_key

# Other faces of the same posts: lighter front ends, and services that show what was removed.
_FRONT_ENDS = (
    "libredd.it",
    "teddit.net",
    "safereddit.com",
    "rxddit.com",
    "vxreddit.com",
    "reveddit.com",
    "removeddit.com",
    "ceddit.com",
)
_SITE = rf"(?:[\w-]+\.)*(?:reddit\.com|redditmedia\.com|{'|'.join(map(re.escape, _FRONT_ENDS))})"
_PLACE = r"(?:/(?:r|u|user|v)/[\w.+-]{1,50})?"
_POST = r"(?P<post>[a-z0-9]{2,10})(?![\w-])"
_COMMENT = r"(?P<comment>(?!(?:embed|new|old|top|hot|best|live|qa)\b)[a-z0-9]{2,10})(?![\w-])"
_HANDLE = r"(?P<handle>[\w-]{3,20})(?![\w-])"
_NO_TITLE = frozenset(("comment", "reddit post", "reddit", "post", "view on reddit"))


class Reddit(Declared):
    """A post's id is what stands behind `/comments/`; a comment's is `POST/COMMENT`. Both are numbers in base 36."""

    name = "reddit"
    title = "Reddit"
    doors = (
        Door("oembed", "", ""),
        Door("api", "", ""),
        Door("embed_page", "", ""),
    )
    hosts = ("reddit.com", "redditmedia.com", "redd.it", "reddit.app.link", *_FRONT_ENDS)
    urls = (
        Pattern(rf"{_SITE}{_PLACE}/comments/{_POST}/(?:[^/?#]*)/{_COMMENT}", re.I),
        Pattern(rf"{_SITE}{_PLACE}/(?:comments|gallery|duplicates|tb|poll|link|mediaembed)/(?:t3_)?{_POST}", re.I),
        Pattern(rf"{_SITE}/by_id/t3_{_POST}", re.I),
        Pattern(rf"redd\.it/{_POST}/?(?=[?#.,)\]]|$)", re.I),
    )
    canonical = "https://www.reddit.com/comments/{id}"
    markers = (
        Marker(".reddit-embed-bq", links=True),
        Marker(".reddit-card", links=True),
        Marker(".reddit-embed", ("data-embed-url",), links=True),
        Marker("amp-reddit", ("data-src",), EmbedKind.AMP),
    )
    # What the "share" button gives since 2023, and the pages of videos: only Reddit knows which post it is.
    short_urls = (
        Pattern(r"(?:[\w-]+\.)*reddit\.com/(?:r|u|user)/[\w.-]{1,50}/s/\w{6,20}"),
        Pattern(r"reddit\.app\.link/\w{6,20}"),
        Pattern(r"v\.redd\.it/[a-z0-9]{8,20}(?=/?(?:[?#]|$))"),
    )
    media_forms = (
        # The scaled copy has the title before the name, and a signature behind it; the original has neither.
        MediaForm(
            Pattern(
                r"(?P<at>(?:i|preview)\.redd\.it/(?:[\w-]+-v\d+-)?(?P<key>[a-z0-9]{6,30})\.(?P<type>jpe?g|png|gif|webp)(?:\?\S*)?)",
                re.I,
            ),
            "i.redd.it/{key}",
            ("https://i.redd.it/{key}.{type}", "https://{at}"),
        ),
    )
    oembed = "https://www.reddit.com/oembed?url={url}"
    # 403 is what Reddit's firewall answers to any stranger: it says nothing of the post.
    oembed_states: ClassVar[Mapping[int, PostState]] = {404: PostState.GONE, 410: PostState.GONE}
    # About ten requests a minute are free without an account (Reddit's data API rules of 2023) [?].
    paces: ClassVar[dict[str, float]] = {"www.reddit.com": 6.0, "i.redd.it": 0.3, "preview.redd.it": 0.3}
    examples = (
        Example(
            '<blockquote class="reddit-embed-bq" style="height:316px"><a href="https://www.reddit.com/r/bakery/comments/1ab2cde/'
            'first_loaf/">First loaf</a><br> by <a href="https://www.reddit.com/user/mira_k/">u/mira_k</a> in <a href="'
            'https://www.reddit.com/r/bakery/">bakery</a></blockquote><script src="https://embed.reddit.com/widgets.js"></script>',
            ("1ab2cde",),
        ),
        Example(
            '<blockquote class="reddit-embed-bq"><a href="https://www.reddit.com/r/bakery/comments/1ab2cde/comment/kx12yz3/">Comment'
            '</a> by <a href="https://www.reddit.com/user/ann_o/">u/ann_o</a> from discussion <a href="https://www.reddit.com/r/'
            'bakery/comments/1ab2cde/first_loaf/"></a> in <a href="https://www.reddit.com/r/bakery/">bakery</a></blockquote>',
            ("1ab2cde/kx12yz3",),
            links=("1ab2cde",),
        ),
        Example(
            '<blockquote class="reddit-card" data-card-created="1500000000"><a href="https://www.reddit.com/r/bakery/comments/6xyz9/'
            'crust/?ref=share&amp;ref_source=embed">Crust</a> from <a href="http://www.reddit.com/r/bakery">r/bakery</a></blockquote>',
            ("6xyz9",),
        ),
        Example(
            '<div class="reddit-embed" data-embed-media="www.redditmedia.com" data-embed-uuid="0"><a href="https://www.reddit.com/r/'
            'bakery/comments/4xyz9/rye/d3abcde">Comment</a> from discussion <a href="https://www.reddit.com/r/bakery/comments/4xyz9/'
            'rye/">Rye</a>.</div>',
            ("4xyz9/d3abcde",),
            links=("4xyz9",),
        ),
        Example(
            '<iframe src="https://embed.reddit.com/r/bakery/comments/1ab2cde/first_loaf/?embed=true"></iframe>', ("1ab2cde",)
        ),
        Example(
            '<iframe src="https://www.redditmedia.com/r/bakery/comments/6xyz9/crust/?ref_source=embed"></iframe>', ("6xyz9",)
        ),
        Example(
            '<amp-reddit layout="responsive" data-embedtype="post" data-src="https://redd.it/6xyz9"></amp-reddit>', ("6xyz9",)
        ),
        Example(
            "<figure class='wp-block-embed'><div>\nhttps://old.reddit.com/r/bakery/comments/6xyz9/\n</div></figure>", ("6xyz9",)
        ),
        Example(
            '<blockquote class="reddit-embed-bq"><a href="https://www.reddit.com/r/bakery/s/aBcD3fGh1J">Loaf</a></blockquote>',
            (None,),
            short_links=("reddit.com/r/bakery/s/aBcD3fGh1J",),
        ),
        Example(
            '<p>As <a href="https://np.reddit.com/comments/6xyz9">here</a> and <a href="https://redd.it/7a">there</a>.</p>',
            links=("6xyz9", "7a"),
        ),
        Example(
            '<p>As <a href="https://www.reddit.com/r/bakery/s/aBcD3fGh1J">she says</a></p>',
            short_links=("reddit.com/r/bakery/s/aBcD3fGh1J",),
        ),
        Example(
            '<p>I am <a href="https://www.reddit.com/user/mira_k">here</a>, '
            'in <a href="https://www.reddit.com/r/bakery/">r/bakery</a>; '
            '<a href="https://www.reddit.com/submit?url=https://blog.example/a">share</a></p>'
        ),
        Example('<iframe src="https://www.redditmedia.com/gtm/jail?id=GTM-AAAA111"></iframe>'),
        Example(
            '<iframe src="https://www.reddit.com/static/button/button1.html?width=120&amp;url=https://blog.example/a"></iframe>'
        ),
        Example('<script async src="https://embed.redditmedia.com/widgets/platform.js"></script>'),
    )

    def parse_address(self, address: str) -> str | None:
        if host_in(address) == "publish.reddit.com":  # the form that makes embed codes; some sites frame it
            address = address_of(value_in(address, "url") or "")
        return super().parse_address(address) if address else None

    def id_of(self, groups: Mapping[str, str | None]) -> str | None:
        post, comment = (groups["post"] or "").lower(), groups.get("comment")
        return f"{post}/{comment.lower()}" if comment else post

    def canonical_url(self, post_id: str) -> str:
        """Reddit wants something where the title stands between post and comment, and takes anything."""
        return super().canonical_url(post_id.replace("/", "/_/"))

    def embed_page(self, post_id: str, author: str | None = None) -> str | None:
        """The post's address at another host; the codes that Reddit makes have the community in it, readers' need not [?]."""
        return f"https://embed.reddit.com/comments/{post_id.replace('/', '/_/')}/?embed=true"

    def read_box(self, node: LexborNode) -> EmbedContent:
        """The title is the first link; of a comment there is only a link that is called so."""
        author = None
        title = None
        for link in node.css("a[href]")[:10]:
            href = link.attributes.get("href") or ""
            if title is None and self.parse_url(href) is not None:
                title = text_of(link)[:1_000]
            author = author or self.author_in(href)
        text = title if title and title.lower() not in _NO_TITLE and "://" not in title else None
        return EmbedContent(author=author, text=text)

    def author_in(self, url: str) -> str | None:
        found = re.match(rf"{_SITE}/(?:u|user)/{_HANDLE}/?(?:$|[?#])", address_of(url), re.I)
        return found["handle"] if found else None

    def requests_about(self, post_id: str) -> tuple[PostRequest, ...]:
        return (*super().requests_about(post_id), PostRequest(_listing_url(self.canonical_url(post_id)), "api"))

    def is_reply(self, url: str) -> bool:
        return _LISTING.match(url) is not None or super().is_reply(url)

    def read_reply(self, url: str, status: int, location: str | None, body: bytes) -> Findings | None:
        if _LISTING.match(url) is not None:
            post_id = self.parse_url(url.replace(".json?", "?"))
            return _read_listing(self, post_id, status, body) if post_id is not None else Findings()
        findings = super().read_reply(url, status, location, body)
        if findings is None or not self._is_oembed(url):
            return findings
        # `author_name` is the handle, and what oEmbed has as a comment's title is that of its discussion.
        statements = tuple(
            replace(
                one,
                author=_handle_in(one.author_name),
                author_name=None,
                text=None if "/" in one.post_id else one.text,
            )
            for one in findings.statements
        )
        return replace(findings, statements=statements)


# --- the API -------------------------------------------------------------------------------------------------

MAX_PICTURES = 50  # of one post; a gallery holds 20

_LISTING = Pattern(r"https://www\.reddit\.com/comments/\w+(?:/_/\w+)?\.json\?")
_NUMBER_36 = Pattern(r"[a-z0-9]{2,10}")
_BLANKED = {"[deleted]": PostState.DELETED, "[deleted by user]": PostState.DELETED, "[removed]": PostState.WITHHELD}
# `reason` in the error that stands for a post: its community is closed to strangers, or was shut down.
_REASONS = {"private": PostState.PROTECTED, "banned": PostState.SUSPENDED}


def _listing_url(canonical: str) -> str:
    """Where to ask about a post: `raw_json` leaves `&` as it is, the limits keep the discussion out."""
    return f"{canonical}.json?raw_json=1&limit=1&depth=1"


def _handle_in(author: str | None) -> str | None:
    """The handle; None for what stands there when an account is gone."""
    return author if author is not None and re.fullmatch(r"[\w-]{1,30}", author) else None


def _read_listing(platform: Platform, post_id: str, status: int, body: bytes) -> Findings:
    """A statement about the requested post or comment."""
    try:
        reply = json_loads(body)
    except (ValueError, RecursionError):
        return Findings()
    if status in (403, 404):
        state = _refusal(status, reply)
        return Findings(statements=(Statement(platform.name, post_id, Source.API, state),)) if state else Findings()
    thing = _thing(reply, post_id) if status == 200 else None
    return Findings(statements=(_statement(platform, post_id, thing),)) if thing is not None else Findings()


def _refusal(status: int, reply: object) -> PostState | None:
    """Only what Reddit's own API words: a firewall's page has the same numbers."""
    if not isinstance(reply, dict):
        return None
    reason = reply.get("reason")
    if isinstance(reason, str) and reason in _REASONS:
        return _REASONS[reason]
    return PostState.GONE if status == 404 and reply.get("error") == 404 and reason is None else None


def _thing(reply: object, post_id: str) -> dict[str, Any] | None:
    """The data of the post or comment of that id."""
    wanted = post_id.rpartition("/")[2]
    for listing in reply[:2] if isinstance(reply, list) else ():
        for thing in _children(listing):
            if thing.get("id") == wanted:
                return thing
    return None


def _children(listing: object) -> Iterator[dict[str, Any]]:
    data = listing.get("data") if isinstance(listing, dict) else None
    children = data.get("children") if isinstance(data, dict) else None
    for child in children[:10] if isinstance(children, list) else ():
        thing = child.get("data") if isinstance(child, dict) else None
        if isinstance(thing, dict):
            yield thing


def _statement(platform: Platform, post_id: str, thing: dict[str, Any]) -> Statement:
    title, body = text_at(thing, "title"), text_at(thing, "selftext") or text_at(thing, "body")
    blanked = _BLANKED.get(body or "") or _BLANKED.get(title or "")
    words = [words for words in (title, body) if words is not None and words not in _BLANKED]
    return Statement(
        platform=platform.name,
        post_id=post_id,
        source=Source.API,
        state=_removed_by(thing) or blanked or PostState.LIVE,
        author=_handle_in(text_at(thing, "author")),
        text="\n\n".join(words) or None,
        posted_at=_time(thing.get("created_utc")),
        media=tuple(_media(platform, thing)),
        quotes=_named_post(platform, thing.get("crosspost_parent"), post_id),
        replies_to=_named_post(platform, thing.get("parent_id"), post_id),
    )


def _removed_by(thing: Mapping[str, Any]) -> PostState | None:
    category = text_at(thing, "removed_by_category")
    if category is None:
        return None
    return PostState.DELETED if category in ("deleted", "author") else PostState.WITHHELD


def _time(seconds: object) -> str | None:
    if not isinstance(seconds, int | float) or isinstance(seconds, bool) or not 1_100_000_000 < seconds < 10_000_000_000:
        return None
    return to_iso(datetime.fromtimestamp(seconds, UTC))


def _named_post(platform: Platform, fullname: object, post_id: str) -> PostRef | None:
    """What `t3_ID` names, a post, or `t1_ID`, a comment in the same discussion."""
    kind, _, name = fullname.partition("_") if isinstance(fullname, str) else ("", "", "")
    if kind not in ("t1", "t3") or _NUMBER_36.fullmatch(name) is None:
        return None
    return PostRef(platform.name, name if kind == "t3" else f"{post_id.partition('/')[0]}/{name}")


def _media(platform: Platform, thing: Mapping[str, Any]) -> Iterator[MediaRef]:
    found: dict[str, MediaRef] = {}
    for address, kind, width, height in _addresses(thing):
        url = absolute("https://www.reddit.com/", address)
        if url is not None:
            key = platform.media_key(url) or url_key(url)
            found.setdefault(key, MediaRef(url, key, kind, width=width, height=height))
    yield from list(found.values())[:MAX_PICTURES]


def _addresses(thing: Mapping[str, Any]) -> Iterator[tuple[str, MediaKind, int | None, int | None]]:
    """A picture that the post is made of, a gallery's, a video, and what Reddit shows of the page that a post links to."""
    own = text_at(thing, "url_overridden_by_dest") or text_at(thing, "url") or ""
    if re.match(r"https?://(?:i\.redd\.it|i\.imgur\.com|preview\.redd\.it)/", own):
        yield own, MediaKind.PICTURE, None, None
    gallery = thing.get("media_metadata")
    for entry in list(gallery.values())[:MAX_PICTURES] if isinstance(gallery, dict) else ():
        largest = entry.get("s") if isinstance(entry, dict) else None
        if isinstance(largest, dict) and (address := text_at(largest, "u") or text_at(largest, "gif")):
            yield address, MediaKind.PICTURE, pixels(largest.get("x")), pixels(largest.get("y"))
    media = thing.get("media")
    video = media.get("reddit_video") if isinstance(media, dict) else None
    if isinstance(video, dict) and (address := text_at(video, "fallback_url")):
        yield address, MediaKind.VIDEO, pixels(video.get("width")), pixels(video.get("height"))
    preview = thing.get("preview")
    images = preview.get("images") if isinstance(preview, dict) else None
    for image in images[:MAX_PICTURES] if isinstance(images, list) else ():
        source = image.get("source") if isinstance(image, dict) else None
        if isinstance(source, dict) and (address := text_at(source, "url")):
            yield address, MediaKind.POSTER, pixels(source.get("width")), pixels(source.get("height"))
