"""How pages carry a tweet: every form of markup in which the sample web's pages embed one.

Each form is a function from a tweet to html. `FORMS` names them, with the kind of embed that a reader should report.
"""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from html import escape
from urllib.parse import quote

from archiver.model.findings import EmbedKind
from archiver.sampleweb.tweets import Tweet

SCRIPT = '<script async src="https://platform.twitter.com/widgets.js" charset="utf-8"></script>'
_MARKS = re.compile(r"(?P<url>https://t\.co/\w+)|#(?P<tag>\w+)|@(?P<handle>[A-Za-z0-9_]+)")
_SOURCE = "?ref_src=twsrc%5Etfw"


def english_date(tweet: Tweet) -> str:
    """`September 10, 2022`, as Twitter writes it under a tweet."""
    return f"{tweet.posted_at:%B} {tweet.posted_at.day}, {tweet.posted_at.year}"


def text_html(tweet: Tweet, day: int = 1) -> str:
    """The text as in the `<p>` of a box: links, tags and handles are anchors, its own media come last."""

    def anchor(match: re.Match[str]) -> str:
        if match["url"]:
            return f'<a href="{match["url"]}">{match["url"]}</a>'
        if match["tag"]:
            return f'<a href="https://twitter.com/hashtag/{quote(match["tag"])}?src=hash&amp;ref_src=twsrc%5Etfw">#{match["tag"]}</a>'
        return f'<a href="https://twitter.com/{match["handle"]}{_SOURCE}">@{match["handle"]}</a>'

    html = _MARKS.sub(anchor, escape(tweet.text_on(day), quote=False)).replace("\n", "<br>")
    return html + (f' <a href="https://t.co/{tweet.code}">pic.twitter.com/{tweet.code}</a>' if tweet.code else "")


def plain_text(tweet: Tweet) -> str:
    """All of a box without its markup: `… pic.twitter.com/CODE — Name (@handle) September 10, 2022`."""
    code = f" pic.{tweet.domain}/{tweet.code}" if tweet.code else ""
    return f"{tweet.text}{code} — {tweet.account.name} (@{tweet.handle}) {english_date(tweet)}"


def box(tweet: Tweet, day: int = 1, *, attributes: str = 'class="twitter-tweet"', tag: str = "p", url: str | None = None) -> str:
    """The box as Twitter's own "embed this" gives it; pages that saved it keep the text of day 1."""
    link = escape(url or tweet.url + _SOURCE)
    return (
        f'<blockquote {attributes}><{tag} lang="{tweet.language}" dir="ltr">{text_html(tweet, day)}</{tag}>'
        f'&mdash; {escape(tweet.account.name)} (@{tweet.handle}) <a href="{link}">{english_date(tweet)}</a></blockquote>'
    )


def _split_attribution(tweet: Tweet) -> str:
    return (
        f'<blockquote class="twitter-tweet"><p lang="{tweet.language}" dir="ltr">{text_html(tweet)}</p>\n'
        f"<p>&#8212; {escape(tweet.account.name)} (@{tweet.handle})\n"
        f'<a href="{tweet.url}{_SOURCE}">{english_date(tweet)}</a></p></blockquote>{SCRIPT}'
    )


def _lines_below(tweet: Tweet) -> str:
    return (
        f'<blockquote class="twitter-tweet" onclick="void(0)"><p lang="{tweet.language}">{text_html(tweet)}</p>\n\n'
        f"&mdash; {escape(tweet.account.name)} (@{tweet.handle})\n\n\n\n"
        f'<a onclick="return true"\n   href="{tweet.url}"\n>{english_date(tweet)}</a>\n</blockquote>'
    )


def _wp_figure(tweet: Tweet) -> str:
    return (
        '<figure class="wp-block-embed is-type-rich is-provider-twitter wp-block-embed-twitter">'
        '<div class="wp-block-embed__wrapper">\n'
        + box(tweet, attributes='class="twitter-tweet" data-width="550" data-dnt="true"')
        + f"{SCRIPT}\n</div></figure>"
    )


def _bare_url(tweet: Tweet) -> str:
    return (
        '<figure class="wp-block-embed is-type-rich is-provider-twitter wp-block-embed-twitter">'
        f'<div class="wp-block-embed__wrapper">\n{tweet.url}\n</div></figure>'
    )


def _rendered(tweet: Tweet) -> str:
    return (
        '<div class="twitter-tweet twitter-tweet-rendered" style="display: flex; max-width: 550px; width: 100%;">'
        '<iframe id="twitter-widget-0" scrolling="no" frameborder="0" allowtransparency="true" title="Twitter Tweet" '
        f'src="./saved_files/Tweet.html" data-tweet-id="{tweet.id}"></iframe></div>'
    )


def _consent(tweet: Tweet) -> str:
    return (
        '<div class="consent-box" data-service="twitter" '
        f'data-resourceurl="{tweet.url}"><p>This post is shown after you agree to cookies.</p><button>Show</button></div>'
    )


def _lazy_src(tweet: Tweet) -> str:
    frame = f"https://platform.twitter.com/embed/Tweet.html?dnt=true&amp;id={tweet.id}&amp;theme=light"
    return f'<iframe class="lazyload" data-src="{frame}" width="550" height="600" title="Tweet"></iframe>'


def _embed_iframe(tweet: Tweet) -> str:
    frame = f"https://platform.twitter.com/embed/Tweet.html?id={tweet.id}&amp;dnt=true"
    return f'<iframe src="{frame}" width="550" height="520"></iframe>'


def _noscript(tweet: Tweet) -> str:
    return f'<div class="embed-later" data-kind="tweet"></div><noscript>{box(tweet)}</noscript>'


def _textarea(tweet: Tweet) -> str:
    return f'<div class="click-to-load"><textarea hidden>{escape(box(tweet) + SCRIPT)}</textarea></div>'


def _substack(tweet: Tweet) -> str:
    attributes = {
        "url": tweet.url,
        "full_text": tweet.text + (f" https://t.co/{tweet.code}" if tweet.code else ""),
        "username": tweet.handle,
        "name": tweet.account.name,
        "date": tweet.posted_at.strftime("%a %b %d %H:%M:%S +0000 %Y"),
        "photos": [
            {
                "img_url": f"https://pbs.twimg.com/media/{each.key}.{each.extension}",
                "link_url": f"https://t.co/{tweet.code}",
                "alt_text": None,
            }
            for each in tweet.pictures
        ],
        "quoted_tweet": {},
        "retweet_count": 11,
        "like_count": 84,
        "expanded_url": {},
        "video_url": None,
        "belowTheFold": False,
    }
    return f'<div class="tweet" data-attrs="{escape(json.dumps(attributes, ensure_ascii=False))}"></div>'


def _script_json(tweet: Tweet) -> str:
    data = {"blocks": [{"type": "core/embed", "provider": "twitter", "url": tweet.url, "html": box(tweet)}]}
    inside = json.dumps(data).replace("</", "<\\/")
    return f'<script type="application/json" id="blocks">{inside}</script>'


def _embedly(tweet: Tweet) -> str:
    source = f"https://cdn.embedly.com/widgets/media.html?type=text%2Fhtml&schema=twitter&url={quote(tweet.url, safe='')}"
    return f'<iframe class="embedly-embed" src="{escape(source)}" width="550" height="400"></iframe>'


@dataclass(frozen=True, slots=True)
class Form:
    """One way to carry a tweet in a page."""

    html: Callable[[Tweet], str]
    kind: EmbedKind
    """What a reader should call it; where a box is hidden in something else, the box counts."""
    says_id: bool = True
    """False where nothing in the page tells the tweet's id."""
    says_text: bool = True
    """False where the page shows no word of the tweet."""


def _boxed(attributes: str, tag: str = "p") -> Form:
    return Form(lambda tweet: box(tweet, attributes=attributes, tag=tag) + SCRIPT, EmbedKind.BLOCKQUOTE)


FORMS: dict[str, Form] = {
    "box": _boxed('class="twitter-tweet"'),
    "options": _boxed(
        'class="twitter-tweet" data-conversation="none" data-cards="hidden" data-lang="en" data-width="500" data-dnt="true"'
    ),
    "old_options": _boxed('class="twitter-tweet tw-align-center" lang="en" width="450"'),
    "video_box": _boxed('class="twitter-video" data-media-max-width="560"'),
    "unquoted": _boxed("class=twitter-tweet data-lang=en data-dnt=true"),
    "smart_quotes": _boxed("class=”twitter-tweet” data-lang=”en”"),
    "div_for_p": _boxed('class="twitter-tweet"', tag="div"),
    "split_attribution": Form(_split_attribution, EmbedKind.BLOCKQUOTE),
    "lines_below": Form(_lines_below, EmbedKind.BLOCKQUOTE),
    "mobile_link": Form(
        lambda tweet: box(tweet, url=f"http://mobile.twitter.com/{tweet.handle}/statuses/{tweet.id}"), EmbedKind.BLOCKQUOTE
    ),
    "wayback_link": Form(
        lambda tweet: box(tweet, url=f"https://web.archive.org/web/20220920101500/{tweet.url}"), EmbedKind.BLOCKQUOTE
    ),
    "x_link": Form(lambda tweet: box(tweet, url=tweet.url.replace("twitter.com", "x.com")), EmbedKind.BLOCKQUOTE),
    "bare_box": Form(
        lambda tweet: f'<blockquote class="twitter-tweet"><a href="{tweet.url}"></a></blockquote>{SCRIPT}',
        EmbedKind.BLOCKQUOTE,
        says_text=False,
    ),
    "lazy_box": _boxed('class="lazy-content" data-twitter="twitter-tweet"'),
    "wp_figure": Form(_wp_figure, EmbedKind.BLOCKQUOTE),
    "ghost": Form(lambda tweet: f'<figure class="kg-card kg-embed-card">{box(tweet)}{SCRIPT}</figure>', EmbedKind.BLOCKQUOTE),
    "bare_url": Form(_bare_url, EmbedKind.OEMBED, says_text=False),
    "failed_embed": Form(lambda tweet: f'<p><a href="{tweet.url}">{tweet.url}</a></p>', EmbedKind.LINK_CARD, says_text=False),
    "rendered": Form(_rendered, EmbedKind.IFRAME, says_text=False),
    "lazy_src": Form(_lazy_src, EmbedKind.IFRAME, says_text=False),
    "embed_iframe": Form(_embed_iframe, EmbedKind.IFRAME, says_text=False),
    "twitframe": Form(
        lambda tweet: (
            f'<iframe src="https://twitframe.com/show?url={quote(tweet.url, safe="")}" width="550" height="500"></iframe>'
        ),
        EmbedKind.IFRAME,
        says_text=False,
    ),
    "embedly": Form(_embedly, EmbedKind.IFRAME, says_text=False),
    "amp": Form(
        lambda tweet: f'<amp-twitter width="375" height="472" layout="responsive" data-tweetid="{tweet.id}"></amp-twitter>',
        EmbedKind.AMP,
        says_text=False,
    ),
    "amp_url": Form(
        lambda tweet: f'<amp-twitter width="375" height="472" layout="responsive" data-tweetid="{tweet.url}"></amp-twitter>',
        EmbedKind.AMP,
        says_text=False,
    ),
    "consent": Form(_consent, EmbedKind.PLACEHOLDER, says_text=False),
    "noscript": Form(_noscript, EmbedKind.BLOCKQUOTE),
    "textarea": Form(_textarea, EmbedKind.BLOCKQUOTE),
    "double_escaped": Form(lambda tweet: f"<p>{escape(box(tweet))}</p>", EmbedKind.BLOCKQUOTE),
    "substack": Form(_substack, EmbedKind.PLACEHOLDER),
    "script_json": Form(_script_json, EmbedKind.BLOCKQUOTE),
    "text": Form(lambda tweet: f"<p>{escape(plain_text(tweet), quote=False)}</p>", EmbedKind.TEXT, says_id=False),
}


def in_page(form: str, tweet: Tweet) -> str:
    """A tweet in one of `FORMS`; one that was written at x.com with the addresses of that domain."""
    return FORMS[form].html(tweet).replace("twitter.com", tweet.domain)
