"""What the frame of Telegram's widget says of a message: `t.me/channel/number?embed=1`, HTML that needs no script.

Class names and the error's words as public programs read them up to 2026; nobody here has tried them against the live service.
"""

from selectolax.lexbor import LexborNode

from archiver.html.pattern import Pattern
from archiver.model.findings import Findings, MediaKind, MediaRef, PostRef, PostState, Source, Statement
from archiver.platforms.base import Platform
from archiver.platforms.declared import Said
from archiver.platforms.embed_pages import background_of, distinct, medium, stated, tree_of, words_of
from archiver.platforms.moments import from_text

ASKED = Pattern(r"https?://t\.me/(?:s/)?\w{4,32}/\d+\?(?:[^#]*&)?embed=1")
MAX_LOOKED_AT = 50  # elements of one kind, for the first that belongs to the message itself
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


def read(platform: Platform, post_id: str, url: str, status: int, body: bytes) -> Findings:
    """A statement on the message. The page of a channel, which t.me gives for what it does not frame, says nothing."""
    if status != 200:  # a missing message is told in a page with status 200
        return Findings()
    tree = tree_of(url, body)
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
    told = (words_of(error) or "").lower().replace("’", "'")
    return stated(platform.name, post_id, next((state for words, state in _ERRORS if words in told), PostState.TOMBSTONE))


def read_box(node: LexborNode) -> Said:
    """What a copy of the widget in a page says."""
    channel, _, _ = (node.attributes.get("data-post") or "").partition("/")
    time = _own(node, ".tgme_widget_message_date time[datetime]")
    return Said(
        author=channel.strip() or None,
        author_name=words_of(_own(node, ".tgme_widget_message_owner_name")),
        text=_text(node),
        posted_at=from_text(time.attributes.get("datetime")) if time is not None else None,
    )


def _statement(platform: Platform, post_id: str, url: str, message: LexborNode) -> Statement:
    said = read_box(message)
    return Statement(
        platform=platform.name,
        post_id=post_id,
        source=Source.EMBED_PAGE,
        state=PostState.LIVE,
        author=said.author,
        author_name=said.author_name,
        text=said.text,
        posted_at=said.posted_at,
        media=distinct(_media(platform, url, message)),
        quotes=_linked(platform, message, "a.tgme_widget_message_forwarded_from_name"),
        replies_to=_linked(platform, message, "a.tgme_widget_message_reply"),
    )


def _text(message: LexborNode) -> str | None:
    parts = (words_of(_own(message, ".tgme_widget_message_text")), words_of(_own(message, ".tgme_widget_message_poll_question")))
    return "\n".join(part for part in parts if part) or None


def _linked(platform: Platform, message: LexborNode, selector: str) -> PostRef | None:
    node = message.css_first(selector)
    post_id = platform.parse_url(node.attributes.get("href") or "") if node is not None else None
    return PostRef(platform.name, post_id) if post_id is not None else None


def _media(platform: Platform, base: str, message: LexborNode) -> list[MediaRef | None]:
    found: list[MediaRef | None] = []

    def add(address: str | None, kind: MediaKind) -> None:
        found.append(medium(base, address, platform.media_key(address or ""), kind))

    for node in message.css(
        ".tgme_widget_message_photo_wrap[style], .tgme_widget_message_video_thumb[style], .link_preview_image[style]"
    ):
        shown = "video_thumb" in (node.attributes.get("class") or "")
        add(background_of(node), MediaKind.POSTER if shown else MediaKind.PICTURE)
    for node in message.css("i.tgme_widget_message_sticker"):
        add(node.attributes.get("data-webp") or background_of(node), MediaKind.PICTURE)
    for node in message.css("video[src], audio[src]"):  # voice messages are told as videos: what is played
        add(node.attributes.get("src"), MediaKind.VIDEO)
    return found


def _own(message: LexborNode, selector: str) -> LexborNode | None:
    """The first such element that is not within the answered message or the card of a link."""
    for node in message.css(selector)[:MAX_LOOKED_AT]:
        above = node
        for _ in range(20):
            if above.parent is None or above.mem_id == message.mem_id:
                return node
            above = above.parent
            if any(name in (above.attributes.get("class") or "") for name in _WITHIN_OTHERS):
                break
    return None
