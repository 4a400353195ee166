"""Parler, as it opened again in 2024: posts and "bursts" of app.parler.com, by its oEmbed.

The endpoint and the two addresses are from iamcal/oembed (pull request 895, merged 2026-07, whose author saw them live
2026-06-25). What its `html` is, and so how its embeds look in a page, was seen by nobody here: frames of these addresses, with
or without `embed` in the path, and the addresses by themselves are taken for embeds [?]. The network that Amazon shut in
January 2021 had other ids, and its posts are gone.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import ClassVar

from archiver.html.pattern import Pattern
from archiver.model.findings import PostState
from archiver.platforms.base import Door, Example
from archiver.platforms.declared import Declared
from archiver.platforms.replies import time_of_milliseconds

# ULIDs (github.com/ulid/spec) in lower case: ten letters are the milliseconds since 1970 to the base 32.
_CROCKFORD = "0123456789abcdefghjkmnpqrstvwxyz"
_ID = r"(?P<id>[0-7][0-9a-hjkmnp-tv-z]{25})(?![\w-]|\.\w)"
_EARLIEST = datetime(2018, 8, 1, tzinfo=UTC)
_POST, _BURST = "01kvqsje5b1fhwcv7s02hfx16k", "01kvv92fk5xzn20azxg0z297cf"


class Parler(Declared):
    """Ids are ULIDs, with `b/` before those of bursts."""

    name = "parler"
    title = "Parler"
    doors = (
        Door("oembed", "2026-06", "iamcal/oembed#895", verified=True),
        Door("embed_page", "2026-06", "iamcal/oembed#895, for the post's own page"),
    )
    hosts = ("parler.com",)
    urls = (Pattern(rf"(?:app\.)?parler\.com/(?:embed/)?(?:post|(?P<burst>b))/{_ID}"),)
    canonical = "https://app.parler.com/{id}"
    oembed = "https://app.parler.com/oembed?url={url}"
    # What it answers for a post that is gone, nobody wrote down [?]: the specification's 404 is taken at its word.
    oembed_states: ClassVar[Mapping[int, PostState]] = {404: PostState.GONE, 410: PostState.GONE}
    paces: ClassVar[dict[str, float]] = {"app.parler.com": 0.5}
    examples = (
        Example(f'<iframe src="https://app.parler.com/embed/post/{_POST}" width="550"></iframe>', (_POST,)),
        Example(f'<iframe data-src="https://app.parler.com/post/{_POST}?embed=1"></iframe>', (_POST,)),
        Example(f"<figure class='wp-block-embed'><div>\nhttps://app.parler.com/b/{_BURST}\n</div></figure>", (f"b/{_BURST}",)),
        Example(f'<p><a href="https://app.parler.com/post/{_POST}">a post</a></p>', links=(_POST,)),
        Example('<p><a href="https://app.parler.com/quaylog">me</a> on <a href="https://parler.com/">Parler</a></p>'),
        Example('<a href="https://parler.com/new-post?message=Look&amp;url=https%3A%2F%2Fblog.example%2Fa">Share</a>'),
    )

    def id_of(self, groups: Mapping[str, str | None]) -> str | None:
        return f"b/{groups['id']}" if groups.get("burst") else groups["id"]

    def canonical_url(self, post_id: str) -> str:
        return super().canonical_url(post_id if "/" in post_id else f"post/{post_id}")

    def embed_page(self, post_id: str, author: str | None = None) -> str | None:
        """The post's own page, which is public: what its oEmbed frames is not known [?]."""
        return self.canonical_url(post_id)

    def posted_at(self, post_id: str) -> str | None:
        milliseconds = 0
        for letter in post_id.rpartition("/")[2][:10]:
            milliseconds = milliseconds * 32 + _CROCKFORD.index(letter)
        return time_of_milliseconds(milliseconds, _EARLIEST)
