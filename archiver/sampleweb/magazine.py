"""The third blog: a small hand-made magazine with an Atom feed, whose pages embed posts of many networks."""

from collections.abc import Mapping
from html import escape

from archiver.sampleweb.exchanges import Reply, Request
from archiver.sampleweb.others import OtherPost
from archiver.sampleweb.posts import Block, Post
from archiver.sampleweb.tweets import DATA

HOST = "tideline.example"
NAME = "Tideline"
_MAP = "https://www.google.com/maps/embed?pb=!1m14!1m12!1m3!1d9871!2d{east}!3d{north}!2m3!1f0!2f0!3f0!3m2!1i1024!2i768!4f13.1!5e0"
_HEADERS = (("Server", "Caddy"),)
_STYLE = """\
body { max-width: 42em; margin: 0 auto; padding: 0 16px; font: 17px/1.5 Georgia, serif }
iframe, blockquote, lite-youtube { margin: 1.2em 0 } img { max-width: 100%; height: auto }
lite-youtube { display: block; max-width: 640px; aspect-ratio: 16 / 9; background-size: cover }
iframe { max-width: 100% } iframe.lazy[title=Map] { height: 400px }
"""


class Magazine:
    """Builds its few pages once: nothing on it changes."""

    def __init__(self, posts: tuple[Post, ...], others: Mapping[str, OtherPost]) -> None:
        """`others` by key."""
        self._others = others
        self._pages = {path_of(post): self._page(post.title, self._article(post), post) for post in posts}
        self._pages["/"] = self._page(NAME, _index(posts), posts[0])
        feed = Reply(body=_feed(posts).encode(), content_type="application/atom+xml; charset=utf-8", headers=_HEADERS, etag=True)
        self._pages["/feed.atom"] = feed
        self._pages["/style.css"] = Reply(body=_STYLE.encode(), content_type="text/css", headers=_HEADERS, etag=True)
        script = (DATA / "lazy.js").read_bytes()
        self._pages["/lazy.js"] = Reply(body=script, content_type="application/javascript", headers=_HEADERS, etag=True)

    def answer(self, request: Request) -> Reply:
        return self._pages.get(request.path) or Reply(404, b"<h1>Nothing washed up here</h1>", headers=_HEADERS)

    def _article(self, post: Post) -> str:
        body = "\n".join(self._block(block) for block in post.blocks)
        byline = (
            f'<p class="byline">By <a rel="author" href="/">{post.author}</a>, <time datetime="{post.published.isoformat()}">'
        )
        return f"<article><h1>{escape(post.title)}</h1>{byline}{post.published:%d.%m.%Y}</time></p>\n{body}\n</article>"

    def _block(self, block: Block) -> str:
        first = block.words[0]
        match block.kind:
            case "post":
                return self._others[first].html(block.words[1])
            case "map":
                north, east = first.split(",")
                return f'<iframe class="lazy" data-src="{_MAP.format(north=north, east=east)}" width="600" title="Map"></iframe>'
            case _:
                return f"<p>{escape(first, quote=False)}</p>"

    def _page(self, title: str, main: str, post: Post) -> Reply:
        page = (
            f'<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title>\n'
            f'<link rel="alternate" type="application/atom+xml" href="/feed.atom">\n'
            f'<link rel="stylesheet" href="/style.css"><script defer src="/lazy.js"></script></head>\n'
            f'<body><header><a href="/">{NAME}</a></header><main>\n{main}\n</main></body></html>\n'
        )
        return Reply(body=page.encode(), headers=_HEADERS, etag=True, modified=post.modified, compress=True)


def path_of(post: Post) -> str:
    return f"/{post.slug}"


def url_of(post: Post) -> str:
    return f"https://{HOST}{path_of(post)}"


def _index(posts: tuple[Post, ...]) -> str:
    items = "\n".join(f'<li><a href="{path_of(post)}">{escape(post.title)}</a></li>' for post in posts)
    return f"<h1>{NAME}</h1><p>What the sea leaves behind, and what people say of it.</p><ul>\n{items}\n</ul>"


def _feed(posts: tuple[Post, ...]) -> str:
    entries = "\n".join(
        f'<entry><id>{url_of(post)}</id><title>{escape(post.title)}</title><link href="{url_of(post)}"/>'
        f"<author><name>{post.author}</name></author><updated>{post.modified.isoformat()}</updated>"
        f"<published>{post.published.isoformat()}</published><summary>{escape(post.intro)}</summary></entry>"
        for post in posts
    )
    return (
        f'<?xml version="1.0" encoding="utf-8"?>\n<feed xmlns="http://www.w3.org/2005/Atom"><id>https://{HOST}/</id>'
        f'<title>{NAME}</title><updated>{posts[0].modified.isoformat()}</updated><link rel="self" href="https://{HOST}/feed.atom"/>\n'
        f"{entries}\n</feed>\n"
    )
