"""LinkedIn: posts in frames and links, under the three kinds of number that one post may have."""

import re
from collections.abc import Mapping
from typing import ClassVar

from archiver.html.addresses import address_of
from archiver.html.pattern import Pattern
from archiver.model.findings import Findings
from archiver.platforms import linkedin_replies
from archiver.platforms.addressed import MediaForm
from archiver.platforms.base import Ask, Example
from archiver.platforms.declared import Declared
from archiver.platforms.moments import from_milliseconds

_COLON = r"(?::|%3A)"
_URN = rf"(?:urn{_COLON}li{_COLON})?(?P<kind>activity|share|ugcPost|groupPost){_COLON}(?P<id>(?:\d{{3,12}}-)?\d{{15,20}})(?!\d)"
_HOST = r"(?:[\w-]+\.)?linkedin\.com/"
_KINDS = {kind.lower(): kind for kind in ("activity", "share", "ugcPost", "groupPost")}
_ID, _OTHER = "7241234567890123456", "7239876543210987654"
_EMBED = "https://www.linkedin.com/embed/feed/update/"


class LinkedIn(Declared):
    """Ids are `activity:number`, `share:number` or `ugcPost:number`; that two of them are one post, no URL tells."""

    name = "linkedin"
    title = "LinkedIn"
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
        return from_milliseconds(int(re.split("[:-]", post_id)[-1]) >> 22)

    def author_in(self, url: str) -> str | None:
        found = re.match(rf"{_HOST}(?:in|company|school|showcase)/(?P<handle>[^/?#]+)", address_of(url))
        return found["handle"] if found else None

    def asks(self, post_id: str) -> tuple[Ask, ...]:
        return self.asks_frame(post_id)

    def is_reply(self, url: str) -> bool:
        return url.startswith(_EMBED)

    def read_reply(self, url: str, status: int, location: str | None, body: bytes) -> Findings | None:
        if not self.is_reply(url):
            return None
        post_id = self.parse_url(url)
        return linkedin_replies.read(self, post_id, url, status, body) if post_id is not None else Findings()
