"""Snapchat: Spotlight videos, saved stories and lenses, by the embed's blockquote, its frame, or a link.

From embed codes in public pages of 2023 to 2026, Snap's documentation (developers.snap.com, seen by others 2026-08-13), and
yt-dlp's extractor, as stored in 2026, for the page of a Spotlight; nothing was tried live [?].
"""

import re
from collections.abc import Iterator, Mapping
from typing import ClassVar

from selectolax.lexbor import LexborNode

from archiver.html.addresses import address_of
from archiver.html.pattern import Pattern
from archiver.model.findings import EmbedKind, Findings, MediaKind, MediaRef, PostState, Source, Statement
from archiver.platforms.base import Door, Example, PostRequest
from archiver.platforms.declared import Declared, EmbedContent, Marker
from archiver.platforms.replies import (
    Json,
    distinct_media,
    media_ref,
    object_at,
    object_in,
    objects_at,
    page_tree,
    pixels,
    text_at,
    time_of_milliseconds,
    value_at,
)

MAX_STORIES = 100  # in the page of a Spotlight, which has those that are played next as well

_UUID = r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}"
_SPOTLIGHT = r"W7_[\w-]{20,120}"  # all that were seen, of 2021 to 2026
_END = r"(?![\w-])"
_PAGE = Pattern(rf"snapchat\.com/(?P<id>spotlight/{_SPOTLIGHT})/?(?:[?#]|$)")
_VIDEO = "W7_EDlXQuayLogAAYdqFerry9AZaczfMMAZaczeBbAAAAAQ"
_LENS = "1d4141109bda4a8ea049b457074b4af9"
_STORY = "a4350e19-bb91-44e1-8758-49e4021db3c5"
_STYLE = "background:#C4C4C4; border:0; border-radius:40px; max-width:416px; height:650px;"


class Snapchat(Declared):
    """Ids are the paths of the posts' pages: `spotlight/…`, `lens/…`, `add/NAME/highlight/…`, `p/…`. Profiles are no posts."""

    name = "snapchat"
    title = "Snapchat"
    doors = (
        Door("page", "2024-08", "yt-dlp, of Spotlights"),
        Door("oembed", "2026", "four programs ask for it, none shows a reply"),
        Door("embed_page", "2026-08", "developers.snap.com; api-evangelist/snapchat"),
    )
    hosts = ("snapchat.com", "sc-cdn.net")
    urls = (
        Pattern(rf"snapchat\.com/(?:@[\w.-]{{1,64}}/|embed/)?(?:spotlight/)(?P<spotlight>{_SPOTLIGHT}){_END}"),
        Pattern(rf"snapchat\.com/embed/(?P<spotlight>{_SPOTLIGHT}){_END}"),  # in one program [?]
        Pattern(rf"snapchat\.com/(?:embed/)?lens/(?P<lens>[0-9a-f]{{32}}){_END}"),
        Pattern(rf"snapchat\.com/unlock/?\?(?:[^#]*&)?uuid=(?P<lens>[0-9a-f]{{32}}){_END}"),
        Pattern(rf"snapchat\.com/(?:add/|@)(?P<name>[\w.-]{{1,64}})/highlight/(?P<highlight>{_UUID}){_END}"),
        # Stories of a day, and those of publishers, which stay; what follows is the number of a snap in it.
        Pattern(rf"(?:story\.)?snapchat\.com/p/(?P<story>{_UUID}(?:/\d{{5,20}})?){_END}"),
    )
    canonical = "https://www.snapchat.com/{id}"
    embed = "https://www.snapchat.com/{id}/embed"  # as `data-snapchat-embed-url` has it; of `p/…` by analogy [?]
    short_urls = (Pattern(r"t\.snapchat\.com/\w{6,}|snapchat\.com/t/\w{6,}"),)
    markers = (Marker(".snapchat-embed", ("data-snapchat-embed-url",), EmbedKind.BLOCKQUOTE, links=True),)
    # Several programs ask for it, none shows a reply [?]: only one that is understood says something, no status does.
    oembed = "https://www.snapchat.com/oembed?url={url}"
    oembed_states: ClassVar[Mapping[int, PostState]] = {}
    paces: ClassVar[dict[str, float]] = {"www.snapchat.com": 1.0, "t.snapchat.com": 1.0}  # no limit is known [?]
    examples = (
        Example(
            '<blockquote class="snapchat-embed" data-snapchat-embed-width="416" data-snapchat-embed-height="692" '
            f'data-snapchat-embed-url="https://www.snapchat.com/spotlight/{_VIDEO}/embed" data-snapchat-embed-title="Nine ropes" '
            f'style="{_STYLE}"><div><a title="Nine ropes" href="https://www.snapchat.com/spotlight/{_VIDEO}">'
            'View more on Snapchat</a></div></blockquote><script async src="https://www.snapchat.com/embed.js"></script>',
            (f"spotlight/{_VIDEO}",),
        ),
        Example(
            f'<blockquote class="snapchat-embed" data-snapchat-embed-url="https://www.snapchat.com/lens/{_LENS}/embed"></blockquote>',
            (f"lens/{_LENS}",),
        ),
        Example(
            '<blockquote class="snapchat-embed" data-snapchat-embed-title="quaylog" data-snapchat-embed-url='
            f'"https://www.snapchat.com/add/quaylog/highlight/{_STORY}/embed"></blockquote>',
            (f"add/quaylog/highlight/{_STORY}",),
        ),
        Example(f'<iframe src="https://www.snapchat.com/embed/spotlight/{_VIDEO}"></iframe>', (f"spotlight/{_VIDEO}",)),
        Example(f'<iframe data-src="https://www.snapchat.com/spotlight/{_VIDEO}/embed"></iframe>', (f"spotlight/{_VIDEO}",)),
        Example(f"<p>https://www.snapchat.com/@quaylog/spotlight/{_VIDEO}?share_id=x</p>", (f"spotlight/{_VIDEO}",)),
        Example(
            f'<p><a href="https://www.snapchat.com/unlock/?type=SNAPCODE&amp;uuid={_LENS}&amp;metadata=01">a lens</a>, '
            f'<a href="https://story.snapchat.com/p/{_STORY}/2222222">a story</a></p>',
            links=(f"lens/{_LENS}", f"p/{_STORY}/2222222"),
        ),
        Example('<a href="https://t.snapchat.com/Ab12Cd34">see</a>', short_links=("t.snapchat.com/Ab12Cd34",)),
        Example(
            '<blockquote class="snapchat-embed" data-snapchat-embed-url="https://www.snapchat.com/add/quaylog/embed"></blockquote>'
            '<script async src="https://www.snapchat.com/embed.js"></script>'
        ),
        Example('<iframe src="https://map.snapchat.com/embed/@47.37,8.54,12.63z"></iframe>'),
        Example('<p><a class="snapchat-share-button" href="https://www.snapchat.com/add/quaylog">me</a></p>'),
        Example('<a href="https://www.snapchat.com/scan?attachmentUrl=https%3A%2F%2Fblog.example%2Fa">Share</a>'),
    )

    def id_of(self, groups: Mapping[str, str | None]) -> str | None:
        if highlight := groups.get("highlight"):
            return f"add/{(groups['name'] or '').lower()}/highlight/{highlight}"
        if story := groups.get("story"):
            return f"p/{story}"
        return f"lens/{groups['lens']}" if groups.get("lens") else f"spotlight/{groups['spotlight']}"

    def author_in(self, url: str) -> str | None:
        found = re.match(r"snapchat\.com/(?:add/|@)(?P<handle>[\w.-]{1,64})", address_of(url))
        return found["handle"] if found else None

    def read_box(self, node: LexborNode) -> EmbedContent:
        """The title, which is a Spotlight's words or whose story it is; what the box shows is a button."""
        title = (node.attributes.get("data-snapchat-embed-title") or "").strip()[:500] or None
        return EmbedContent(author=self.author_in(node.attributes.get("data-snapchat-embed-url") or ""), text=title)

    # --- replies --------------------------------------------------------------------------------------------

    def requests_about(self, post_id: str) -> tuple[PostRequest, ...]:
        """Of a Spotlight its own page first, which has all that is known of it as JSON."""
        page = (PostRequest(self.canonical_url(post_id), "page"),) if post_id.startswith("spotlight/") else ()
        return (*page, *super().requests_about(post_id))

    def is_reply(self, url: str) -> bool:
        return super().is_reply(url) or ("/spotlight/" in url and _PAGE.match(address_of(url)) is not None)

    def read_reply(self, url: str, status: int, location: str | None, body: bytes) -> Findings | None:
        found = _PAGE.match(address_of(url)) if "/spotlight/" in url and not self._is_oembed(url) else None
        if found is None:
            return super().read_reply(url, status, location, body)
        if status != 200 or b"__NEXT_DATA__" not in body:
            return Findings()
        node = page_tree(url, body).css_first("script#__NEXT_DATA__")
        props = object_at(object_in(node.text(deep=True) or "") if node is not None else None, "props", "pageProps")
        return Findings(statements=tuple(self._stated(found["id"], url, props)))

    def _stated(self, post_id: str, url: str, props: Json) -> Iterator[Statement]:
        """What the page says of its own video; it names others, which are played next."""
        for one in objects_at(props, "spotlightFeed", "spotlightStories")[:MAX_STORIES]:
            video = object_at(one, "metadata", "videoMetadata")
            if value_at(one, "story", "storyId", "value") != post_id.partition("/")[2] or not video:
                continue
            words = text_at(one, "metadata", "description") or text_at(video, "description") or text_at(video, "name")
            creator = object_at(video, "creator", "personCreator")
            yield Statement(
                platform=self.name,
                post_id=post_id,
                source=Source.EMBED_PAGE,
                state=PostState.LIVE,
                author=text_at(creator, "username") or self.author_in(text_at(creator, "url") or ""),
                author_name=text_at(creator, "name"),
                text=words,
                posted_at=_uploaded_at(video),
                media=distinct_media(_media(url, video)),
            )
            return


def _uploaded_at(video: Json) -> str | None:
    """From milliseconds since 1970, as a number or as digits."""
    value = video.get("uploadDateMs")
    if isinstance(value, str) and re.fullmatch(r"[0-9]{11,14}", value):
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < 1e14:
        return None
    return time_of_milliseconds(int(value))


def _media(base: str, video: Json) -> Iterator[MediaRef | None]:
    width, height = pixels(video.get("width")), pixels(video.get("height"))
    yield media_ref(base, text_at(video, "contentUrl"), None, MediaKind.VIDEO, width=width, height=height)
    yield media_ref(base, text_at(video, "thumbnailUrl"), None, MediaKind.POSTER)
