"""What a post says of itself in its head: OpenGraph, Twitter card, JSON-LD, canonical address."""

import json
from html import escape

from archiver.sampleweb.blocks import UPLOAD_SIZE, upload_path
from archiver.sampleweb.posts import TAGS, Post

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
