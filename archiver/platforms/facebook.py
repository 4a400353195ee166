"""Facebook: posts, videos, photos and comments, by the plugins' elements and frames, or one of many forms of link.

The frames of the plugins (`plugins/post.php?href=…`) are HTML that needs no script. Names of their attributes and their words are
as public programs found them up to 2026; nobody here has tried them against the live service.
"""

import re
from collections.abc import Iterator
from typing import ClassVar
from urllib.parse import quote, unquote

from selectolax.lexbor import LexborHTMLParser, LexborNode

from archiver.html.addresses import address_of, value_in
from archiver.html.dates import first_date
from archiver.html.document import Piece
from archiver.html.pattern import Pattern
from archiver.html.text import text_of
from archiver.model.findings import EmbedKind, Findings, MediaKind, MediaRef, PostState, Source, Statement
from archiver.platforms.base import Appearance, Door, Example, Platform, PostRequest
from archiver.platforms.declared import MAX_EMBEDS, Declared, EmbedContent, Marker, MediaForm
from archiver.platforms.meta_replies import PACE, read_tokenless, tokenless_door, tokenless_endpoint, tokenless_request
from archiver.platforms.replies import distinct_media, media_ref, page_tree, shown_text, state_only, time_of_seconds
from archiver.text import json_loads
from archiver.urls import query_value

# --- addresses -----------------------------------------------------------------------------------------------

_HOST = r"(?:(?!(?:graph|developers|about|lookaside)\.)[\w-]+\.){0,3}(?:facebook|fb)\.com/(?:#!/)?"
_DIGITS = r"\d{5,20}(?!\w)"
_STORY = rf"(?P<story>{_DIGITS}|pfbid\w{{10,120}})"  # since 2022 most posts are shown under a pfbid, and one has many
_OWNER = r"(?P<owner>[\w.%-]{1,200})"
_SLUG = r"(?:[^/?#]{1,500}/)?"

_PATHS = (
    Pattern(rf"{_HOST}groups/(?P<group>[\w.%-]{{1,200}})/(?:posts|permalink)/{_SLUG}{_STORY}"),
    Pattern(rf"{_HOST}(?:pages|people)/[^/?#]{{1,500}}/(?P<owner>\d{{3,20}})/posts/{_SLUG}{_STORY}"),
    Pattern(rf"{_HOST}{_OWNER}/posts/{_SLUG}{_STORY}"),
    Pattern(rf"{_HOST}(?P<owner>\d{{5,20}})_(?P<story>{_DIGITS})"),  # as the Graph API writes it
    Pattern(rf"{_HOST}(?:{_OWNER}/)?(?:videos|reels?)/{_SLUG}(?P<video>{_DIGITS})"),
    Pattern(rf"{_HOST}(?:v|watch)/(?P<video>{_DIGITS})"),  # the first in Flash objects
    Pattern(rf"{_HOST}{_OWNER}/photos/(?:[^/?#]{{1,200}}/){{0,2}}(?P<photo>{_DIGITS})"),
    Pattern(rf"{_HOST}notes/(?:[^/?#]{{1,500}}/){{1,2}}(?P<note>{_DIGITS})"),
)
_PHOTO_QUERY = Pattern(rf"{_HOST}photos?(?:\.php|/)?\?")
_VIDEO_QUERY = Pattern(rf"{_HOST}(?:(?:video/)?video\.php|watch(?:/live)?/?|video/embed/?)\?")
_SET_QUERY = Pattern(rf"{_HOST}media/set/?\?")
_NOTE_QUERY = Pattern(rf"{_HOST}note\.php\?")
_GROUP_QUERY = Pattern(rf"{_HOST}groups/(?P<group>[\w.%-]{{1,200}})/?\?")
_STORY_QUERY = Pattern(rf"{_HOST}(?:(?:permalink|story|profile)\.php)?\?")
_PLUGIN = Pattern(rf"{_HOST}(?:v\d[\d.]*/)?plugins/(?:post|video|comment_embed)\.php\?")
_LOGIN = Pattern(rf"{_HOST}login(?:\.php)?/?\?")
_SHORT_URLS = (Pattern(r"fb\.watch/(?!login)[\w-]{5,}|(?:[\w-]+\.)?facebook\.com/share/(?:[prv]/)?[\w-]{6,}"),)
_STORY_VALUE = Pattern(_STORY)
_ANY = Pattern(rf"{_HOST}(?!hashtag/|sharer|share\b|watch/?$)\w")
_PAGE = Pattern(rf"{_HOST}(?!pages/|people/|groups/|watch/|events/|[\w-]+\.php)(?P<handle>[\w.]{{3,80}})/?(?:[?#]|$)")


def _inner_address(address: str) -> str:
    """The address within a plugin's or a login page's; others as they are."""
    for shape, name in ((_PLUGIN, "href"), (_LOGIN, "next")):
        if shape.match(address):
            written = value_in(address, name) or ""
            rest = unquote(address.partition(f"{name}=")[2])  # where nobody encoded it, its query looks like the plugin's
            for inner in (written, rest):
                plain = address_of(inner if "//" in inner[:10] else f"https://{inner}")
                if _PLUGIN.match(plain) is None and _id_of(plain) is not None:
                    return plain
            return address_of(written)
    return address


def _id_of(address: str) -> str | None:
    """The id of what an address names.

    A post is `owner/number` or `groups/group/number`: the number alone is unique, but nothing public opens it without the owner.
    A video (reels are such) is its number, which `/watch/` opens; then there are `photo/`, `set/` (an album) and `note/`.
    A comment is its post's id with `/comments/number`. Names of owners are in lower case: theirs does not count.
    """
    post_id = _by_path(address) or _by_query(address)
    comment = re.fullmatch(r"(?:\d+_)?(\d{3,20})", value_in(address, "comment_id") or "") if post_id else None
    return f"{post_id}/comments/{comment[1]}" if comment else post_id


def _canonical_url(post_id: str) -> str:
    """Where a reader finds it."""
    post, _, comment = post_id.partition("/comments/")
    kind, _, number = post.rpartition("/")
    if kind.startswith("groups/"):
        path = f"{kind}/posts/{number}/"
    elif kind in _QUERIES:
        path = _QUERIES[kind] + number
    else:
        path = f"{kind}/posts/{number}"
    mark = "&" if "?" in path else "?"
    return f"https://www.facebook.com/{path}" + (f"{mark}comment_id={comment}" if comment else "")


_QUERIES = {"": "watch/?v=", "photo": "photo.php?fbid=", "set": "media/set/?set=", "note": "note.php?note_id="}


def _handle_in(address: str) -> str | None:
    """The name in the address of somebody's page, where it has one."""
    found = _PAGE.match(address)
    return found["handle"] if found and not found["handle"].isdigit() else None


def _leads_to_page(address: str) -> bool:
    """Whether it may be the page of whoever posted something, with a name in its address or without."""
    return _ANY.match(address) is not None and _id_of(address) is None


def _owner_of(post_id: str) -> str | None:
    """The name of who posted it, where the id has one."""
    owner = post_id.split("/")[0]
    named = post_id.count("/") in (1, 3) and owner not in (*_QUERIES, "groups") and not owner.isdigit()
    return owner if named else None


def _by_path(address: str) -> str | None:
    for shape in _PATHS:
        if (found := shape.match(address)) is not None:
            groups = found.groupdict()
            for kind in ("photo", "note"):
                if number := groups.get(kind):
                    return f"{kind}/{number}"
            if groups.get("video"):
                return found["video"]
            holder = f"groups/{found['group'].lower()}" if groups.get("group") else found["owner"].lower()
            return f"{holder}/{found['story']}"
    return None


def _by_query(address: str) -> str | None:
    if _PHOTO_QUERY.match(address):
        return _named("photo/", value_in(address, "fbid")) or _named("", value_in(address, "v"))  # videos until 2014
    if _VIDEO_QUERY.match(address):
        return _named("", value_in(address, "v") or value_in(address, "video_id"))
    if _SET_QUERY.match(address):
        found = re.match(r"[a-z]{1,5}\.[\d.]{5,80}", value_in(address, "set") or "")
        return f"set/{found.group()}" if found else None
    if _NOTE_QUERY.match(address):
        return _named("note/", value_in(address, "note_id"))
    if group := _GROUP_QUERY.match(address):
        story = value_in(address, "multi_permalinks") or (value_in(address, "id") if "permalink" in address else None)
        return _named(f"groups/{group['group'].lower()}/", story)
    if _STORY_QUERY.match(address):
        owner = value_in(address, "id") or ""
        return _named(f"{owner}/", value_in(address, "story_fbid")) if re.fullmatch(r"\d{1,20}", owner) else None
    return None


def _named(kind: str, number: str | None) -> str | None:
    found = _STORY_VALUE.match(number or "")
    return f"{kind}{found.group()}" if found else None


# --- the platform --------------------------------------------------------------------------------------------

MAX_PARAGRAPHS = 50  # of one box; one with more was never closed and swallowed what follows

_PLUGIN_NAMES = ("fb-post", "fb-video", "fb-comment-embed")
_XFBML = "fb\\:post[href], fb\\:video[href], fb\\:comment-embed[href]"
_P = "https://www.facebook.com/plugins/"
_NUMBER, _OTHER, _PFBID = "10200000000000123", "650000000000456", "pfbid02QuayLog7NineRopesEightBollardsOneGull"
_WITHIN = "https%3A%2F%2Fwww.facebook.com%2F"


class Facebook(Declared):
    """Ids are as `_id_of` makes them: `owner/number`, a video's number, `photo/number` and others."""

    name = "facebook"
    title = "Facebook"
    doors = (
        Door("embed_page", "2026-02", "Meta's documentation, 2026-02-10: embedded posts and videos stay; the markup in 2026 [?]"),
        tokenless_door("2026-06", "Meta's documentation, 2026-06-15; a public program got code 100 on 2026-10-06"),
    )
    sufficient_sources = (Source.EMBED_PAGE,)  # the oEmbed reply is a sign of life, without content
    own_keywords = ("<fb:", "facebook.com")  # which a blockquote may cite
    hosts = ("facebook.com", "fb.com", "fb.watch", "fbcdn.net", "akamaihd.net")
    # `plugins/post.php`, as others saw it in 2026: the same whether it was deleted or is not public; the last of the video's [?].
    embed_gone = ("This Facebook post is no longer available", "Video unavailable", "This content isn't available right now")
    embed_refused = (
        "You must log in to continue",  # streamlink#3481, 2021
        "You must be logged in",  # these and the next [?]
        "Log in or sign up to view",
        "Log into Facebook",
    )
    urls = ()
    short_urls = _SHORT_URLS
    markers = tuple(Marker(f".{name}", ("data-href",), links=True) for name in _PLUGIN_NAMES)
    media_forms = (
        # Sizes are signed and cannot be exchanged. The folders that end in -1 hold the portraits of users and pages.
        MediaForm(
            Pattern(
                r"(?!profile|hprofile|instagram)(?:[\w.-]+\.fbcdn\.net|fbcdn-(?!profile)[\w.-]+\.akamaihd\.net)/"
                r"(?![^?]*(?:/|^)(?:t\d{1,3}\.\d{1,6}-1|hprofile[\w-]*)/)[^?#\s]*?(?P<name>(?<!\d)\d{4,20}_\d{4,20}_\d{4,20}_[a-z])\."
            ),
            "fbcdn.net/{name}",
        ),
    )
    # It sends those who hurry to its login page [?].
    paces: ClassVar[dict[str, float]] = {"www.facebook.com": 2.0, "fb.watch": 2.0, "graph.facebook.com": PACE}
    examples = (
        Example(
            f'<div class="fb-post" data-href="https://www.facebook.com/QuayLog/posts/{_NUMBER}/" data-width="600"><blockquote '
            f'cite="https://www.facebook.com/QuayLog/posts/{_NUMBER}/" class="fb-xfbml-parse-ignore"><p>Nine ropes</p>Posted by '
            f'<a href="https://www.facebook.com/QuayLog/">Quay Log</a> on&nbsp;<a href="https://www.facebook.com/QuayLog/posts/{_NUMBER}/">'
            "Monday, February 7, 2022</a></blockquote></div>",
            (f"quaylog/{_NUMBER}",),
        ),
        Example(
            f'<div class="fb-post" data-href="https://www.facebook.com/quaylog/posts/{_PFBID}" data-width="500"></div>',
            (f"quaylog/{_PFBID}",),
        ),
        Example(
            f'<div class="fb-video" data-href="https://www.facebook.com/quaylog/videos/nine-ropes/{_NUMBER}/"></div>', (_NUMBER,)
        ),
        Example(
            '<div class="fb-video"><div class="fb-xfbml-parse-ignore"><blockquote cite="https://www.facebook.com/quaylog/videos/'
            f'{_NUMBER}/"><p><a href="https://www.facebook.com/quaylog/videos/{_NUMBER}/">Ropes</a>We are live</p></blockquote>'
            "</div></div>",
            (_NUMBER,),
        ),
        Example(
            f'<div class="fb-comment-embed" data-href="https://www.facebook.com/quaylog/posts/{_NUMBER}?comment_id=777000"></div>',
            (f"quaylog/{_NUMBER}/comments/777000",),
        ),
        Example(f'<fb:post href="https://www.facebook.com/quaylog/posts/{_NUMBER}"></fb:post>', (f"quaylog/{_NUMBER}",)),
        Example(
            f'<iframe src="{_P}post.php?href={_WITHIN}quaylog%2Fposts%2F{_NUMBER}&amp;width=500"></iframe>',
            (f"quaylog/{_NUMBER}",),
        ),
        Example(
            f'<iframe src="{_P}post.php?href={_WITHIN}photo.php%3Ffbid%3D{_NUMBER}%26set%3Da.1&amp;width=5"></iframe>',
            (f"photo/{_NUMBER}",),
        ),
        Example(f'<iframe src="{_P}video.php?height=314&amp;href={_WITHIN}watch%2F%3Fv%3D{_OTHER}"></iframe>', (_OTHER,)),
        Example(f'<iframe data-src="{_P}video.php?href={_WITHIN}reel%2F{_OTHER}%2F"></iframe>', (_OTHER,)),
        Example(
            f'<iframe src="{_P}comment_embed.php?href={_WITHIN}quaylog%2Fposts%2F{_NUMBER}%3Fcomment_id%3D777000"></iframe>',
            (f"quaylog/{_NUMBER}/comments/777000",),
        ),
        Example(
            f'<amp-facebook width="552" data-embed-as="video" data-href="https://www.facebook.com/x/videos/{_OTHER}/"></amp-facebook>',
            (_OTHER,),
        ),
        Example(f'<iframe src="https://www.facebook.com/video/embed?video_id={_OTHER}"></iframe>', (_OTHER,)),
        Example(
            f'<object><param name="movie" value="http://www.facebook.com/v/{_OTHER}"><embed src="http://www.facebook.com/v/{_OTHER}"></object>',
            (_OTHER,),
        ),
        Example(
            f"<p>https://www.facebook.com/permalink.php?story_fbid={_NUMBER}&amp;id=4455667788</p>", (f"4455667788/{_NUMBER}",)
        ),
        Example("<p>https://fb.watch/aBcD3_e-Fg/</p>", (None,), short_links=("fb.watch/aBcD3_e-Fg",)),
        Example(
            f'<a href="https://m.facebook.com/groups/QuayWatch/permalink/{_OTHER}/">group</a> '
            f'<a href="https://l.facebook.com/l.php?u={_WITHIN}quaylog%2Fphotos%2Fa.1%2F{_NUMBER}%2F&amp;h=x">photo</a> '
            '<a href="https://www.facebook.com/share/p/1AbCdEfGhI/">share</a>',
            links=(f"groups/quaywatch/{_OTHER}", f"photo/{_NUMBER}"),
            short_links=("facebook.com/share/p/1AbCdEfGhI",),
        ),
        Example(
            '<div class="fb-page" data-href="https://www.facebook.com/quaylog" data-tabs="timeline"><blockquote '
            'class="fb-xfbml-parse-ignore" cite="https://www.facebook.com/quaylog">'
            '<a href="https://www.facebook.com/quaylog">Quay Log</a></blockquote></div>'
        ),
        Example(
            f'<div class="fb-like" data-href="https://www.facebook.com/quaylog/posts/{_NUMBER}"></div>'
            '<div class="fb-comments" data-href="https://blog.example/a"></div><div id="fb-root"></div>'
        ),
        Example(
            f'<iframe src="{_P}like.php?href={_WITHIN}quaylog"></iframe><iframe src="{_P}page.php?href={_WITHIN}quay"></iframe>'
        ),
        Example('<a href="https://www.facebook.com/sharer/sharer.php?u=https%3A%2F%2Fblog.example">share</a>'),
        Example(
            '<p><a href="https://www.facebook.com/quaylog">page</a> <a href="https://www.facebook.com/events/123456789012/">event</a></p>'
        ),
    )

    # --- addresses ------------------------------------------------------------------------------------------

    def parse_address(self, address: str) -> str | None:
        return _id_of(_inner_address(address))

    def canonical_url(self, post_id: str) -> str:
        return _canonical_url(post_id)

    def embed_page(self, post_id: str, author: str | None = None) -> str | None:
        """The plugin's frame. In English, whose words for posts that are gone are known; a post's form serves videos as well.

        Of a comment that of the post it is under: the plugin for comments ended in 2021-09 (amphtml#36156).
        """
        post, _, _ = post_id.partition("/comments/")
        return f"{_P}post.php?href={quote(self.canonical_url(post), safe='')}&locale=en_US"

    def short_key(self, address: str) -> str | None:
        return super().short_key(_inner_address(address))

    def author_in(self, url: str) -> str | None:
        return _handle_in(address_of(url))

    # --- markup ---------------------------------------------------------------------------------------------

    def _marked(self, piece: Piece) -> Iterator[Appearance]:
        yield from super()._marked(piece)
        for node in piece.candidates.elements("blockquote")[:MAX_EMBEDS]:
            post_id = self.parse_url(node.attributes.get("cite") or "")
            if post_id is not None and not self._named_around(node):
                yield self.appearance(piece, node, EmbedKind.BLOCKQUOTE, post_id, self.read_box(node))
        if piece.contains("<fb:"):
            for node in piece.tree.css(_XFBML)[:MAX_EMBEDS]:
                if (post_id := self.parse_url(node.attributes.get("href") or "")) is not None:
                    yield self.appearance(piece, node, EmbedKind.PLACEHOLDER, post_id, EmbedContent())

    def _named_around(self, node: LexborNode) -> bool:
        """Whether the plugin's element around a blockquote names the post, perhaps under another address."""
        above = node.parent
        for _ in range(4):
            if above is None:
                break
            classes = (above.attributes.get("class") or "").split()
            if (
                any(name in classes for name in _PLUGIN_NAMES)
                and self.parse_url(above.attributes.get("data-href") or "") is not None
            ):
                return True
            above = above.parent
        return False

    def read_box(self, node: LexborNode) -> EmbedContent:
        """Reads `<p>words</p>Posted by <a>Name</a> on <a>date</a>`, in any language and with the last part in a `<p>` or not."""
        box = node if node.tag == "blockquote" else node.css_first("blockquote") or node
        author = next((link for link in reversed(box.css("a[href]")[:100]) if self._leads_to_author(link)), None)
        paragraphs = box.css("p")[:MAX_PARAGRAPHS]
        last = paragraphs[-1] if paragraphs else None
        closing = last if last is not None and self._tells_who(last, alone=len(paragraphs) < 2) else None
        words = (text_of(one) for one in paragraphs if closing is None or one.mem_id != closing.mem_id)
        date = first_date(text_of(closing)) if closing is not None else first_date(text_of(box, own=True))
        return EmbedContent(
            author=self.author_in(author.attributes.get("href") or "") if author is not None else None,
            author_name=(text_of(author) or None) if author is not None else None,
            text="\n\n".join(filter(None, words))[:4_000] or None,
            posted_at=date[0] if date else None,
        )

    def _leads_to_author(self, link: LexborNode) -> bool:
        return _leads_to_page(address_of(link.attributes.get("href") or ""))

    def _tells_who(self, paragraph: LexborNode, *, alone: bool) -> bool:
        """Whether it is no words of the post but the line with its author and its date."""
        if any(self._leads_to_author(link) for link in paragraph.css("a[href]")[:MAX_PARAGRAPHS]):
            return not alone
        links = paragraph.css("a[href]")
        dated = links and self.parse_url(links[-1].attributes.get("href") or "") is not None and first_date(text_of(links[-1]))
        return bool(dated) and not alone

    # --- replies --------------------------------------------------------------------------------------------

    def requests_about(self, post_id: str) -> tuple[PostRequest, ...]:
        requests = self.requests_embed_page(post_id)
        if (endpoint := _tokenless_endpoint(post_id)) is None:
            return requests
        return (*requests, tokenless_request(f"https://graph.facebook.com/v25.0/{endpoint}", self.canonical_url(post_id)))

    def is_reply(self, url: str) -> bool:
        return _PLUGIN_PAGE.match(url) is not None or tokenless_endpoint(url) in _ENDPOINTS or self.short_link(url) is not None

    def read_reply(self, url: str, status: int, location: str | None, body: bytes) -> Findings | None:
        if tokenless_endpoint(url) in _ENDPOINTS:
            named = self.parse_url(query_value(url, "url") or "")
            return read_tokenless(self, named, status, body) if named is not None else Findings()
        if _PLUGIN_PAGE.match(url) is not None:
            post_id = self.parse_url(url)
            return _read_plugin(self, post_id, url, status, body) if post_id is not None else Findings()
        if self.short_link(url) is not None and location and self.parse_url(location) is None and "/login" in location:
            return Findings()  # it wants us to log in first
        return super().read_reply(url, status, location, body)


# --- oEmbed without a token ----------------------------------------------------------------------------------

_ENDPOINTS = ("oembed_post", "oembed_video")


def _tokenless_endpoint(post_id: str) -> str | None:
    """Posts and photos have one endpoint, videos another; comments, albums and notes none (Meta's documentation)."""
    if "/comments/" in post_id or post_id.startswith(("set/", "note/")):
        return None
    return "oembed_video" if post_id.isdigit() else "oembed_post"


# --- the plugins' frames -------------------------------------------------------------------------------------

_PLUGIN_PAGE = Pattern(r"https?://www\.facebook\.com/(?:v\d[\d.]*/)?plugins/(?:post|video|comment_embed)\.php\?")
# Said of posts that are gone or not public, and of public ones that it does not frame (those of groups): a tombstone.
_UNAVAILABLE = Pattern(r"(?:post|video|comment|content) is no longer available|video unavailable|isn.t available right now", re.I)
_MESSAGE = '[data-testid="post_message"], .userContent'
_HIDDEN = ".text_exposed_hide, .text_exposed_link"
_VIDEO_FILE = Pattern(r"\"(?P<name>hd_src|sd_src)\"\s{0,9}:\s{0,9}(?P<text>\"(?:[^\"\\]|\\.){8,4000}\")")


def _read_plugin(platform: Platform, post_id: str, url: str, status: int, body: bytes) -> Findings:
    """A statement on the post; nothing from a login page, a refusal or an overload page."""
    if status != 200:  # a missing post has a page with status 200
        return Findings()
    tree = page_tree(url, body)
    message, time = tree.css_first(_MESSAGE), tree.css_first("abbr[data-utime]")
    posted_at = time_of_seconds(time.attributes.get("data-utime")) if time is not None else None
    media = distinct_media(_media(platform, url, tree))
    if message is None and posted_at is None and not any(medium.kind is MediaKind.VIDEO for medium in media):
        unavailable = _UNAVAILABLE.search(shown_text(tree.body) or "")
        return state_only(platform.name, post_id, PostState.TOMBSTONE) if unavailable else Findings()
    author = _author_link(platform, tree)
    statement = Statement(
        platform=platform.name,
        post_id=post_id,
        source=Source.EMBED_PAGE,
        state=PostState.LIVE,
        author=(platform.author_in(author.attributes.get("href") or "") if author is not None else None) or _owner_of(post_id),
        author_name=_author_name(tree, author),
        text=_text(message),
        posted_at=posted_at,
        media=media,
    )
    return Findings(statements=(statement,))


def _text(message: LexborNode | None) -> str | None:
    """All of a long text is there, with `…` and "See more" in between."""
    if message is None:
        return None
    return text_of(message, without={node.mem_id for node in message.css(_HIDDEN)}) or None


def _author_link(platform: Platform, tree: LexborHTMLParser) -> LexborNode | None:
    links = (link for link in tree.css("a[title][href], a[href]:has(img[aria-label])"))
    return next((link for link in links if platform.author_in(link.attributes.get("href") or "") is not None), None)


def _author_name(tree: LexborHTMLParser, link: LexborNode | None) -> str | None:
    """The portrait's label, else the title of the link to the author's page."""
    portrait = tree.css_first("img[aria-label]")
    label = portrait.attributes.get("aria-label") if portrait is not None else None
    return label or (link.attributes.get("title") if link is not None else None) or shown_text(link)


def _media(platform: Platform, base: str, tree: LexborHTMLParser) -> list[MediaRef | None]:
    best: dict[str, str] = {}
    for script in tree.css("script"):
        text = script.text(deep=True) or ""
        for found in _VIDEO_FILE.finditer(text) if "_src" in text else ():
            best.setdefault(found["name"], _plain(found["text"]))
    video = best.get("hd_src") or best.get("sd_src")
    kind = MediaKind.POSTER if video else MediaKind.PICTURE
    shown = [_picture(platform, base, node, kind) for node in tree.css("img[src]") if "aria-label" not in node.attributes]
    return [*shown, media_ref(base, video, platform.media_key(video or ""), MediaKind.VIDEO)]


def _picture(platform: Platform, base: str, node: LexborNode, kind: MediaKind) -> MediaRef | None:
    """A picture of the post, unlike portraits and icons, whose addresses are other."""
    address = node.attributes.get("src") or ""
    key = platform.media_key(address)
    alt = node.attributes.get("alt") or node.attributes.get("caption")
    return media_ref(base, address, key, kind, alt=alt) if key is not None else None


def _plain(text: str) -> str:
    try:
        value = json_loads(text)
    except ValueError:
        return ""
    return value if isinstance(value, str) else ""
