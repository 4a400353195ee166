"""LinkedIn: posts in frames and links, under the three kinds of number that one post may have.

The frame of an embed is HTML that needs no script (`/embed/feed/update/urn:li:…`). Names of its attributes are as public programs
read them in 2026; nobody here has tried them against the live service.
"""

import re
from collections.abc import Mapping
from typing import ClassVar

from selectolax.lexbor import LexborHTMLParser, LexborNode

from archiver.html.addresses import address_of
from archiver.html.pattern import Pattern
from archiver.model.findings import Findings, MediaKind, MediaRef, PostRef, PostState, Source, Statement
from archiver.platforms.base import Door, Example, Platform, PostRequest
from archiver.platforms.declared import Declared, MediaForm
from archiver.platforms.replies import (
    distinct_media,
    findings_of_status,
    media_ref,
    page_tree,
    shown_text,
    state_only,
    time_of_milliseconds,
)
from archiver.text import json_loads

_COLON = r"(?::|%3A)"
_URN = rf"(?:urn{_COLON}li{_COLON})?(?P<kind>activity|share|ugcPost|groupPost){_COLON}(?P<id>(?:\d{{3,12}}-)?\d{{15,20}})(?!\d)"
_HOST = r"(?:[\w-]+\.)?linkedin\.com/"
_KINDS = {kind.lower(): kind for kind in ("activity", "share", "ugcPost", "groupPost")}
_ID, _OTHER = "7241234567890123456", "7239876543210987654"
_EMBED = "https://www.linkedin.com/embed/feed/update/"


class LinkedIn(Declared):
    """Ids are `activity:number`, `share:number` or `ugcPost:number`; no URL shows that two of them are one post."""

    name = "linkedin"
    title = "LinkedIn"
    doors = (Door("embed_page", "2026-01", "brave/adblock-lists#2725", verified=True),)
    hosts = ("linkedin.com", "licdn.com")
    urls = (
        Pattern(rf"{_HOST}(?:embed/)?feed/update/{_URN}", re.I),
        Pattern(rf"{_HOST}(?:video/(?:event|live)|hp/update|analytics/post-summary)/{_URN}", re.I),
        Pattern(rf"{_HOST}posts/[^/?#]{{0,500}}?[-_](?P<kind>activity|share|ugcPost)-(?P<id>\d{{15,20}})(?!\d)", re.I),
        Pattern(rf"{_HOST}(?:[\w-]+/){{0,4}}\?(?:[^#]*&)?(?:highlightedUpdateUrns?|updateEntityUrn|shareUrn)={_URN}", re.I),
        Pattern(r"(?:[\w-]+\.)?linkedin\.com/nhome/updates\?(?:[^#]*&)?topic=(?P<id>\d{15,20})(?!\d)"),
    )
    post_id = "{kind}:{id}"
    canonical = "https://www.linkedin.com/feed/update/urn:li:{id}/"
    embed = _EMBED + "urn:li:{id}"
    media_forms = (
        # Signed, in several sizes; the portraits and logos beside the posts have other names.
        MediaForm(
            Pattern(
                r"media(?:-exp\d)?\.licdn\.com/(?:dms|media)/(?:image|playlist)/(?:v2/)?(?P<name>[\w-]{10,})/"
                r"(?:feedshare|image|articleshare|article-cover|videocover|document|ugc)"
            ),
            "media.licdn.com/{name}",
        ),
    )
    paces: ClassVar[dict[str, float]] = {"www.linkedin.com": 2.0}  # it answers 999 to those who hurry [?]
    examples = (
        Example(
            f'<iframe src="{_EMBED}urn:li:share:{_ID}" height="775" width="504" title="Embedded post"></iframe>',
            (f"share:{_ID}",),
        ),
        Example(f'<iframe src="{_EMBED}urn:li:ugcPost:{_ID} " height="1091"></iframe>', (f"ugcPost:{_ID}",)),
        Example(f'<iframe src="{_EMBED}urn:li:activity:{_ID}?collapsed=1"></iframe>', (f"activity:{_ID}",)),
        Example(f'<iframe data-src="{_EMBED}urn%3Ali%3Ashare%3A{_ID}"></iframe>', (f"share:{_ID}",)),
        Example(
            f"<p>https://www.linkedin.com/posts/quay-log_ropes-activity-{_ID}-aB3d?utm_source=share</p>", (f"activity:{_ID}",)
        ),
        Example(
            f'<a href="https://www.linkedin.com/feed/update/urn:li:activity:{_ID}/">one</a> '
            f'<a href="https://uk.linkedin.com/posts/quaylog_nine-ropes-ugcPost-{_OTHER}-Zz_9/">two</a>',
            links=(f"activity:{_ID}", f"ugcPost:{_OTHER}"),
        ),
        Example(
            '<a href="https://www.linkedin.com/in/quaylog/">me</a> <a href="https://www.linkedin.com/company/quay/posts/">us</a>'
        ),
        Example('<a href="https://www.linkedin.com/shareArticle?mini=true&amp;url=https%3A%2F%2Fblog.example%2F">share</a>'),
        Example('<script src="https://platform.linkedin.com/badges/js/profile.js"></script><div class="LI-profile-badge"></div>'),
        Example('<a href="https://www.linkedin.com/pulse/nine-ropes-quay-log/">article</a>'),
    )

    def id_of(self, groups: Mapping[str, str | None]) -> str | None:
        kind = _KINDS[(groups.get("kind") or "activity").lower()]
        return f"{kind}:{groups['id']}"

    def posted_at(self, post_id: str) -> str | None:
        """The first 41 of an id's 63 bits are milliseconds since 1970, as public programs read them."""
        return time_of_milliseconds(int(re.split("[:-]", post_id)[-1]) >> 22)

    def author_in(self, url: str) -> str | None:
        found = re.match(rf"{_HOST}(?:in|company|school|showcase)/(?P<handle>[^/?#]+)", address_of(url))
        return found["handle"] if found else None

    def requests_about(self, post_id: str) -> tuple[PostRequest, ...]:
        return self.requests_embed_page(post_id)

    def is_reply(self, url: str) -> bool:
        return url.startswith(_EMBED)

    def read_reply(self, url: str, status: int, location: str | None, body: bytes) -> Findings | None:
        if not self.is_reply(url):
            return None
        post_id = self.parse_url(url)
        return _read_embed_page(self, post_id, url, status, body) if post_id is not None else Findings()


# --- the embed page ------------------------------------------------------------------------------------------

MAX_ELEMENTS = 200  # elements of one kind, for the first that belongs to the post itself
MAX_STEPS = 40  # from an element up to what it is in

_COMMENTARY = '[data-test-id="main-feed-activity-embed-card__commentary"], .attributed-text-segment-list__content'
_ACTOR = '[data-tracking-control-name="public_post_embed_feed-actor-name"]'
_PICTURES = (
    '[data-test-id="feed-images-content"] img, [data-test-id="article-content"] img, [data-test-id="feed-document-content"] img'
)
_RESHARED = "reshare"  # in the `data-test-id` of what holds the post that this one passes on
_GONE = Pattern(r"(?:this )?(?:post|content) (?:cannot be displayed|is (?:no longer|not) available|isn.t available)", re.I)  # [?]


def _read_embed_page(platform: Platform, post_id: str, url: str, status: int, body: bytes) -> Findings:
    """A statement on the post; nothing from 999 (it takes us for a robot), a login page or an overload page."""
    if (verdict := findings_of_status(platform, post_id, status)) is not None:
        return verdict
    tree = page_tree(url, body)
    actor, commentary = _own(tree, _ACTOR), _own(tree, _COMMENTARY)
    if actor is None and commentary is None:
        shown = shown_text(tree.css_first("main") or tree.body) or ""
        return (
            state_only(platform.name, post_id, PostState.TOMBSTONE) if len(shown) < 2_000 and _GONE.search(shown) else Findings()
        )
    statement = Statement(
        platform=platform.name,
        post_id=post_id,
        source=Source.EMBED_PAGE,
        state=PostState.LIVE,
        author=platform.author_in(actor.attributes.get("href") or "") if actor is not None else None,
        author_name=shown_text(actor),
        text=shown_text(commentary),
        posted_at=platform.posted_at(post_id),
        media=distinct_media(_media(platform, url, tree)),
        quotes=_reshared(platform, tree),
    )
    return Findings(statements=(statement,))


def _media(platform: Platform, base: str, tree: LexborHTMLParser) -> list[MediaRef | None]:
    found: list[MediaRef | None] = []
    for node in tree.css(_PICTURES):
        address = node.attributes.get("data-delayed-url") or node.attributes.get("src") or ""
        found.append(media_ref(base, address, platform.media_key(address), alt=node.attributes.get("alt")))
    for node in tree.css("video"):
        poster = node.attributes.get("data-poster-url") or node.attributes.get("poster") or ""
        found.append(media_ref(base, poster, platform.media_key(poster), MediaKind.POSTER))
        found.append(media_ref(base, _best_source(node), None, MediaKind.VIDEO))
    return found


def _best_source(video: LexborNode) -> str | None:
    """The source with the highest bit rate in `data-sources`, a list in JSON."""
    try:
        sources = json_loads(video.attributes.get("data-sources") or "null")
    except ValueError:
        return None
    found = [
        (rate if isinstance(rate := source.get("data-bitrate"), int) else 0, address)
        for source in (sources if isinstance(sources, list) else [])
        if isinstance(source, dict) and isinstance(address := source.get("src"), str)
    ]
    return max(found)[1] if found else video.attributes.get("src")


def _own(tree: LexborHTMLParser, selector: str) -> LexborNode | None:
    """The first such element that does not belong to a post passed on."""
    return next((node for node in tree.css(selector)[:MAX_ELEMENTS] if not _passed_on(node)), None)


def _passed_on(node: LexborNode) -> bool:
    above = node.parent
    for _ in range(MAX_STEPS):
        if above is None:
            break
        if _RESHARED in (above.attributes.get("data-test-id") or ""):
            return True
        above = above.parent
    return False


def _reshared(platform: Platform, tree: LexborHTMLParser) -> PostRef | None:
    box = tree.css_first(f'[data-test-id*="{_RESHARED}"]')
    for link in box.css("a[href]") if box is not None else ():
        if (post_id := platform.parse_url(link.attributes.get("href") or "")) is not None:
            return PostRef(platform.name, post_id)
    return None
