"""Threads: posts have short codes of the kind that Instagram uses, at two domains."""

import re
from typing import ClassVar

from selectolax.lexbor import LexborNode

from archiver.html.addresses import address_of
from archiver.html.embed_candidates import Carrier
from archiver.html.pattern import Pattern
from archiver.model.findings import Findings
from archiver.platforms import threads_replies
from archiver.platforms.base import Ask, Example
from archiver.platforms.declared import Declared, Marker, Said
from archiver.platforms.instagram import Instagram

_HOST = r"threads\.(?:net|com)"
_CODE = r"(?P<id>[\w-]{9,14})(?![\w-])"
_FRONT_ENDS = ("fixthreads.net", "fixthreads.seria.moe", "vxthreads.net")  # previews for chats

_POST = "C9kVtRqMx2e"
_LINK = f"https://www.threads.net/@ferry.desk/post/{_POST}"


class Threads(Declared):
    """An id is the code in a post's address; case counts."""

    name = "threads"
    title = "Threads"
    hosts = ("threads.net", "threads.com", *_FRONT_ENDS)
    embed_gone = ("Post not available", "This post is unavailable", "Sorry, this page isn't available", "Not available")  # [?]
    urls = (Pattern(rf"(?:{_HOST}|{'|'.join(map(re.escape, _FRONT_ENDS))})/(?:(?:@|%40)[\w.]+/post/|t/){_CODE}"),)
    # The form without a name is that of the first year's share button; it leads on to the one with the name.
    canonical = "https://www.threads.com/t/{id}"
    embed = "https://www.threads.com/t/{id}/embed"  # without a name as well (seen by others in 2024, under threads.net)
    short_urls = (Pattern(rf"{_HOST}/share/[\w-]{{6,40}}"),)
    media_forms = Instagram.media_forms  # both keep their pictures at one place, so that one picture has one key
    markers = (
        Marker(".text-post-media", ("data-text-post-permalink", "cite"), links=True),
        Marker("[data-text-post-permalink]", ("data-text-post-permalink",)),
    )
    paces: ClassVar[dict[str, float]] = {"www.threads.com": 2.0, "www.threads.net": 2.0}  # nobody publishes a limit
    examples = (
        Example(
            f'<blockquote class="text-post-media" data-text-post-permalink="{_LINK}" data-text-post-version="0">'
            f'<a href="{_LINK}" target="_blank"><div>Post by @ferry.desk</div><div>View on Threads</div></a>'
            f'</blockquote><script async src="https://www.threads.net/embed.js"></script>',
            (_POST,),
        ),
        Example(
            f'<blockquote class="text-post-media" data-text-post-permalink="https://www.threads.com/t/{_POST}"></blockquote>',
            (_POST,),
        ),
        Example(f'<blockquote class="text-post-media"><a href="{_LINK}">View on Threads</a></blockquote>', (_POST,)),
        Example(f'<iframe src="https://www.threads.net/@ferry.desk/post/{_POST}/embed/"></iframe>', (_POST,)),
        Example(f"<p>https://www.threads.com/@ferry.desk/post/{_POST}?xmt=AQGz</p>", (_POST,)),
        Example(
            f'<p><a href="https://www.threads.net/t/{_POST}?igshid=x">One</a>, <a href="https://threads.com/share/_kR7qPzLm2a/">two</a></p>',
            links=(_POST,),
            short_links=("threads.com/share/_kR7qPzLm2a",),
        ),
        Example('<p>Follow <a href="https://www.threads.net/@ferry.desk">ferry.desk</a></p>'),
        Example('<a href="https://www.threads.net/intent/post?text=https%3A%2F%2Fblog.example%2Fa">Share on Threads</a>'),
        Example('<a href="https://www.threads.com/@ferry.desk/replies">Replies</a>'),
        Example('<script async src="https://www.threads.net/embed.js"></script>'),
    )

    def posted_at(self, post_id: str) -> str | None:
        return threads_replies.time_of_code(post_id)

    def read_frame(self, carrier: Carrier) -> Said:
        return Said(author=self.author_in(carrier.value))

    def read_box(self, node: LexborNode) -> Said:
        """The embed code has nothing of the post but its address, and with it the author."""
        links = (link.attributes.get("href") or "" for link in node.css("a[href]")[:5])
        addresses = (node.attributes.get("data-text-post-permalink") or "", *links)
        return Said(author=next((handle for url in addresses if (handle := self.author_in(url)) is not None), None))

    def author_in(self, url: str) -> str | None:
        found = re.match(r"[^/?#]+/(?:@|%40)(?P<handle>[\w.]+)", address_of(url))
        return found["handle"] if found else None

    def asks(self, post_id: str) -> tuple[Ask, ...]:
        return (Ask(self.canonical_url(post_id)),)

    def is_reply(self, url: str) -> bool:
        return self.parse_url(url) is not None or super().is_reply(url)

    def read_reply(self, url: str, status: int, location: str | None, body: bytes) -> Findings | None:
        post_id = self.parse_url(url)
        if post_id is None:
            return super().read_reply(url, status, location, body)
        return threads_replies.read(self, post_id, url, status, location, body)
