"""Gab: Mastodon's software grown apart, with posts at `/NAME/posts/ID`, and the videos of Gab TV."""

import re
from collections.abc import Mapping
from typing import ClassVar

from archiver.html.addresses import address_of
from archiver.html.embed_candidates import EmbedCandidate
from archiver.html.pattern import Pattern
from archiver.model.findings import EmbedKind, Findings
from archiver.platforms.base import Door, Example, PostRequest
from archiver.platforms.declared import Declared, EmbedContent, Marker
from archiver.platforms.mastodon import MEDIA_FORMS, is_local_name, read_frame, read_status, time_of_number

# Posts of before July 2019 have short numbers, or some letters that encode one [?].
_ID = r"(?P<id>[1-9]\d{2,19}|[A-Za-z0-9_-]{20,80}(?:={0,2}))(?![\w-]|\.\w)"
_API = "https://gab.com/api/v1/statuses/"

_POST = "107345820917364420"
_VIDEO = "tv/mira/the-ferry-is-back-61f2c0a9d4b7e83125a6c0fe"


class Gab(Declared):
    """A post's id is its number; a video's `tv/CHANNEL/NAME-OF-THE-VIDEO`, as its address needs all of that."""

    name = "gab"
    title = "Gab"
    doors = (
        Door("api", "2025", "public programs; no change in public reports until 2026-09"),
        Door("embed_page", "2025", "embed codes in use; no change in public reports until 2026-09"),
    )
    hosts = ("gab.com", "gab.ai")
    urls = (
        Pattern(rf"gab\.(?:com|ai)/(?:(?:@|%40)?[\w.-]+|groups?/[\w-]+)/posts/{_ID}"),
        Pattern(rf"gab\.(?:com|ai)/(?:@[\w.-]+|users/[\w.-]+/statuses|statuses|posts|embed)/{_ID}"),
        Pattern(r"tv\.gab\.com/channel/(?P<channel>[\w.-]+)/(?:view|embed)/(?P<video>[\w%-]{1,300}-[0-9a-f]{24})(?![\w-])"),
    )
    # The class as Gab's fork of Mastodon renamed it [?]; frames are recognised by their addresses all the same.
    markers = (Marker(".gabsocial-embed", ("cite", "data-embed-url"), EmbedKind.BLOCKQUOTE, links=True),)
    media_forms = MEDIA_FORMS
    paces: ClassVar[dict[str, float]] = {"gab.com": 2.0}  # behind Cloudflare, which is soon annoyed [?]
    examples = (
        Example(
            f'<iframe src="https://gab.com/ferrydesk/posts/{_POST}/embed" class="gabsocial-embed" width="400"></iframe>', (_POST,)
        ),
        Example(f'<div data-lazy-src="https://gab.com/@ferrydesk/posts/{_POST}/embed"></div>', (_POST,)),
        Example(f'<iframe src="https://gab.com/@ferrydesk/{_POST}/embed"></iframe>', (_POST,)),
        Example(
            '<iframe src="https://tv.gab.com/channel/mira/embed/the-ferry-is-back-61f2c0a9d4b7e83125a6c0fe"></iframe>',
            (_VIDEO,),
        ),
        Example(f"<p>https://gab.com/ferrydesk/posts/{_POST}</p>", (_POST,)),
        Example(
            f'<p>A <a href="https://gab.com/groups/482/posts/{_POST}">post</a>, <a href="https://gab.ai/mira/posts/31948271">one</a>'
            f', a <a href="https://tv.gab.com/channel/mira/view/the-ferry-is-back-61f2c0a9d4b7e83125a6c0fe">video</a>.</p>',
            links=(_POST, "31948271", _VIDEO),
        ),
        Example('<p>Me on <a href="https://gab.com/ferrydesk">Gab</a>, <a href="https://tv.gab.com/channel/mira">on TV</a></p>'),
        Example(
            '<a class="share" href="https://gab.com/compose?url=https%3A%2F%2Fblog.example%2Fa&amp;text=Words">Share on Gab</a>'
        ),
        Example('<iframe src="https://gab.com/ferrydesk/followers"></iframe>'),
    )

    def id_of(self, groups: Mapping[str, str | None]) -> str | None:
        return f"tv/{groups['channel']}/{groups['video']}" if groups.get("channel") else groups["id"]

    def canonical_url(self, post_id: str) -> str:
        """The page for readers is a program that asks for the post by its number, whatever name stands before it [?]."""
        if post_id.startswith("tv/"):
            _, channel, video = post_id.split("/", 2)
            return f"https://tv.gab.com/channel/{channel}/view/{video}"
        return f"https://gab.com/_/posts/{post_id}"

    def embed_page(self, post_id: str, author: str | None = None) -> str | None:
        """Only under the author's name, as in Mastodon; that of a video has all it needs in the id."""
        if post_id.startswith("tv/"):
            return self.canonical_url(post_id).replace("/view/", "/embed/")
        return f"https://gab.com/{author}/posts/{post_id}/embed" if is_local_name(author) else None

    def posted_at(self, post_id: str) -> str | None:
        return time_of_number(post_id)

    def read_frame(self, candidate: EmbedCandidate) -> EmbedContent:
        return EmbedContent(author=self.author_in(candidate.value))

    def author_in(self, url: str) -> str | None:
        found = re.match(r"(?:gab\.(?:com|ai)/(?:@|users/)?|tv\.gab\.com/channel/)(?P<handle>\w[\w.-]*)", address_of(url))
        return found["handle"] if found and found["handle"] not in ("groups", "group", "posts", "statuses", "_") else None

    def requests_about(self, post_id: str) -> tuple[PostRequest, ...]:
        """The page for frames has the author's name in its address, so only the API can be requested by number."""
        return (PostRequest(f"{_API}{post_id}", "api"),) if post_id.isdecimal() else ()

    def is_reply(self, url: str) -> bool:
        return url.startswith(_API) or ("/embed" in url and self.parse_url(url) is not None)

    def read_reply(self, url: str, status: int, location: str | None, body: bytes) -> Findings | None:
        if not self.is_reply(url):
            return None
        if (match := re.fullmatch(r"(?P<id>[1-9]\d{0,19})/?(?:[?#].*)?", url.removeprefix(_API))) is not None:
            return read_status(self, match["id"], str, status, body)
        post_id = self.parse_url(url)
        return read_frame(self, post_id, url, status, body) if post_id is not None else None
