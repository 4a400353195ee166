"""Reddit in 2026: without an account its JSON is closed, and what is left is oEmbed, feeds and the page for frames.

`.json` is 403 with a page of some 190 KB (since 2026-05-29), old.reddit.com sends everybody to log in (since 2026-06-30; both
only-cli/oc#52). A thread's Atom feed answers: its first entry is the post, those behind it are comments (sharextract#26, oc#53,
2026-09). oEmbed and the page for frames are as they were.
"""

from collections.abc import Callable, Iterable
from datetime import timedelta
from html import escape
from urllib.parse import quote

from archiver.sampleweb.exchanges import Reply, Request
from archiver.sampleweb.others import OtherPost
from archiver.sampleweb.tweets import State

HTML_TYPE = "text/html; charset=utf-8"
SHELL_BYTES = 190_000
_SHELL_HEAD = (
    "<!DOCTYPE html><html lang=en><head><title>Blocked</title><style>body{font-family:sans-serif}</style></head><body>"
    "<h1>Blocked</h1><p>This request was stopped by network security.</p><style>"
)
_LOGIN = (
    b"<!DOCTYPE html><html><head><title>Log in to Reddit</title></head><body><h1>Log In</h1>"
    b'<form action="/svc/shreddit/account/login"><input name="user"><input name="password" type="password"></form></body></html>'
)
_REPLIES = ("It floats until somebody asks.", "Mine has a name. It does not answer to it.")


class Reddit:
    """Answers for its hosts from the table of posts."""

    def __init__(self, posts: Iterable[OtherPost]) -> None:
        self._posts = [post for post in posts if post.network.name == "reddit"]

    @property
    def answers(self) -> dict[str, Callable[[Request, int], Reply | None]]:
        """By host name; None for what is as it was in 2022."""
        return {"www.reddit.com": self._site, "old.reddit.com": self._old_site}

    def _site(self, request: Request, day: int) -> Reply | None:
        path = request.path.rstrip("/")
        if path.startswith("/login"):
            return Reply(200, _LOGIN, HTML_TYPE)
        if path.endswith(".json"):
            return Reply(403, _shell(), HTML_TYPE, (("retry-after", "0"), ("server", "snooserv")), compress=True)
        if not path.endswith(".rss"):
            return None
        post = next((post for post in self._posts if post.id in request.path.split("/")), None)
        if post is None or post.state_on(day) is not State.LIVE:
            return Reply(404, b"<!DOCTYPE html><html><head><title>reddit.com: page not found</title></head></html>", HTML_TYPE)
        return Reply(200, _feed(post, request.path).encode(), "application/atom+xml; charset=UTF-8", compress=True)

    def _old_site(self, request: Request, _day: int) -> Reply:
        if request.path == "/robots.txt":
            return Reply(404, b"", "text/plain")
        target = quote(f"https://old.reddit.com{request.target}", safe="")
        return Reply(302, headers=(("location", f"https://www.reddit.com/login/?reason=lor2&dest={target}"),))


def _shell() -> bytes:
    rules = "".join(f".s{number:05}{{color:#{number % 0xFFF:03x}}}" for number in range(SHELL_BYTES // 20))
    return (_SHELL_HEAD + rules)[: SHELL_BYTES - 30].encode() + b"</style></body></html>"


def _feed(post: OtherPost, path: str) -> str:
    group, title = post.more["group"], escape(post.text)
    entries = [_entry(post, "t3_" + post.id, post.handle, post.text, post.url, _content(post), 0)]
    for number, words in enumerate(_REPLIES, 1):
        handle, link = f"passer_by_{number}", f"{post.url}k{number}r{post.id}/"
        shown = f'<!-- SC_OFF --><div class="md"><p>{escape(words)}</p>\n</div><!-- SC_ON -->'
        entries.append(_entry(post, f"t1_k{number}r{post.id}", handle, f"/u/{handle} on {post.text}", link, shown, number))
    return (
        '<?xml version="1.0" encoding="UTF-8"?><feed xmlns="http://www.w3.org/2005/Atom" xmlns:media="http://search.yahoo.com/mrss/">'
        f'<category term="{group}" label="r/{group}"/><updated>{post.posted_at.isoformat()}</updated>'
        f'<icon>https://www.redditstatic.com/icon.png/</icon><id>{path}</id><link rel="self" href="https://www.reddit.com{path}" '
        f'type="application/atom+xml" /><link rel="alternate" href="{post.url}" type="text/html" />'
        f"<title>{title} : {group}</title>" + "".join(entries) + "</feed>"
    )


def _content(post: OtherPost) -> str:
    """What the feed shows of the post: its picture where it has one, who submitted it, and two links."""
    picture = post.pictures[0].url if post.pictures else None
    link = picture or post.url
    thumbnail = f'<a href="{post.url}"> <img src="{escape(post.also[0])}" alt="{escape(post.text)}" /> </a>' if post.also else ""
    user = f'<a href="https://www.reddit.com/user/{post.handle}"> /u/{post.handle} </a>'
    links = f'<span><a href="{link}">[link]</a></span> &#32; <span><a href="{post.url}">[comments]</a></span>'
    return f"{thumbnail} &#32; submitted by &#32; {user} <br/> {links}"


def _entry(post: OtherPost, name: str, handle: str, title: str, link: str, content: str, hours: int) -> str:
    made = (post.posted_at + timedelta(hours=hours)).isoformat()
    group = post.more["group"]
    thumbnail = f'<media:thumbnail url="{escape(post.also[0])}" />' if post.also and name.startswith("t3_") else ""
    published = f"<published>{made}</published>" if name.startswith("t3_") else ""
    return (
        f"<entry><author><name>/u/{handle}</name><uri>https://www.reddit.com/user/{handle}</uri></author>"
        f'<category term="{group}" label="r/{group}"/><content type="html">{escape(content)}</content><id>{name}</id>{thumbnail}'
        f'<link href="{link}" /><updated>{made}</updated>{published}<title>{escape(title)}</title></entry>'
    )
