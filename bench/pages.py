"""The generated site's pages as a WordPress theme writes them."""

import json
import random
from functools import cache

from bench.site import BASE, PAGE_BYTES, PAGES, TAGS, marker, page_path, picture_path, posted_at, sentence, title, tweet
from bench.words import COMMON, VOCABULARY

_RULES = "\n".join(
    f".wp-block-{name}{{box-sizing:border-box;margin:{n % 7}px auto;padding:{n % 5}px;color:#{n * 999 % 0xFFFFFF:06x};"
    f"max-width:{600 + n}px;background-position:{n}% 50%;line-height:1.{n % 9}}}"
    for n, name in enumerate(VOCABULARY[:60])
)
_MENU = "".join(
    f'<li class="menu-item menu-item-{n}"><a href="#{w}">{w.title()}</a></li>' for n, w in enumerate(VOCABULARY[20:32])
)
_SETTINGS = json.dumps(
    {word: {"id": n, "enabled": n % 2 == 0, "label": word.title()} for n, word in enumerate(VOCABULARY[40:80])}
)


def head(number: int) -> str:
    """From the doctype to the first word of the post."""
    name, url, posted, picture = title(number), BASE + page_path(number), posted_at(number), BASE + picture_path(number)
    ld = {
        "@context": "https://schema.org",
        "@type": "NewsArticle",
        "headline": name,
        "datePublished": posted.isoformat(),
        "dateModified": posted.isoformat(),
        "mainEntityOfPage": url,
        "image": {"@type": "ImageObject", "url": picture, "width": 640, "height": 400},
        "author": {"@type": "Person", "name": "A. Chronicler"},
        "publisher": {"@type": "Organization", "name": "The Dispatch"},
    }
    return f"""<!doctype html>
<html lang="en-US">
<head>
<meta charset="UTF-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{name} - The Dispatch</title>
<meta name="description" content="{name}">
<link rel="canonical" href="{url}">
<meta property="og:locale" content="en_US">
<meta property="og:type" content="article">
<meta property="og:title" content="{name}">
<meta property="og:url" content="{url}">
<meta property="og:site_name" content="The Dispatch">
<meta property="article:published_time" content="{posted.isoformat()}">
<meta property="og:image" content="{picture}">
<meta name="author" content="A. Chronicler">
<script type="application/ld+json">{json.dumps(ld)}</script>
<link rel="stylesheet" href="{BASE}/style.css" media="all">
<style id="global-styles-inline-css">{_RULES}</style>
<script id="theme-settings">window.themeSettings = {_SETTINGS};</script>
</head>
<body class="post-template-default single single-post wp-embed-responsive">
<a class="skip-link screen-reader-text" href="#content">Skip to content</a>
<header id="masthead" class="site-header"><p class="site-title"><a href="{BASE}/" rel="home">The Dispatch</a></p>
<nav id="site-navigation" class="main-navigation"><ul class="menu">{_MENU}</ul></nav></header>
<main id="content" class="site-main">
<article class="post type-post status-publish format-standard hentry">
<header class="entry-header"><h1 class="entry-title">{name}</h1>
<div class="entry-meta"><span class="posted-on">
<time class="entry-date published" datetime="{posted.isoformat()}">{posted:%B %d, %Y}</time></span>
<span class="byline"> by <span class="author vcard"><a class="url fn n" href="{BASE}/">A. Chronicler</a></span></span>
</div></header>
<div class="entry-content">
"""


def picture_figure(number: int, chance: random.Random) -> str:
    return f"""<figure class="wp-block-image size-large">
<img decoding="async" width="640" height="400" class="wp-image-{number}" alt="{sentence(chance, 5)}"
src="{BASE}{picture_path(number)}">
<figcaption>{sentence(chance, 9)}</figcaption></figure>
"""


def embed(number: int) -> str:
    """The blockquote as publish.twitter.com hands it out, in the block that WordPress puts around it."""
    post = tweet(number)
    return f"""<figure class="wp-block-embed is-type-rich is-provider-twitter wp-block-embed-twitter">
<div class="wp-block-embed__wrapper">
<blockquote class="twitter-tweet" data-width="550" data-dnt="true"><p lang="en" dir="ltr">{post.text} \
<a href="https://t.co/{post.code}">pic.twitter.com/{post.code}</a></p>&mdash; {post.name} (@{post.handle}) \
<a href="https://twitter.com/{post.handle}/status/{post.post_id}?ref_src=twsrc%5Etfw">{post.posted_at:%B %d, %Y}</a></blockquote>\
<script async src="https://platform.twitter.com/widgets.js" charset="utf-8"></script>
</div></figure>
"""


def paragraph(chance: random.Random) -> str:
    return f"<p>{sentence(chance, 70)} {sentence(chance, 25)}</p>\n"


def tags(chance: random.Random) -> str:
    links = " ".join(f'<a href="{BASE}/tag/{tag}/" rel="tag">{tag.replace("-", " ")}</a>' for tag in chance.sample(TAGS, 4))
    return f'</div>\n<footer class="entry-footer">{links}</footer></article>\n'


def neighbours(number: int) -> str:
    around = [(rel, n) for rel, n in (("prev", number - 1), ("next", number + 1)) if 0 <= n < PAGES]
    links = "".join(f'<a href="{BASE}{page_path(n)}" rel="{rel}"><span>{title(n)}</span></a>' for rel, n in around)
    return f'<nav class="navigation post-navigation" aria-label="Posts">{links}</nav>\n'


def comment(chance: random.Random) -> str:
    day = f"2022-{chance.randint(3, 12):02d}-{chance.randint(1, 28):02d}"
    return f"""<li id="comment-{chance.randint(10**5, 10**6)}" class="comment even depth-1"><article class="comment-body">
<footer class="comment-meta"><b class="fn">Reader {chance.choice(COMMON)}</b>
<time datetime="{day}T08:00:00+00:00">{day}</time></footer>
<div class="comment-content"><p>{sentence(chance, 40)}</p></div></article></li>
"""


def comments(chance: random.Random) -> str:
    items = "".join(comment(chance) for _ in range(6))
    heading = '<h2 class="comments-title">6 comments</h2>'
    return f'<div id="comments" class="comments-area">{heading}<ol class="comment-list">{items}</ol></div>\n</main>\n'


@cache
def recent(first: int) -> str:
    return "\n".join(f'<li><a href="{BASE}{page_path(n)}">{title(n)}</a></li>' for n in range(first, min(first + 25, PAGES)))


def foot(number: int) -> str:
    """From the sidebar to the end of the file."""
    return f"""<aside id="secondary" class="widget-area"><section class="widget widget_recent_entries"><ul>
{recent(number - number % 25)}
</ul></section></aside>
<footer id="colophon" class="site-footer"><div class="site-info">The Dispatch, a made-up blog</div></footer>
<script>(function(){{var s={_SETTINGS};for(var k in s){{if(s[k].enabled){{document.body.dataset[k]=s[k].label}}}}}})();</script>
<script src="{BASE}/app.js" defer></script>
</body>
</html>
"""


def page(number: int) -> bytes:
    """One post, padded with paragraphs to PAGE_BYTES."""
    chance = random.Random(f"page {number}")
    start = f"{head(number)}<p>{sentence(chance, 30)} Reference {marker(number)}.</p>\n"
    start += picture_figure(number, chance) + paragraph(chance) + embed(number)
    end = tags(chance) + neighbours(number) + comments(chance) + foot(number)
    padding: list[str] = []
    while len(start) + sum(map(len, padding)) + len(end) < PAGE_BYTES:
        padding.append(paragraph(chance))
    return f"{start}{''.join(padding)}{end}".encode()


def plain(name: str, items: str) -> bytes:
    start = f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{name}</title></head>'
    return f"{start}<body>{items}</body></html>".encode()


def index_page() -> bytes:
    """Names every page: where `wget -r` starts, since it does not read sitemaps."""
    return plain("All dispatches", "\n".join(f'<p><a href="{BASE}{page_path(n)}">{title(n)}</a></p>' for n in range(PAGES)))


def tag_page(tag: str) -> bytes:
    first = TAGS.index(tag) * 100
    return plain(tag, "\n".join(f'<h2><a href="{BASE}{page_path(n)}">{title(n)}</a></h2>' for n in range(first, first + 10)))


def sitemap() -> bytes:
    urls = "\n".join(
        f"<url><loc>{BASE}{page_path(n)}</loc><lastmod>{posted_at(n):%Y-%m-%d}</lastmod></url>" for n in range(PAGES)
    )
    start = '<?xml version="1.0" encoding="UTF-8"?>\n<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">'
    return f"{start}\n{urls}\n</urlset>\n".encode()


def robots() -> bytes:
    return f"User-agent: *\nDisallow: /wp-admin/\nSitemap: {BASE}/sitemap.xml\n".encode()
