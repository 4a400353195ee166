"""Instagram: posts, reels and IGTV videos, by the embed's blockquote, its frame, or a link with or without a user's name.

The frame of an embed (`/p/CODE/embed/captioned/`) has all about videos and albums in JSON within a script, about single pictures
in its markup only, as public programs found it up to 2026. The post's own page has since June 2026 `xig_polaris_media` in its
data, also without an account (yt-dlp#17075, yt-dlp#17113, FxEmbed#2299). Nobody here has tried either against the live service.
"""

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from itertools import islice
from typing import ClassVar

from selectolax.lexbor import LexborHTMLParser, LexborNode

from archiver.html.addresses import address_of
from archiver.html.pattern import Pattern
from archiver.html.text import text_of
from archiver.model.findings import EmbedKind, Findings, MediaKind, MediaRef, PostState, Source, Statement
from archiver.platforms.base import Door, Example, Platform, PostRequest
from archiver.platforms.declared import MAX_READ, Declared, EmbedContent, Marker, MediaForm
from archiver.platforms.meta_replies import (
    PACE,
    media_of,
    objects_in_data,
    read_tokenless,
    tokenless_door,
    tokenless_endpoint,
    tokenless_request,
)
from archiver.platforms.replies import (
    Json,
    distinct_media,
    findings_of_status,
    media_ref,
    meta_content,
    object_at,
    objects_at,
    page_tree,
    pixels,
    shown_text,
    state_only,
    text_at,
    time_of_milliseconds,
    time_of_seconds,
    time_of_text,
)
from archiver.text import json_loads
from archiver.urls import query_value

MAX_NODES = 2_000  # of one box that are looked at; Instagram's own have some sixty
MAX_PARAGRAPHS = 20  # of one box; one with more was never closed and swallowed what follows

_CODE = r"(?P<id>[A-Za-z0-9_-]{5,60})(?![\w-])"
_BARE_CODE = Pattern(rf"^\s*{_CODE}\s*$")
_HOST = r"(?:[\w-]+\.)?(?:(?:dd|kk)?instagram\.com|instagr\.am)/"
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
_EPOCH = 1_314_220_021_721  # milliseconds since 1970 from which ids count (Instagram's engineering blog, 2012)
# Posts from before have serial numbers for ids, which would all fall into the first moments behind the epoch.
_EARLIEST = datetime(2011, 9, 1, tzinfo=UTC)

_ATTRIBUTION = Pattern(r"^(?P<name>.{0,200}?)\s*\(@(?P<handle>[\w.]{1,30})\)", re.S)
# What stands before the name where the name is no link: "A post shared by", in the languages of the embed code.
_SHARED_BY = Pattern(
    r"^(?:(?:an?|ein|eine|une|una|un|uma|um|een|ett|et|en)\s+)?\S+(?:\s+\S+)?\s+"
    r"(?:(?:shared|posted)\s+by|geteilt\s+von|partagée?\s+par|compartida\s+(?:por|de)|compartido\s+(?:por|de)|condiviso\s+da"
    r"|(?:com)?partilhad[ao]\s+por|compartilhad[ao]\s+por|udostępniony\s+przez|gedeeld\s+door|delat\s+av)\s+"
    r"|^(?:Публикация\s+от|Допис,?\s+поширений|Post\s+udostępniony\s+przez)\s+",
    re.I,
)
_SEE_IT_THERE = Pattern(
    r"^(?:view|see|sieh|schau|voir|afficher|ver|visualizza|vedi|посмотреть|переглянути|bekijk|zobacz|wyświetl|visa|se|zobrazit)\b"
    r".{0,60}\binstagram\b.{0,12}$",
    re.I | re.S,
)
_POST, _REEL = "CxQuay7Log1", "DaPier7Log2"
_LINK = f"https://www.instagram.com/p/{_POST}/?utm_source=ig_embed&amp;utm_campaign=loading"


class Instagram(Declared):
    """Ids are the short codes, which are the media's number in base 64; case counts."""

    name = "instagram"
    title = "Instagram"
    doors = (
        Door("embed_page", "2026-06", "pressfreedomtracker.us#2304 (2026-06-30): frames work; what they hold [?]", verified=True),
        Door(
            "page",
            "2026-09",
            "FxEmbed#2299 (2026-07-25, tried live), yt-dlp#17113; words for previews: a public program of 2026-09-16",
            verified=True,
            spare=True,
            why="its host sends to its login page who asks it often",
        ),
        tokenless_door("2026-06", "Meta's documentation, 2026-06-15; php-embed#577; error codes: a public program of 2026-09-16"),
    )
    hosts = (
        *("instagram.com", "instagr.am", "ddinstagram.com", "kkinstagram.com", "cdninstagram.com", "fbcdn.net"),
        "graph.facebook.com",
    )
    sufficient_sources = (Source.EMBED_PAGE,)  # the oEmbed reply is a sign of life, without content
    login_means = "its limit for readers without an account; later it may answer"
    # `/embed/captioned/`, with status 200, as others saw it in 2026; the second is the page's for people [?].
    embed_gone = ("The link to this photo or video may be broken", "Sorry, this page isn't available")
    # The bare card: its author has switched embeds off (pressfreedomtracker.us#2304, 2026-06-30), or the script never came.
    embed_refused = ("View this post on Instagram",)
    urls = (Pattern(rf"{_HOST}(?:(?!(?:share|explore|stories|accounts)/)[\w.]+/)?(?:p|reels?|tv)/(?!audio/){_CODE}"),)
    canonical = "https://www.instagram.com/p/{id}/"  # reels open there as well
    # Under `/reel/` it gives an application without the post (seen by others in 2026).
    embed = "https://www.instagram.com/p/{id}/embed/captioned/"
    markers = (
        Marker(".instagram-media", ("data-instgrm-permalink",), links=True),
        # Substack: <div class="instagram-embed-wrap" data-attrs='{"instagram_id":"…"}'>.
        Marker(
            ".instagram-embed-wrap",
            ("data-attrs",),
            EmbedKind.PLACEHOLDER,
            Pattern(rf"\"instagram_id\"\s{{0,9}}:\s{{0,9}}\"{_CODE}\""),
            links=True,
        ),
        Marker(".instagram_post", ("postid", "data-postid"), EmbedKind.PLACEHOLDER, _BARE_CODE),  # tarteaucitron's banner
        Marker("amp-instagram", ("data-shortcode",), EmbedKind.AMP, _BARE_CODE),
        Marker("lite-instagram", ("data-shortcode", "shortcode"), EmbedKind.PLACEHOLDER, _BARE_CODE),
    )
    short_urls = (Pattern(rf"{_HOST}share/(?:(?:p|reel|tv)/)?[\w-]{{5,}}"),)
    media_forms = (
        MediaForm(
            Pattern(rf"{_HOST}p/{_CODE}/media/?(?:\?|$)"),
            "instagram.com/p/{id}/media",
            ("https://www.instagram.com/p/{id}/media/?size=l",),
        ),
        # Sizes are signed and cannot be exchanged; t51.2885-19 are portraits of users.
        MediaForm(
            Pattern(
                r"(?:[\w.-]+\.cdninstagram\.com|instagram\.[\w.-]+\.fbcdn\.net|[\w.-]+\.ak\.instagram\.com)/"
                r"(?![^?]*t51\.2885-19/)[^?#\s]*?(?P<name>(?<!\d)\d{5,20}_\d{5,20}_\d{5,20}_n)\."
            ),
            "cdninstagram.com/{name}",
        ),
    )
    # Without an account it sends all to its login page after some hundred requests an hour [?].
    paces: ClassVar[dict[str, float]] = {"www.instagram.com": 10.0, "graph.facebook.com": PACE}
    examples = (
        Example(
            '<div class="instagram-embed-wrap" data-attrs="{&quot;instagram_id&quot;: &quot;CuAbC12dEfG&quot;}"></div>',
            ("CuAbC12dEfG",),
        ),
        Example(
            f'<blockquote class="instagram-media" data-instgrm-captioned data-instgrm-permalink="{_LINK}" '
            f'data-instgrm-version="14"><div><a href="{_LINK}">View this post on Instagram</a>'
            f'<p><a href="{_LINK}">A post shared by Quay Log (@quay.log)</a></p></div></blockquote>'
            '<script async src="//www.instagram.com/embed.js"></script>',
            (_POST,),
        ),
        Example(
            f'<blockquote class="instagram-media" data-instgrm-captioned data-instgrm-version="7"><div><p><a href="https://www.instagram.com/p/{_POST}/">'
            "Nine ropes</a></p><p>A post shared by Quay Log (@quay.log) on <time>now</time></p></div></blockquote>",
            (_POST,),
        ),
        Example(
            f'<blockquote class="instagram-media" data-instgrm-permalink="https://www.instagram.com/reel/{_REEL}/"></blockquote>',
            (_REEL,),
        ),
        Example(f'<iframe src="https://www.instagram.com/p/{_POST}/embed/captioned/?cr=1&amp;v=14"></iframe>', (_POST,)),
        Example(f'<iframe src="//instagram.com/p/{_POST}/embed/"></iframe>', (_POST,)),
        Example(f'<amp-instagram data-shortcode="{_POST}" data-captioned width="400" height="400"></amp-instagram>', (_POST,)),
        Example(
            f"<figure class='wp-block-embed is-provider-instagram'><div>\nhttps://www.instagram.com/p/{_POST}/\n</div></figure>",
            (_POST,),
        ),
        Example(
            f'<a href="https://www.instagram.com/quay.log/reel/{_REEL}/?igsh=x">reel</a> <a href="http://instagr.am/p/{_POST}">post</a>',
            links=(_REEL, _POST),
        ),
        Example(
            '<a href="https://www.instagram.com/share/reel/BAquay7log/">see</a>',
            short_links=("instagram.com/share/reel/BAquay7log",),
        ),
        Example(
            '<p><a href="https://www.instagram.com/quay.log/">Me</a></p><script src="//www.instagram.com/embed.js"></script>'
        ),
        Example(
            '<blockquote class="instagram-media" data-instgrm-permalink="https://www.instagram.com/quay.log/" '
            'data-instgrm-version="12"><a href="https://www.instagram.com/quay.log/">View profile</a></blockquote>'
        ),
        Example(
            '<a href="https://www.instagram.com/explore/tags/quay/">#quay</a> <a href="https://www.instagram.com/stories/quay.log/31/">story</a>'
        ),
        Example('<iframe src="https://www.instagram.com/quay.log/embed"></iframe>'),
    )

    def id_of(self, groups: Mapping[str, str | None]) -> str | None:
        return groups["id"]

    def posted_at(self, post_id: str) -> str | None:
        """The code's first 11 letters are a number whose upper part is the time; what follows opens posts of private accounts."""
        number = 0
        for letter in post_id[:11]:
            number = number * 64 + _LETTERS.index(letter)
        return time_of_milliseconds((number >> 23) + _EPOCH, _EARLIEST)

    def read_box(self, node: LexborNode) -> EmbedContent:
        """The caption where the embed code has one, who shared it, and when."""
        if node.tag != "blockquote":
            return EmbedContent()
        author = name = None
        captions: list[str] = []
        for paragraph in _paragraphs_of(node):
            words = text_of(paragraph, most=MAX_READ)
            if author is None and (found := _ATTRIBUTION.match(words)) is not None:
                author, name = found["handle"], self._name_in(paragraph) or _shared_by(found["name"])
            elif words and not _SEE_IT_THERE.match(words):
                captions.append(words)
        time = node.css_first("time[datetime]")
        return EmbedContent(
            author=author,
            author_name=name,
            text="\n\n".join(captions)[:4_000] or None,
            posted_at=time_of_text(time.attributes.get("datetime")) if time is not None else None,
        )

    def _name_in(self, attribution: LexborNode) -> str | None:
        """The name of who posted it, where it is the text of a link to the profile."""
        for link in attribution.css("a[href]")[:MAX_PARAGRAPHS]:
            href = link.attributes.get("href") or ""
            if self.author_in(href) is not None:
                return text_of(link).partition("(@")[0].strip() or None
        return None

    def author_in(self, url: str) -> str | None:
        found = re.match(rf"{_HOST}(?P<handle>[\w.]{{1,30}})/?(?:[?#]|$)", address_of(url))
        return found["handle"] if found and found["handle"] not in ("p", "reel", "reels", "tv", "explore", "share") else None

    def other_embed_pages(self, post_id: str, author: str | None = None) -> tuple[str, ...]:
        """The post's own page, which is drawn where its author has switched embeds off."""
        return (self.canonical_url(post_id),)

    def requests_about(self, post_id: str) -> tuple[PostRequest, ...]:
        page = self.canonical_url(post_id)
        endpoint = "https://graph.facebook.com/v25.0/instagram_oembed"
        return (*self.requests_embed_page(post_id), PostRequest(page, "page"), tokenless_request(endpoint, page))

    def is_reply(self, url: str) -> bool:
        shapes = (_EMBED_PAGE, _POST_PAGE)
        return (
            any(shape.match(url) is not None for shape in shapes)
            or tokenless_endpoint(url) == "instagram_oembed"
            or self.short_link(url) is not None
        )

    def read_reply(self, url: str, status: int, location: str | None, body: bytes) -> Findings | None:
        if tokenless_endpoint(url) == "instagram_oembed":
            named = self.parse_url(query_value(url, "url") or "")
            return read_tokenless(self, named, status, body) if named is not None else Findings()
        for shape, read in ((_EMBED_PAGE, _read_embed_page), (_POST_PAGE, _read_post_page)):
            if shape.match(url) is not None:
                post_id = self.parse_url(url)
                return read(self, post_id, url, status, body) if post_id is not None else Findings()
        return super().read_reply(url, status, location, body)


def _paragraphs_of(box: LexborNode) -> list[LexborNode]:
    return [node for node in islice(box.traverse(), MAX_NODES) if node.tag == "p"][:MAX_PARAGRAPHS]


def _shared_by(words: str) -> str | None:
    """The name behind "A post shared by"; None in a language that is not known, where name and phrase cannot be separated."""
    name = _SHARED_BY.sub("", words, count=1)
    return name.strip() or None if name != words else None


# --- the embed page ------------------------------------------------------------------------------------------

_EMBED_PAGE = Pattern(r"https?://(?:www\.)?instagram\.com/(?:[\w.]+/)?(?:p|reel|tv)/[\w-]{5,60}/embed(?:/captioned)?/?(?:[?#]|$)")
# A JSON string within a script, which holds JSON once more.
_CONTEXT = Pattern(r"\"contextJSON\"\s{0,9}:\s{0,9}(\"(?:[^\"\\]|\\.)*+\")", re.S)
_ADDITIONAL = Pattern(r"__additionalDataLoaded\(\s{0,9}['\"][^'\"]{0,200}['\"]\s{0,9},\s{0,9}(?=\{)")  # until 2022
_ON_THE_WAY = ("gql_data", "graphql", "data", "context", "media")
_BEHIND_CAPTION = ".CaptionUsername, .CaptionComments"
_BARE_CARD = Pattern(r"\s*(?:instagram\s+)?view (?:this (?:post|reel|photo|video)|profile|more) on instagram\.?\s*", re.I)


def _read_embed_page(platform: Platform, post_id: str, url: str, status: int, body: bytes) -> Findings:
    """A statement on the post; nothing from a login page or an overload page."""
    if (verdict := findings_of_status(platform, post_id, status)) is not None:
        return verdict
    tree = page_tree(url, body)
    post = _post_in(tree, post_id)
    if post is not None:
        return Findings(statements=(_from_json(platform, post_id, url, post),))
    name, picture = tree.css_first(".UsernameText"), tree.css_first(".EmbeddedMediaImage")
    if name is not None or picture is not None:
        return Findings(statements=(_from_markup(platform, post_id, url, tree),))
    if tree.css_first(".EmbedBrokenMedia, .EmbedIsBroken") is not None:
        # Gone, private, restricted by age, or an author who allows no embeds: it is the same page for all of them.
        return _tombstone(platform, post_id, "says that the link may be broken, as of posts that are not embedded as well")
    if (card := shown_text(tree.body)) is not None and _BARE_CARD.fullmatch(card):
        # What is left where an author has switched embeds off (pressfreedomtracker.us#2304, 2026-06-30). The post is there.
        return _tombstone(platform, post_id, "shows a card without the post: its author may have switched embeds off")
    return Findings()


def _tombstone(platform: Platform, post_id: str, words: str) -> Findings:
    """It says little, so the next door is asked as well."""
    return replace(state_only(platform.name, post_id, PostState.TOMBSTONE), refusal=words)


def _from_json(platform: Platform, post_id: str, url: str, post: Json) -> Statement:
    owner = object_at(post, "owner")
    caption = next(iter(_nodes(post.get("edge_media_to_caption"))), {})
    return Statement(
        platform=platform.name,
        post_id=post_id,
        source=Source.EMBED_PAGE,
        state=PostState.LIVE,
        author=text_at(owner, "username"),
        author_name=text_at(owner, "full_name"),
        text=text_at(caption, "text"),
        posted_at=time_of_seconds(post.get("taken_at_timestamp")) or platform.posted_at(post_id),
        media=distinct_media(
            [one for part in _nodes(post.get("edge_sidecar_to_children")) or [post] for one in _media(platform, url, part)]
        ),
    )


def _media(platform: Platform, base: str, part: Json) -> list[MediaRef | None]:
    video, picture = text_at(part, "video_url"), _largest(part) or text_at(part, "display_url")
    size = object_at(part, "dimensions")
    width, height = pixels(size.get("width")), pixels(size.get("height"))
    kind = MediaKind.POSTER if video else MediaKind.PICTURE
    key, alt = platform.media_key(picture or ""), text_at(part, "accessibility_caption")
    return [
        media_ref(base, picture, key, kind, alt=alt, width=width, height=height),
        media_ref(base, video, platform.media_key(video or ""), MediaKind.VIDEO, width=width, height=height),
    ]


def _largest(part: Json) -> str | None:
    sized = [
        (pixels(one.get("config_width")) or 0, address)
        for one in objects_at(part, "display_resources")
        if (address := text_at(one, "src"))
    ]
    return max(sized)[1] if sized else None


def _from_markup(platform: Platform, post_id: str, url: str, tree: LexborHTMLParser) -> Statement:
    shown: list[MediaRef | None] = []
    for picture in tree.css("img.EmbeddedMediaImage"):
        address = picture.attributes.get("src") or ""
        shown.append(media_ref(url, address, platform.media_key(address), alt=picture.attributes.get("alt")))
    return Statement(
        platform=platform.name,
        post_id=post_id,
        source=Source.EMBED_PAGE,
        state=PostState.LIVE,
        author=shown_text(tree.css_first(".UsernameText")),
        text=_caption(tree.css_first(".Caption")),
        posted_at=platform.posted_at(post_id),
        media=distinct_media(shown),
    )


def _caption(box: LexborNode | None) -> str | None:
    if box is None:
        return None
    return text_of(box, without={node.mem_id for node in box.css(_BEHIND_CAPTION)}) or None


def _post_in(tree: LexborHTMLParser, post_id: str) -> Json | None:
    for script in tree.css("script"):
        text = script.text(deep=True) or ""
        if "shortcode_media" not in text:
            continue
        for data in (_context(text), _additional(text)):
            post = _media_of(data)
            if post is not None and post.get("shortcode") in (None, post_id):
                return post
    return None


def _context(script: str) -> object:
    found = _CONTEXT.search(script)
    try:
        text = json_loads(found[1]) if found else None
        return json_loads(text) if isinstance(text, str) else None
    except ValueError:
        return None


def _additional(script: str) -> object:
    found = _ADDITIONAL.search(script)
    try:
        return json_loads(script[found.end() : script.rfind(")")]) if found else None
    except ValueError:
        return None


def _media_of(data: object, depth: int = 0) -> Json | None:
    """The post, on one of the ways that lead to it in pages of different years."""
    if not isinstance(data, dict) or depth > 4:
        return None
    for name in ("shortcode_media", "xdt_shortcode_media"):
        if isinstance(data.get(name), dict):
            return object_at(data, name)
    return next((post for name in _ON_THE_WAY if (post := _media_of(data.get(name), depth + 1)) is not None), None)


def _nodes(connection: object) -> list[Json]:
    """The nodes of GraphQL's `{"edges": [{"node": …}]}`."""
    return [object_at(edge, "node") for edge in objects_at(connection, "edges")]


# --- the post's own page -------------------------------------------------------------------------------------

_POST_PAGE = Pattern(r"https?://(?:www\.)?instagram\.com/(?:[\w.]+/)?(?:p|reels?|tv)/[\w-]{5,60}/?(?:[?#]|$)")
_DATA = ("xig_polaris_media", "xdt_api__v1__media__shortcode__web_info")  # the second until mid-2026 (FxEmbed#2299)
_GATED = "if_not_gated_logged_out"
# `og:title`: Quay Log on Instagram: "Nine ropes"; `og:description` has likes, comments, handle and date before the same words.
_PREVIEW = Pattern(r"^(?P<name>.{1,200}?) (?:shared a post )?on Instagram(?:: *[\"\u201c](?P<text>.*)[\"\u201d])?\s*$", re.S)
_PREVIEW_HANDLE = Pattern(r"^.{0,80}?[-\u2013] (?P<handle>[\w.]{1,30}) on \w+ \d{1,2}, \d{4}")
_GATED_WORDS = "shows the post only to readers with an account (gated)"


def _read_post_page(platform: Platform, post_id: str, url: str, status: int, body: bytes) -> Findings:
    """The post as the page's data have it, else what the page gives to programs that make previews."""
    if (verdict := findings_of_status(platform, post_id, status)) is not None:
        return verdict
    tree = page_tree(url, body)
    post, gated = _polaris_post(tree, post_id)
    if post is not None:
        return Findings(statements=(_from_data(platform, post_id, url, post),))
    if (statement := _from_preview(platform, post_id, url, tree)) is not None:
        return Findings(statements=(statement,))
    # There is such a post, so it is not gone; why it is gated (age, country, account) its page does not tell.
    return _tombstone(platform, post_id, _GATED_WORDS) if gated else Findings()


def _polaris_post(tree: LexborHTMLParser, post_id: str) -> tuple[Json | None, bool]:
    """The post in the page's data, and whether they have it without its content. The author's other posts stand there as well."""
    gated = False
    for value in objects_in_data(tree, lambda text: post_id in text and any(name in text for name in _DATA)):
        if _is_post(value, post_id):
            return value, False
        gated = gated or (value.get("code") == post_id and _GATED in value and not value[_GATED])
    return None, gated


def _is_post(value: Json, post_id: str) -> bool:
    """Whether it is the post itself, rather than what stands around it or another one."""
    named = text_at(value, "code") or text_at(value, "shortcode")
    return named == post_id and bool(text_at(value, "user", "username") or text_at(value, "owner", "username"))


def _from_data(platform: Platform, post_id: str, url: str, post: Json) -> Statement:
    owner = object_at(post, "user") or object_at(post, "owner")
    return Statement(
        platform=platform.name,
        post_id=post_id,
        source=Source.EMBED_PAGE,
        state=PostState.LIVE,
        author=text_at(owner, "username"),
        author_name=text_at(owner, "full_name"),
        text=text_at(post, "caption", "text"),
        posted_at=time_of_seconds(post.get("taken_at")) or platform.posted_at(post_id),
        media=distinct_media(list(media_of(platform, url, post))),
    )


def _from_preview(platform: Platform, post_id: str, url: str, tree: LexborHTMLParser) -> Statement | None:
    """Words, and a picture that is cut to 640 pixels (a public program of 2026-09-16); it has the key of the whole one."""
    address = meta_content(tree, "og:url") or ""
    title = _PREVIEW.match((meta_content(tree, "og:title") or "")[:MAX_READ])
    if platform.parse_url(address) != post_id or title is None:
        return None
    described = _PREVIEW_HANDLE.match((meta_content(tree, "og:description") or "")[:MAX_READ])
    owner = re.match(r"[^/]+/(?P<handle>[\w.]{1,30})/(?:p|reels?|tv)/", address_of(address))
    picture = meta_content(tree, "og:image") or ""
    media = [media_ref(url, picture, platform.media_key(picture))] if platform.media_key(picture) else []
    return Statement(
        platform=platform.name,
        post_id=post_id,
        source=Source.EMBED_PAGE,
        state=PostState.LIVE,
        author=(owner["handle"] if owner else None) or (described["handle"] if described else None),
        author_name=title["name"].strip() or None,
        text=(title["text"] or "").strip() or None,
        posted_at=platform.posted_at(post_id),
        media=distinct_media(media),
    )
