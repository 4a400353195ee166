"""Truth Social: Mastodon's software behind a front of its own, so both have their forms of a post's address."""

import re
from typing import ClassVar

from selectolax.lexbor import LexborNode

from archiver.html.addresses import address_of
from archiver.html.embed_candidates import EmbedCandidate
from archiver.html.pattern import Pattern
from archiver.model.findings import EmbedKind, Findings
from archiver.platforms.base import Door, Example, PostRequest
from archiver.platforms.declared import Declared, EmbedContent, Marker
from archiver.platforms.mastodon import MEDIA_FORMS, is_local_name, read_frame, read_status, time_of_number

_ID = r"(?P<id>[1-9]\d{9,19})(?![\w-]|\.\w)"
_API = "https://truthsocial.com/api/v1/statuses/"

_POST = "111904583920174866"


class TruthSocial(Declared):
    """Ids are numbers that hold the time, unique without the author's name."""

    name = "truthsocial"
    title = "Truth Social"
    doors = (
        Door("api", "2025", "public programs; no change in public reports until 2026-09"),
        Door("embed_page", "2025", "embed codes in use; no change in public reports until 2026-09"),
    )
    hosts = ("truthsocial.com",)
    urls = (
        Pattern(rf"truthsocial\.com/(?:(?:web/|deck/)?(?:@|%40)[\w.@-]+/(?:posts/|statuses/)?|users/[\w.-]+/statuses/){_ID}"),
        Pattern(rf"truthsocial\.com/(?:group/[\w.%-]+/posts/|(?:web/)?statuses/|embed/|posts/){_ID}"),
    )
    # The page for readers is a program that asks for the post by its number, whatever name stands before it [?].
    canonical = "https://truthsocial.com/@_/posts/{id}"
    markers = (Marker(".truthsocial-embed", ("cite", "data-embed-url"), EmbedKind.BLOCKQUOTE, links=True),)
    media_forms = MEDIA_FORMS
    paces: ClassVar[dict[str, float]] = {"truthsocial.com": 2.0}  # behind Cloudflare, which is soon annoyed [?]
    examples = (
        Example(
            f'<iframe src="https://truthsocial.com/@ferrydesk/{_POST}/embed" class="truthsocial-embed" width="600"></iframe>'
            f'<script src="https://truthsocial.com/embed.js" async="async"></script>',
            (_POST,),
        ),
        Example(f'<iframe class="lazyLoad" data-src="https://truthsocial.com/@ferrydesk/{_POST}/embed"></iframe>', (_POST,)),
        Example(
            f"<figure class='wp-block-embed'><div>\nhttps://truthsocial.com/@ferrydesk/posts/{_POST}\n</div></figure>", (_POST,)
        ),
        Example(f'<p>He <a href="https://truthsocial.com/users/ferrydesk/statuses/{_POST}">posted</a>.</p>', links=(_POST,)),
        Example(f'<p>In a <a href="https://truthsocial.com/group/ferries/posts/{_POST}">group</a>.</p>', links=(_POST,)),
        Example('<p>Me on <a href="https://truthsocial.com/@ferrydesk">Truth Social</a></p>'),
        Example('<a class="share" href="https://truthsocial.com/share?url=https%3A%2F%2Fblog.example%2Fa">Share on Truth</a>'),
        Example('<script src="https://truthsocial.com/embed.js" async="async"></script>'),
    )

    def embed_page(self, post_id: str, author: str | None = None) -> str | None:
        """Only under the author's name, as in Mastodon."""
        return f"https://truthsocial.com/@{author}/{post_id}/embed" if is_local_name(author) else None

    def posted_at(self, post_id: str) -> str | None:
        return time_of_number(post_id)

    def read_frame(self, candidate: EmbedCandidate) -> EmbedContent:
        return EmbedContent(author=self.author_in(candidate.value))

    def read_box(self, node: LexborNode) -> EmbedContent:
        link = node.css_first("a[href*='/@']")
        content = super().read_box(node)
        return EmbedContent(
            author=self.author_in(link.attributes.get("href") or "") if link is not None else None, text=content.text
        )

    def author_in(self, url: str) -> str | None:
        found = re.match(r"truthsocial\.com/(?:@|%40|users/)(?P<handle>\w[\w.-]*)", address_of(url))
        return found["handle"] if found else None

    def requests_about(self, post_id: str) -> tuple[PostRequest, ...]:
        """The page for frames has the author's name in its address, so only the API can be requested by number."""
        return (PostRequest(f"{_API}{post_id}", "api"),)

    def is_reply(self, url: str) -> bool:
        return url.startswith(_API) or ("/embed" in url and self.parse_url(url) is not None)

    def read_reply(self, url: str, status: int, location: str | None, body: bytes) -> Findings | None:
        if (match := re.fullmatch(r"(?P<id>[1-9]\d{0,19})/?(?:[?#].*)?", url.removeprefix(_API))) is not None:
            return read_status(self, match["id"], str, status, body)
        post_id = self.parse_url(url)
        return read_frame(self, post_id, url, status, body) if post_id is not None else None
