"""The first blog: shaped like WordPress, with feed, sitemap, archive and tag pages, comments, and a path closed to robots."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from html import escape
from string import Template
from urllib.parse import quote

from archiver.sampleweb import pictures
from archiver.sampleweb.blocks import SMALL_SIZE, UPLOAD_SIZE, excerpt, post_amp, post_html, upload_path
from archiver.sampleweb.exchanges import Reply, Request
from archiver.sampleweb.posts import TAGS, Post
from archiver.sampleweb.tweets import DATA, Tweet

HOST = "kharkiv-notebook.example"
NAME = "Kharkiv Notebook"
PER_PAGE = 10  # WordPress's default, for archive pages and for the feed
POWERED_BY = "PHP/8.0.24"
STYLE = """\
body { max-width: 44em; margin: auto; font: 17px/1.5 Georgia, serif }
img, iframe { max-width: 100% } img { height: auto }
.entry-meta { color: #666 }
.site-header { position: sticky; top: 0; z-index: 1000; background: #fff; border-bottom: 3px solid #274b74; padding: 8px 0 }
.site-title { margin: 0; font-weight: bold }
.is-later { margin-top: 1500px }
"""  # the header stays in sight, and what comes later lies two screens below
ABOUT = (
    '<h1 class="page-title">About</h1><p>Five people, three languages, one notebook. '
    "We write down what we saw and who told us the rest.</p>"
)


def path_of(post: Post) -> str:
    """Decoded: `/2022/09/11/slug/`."""
    return f"/{post.published:%Y/%m/%d}/{post.slug}/"


def url_of(post: Post) -> str:
    """Percent-encoded, absolute."""
    return f"https://{HOST}{quote(path_of(post))}"


def pages_of(posts: list[Post]) -> list[list[Post]]:
    return [posts[start : start + PER_PAGE] for start in range(0, len(posts), PER_PAGE)]


def page_url(number: int) -> str:
    return "/" if number == 1 else f"/page/{number}/"


def article(post: Post, body: str) -> str:
    """A whole post with its byline, tags, share button and comments."""
    tags = " ".join(f'<a href="/tag/{tag}/" rel="tag">{TAGS[tag]}</a>' for tag in post.tags)
    share = f"https://twitter.com/intent/tweet?text={quote(post.title)}&amp;url={quote(url_of(post), safe='')}"
    # A share link in the dress of an embed: real themes do it, and it is none.
    button = f'<a class="twitter-tweet" href="{share}">Tweet this</a>'
    return (
        f'<article class="post type-post hentry"><header class="entry-header"><h1 class="entry-title">{escape(post.title)}</h1>'
        f'<div class="entry-meta">{_time(post)} <span class="byline">by <span class="author vcard">'
        f'<a class="url fn n" href="/about/">{escape(post.author)}</a></span></span></div></header>\n'
        f'<div class="entry-content">\n{body}\n</div>\n'
        f'<footer class="entry-footer"><span class="tags-links">{tags}</span> {button}</footer></article>\n{_comments(post)}'
    )


def _time(post: Post) -> str:
    updated = ""
    if post.modified != post.published:
        updated = f' <time class="updated" datetime="{post.modified.isoformat()}">{post.modified:%d.%m.%Y}</time>'
    return f'<time class="entry-date published" datetime="{post.published.isoformat()}">{post.published:%d.%m.%Y}</time>{updated}'


def _comments(post: Post) -> str:
    if not post.comments:
        return ""
    items = "\n".join(
        f'<li id="comment-{number}" class="comment even depth-1"><article class="comment-body"><footer class="comment-meta">'
        f'<div class="comment-author vcard"><b class="fn">{escape(each.author)}</b> <span class="says">says:</span></div>'
        f'<div class="comment-metadata"><time datetime="{each.written.isoformat()}">{each.written:%d.%m.%Y %H:%M}</time></div>'
        f'</footer><div class="comment-content"><p>{escape(each.text, quote=False)}</p></div></article></li>'
        for number, each in enumerate(post.comments, 1)
    )
    return (
        f'<section id="comments" class="comments-area"><h2 class="comments-title">{len(post.comments)} comments</h2>'
        f'<ol class="comment-list">\n{items}\n</ol></section>'
    )


def teasers(posts: Iterable[Post]) -> str:
    """Titles with first paragraphs, as front and archive pages have them."""
    return "\n".join(_listed(post, f"<p>{escape(post.intro, quote=False)}</p>") for post in posts)


def excerpts(entries: Iterable[tuple[Post, str]]) -> str:
    """Titles with plain text, as tag pages have them."""
    return "\n".join(_listed(post, f"<p>{escape(text, quote=False)}</p>") for post, text in entries)


def _listed(post: Post, summary: str) -> str:
    link = f'<a href="{url_of(post)}" rel="bookmark">{escape(post.title)}</a>'
    return (
        f'<article class="post hentry"><h2 class="entry-title">{link}</h2>'
        f'<div class="entry-meta">{_time(post)}</div><div class="entry-summary">{summary}</div></article>'
    )


def older_and_newer(number: int, posts: int) -> str:
    """The links between archive pages."""
    newer = f'<a class="next" rel="prev" href="{page_url(number - 1)}">Newer posts</a>' if number > 1 else ""
    older = f'<a class="prev" rel="next" href="{page_url(number + 1)}">Older posts</a>' if number * PER_PAGE < posts else ""
    return f'<nav class="navigation posts-navigation">{older} {newer}</nav>'


def feeds(posts: list[Post], tweets: Mapping[str, Tweet]) -> dict[str, str]:
    """RSS by path: `/feed/`, `/feed/?paged=2`, … with whole posts. Each names the next by `rel="next"` (RFC 5005)."""
    parts = pages_of(posts)
    found = {}
    for number, part in enumerate(parts, 1):
        following = f'<atom:link rel="next" href="https://{HOST}/feed/?paged={number + 1}"/>' if number < len(parts) else ""
        items = "".join(_item(post, tweets) for post in part)
        found["/feed/" if number == 1 else f"/feed/?paged={number}"] = (
            '<?xml version="1.0" encoding="UTF-8"?><rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/" '
            'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:atom="http://www.w3.org/2005/Atom">\n<channel>'
            f"<title>{NAME}</title><link>https://{HOST}/</link><description>Notes from Kharkiv</description>"
            f'<atom:link href="https://{HOST}/feed/" rel="self" type="application/rss+xml"/>{following}'
            f"<generator>https://wordpress.org/?v=6.0.2</generator>\n{items}</channel></rss>\n"
        )
    return found


def _item(post: Post, tweets: Mapping[str, Tweet]) -> str:
    categories = "".join(f"<category><![CDATA[{TAGS[tag]}]]></category>" for tag in post.tags)
    return (
        f"<item><title>{escape(post.title, quote=False)}</title><link>{url_of(post)}</link>"
        f"<dc:creator><![CDATA[{post.author}]]></dc:creator>"
        f"<pubDate>{format_datetime(post.published.astimezone(UTC))}</pubDate>"
        f'{categories}<guid isPermaLink="false">https://{HOST}/?p={int(post.published.timestamp()) // 60}</guid>'
        f"<description><![CDATA[{excerpt(post, tweets)}]]></description>"
        f"<content:encoded><![CDATA[{post_html(post, tweets, HOST)}]]></content:encoded></item>\n"
    )


def sitemaps(posts: list[Post]) -> dict[str, str]:
    """The index and its two sitemaps, by path."""
    parts = {
        "/wp-sitemap-posts-post-1.xml": "".join(
            f"<url><loc>{url_of(post)}</loc><lastmod>{post.modified.isoformat()}</lastmod></url>\n" for post in posts
        ),
        "/wp-sitemap-taxonomies-post_tag-1.xml": "".join(f"<url><loc>https://{HOST}/tag/{tag}/</loc></url>\n" for tag in TAGS),
    }
    space = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'
    head = '<?xml version="1.0" encoding="UTF-8"?>\n'
    found = {path: f"{head}<urlset {space}>\n{urls}</urlset>\n" for path, urls in parts.items()}
    index = "".join(f"<sitemap><loc>https://{HOST}{path}</loc></sitemap>\n" for path in parts)
    return found | {"/wp-sitemap.xml": f"{head}<sitemapindex {space}>\n{index}</sitemapindex>\n"}


# --- what a post says of itself in its head ------------------------------------------------------------------

_LOCALES = {"en": "en_GB", "uk": "uk_UA", "ru": "ru_RU"}


def head_of(post: Post, url: str, host: str, site: str) -> str:
    """The lines for `<head>`."""
    picture = f"https://{host}{upload_path(post, post.lead)}" if post.lead else None
    properties = [
        ("og:locale", _LOCALES[post.language]),
        ("og:type", "article"),
        ("og:title", post.title),
        ("og:description", post.intro),
        ("og:url", url),
        ("og:site_name", site),
        ("article:published_time", post.published.isoformat()),
        *([("article:modified_time", post.modified.isoformat())] if post.modified != post.published else []),
        *(("article:tag", TAGS[tag]) for tag in post.tags),
        *([("og:image", picture), ("og:image:width", str(UPLOAD_SIZE[0]))] if picture else []),
    ]
    lines = [
        f'<link rel="canonical" href="{url}">',
        f'<meta name="description" content="{escape(post.intro)}">',
        f'<meta name="author" content="{escape(post.author)}">',
        *(f'<meta property="{name}" content="{escape(value)}">' for name, value in properties),
        '<meta name="twitter:card" content="summary_large_image">',
        f'<script type="application/ld+json">{_json_ld(post, url, picture, site)}</script>',
    ]
    if post.amp:
        lines.append(f'<link rel="amphtml" href="{url}amp/">')
    return "\n".join(lines)


def _json_ld(post: Post, url: str, picture: str | None, site: str) -> str:
    article: dict[str, object] = {
        "@type": "NewsArticle",
        "@id": f"{url}#article",
        "headline": post.title,
        "author": {"@type": "Person", "name": post.author},
        "datePublished": post.published.isoformat(),
        "dateModified": post.modified.isoformat(),
        "mainEntityOfPage": {"@id": url},
        "keywords": [TAGS[tag] for tag in post.tags],
        "inLanguage": post.language,
        "publisher": {"@type": "Organization", "name": site},
    }
    if picture:
        article["image"] = {"@type": "ImageObject", "url": picture, "width": UPLOAD_SIZE[0], "height": UPLOAD_SIZE[1]}
    graph = {"@context": "https://schema.org", "@graph": [article, {"@type": "WebSite", "name": site}]}
    return json.dumps(graph, ensure_ascii=False).replace("</", "<\\/")


# --- the blog ------------------------------------------------------------------------------------------------

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
            "/about/": self._html("en", "About", "", ABOUT, built),
            DISALLOWED: self._html("en", "Drafts", '<meta name="robots" content="noindex">', "<p>Nothing to see.</p>", built),
            "/wp-content/themes/notebook/lazy.js": Reply(
                body=(DATA / "lazy.js").read_bytes(), content_type="application/javascript", headers=_HEADERS, etag=True
            ),
            "/wp-content/themes/notebook/style.css": Reply(
                body=STYLE.encode(), content_type="text/css", headers=_HEADERS, etag=True, compress=True
            ),
        }
        for post in posts:
            site[path_of(post)] = self._post(post)
            if post.amp:
                site[f"{path_of(post)}amp/"] = self._amp(post)
            site |= _uploads(post)
        site |= self._lists(posts, built)
        for path, body in feeds(posts, self._tweets).items():
            site[path] = _xml(body, built, "application/rss+xml; charset=UTF-8")
        for path, body in sitemaps(posts).items():
            site[path] = _xml(body, built, "application/xml; charset=UTF-8")
        return site

    def _lists(self, posts: list[Post], built: datetime) -> dict[str, Reply]:
        """Front page, archive pages and tag pages."""
        found = {}
        for number, part in enumerate(pages_of(posts), 1):
            main = teasers(part) + older_and_newer(number, len(posts))
            title = NAME if number == 1 else f"{NAME}{DASH}Page {number}"
            found[page_url(number)] = self._html("en", title, '<meta property="og:type" content="website">', main, built)
        for slug, name in TAGS.items():
            entries = [(post, excerpt(post, self._tweets)) for post in posts if slug in post.tags]
            main = f'<h1 class="page-title">Tag: {name}</h1>' + excerpts(entries[:PER_PAGE])
            found[f"/tag/{slug}/"] = self._html("en", f"{name}{DASH}{NAME}", "", main, built)
        return found

    def _post(self, post: Post) -> Reply:
        body = post_html(post, self._tweets, HOST)
        main = article(post, body) + _banner(post)
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
