"""The second blog: pages by hand, linked from a paged index; no feed, no sitemap, no robots.txt, one page in windows-1251."""

from collections.abc import Mapping
from html import escape

from archiver.sampleweb import pictures
from archiver.sampleweb.blocks import block_html
from archiver.sampleweb.exchanges import Reply, Request
from archiver.sampleweb.posts import Block, Post
from archiver.sampleweb.tweets import Tweet

HOST = "harbour-diary.example"
PER_PAGE = 3
_HEADERS = (("Server", "Apache/2.4.38 (Debian)"),)
_PICTURE_SIZE = (800, 600)


class HarbourDiary:
    """Builds its few pages once: nothing on it changes."""

    def __init__(self, posts: tuple[Post, ...], tweets: Mapping[str, Tweet]) -> None:
        self._tweets = tweets
        self._pictures = {f"/photos/{block.words[0]}.jpg" for post in posts for block in post.of_kind("picture")}
        self._pages = {page_path(post): self._post(post) for post in posts} | self._index(posts)

    def answer(self, request: Request) -> Reply:
        if request.path in self._pictures:
            data = pictures.picture(request.path, *_PICTURE_SIZE)
            return Reply(body=data, content_type="image/jpeg", headers=_HEADERS, etag=True)
        return self._pages.get(request.path) or Reply(404, b"<h1>Not Found</h1>", "text/html; charset=iso-8859-1", _HEADERS)

    def _post(self, post: Post) -> Reply:
        parts = "\n".join(self._block(block, post) for block in post.blocks)
        date = f"{post.published.day} {post.published:%B %Y}"
        page = (
            f'<html><head><meta http-equiv="Content-Type" content="text/html; charset={post.encoding}">\n'
            f"<title>{escape(post.title)}</title></head>\n<body>\n<h1>{escape(post.title)}</h1>\n"
            f'<p><i>{date}, {post.author}</i></p>\n{parts}\n<p><a href="index.html">All entries</a></p>\n</body></html>\n'
        )
        # The header names no encoding: only the page itself does, as on many old servers.
        body = page.encode(post.encoding, "xmlcharrefreplace")
        return Reply(body=body, content_type="text/html", headers=_HEADERS, modified=post.modified)

    def _block(self, block: Block, post: Post) -> str:
        if block.kind == "picture":
            name, alt, caption = block.words
            return f'<p><img src="photos/{name}.jpg" alt="{escape(alt)}"><br><small>{escape(caption)}</small></p>'
        return block_html(block, post, self._tweets, HOST)

    def _index(self, posts: tuple[Post, ...]) -> dict[str, Reply]:
        parts = [posts[start : start + PER_PAGE] for start in range(0, len(posts), PER_PAGE)]
        found = {}
        for number, part in enumerate(parts, 1):
            items = "\n".join(f'<li><a href="{page_path(post)[1:]}">{escape(post.title)}</a>' for post in part)
            older = f'<a href="{index_path(number + 1)[1:]}">older</a>' if number < len(parts) else ""
            head = "<html><head><title>Harbour diary</title></head>"
            page = f"{head}<body><h1>Harbour diary</h1><ul>\n{items}\n</ul>{older}</body></html>"
            found[index_path(number)] = Reply(body=page.encode(), content_type="text/html; charset=utf-8", headers=_HEADERS)
        return found | {"/": found[index_path(1)]}


def page_path(post: Post) -> str:
    return f"/{post.slug}.html"


def index_path(number: int) -> str:
    return "/index.html" if number == 1 else f"/index{number}.html"
