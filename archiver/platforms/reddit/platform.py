"""Reddit: posts, and comments that are embedded by themselves."""

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import ClassVar

from selectolax.lexbor import LexborNode

from archiver.html.addresses import address_of, host_in, value_in
from archiver.html.pattern import Pattern
from archiver.html.text import text_of
from archiver.model.findings import EmbedKind, Findings, PostState
from archiver.platforms.base import Door, Example, PostRequest
from archiver.platforms.declared import Declared, EmbedContent, Marker, MediaForm
from archiver.platforms.reddit.feed import FEED, feed_url, read_feed
from archiver.platforms.reddit.listing import LISTING, handle_in, listing_url, read_listing

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
        Door("oembed", "2026-09", "sharextract#26, only-cli/oc#53", verified=True),
        Door(
            "rss", "2026-09", "sharextract#26, only-cli/oc#53; about ten a minute: NetNewsWire#5328, aiwatch#820", verified=True
        ),
        Door(
            "api",
            "2026-05",
            "only-cli/oc#52",
            verified=True,
            on=False,
            why="closed to strangers: 403 with a web page since 2026-05-29, and old.reddit.com wants a login since 2026-06-30",
        ),
        Door("embed_page", "2026-05", "embed codes in use; its state after the closure of 2026-06 is not known"),
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
    # 403 is what Reddit's firewall answers to any stranger: it says nothing of the post. 404 may be for the address as we ask it,
    # without the community, which is not known: the schemes that the endpoint lists have it (iamcal/oembed) [?].
    oembed_states: ClassVar[Mapping[int, PostState]] = {404: PostState.NOT_FOUND, 410: PostState.NOT_FOUND}
    # About ten requests a minute are borne of strangers, for all of this host (NetNewsWire#5328, 2026-06).
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
        page = self.canonical_url(post_id)
        more = (PostRequest(feed_url(page), "rss"), PostRequest(listing_url(page), "api"))
        return (*super().requests_about(post_id), *more)

    def is_reply(self, url: str) -> bool:
        return FEED.match(url) is not None or LISTING.match(url) is not None or super().is_reply(url)

    def read_reply(self, url: str, status: int, location: str | None, body: bytes) -> Findings | None:
        for form, ending, read in ((FEED, "/.rss", read_feed), (LISTING, ".json", read_listing)):
            if form.match(url) is not None:
                post_id = self.parse_url(url.replace(ending, "/", 1))
                return read(self, post_id, status, body) if post_id is not None else Findings()
        findings = super().read_reply(url, status, location, body)
        if findings is None or not self._is_oembed(url):
            return findings
        # `author_name` is the handle, and what oEmbed has as a comment's title is that of its discussion.
        statements = tuple(
            replace(
                one,
                author=handle_in(one.author_name),
                author_name=None,
                text=None if "/" in one.post_id else one.text,
            )
            for one in findings.statements
        )
        return replace(findings, statements=statements)
