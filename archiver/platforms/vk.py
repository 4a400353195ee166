"""VK: posts of walls, videos, clips and photos, by the widget's script, a player's frame, or a link.

VK's public pages (the player of a video, the page of a post) say more: names of attributes and words are as public programs read
them up to 2024; nobody here has tried them against the live service [?]. Since 2026-02 at the latest strangers are sent to
`/challenge.html?hash429=…`, whose script a browser has to run (yt-dlp acfc00a955): that says nothing of a post.
"""

import re
from collections.abc import Iterator, Mapping
from typing import ClassVar

from selectolax.lexbor import LexborHTMLParser, LexborNode

from archiver.html.addresses import value_in
from archiver.html.document import Piece
from archiver.html.pattern import Pattern
from archiver.model.findings import EmbedKind, Findings, MediaKind, MediaRef, PostState, Source, Statement
from archiver.platforms.base import Appearance, Door, Example, Platform, PostRequest
from archiver.platforms.declared import MAX_EMBEDS, Declared, EmbedContent, MediaForm
from archiver.platforms.replies import (
    distinct_media,
    findings_of_status,
    media_ref,
    meta_content,
    page_tree,
    shown_text,
    state_only,
    time_of_seconds,
)
from archiver.text import json_loads

_HOST = r"(?:[\w-]+\.)?(?:vk\.(?:com|ru)|vkvideo\.ru|vkontakte\.ru)/"
_OBJECT = r"(?P<kind>wall|video|clip|photo)(?P<owner>-?\d{1,12})_(?P<number>\d{1,12})(?!\d)"
_PLAYER = Pattern(rf"{_HOST}video_ext\.php\?")
_WIDGET = Pattern(rf"{_HOST}widget_post\.php\?")
_OWNER, _NUMBER = Pattern(r"-?\d{1,12}"), Pattern(r"\d{1,12}")
# VK.Widgets.Post("element", owner, post, "hash", options)
_CALL = Pattern(
    r"VK\.Widgets\.Post\(\s{0,20}[\"'`](?P<element>[^\"'`]{0,200})[\"'`]\s{0,20},\s{0,20}[\"']?(?P<owner>-?\d{1,12})[\"']?"
    r"\s{0,20},\s{0,20}[\"']?(?P<number>\d{1,12})(?!\d)"
)
_ELEMENT_ID = Pattern(r"vk_post_(?P<owner>-?\d{1,12})_(?P<number>\d{1,12})$")
_OPENAPI = '<script src="https://vk.com/js/api/openapi.js?168"></script>'


class VK(Declared):
    """Ids are as in URLs, `wall-1_2`, `video-1_2`, `photo-1_2`; a clip is a video, and either address opens it."""

    name = "vk"
    title = "VK"
    doors = (
        Door("embed_page", "2026-02", "yt-dlp acfc00a955: video_ext.php, after a challenge that takes a browser", verified=True),
        Door("page", "2024", "public programs; at vk.ru since 2025-09 (vk-php-sdk#127), links to vk.com keep working"),
    )
    browser_passes = True
    embed_refused_codes = ("hash429",)  # the challenge itself, where a browser got no further
    own_keywords = ("VK.Widgets.Post", "vk_post_", "<amp-vk")
    hosts = ("vk.com", "vk.ru", "vkvideo.ru", "vkontakte.ru", "userapi.com")
    urls = (
        Pattern(rf"{_HOST}(?:(?:video|clips)/[\w@./-]{{0,200}}/)?{_OBJECT}"),
        Pattern(rf"{_HOST}[^?#]{{0,200}}\?(?:[^#]*&)?[wz]={_OBJECT}"),
    )
    canonical = "https://vk.com/{id}"
    media_forms = (
        MediaForm(
            Pattern(
                r"[\w.-]+\.userapi\.com/(?:impg|impf|s/v1/(?:ig|if)\d?|c\d+)/(?P<name>[\w/-]{10,200}?)(?:\.jpe?g|\.png|\.webp|\?|$)"
            ),
            "userapi.com/{name}",
        ),
    )
    paces: ClassVar[dict[str, float]] = {"vk.com": 1.0, "vk.ru": 1.0, "vkvideo.ru": 1.0}
    examples = (
        Example(
            '<iframe src="https://vk.com/video_ext.php?oid=-21000123&id=456239001&hd=2&autoplay=1"></iframe>',
            ("video-21000123_456239001",),
        ),
        Example(
            '<iframe src="//vk.com/video_ext.php?id=171&amp;hash=0123456789abcdef&amp;oid=7000123"></iframe>',
            ("video7000123_171",),
        ),
        Example(
            '<iframe data-src="https://vkvideo.ru/video_ext.php?oid=-21000123&amp;id=456239001"></iframe>',
            ("video-21000123_456239001",),
        ),
        Example(
            f'<div id="vk_post_-21000123_99"></div>{_OPENAPI}<script>(function() {{ VK.Widgets.Post("vk_post_-21000123_99", '
            "-21000123, 99, 'aBcDeF0123', {width: 500}); }());</script>",
            ("wall-21000123_99",),
        ),
        Example(
            '<p id="here"></p><p>then</p><script>if (!VK.Widgets.Post("here", 7000123, 45, "hash")) setTimeout(again);</script>',
            ("wall7000123_45",),
        ),
        Example(
            '<iframe src="https://vk.com/widget_post.php?app=0&amp;owner_id=-21000123&amp;post_id=99&amp;hash=x"></iframe>',
            ("wall-21000123_99",),
        ),
        Example(
            '<amp-vk width="500" height="300" data-embedtype="post" data-owner-id="-21000123" data-post-id="99" data-hash="x">'
            "</amp-vk>",
            ("wall-21000123_99",),
        ),
        Example("<p>https://vk.com/wall-21000123_99</p>", ("wall-21000123_99",)),
        Example(
            '<a href="https://m.vk.com/wall-21000123_99?reply=101">post</a> <a href="https://vk.com/feed?w=wall-21000123_98%2Fall">'
            'feed</a> <a href="https://vk.com/clip-21000123_456239002">clip</a> '
            '<a href="https://vk.com/videos-21?z=video-21000123_17%2Fpl">video</a>',
            links=("wall-21000123_99", "wall-21000123_98", "video-21000123_456239002", "video-21000123_17"),
        ),
        Example(f'{_OPENAPI}<div id="vk_groups"></div><script>VK.Widgets.Group("vk_groups", {{mode: 3}}, 20003922);</script>'),
        Example('<script>VK.Widgets.Like("vk_like", {type: "button"}); VK.Widgets.Comments("vk_comments");</script>'),
        Example(
            '<a href="https://vk.com/share.php?url=https://blog.example/a">share</a> <a href="https://vk.com/quaylog">page</a>'
        ),
        Example('<amp-vk data-embedtype="poll" data-api-id="6183531" data-poll-id="274086843_1a2a465f60fff4699f"></amp-vk>'),
        Example('<a href="https://vk.com/wall-21000123">wall</a> <a href="https://vk.com/videos-21000123">videos</a>'),
    )

    def parse_address(self, address: str) -> str | None:
        for shape, kind, owner, number in ((_PLAYER, "video", "oid", "id"), (_WIDGET, "wall", "owner_id", "post_id")):
            if shape.match(address):
                return _joined(kind, value_in(address, owner), value_in(address, number))
        return super().parse_address(address)

    def id_of(self, groups: Mapping[str, str | None]) -> str | None:
        kind = "video" if groups["kind"] == "clip" else groups["kind"]
        return f"{kind}{groups['owner']}_{groups['number']}"

    def own_markup(self) -> tuple[str, ...]:
        return ("amp-vk", '[id^="vk_post_"]', "VK.Widgets.Post(…)")

    def _marked(self, piece: Piece) -> Iterator[Appearance]:
        for node in piece.candidates.elements("amp-vk")[:MAX_EMBEDS]:
            post_id = _joined("wall", node.attributes.get("data-owner-id"), node.attributes.get("data-post-id"))
            if post_id is not None:
                yield self.appearance(piece, node, EmbedKind.AMP, post_id, EmbedContent())
        if any(map(piece.contains, self.own_keywords)):
            yield from self._widgets(piece)

    def _widgets(self, piece: Piece) -> Iterator[Appearance]:
        """The elements that the widget's script fills, and the calls whose element says nothing of its own."""
        named: set[str] = set()
        by_id: dict[str | None, LexborNode] = {}
        for node in piece.tree.css('[id^="vk_post_"]')[:MAX_EMBEDS]:
            found = _ELEMENT_ID.match(node.id or "")
            if found is not None:
                named.add(found.group())
                yield self.appearance(piece, node, EmbedKind.SCRIPT, f"wall{found['owner']}_{found['number']}", EmbedContent())
        for script in piece.tree.css("script"):
            text = script.text(deep=True) or ""
            for call in _CALL.finditer(text) if "VK.Widgets.Post" in text else ():
                if call["element"] not in named:
                    by_id = by_id or {node.id: node for node in reversed(piece.tree.css("[id]"))}
                    node = by_id.get(call["element"], script)
                    yield self.appearance(piece, node, EmbedKind.SCRIPT, f"wall{call['owner']}_{call['number']}", EmbedContent())

    def embed_page(self, post_id: str, author: str | None = None) -> str | None:
        """The player of a video; the widget for all else wants a hash that only the embed code had."""
        if not post_id.startswith("video"):
            return None
        owner, _, number = post_id.removeprefix("video").partition("_")
        return f"https://vk.com/video_ext.php?oid={owner}&id={number}"

    def other_embed_pages(self, post_id: str, author: str | None = None) -> tuple[str, ...]:
        player = self.embed_page(post_id)
        hosts = ("vk.ru", "vkvideo.ru") if player is not None else ()
        return tuple((player or "").replace("//vk.com/", f"//{host}/", 1) for host in hosts)

    def requests_about(self, post_id: str) -> tuple[PostRequest, ...]:
        """The player of a video; of all else its page. At the domains of before and since 2025-09."""
        player = self.embed_page(post_id)
        if player is not None:
            return (PostRequest(player, "embed_page", self.other_embed_pages(post_id)),)
        return (PostRequest(self.canonical_url(post_id), "page", (f"https://vk.ru/{post_id}",)),)

    def is_reply(self, url: str) -> bool:
        return _PUBLIC_PAGE.match(url) is not None

    def read_reply(self, url: str, status: int, location: str | None, body: bytes) -> Findings | None:
        if not self.is_reply(url):
            return None
        post_id = self.parse_url(url)
        return _read_page(self, post_id, url, status, body) if post_id is not None else Findings()


def _joined(kind: str, owner: str | None, number: str | None) -> str | None:
    named = _OWNER.fullmatch(owner or "") and _NUMBER.fullmatch(number or "")
    return f"{kind}{owner}_{number}" if named else None


# --- public pages --------------------------------------------------------------------------------------------

_PUBLIC_PAGE = Pattern(
    r"https?://(?:(?:m\.|www\.)?vk\.(?:com|ru)|(?:m\.|www\.)?vkvideo\.ru)/(?:video_ext\.php\?|(?:wall|photo)-?\d+_\d+(?:[?#]|$))"
)

_REFUSAL = "#video_ext_msg, .video_layer_message, .message_page_body, .service_msg, .PostNotFound"
# Words of a refusal, lower case, in the languages that VK answers in; what it says in other words is a tombstone.
_REFUSALS = (
    ("правообладател", PostState.WITHHELD),
    ("copyright", PostState.WITHHELD),
    ("your region", PostState.WITHHELD),
    ("в вашем регионе", PostState.WITHHELD),
    ("заблокирован", PostState.SUSPENDED),
    ("banned", PostState.SUSPENDED),
    ("privacy", PostState.PROTECTED),
    ("приватност", PostState.PROTECTED),
    ("access denied", PostState.PROTECTED),
    ("доступ запрещ", PostState.PROTECTED),
    ("доступ ограничен", PostState.PROTECTED),
    ("deleted", PostState.GONE),
    ("удален", PostState.GONE),
    ("not found", PostState.GONE),
    ("не найден", PostState.GONE),
)
# Values in the player's settings, which are a script.
_VALUES = Pattern(
    r"\"(?P<name>md_title|md_author|date|jpg|url\d{3,4})\"\s{0,9}:\s{0,9}(?P<value>\"(?:[^\"\\]|\\.){0,4000}\"|\d{1,12})", re.S
)
_TEXT = ".wall_post_text, .pi_text, [data-testid='post_text']"
_AUTHOR = ".PostHeaderTitle__authorName, .post_author .author, .pi_author"


def _read_page(platform: Platform, post_id: str, url: str, status: int, body: bytes) -> Findings:
    """A statement on the post or video; nothing from a challenge, a login page or an overload page."""
    if (verdict := findings_of_status(platform, post_id, status)) is not None:
        return verdict
    tree = page_tree(url, body)
    refusal = shown_text(tree.css_first(_REFUSAL))
    if refusal:
        reason = refusal.lower().replace("ё", "е")
        return state_only(
            platform.name, post_id, next((state for words, state in _REFUSALS if words in reason), PostState.TOMBSTONE)
        )
    statement = _video(platform, post_id, url, tree) if post_id.startswith("video") else _post(platform, post_id, url, tree)
    return Findings(statements=(statement,)) if statement is not None else Findings()


def _video(platform: Platform, post_id: str, url: str, tree: LexborHTMLParser) -> Statement | None:
    values: dict[str, str | int] = {}
    for script in tree.css("script"):
        text = script.text(deep=True) or ""
        for found in _VALUES.finditer(text) if '"md_title"' in text else ():
            values.setdefault(found["name"], _plain(found["value"]))
    if not values.get("md_title"):
        return None
    files = {name: value for name, value in values.items() if name.startswith("url") and value}
    best = files[max(files, key=lambda name: int(name[3:]))] if files else None
    poster = values.get("jpg")
    return Statement(
        platform=platform.name,
        post_id=post_id,
        source=Source.EMBED_PAGE,
        state=PostState.LIVE,
        author_name=str(values.get("md_author") or "") or None,
        text=str(values["md_title"]),
        posted_at=time_of_seconds(values.get("date")),
        media=distinct_media(
            [
                media_ref(url, poster, platform.media_key(str(poster or "")), MediaKind.POSTER),
                media_ref(url, best, None, MediaKind.VIDEO),
            ]
        ),
    )


def _post(platform: Platform, post_id: str, url: str, tree: LexborHTMLParser) -> Statement | None:
    """The page of a post, or of a photo: what it shows to readers without an account, else what its preview says."""
    shown = shown_text(tree.css_first(_TEXT))
    address = meta_content(tree, "og:url")
    own = address is not None and post_id in address
    if shown is None and not own:
        return None
    picture = meta_content(tree, "og:image") if own else None
    media: list[MediaRef | None] = [media_ref(url, picture, platform.media_key(picture or ""))]
    return Statement(
        platform=platform.name,
        post_id=post_id,
        source=Source.EMBED_PAGE,
        state=PostState.LIVE,
        author_name=shown_text(tree.css_first(_AUTHOR)),
        text=shown or meta_content(tree, "og:description"),
        media=distinct_media(media),
    )


def _plain(text: str) -> str | int:
    try:
        value = json_loads(text)
    except ValueError:
        return ""
    return value if isinstance(value, str | int) else ""
