"""Telegram: messages of public channels and groups, by the widget's script, its frame, or a link."""

from collections.abc import Mapping
from typing import ClassVar

from selectolax.lexbor import LexborNode

from archiver.html.pattern import Pattern
from archiver.model.findings import EmbedKind, Findings
from archiver.platforms import telegram_replies
from archiver.platforms.addressed import MediaForm
from archiver.platforms.base import Ask, Example
from archiver.platforms.declared import Declared, Marker, Said

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
    hosts = ("t.me", "telegram.me", "telegram.dog", "telesco.pe", "cdn-telegram.org")
    # The error of `?embed=1`; the others are those that `telegram_replies` knows of [?].
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

    def read_box(self, node: LexborNode) -> Said:
        return telegram_replies.read_box(node) if node.tag not in ("script", "iframe") else Said()

    def embed_page(self, post_id: str, author: str | None = None) -> str | None:
        """The widget's frame; of a private channel nothing is public."""
        return None if post_id.startswith("c/") else f"https://t.me/{post_id}?embed=1"

    def asks(self, post_id: str) -> tuple[Ask, ...]:
        return self.asks_frame(post_id)

    def is_reply(self, url: str) -> bool:
        return telegram_replies.ASKED.match(url) is not None

    def read_reply(self, url: str, status: int, location: str | None, body: bytes) -> Findings | None:
        if not self.is_reply(url):
            return None
        post_id = self.parse_url(url)
        return telegram_replies.read(self, post_id, url, status, body) if post_id is not None else Findings()
