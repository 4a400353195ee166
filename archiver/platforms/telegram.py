"""Telegram: messages of public channels and groups, by the widget's script, its frame, or a link.

The widget's frame is HTML that needs no script (`t.me/channel/number?embed=1`). Class names and the words of its errors are as
public programs read them up to 2026; nobody here has tried them against the live service.
"""

from collections.abc import Mapping
from typing import ClassVar

from selectolax.lexbor import LexborNode

from archiver.html.pattern import Pattern
from archiver.model.findings import EmbedKind, Findings, MediaKind, MediaRef, PostRef, PostState, Source, Statement
from archiver.platforms.base import Door, Example, Platform, PostRequest
from archiver.platforms.declared import Declared, EmbedContent, Marker, MediaForm
from archiver.platforms.replies import background_url, distinct_media, media_ref, page_tree, shown_text, state_only, time_of_text

_CHANNEL = r"(?P<channel>[A-Za-z]\w{3,31})"
_POST = Pattern(rf"^\s*@?{_CHANNEL}/(?P<id>\d{{1,10}})\s*(?:\?\S*)?$")
_ID = r"(?P<id>\d{1,10})(?!\w)"
_WIDGET = "https://telegram.org/js/telegram-widget.js?22"
# First words of paths that are no channel's name (https://core.telegram.org/api/links, as of 2025).
_NO_CHANNELS = frozenset(
    (
        *(
            "joinchat",
            "addstickers",
            "addemoji",
            "addtheme",
            "addlist",
            "share",
            "proxy",
            "socks",
            "login",
            "invoice",
            "giftcode",
        ),
        *("confirmphone", "setlanguage", "contact", "boost", "auction", "call", "iv", "bg", "nft", "web", "embed"),
    )
)


class Telegram(Declared):
    """Ids are `channel/number`, the channel in lower case (its name's case does not count); `c/number/number` in private ones."""

    name = "telegram"
    title = "Telegram"
    doors = (Door("embed_page", "2026-09", "core.telegram.org/widgets/post: widget 22; no change in public reports"),)
    hosts = ("t.me", "telegram.me", "telegram.dog", "telesco.pe", "cdn-telegram.org")
    # The error of `?embed=1`; the others are those that `_ERRORS` has [?].
    embed_gone = ("Post not found", "Channel with username", "Channel is private", "can't be displayed", "couldn't be displayed")
    urls = (
        # A message in a private channel: only its members see it.
        Pattern(rf"(?:t\.me|telegram\.(?:me|dog))/c/(?P<private>\d{{1,15}})/(?:\d+/)?{_ID}"),
        # `t.me/group/topic/message` and `t.me/s/channel/message`.
        Pattern(rf"(?:t\.me|telegram\.(?:me|dog))/(?:s/)?{_CHANNEL}/(?:\d{{1,10}}/)?{_ID}"),
        Pattern(rf"{_CHANNEL}\.t\.me/(?:\d{{1,10}}/)?{_ID}"),
    )
    post_id = "{channel}/{id}"
    canonical = "https://t.me/{id}"
    markers = (
        Marker("[data-telegram-post]", ("data-telegram-post",), EmbedKind.SCRIPT, _POST),
        # What the widget's frame shows, where a page has a copy of it.
        Marker(".tgme_widget_message", ("data-post",), EmbedKind.STATIC, _POST),
    )
    media_forms = (
        MediaForm(Pattern(r"cdn\d*\.(?:telesco\.pe|cdn-telegram\.org)/file/(?P<name>[^?#\s]+)"), "telesco.pe/file/{name}"),
    )
    paces: ClassVar[dict[str, float]] = {"t.me": 0.5}
    examples = (
        Example(f'<script async src="{_WIDGET}" data-telegram-post="QuayLog/157" data-width="100%"></script>', ("quaylog/157",)),
        Example(
            f'<script async src="{_WIDGET}" data-telegram-post="quaylog/158?single" data-userpic="true" data-dark="1"></script>',
            ("quaylog/158",),
        ),
        Example(
            f'<script async src="{_WIDGET}" data-telegram-post="quaylog/157"></script>'
            '<iframe id="telegram-post-quaylog-157" src="https://t.me/quaylog/157?embed=1&amp;userpic=true"></iframe>',
            ("quaylog/157",),
        ),
        Example('<iframe src="https://t.me/quaylog/157?embed=1&amp;mode=tme"></iframe>', ("quaylog/157",)),
        Example('<iframe data-src="https://t.me/s/quaylog/157"></iframe>', ("quaylog/157",)),
        Example("<p>https://t.me/quaylog/159?single</p>", ("quaylog/159",)),
        Example(
            '<div class="tgme_widget_message js-widget_message" data-post="quaylog/160"><div class="tgme_widget_message_text '
            'js-message_text" dir="auto">Nine ropes</div></div>',
            ("quaylog/160",),
        ),
        Example(
            '<a href="https://t.me/s/QuayLog/12">one</a> <a href="http://telegram.me/pier_seven/9">two</a>',
            links=("quaylog/12", "pier_seven/9"),
        ),
        Example('<a href="https://t.me/c/1234567890/55">for members</a>', links=("c/1234567890/55",)),
        Example('<a href="https://quaylog.t.me/41">a name as a host</a>', links=("quaylog/41",)),
        Example('<a href="https://t.me/pier_seven/100/2345?comment=7">in a topic</a>', links=("pier_seven/2345",)),
        Example('<a href="https://t.me/quaylog">channel</a> <a href="https://t.me/s/quaylog?before=20">preview</a>'),
        Example('<a href="https://t.me/joinchat/AAAAAEkk2WdoDrB4">join</a> <a href="https://t.me/+R0pE5aNdB0ll4rd5">join</a>'),
        Example('<a href="https://t.me/share/url?url=https://blog.example/2022/09">share</a>'),
        Example('<a href="https://t.me/addstickers/ropes">stickers</a> <a href="https://t.me/quaylog/s/5">story</a>'),
        Example(f'<script async src="{_WIDGET}" data-telegram-discussion="quaylog/157" data-comments-limit="5"></script>'),
        Example(f'<script async src="{_WIDGET}" data-telegram-login="quaybot" data-size="large"></script>'),
    )

    def id_of(self, groups: Mapping[str, str | None]) -> str | None:
        if private := groups.get("private"):
            return f"c/{private}/{groups['id']}"
        channel = (groups["channel"] or "").lower()
        return None if channel in _NO_CHANNELS else f"{channel}/{groups['id']}"

    def read_box(self, node: LexborNode) -> EmbedContent:
        return _read_message(node) if node.tag not in ("script", "iframe") else EmbedContent()

    def embed_page(self, post_id: str, author: str | None = None) -> str | None:
        """The widget's frame; of a private channel nothing is public."""
        return None if post_id.startswith("c/") else f"https://t.me/{post_id}?embed=1"

    def requests_about(self, post_id: str) -> tuple[PostRequest, ...]:
        return self.requests_embed_page(post_id)

    def is_reply(self, url: str) -> bool:
        return _EMBED_PAGE.match(url) is not None

    def read_reply(self, url: str, status: int, location: str | None, body: bytes) -> Findings | None:
        if not self.is_reply(url):
            return None
        post_id = self.parse_url(url)
        return _read_embed_page(self, post_id, url, status, body) if post_id is not None else Findings()


# --- the embed page ------------------------------------------------------------------------------------------

_EMBED_PAGE = Pattern(r"https?://t\.me/(?:s/)?\w{4,32}/\d+\?(?:[^#]*&)?embed=1")
MAX_ELEMENTS = 50  # elements of one kind, for the first that belongs to the message itself
_MESSAGE = ".tgme_widget_message"
_WITHIN_OTHERS = ("tgme_widget_message_reply", "tgme_widget_message_link_preview")
# Words of the error widget, lower case; what it says in other words is a tombstone.
_ERRORS = (
    ("private", PostState.PROTECTED),
    ("not found", PostState.GONE),
    ("doesn't exist", PostState.GONE),
    ("can't be displayed", PostState.WITHHELD),
    ("couldn't be displayed", PostState.WITHHELD),
    ("unavailable", PostState.WITHHELD),
)


def _read_embed_page(platform: Platform, post_id: str, url: str, status: int, body: bytes) -> Findings:
    """A statement on the message. The page of a channel, which t.me gives for what it does not frame, says nothing."""
    if status != 200:  # a missing message has a page with status 200
        return Findings()
    tree = page_tree(url, body)
    message = tree.css_first(f"{_MESSAGE}[data-post]")
    if message is not None:
        number = (message.attributes.get("data-post") or "").rpartition("/")[2]
        # The channel may have another name by now, the message has the same number.
        return (
            Findings(statements=(_statement(platform, post_id, url, message),))
            if number == post_id.rpartition("/")[2]
            else Findings()
        )
    error = tree.css_first(".tgme_widget_message_error")
    if error is None:
        return Findings()
    reason = (shown_text(error) or "").lower().replace("’", "'")
    return state_only(platform.name, post_id, next((state for words, state in _ERRORS if words in reason), PostState.TOMBSTONE))


def _read_message(node: LexborNode) -> EmbedContent:
    """What a copy of the widget in a page says."""
    channel, _, _ = (node.attributes.get("data-post") or "").partition("/")
    time = _own(node, ".tgme_widget_message_date time[datetime]")
    return EmbedContent(
        author=channel.strip() or None,
        author_name=shown_text(_own(node, ".tgme_widget_message_owner_name")),
        text=_text(node),
        posted_at=time_of_text(time.attributes.get("datetime")) if time is not None else None,
    )


def _statement(platform: Platform, post_id: str, url: str, message: LexborNode) -> Statement:
    content = _read_message(message)
    return Statement(
        platform=platform.name,
        post_id=post_id,
        source=Source.EMBED_PAGE,
        state=PostState.LIVE,
        author=content.author,
        author_name=content.author_name,
        text=content.text,
        posted_at=content.posted_at,
        media=distinct_media(_media(platform, url, message)),
        quotes=_linked(platform, message, "a.tgme_widget_message_forwarded_from_name"),
        replies_to=_linked(platform, message, "a.tgme_widget_message_reply"),
    )


def _text(message: LexborNode) -> str | None:
    parts = (
        shown_text(_own(message, ".tgme_widget_message_text")),
        shown_text(_own(message, ".tgme_widget_message_poll_question")),
    )
    return "\n".join(part for part in parts if part) or None


def _linked(platform: Platform, message: LexborNode, selector: str) -> PostRef | None:
    node = message.css_first(selector)
    post_id = platform.parse_url(node.attributes.get("href") or "") if node is not None else None
    return PostRef(platform.name, post_id) if post_id is not None else None


def _media(platform: Platform, base: str, message: LexborNode) -> list[MediaRef | None]:
    found: list[MediaRef | None] = []

    def add(address: str | None, kind: MediaKind) -> None:
        found.append(media_ref(base, address, platform.media_key(address or ""), kind))

    for node in message.css(
        ".tgme_widget_message_photo_wrap[style], .tgme_widget_message_video_thumb[style], .link_preview_image[style]"
    ):
        shown = "video_thumb" in (node.attributes.get("class") or "")
        add(background_url(node), MediaKind.POSTER if shown else MediaKind.PICTURE)
    for node in message.css("i.tgme_widget_message_sticker"):
        add(node.attributes.get("data-webp") or background_url(node), MediaKind.PICTURE)
    for node in message.css("video[src], audio[src]"):  # voice messages count as videos: they are played
        add(node.attributes.get("src"), MediaKind.VIDEO)
    return found


def _own(message: LexborNode, selector: str) -> LexborNode | None:
    """The first such element that is not within the answered message or the card of a link."""
    for node in message.css(selector)[:MAX_ELEMENTS]:
        above = node
        for _ in range(20):
            if above.parent is None or above.mem_id == message.mem_id:
                return node
            above = above.parent
            if any(name in (above.attributes.get("class") or "") for name in _WITHIN_OTHERS):
                break
    return None
