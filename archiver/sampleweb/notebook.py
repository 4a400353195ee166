"""The first blog: shaped like WordPress, with feed, sitemap, archive and tag pages, comments, and a path closed to robots."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from html import escape
from string import Template
from urllib.parse import quote

from archiver.sampleweb import notebook_lists, pictures
from archiver.sampleweb.blocks import SMALL_SIZE, UPLOAD_SIZE, excerpt, post_amp, post_html, upload_path
from archiver.sampleweb.exchanges import Reply, Request
from archiver.sampleweb.notebook_lists import HOST, NAME, PER_PAGE, POWERED_BY, page_url, pages_of, path_of, url_of
from archiver.sampleweb.posts import TAGS, Post
from archiver.sampleweb.structured_data import head_of
from archiver.sampleweb.tweets import DATA, Tweet

DISALLOWED = "/private/"  # robots.txt forbids it, every page links to it, nothing may fetch it
ROBOTS = f"""User-agent: *
Disallow: /wp-admin/
Allow: /wp-admin/admin-ajax.php
Disallow: {DISALLOWED}

Sitemap: https://{HOST}/wp-sitemap.xml
"""
_HEADERS = (("Server", "nginx"), ("X-Powered-By", POWERED_BY), ("Link", f'<https://{HOST}/wp-json/>; rel="https://api.w.org/"'))
DASH = " \u2013 "  # what WordPress puts between the title and the site
_COOKIES = (("Set-Cookie", "notebook_lang=all; path=/"), ("Set-Cookie", "notebook_seen=1; path=/; HttpOnly"))


class Notebook:
    """Builds the whole blog of one day at once, on the first request of that day."""

    def __init__(self, posts: tuple[Post, ...], tweets: Mapping[str, Tweet]) -> None:
        self._posts = posts
        self._tweets = tweets
        self._page = Template((DATA / "notebook.html").read_text("utf-8"))
        self._amp_page = Template((DATA / "notebook_amp.html").read_text("utf-8"))
        self._by_day: dict[int, dict[str, Reply]] = {}

    def answer(self, request: Request, day: int) -> Reply:
        if not request.secure:
            return Reply(301, headers=(("Location", f"https://{HOST}{request.target}"), ("Server", "nginx")))
        if day not in self._by_day:
            self._by_day[day] = self._site([seen for post in self._posts if (seen := post.on(day))], day)
        pages = self._by_day[day]
        path = request.path
        if path == "/feed/" and (number := request.query("paged")):
            path = f"/feed/?paged={number}"
        if path in pages:
            return _drawn(path, pages[path]) if path.startswith("/wp-content/uploads/") else pages[path]
        if f"{path}/" in pages:
            return Reply(301, headers=(("Location", f"https://{HOST}{quote(path)}/"), *_HEADERS))
        return Reply(404, self._render("en", "Page not found", "", "<p>There is nothing here.</p>"), headers=_HEADERS)

    def _site(self, posts: list[Post], day: int) -> dict[str, Reply]:
        built = datetime(2022, 11, 20, 6, 0, tzinfo=UTC) + timedelta(days=day)  # when lists last changed
        site = {
            "/robots.txt": Reply(body=ROBOTS.encode(), content_type="text/plain; charset=utf-8", headers=_HEADERS),
            "/about/": self._html("en", "About", "", notebook_lists.ABOUT, built),
            DISALLOWED: self._html("en", "Drafts", '<meta name="robots" content="noindex">', "<p>Nothing to see.</p>", built),
            "/wp-content/themes/notebook/lazy.js": Reply(
                body=(DATA / "lazy.js").read_bytes(), content_type="application/javascript", headers=_HEADERS, etag=True
            ),
            "/wp-content/themes/notebook/style.css": Reply(
                body=notebook_lists.STYLE.encode(), content_type="text/css", headers=_HEADERS, etag=True, compress=True
            ),
        }
        for post in posts:
            site[path_of(post)] = self._post(post)
            if post.amp:
                site[f"{path_of(post)}amp/"] = self._amp(post)
            site |= _uploads(post)
        site |= self._lists(posts, built)
        for path, body in notebook_lists.feeds(posts, self._tweets).items():
            site[path] = _xml(body, built, "application/rss+xml; charset=UTF-8")
        for path, body in notebook_lists.sitemaps(posts).items():
            site[path] = _xml(body, built, "application/xml; charset=UTF-8")
        return site

    def _lists(self, posts: list[Post], built: datetime) -> dict[str, Reply]:
        """Front page, archive pages and tag pages."""
        found = {}
        for number, part in enumerate(pages_of(posts), 1):
            main = notebook_lists.teasers(part) + notebook_lists.older_and_newer(number, len(posts))
            title = NAME if number == 1 else f"{NAME}{DASH}Page {number}"
            found[page_url(number)] = self._html("en", title, '<meta property="og:type" content="website">', main, built)
        for slug, name in TAGS.items():
            entries = [(post, excerpt(post, self._tweets)) for post in posts if slug in post.tags]
            main = f'<h1 class="page-title">Tag: {name}</h1>' + notebook_lists.excerpts(entries[:PER_PAGE])
            found[f"/tag/{slug}/"] = self._html("en", f"{name}{DASH}{NAME}", "", main, built)
        return found

    def _post(self, post: Post) -> Reply:
        body = post_html(post, self._tweets, HOST)
        main = notebook_lists.article(post, body) + _banner(post)
        whole = self._render(post.language, f"{post.title}{DASH}{NAME}", head_of(post, url_of(post), HOST, NAME), main)
        # Half of the posts come with one validator, half with the other, each second one in chunks: all are common.
        even = len(post.slug) % 2 == 0
        return Reply(
            body=whole,
            headers=_HEADERS + (_COOKIES if post.comments else ()),
            etag=even,
            modified=None if even else post.modified,
            chunked=even,
            compress=True,
        )

    def _amp(self, post: Post) -> Reply:
        page = self._amp_page.substitute(
            language=post.language, title=escape(post.title), url=url_of(post), main=post_amp(post, self._tweets)
        )
        return Reply(body=page.encode(), headers=_HEADERS, etag=True, compress=True)

    def _html(self, language: str, title: str, head: str, main: str, modified: datetime) -> Reply:
        return Reply(
            body=self._render(language, title, head, main), headers=_HEADERS, modified=modified, compress=True, chunked=True
        )

    def _render(self, language: str, title: str, head: str, main: str) -> bytes:
        parts = {"language": language, "title": escape(title), "head": head, "main": main}
        return self._page.substitute(parts, host=HOST, disallowed=DISALLOWED).encode()


def _banner(post: Post) -> str:
    """What asks for consent before the post is seen."""
    return (DATA / f"consent_{post.banner}.html").read_text("utf-8") if post.banner else ""


def _uploads(post: Post) -> dict[str, Reply]:
    """The post's own pictures, made when they are asked for."""
    shown = (*post.of_kind("picture"), *post.of_kind("later"))
    names = {block.words[0] for block in shown} | ({post.lead} if post.lead else set())
    return {
        upload_path(post, name, small=small): Reply(
            content_type="image/jpeg", headers=(("Server", "nginx"),), modified=post.published, etag=True
        )
        for name in sorted(names)
        for small in (False, True)
    }


def _xml(body: str, built: datetime, content_type: str) -> Reply:
    return Reply(body=body.encode(), content_type=content_type, headers=_HEADERS, etag=True, modified=built, compress=True)


def _drawn(path: str, reply: Reply) -> Reply:
    """An uploaded picture with its bytes; a thumbnail is the same picture, smaller."""
    mark = "-{}x{}.".format(*SMALL_SIZE)
    data = pictures.picture(path.replace(mark, "."), *UPLOAD_SIZE)
    return replace(reply, body=pictures.thumbnail(data, SMALL_SIZE) if mark in path else data)
