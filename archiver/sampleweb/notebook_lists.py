"""The notebook's lists: archive pages, tag pages, feed and sitemaps; and the addresses they use."""

from collections.abc import Iterable, Mapping
from datetime import UTC
from email.utils import format_datetime
from html import escape
from urllib.parse import quote

from archiver.sampleweb.blocks import excerpt, post_html
from archiver.sampleweb.posts import TAGS, Post
from archiver.sampleweb.tweets import Tweet

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
