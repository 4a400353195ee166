"""A post's blocks as html, as plain text, and as AMP."""

from collections.abc import Mapping
from html import escape
from urllib.parse import quote

from archiver.sampleweb.frames import MAP_HOST
from archiver.sampleweb.markup import in_page, plain_text
from archiver.sampleweb.posts import Block, Post
from archiver.sampleweb.tweets import Tweet

UPLOAD_SIZE = (1100, 733)
SMALL_SIZE = (300, 200)
_NOTHING = "data:image/gif;base64,R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7"  # one pixel that is not seen
# Forms whose words stay when WordPress strips the tags for an excerpt.
_WORDY = ("box", "options", "old_options", "video_box", "wp_figure", "lines_below", "split_attribution", "mobile_link", "x_link")


def upload_path(post: Post, name: str, *, small: bool = False) -> str:
    """Where WordPress keeps a picture: by year and month; thumbnails have their size in the name."""
    size = "-{}x{}".format(*SMALL_SIZE) if small else ""
    return f"/wp-content/uploads/{post.published:%Y/%m}/{name}{size}.jpg"


def post_html(post: Post, tweets: Mapping[str, Tweet], host: str) -> str:
    """The body of a post; `tweets` by key."""
    return "\n".join(block_html(block, post, tweets, host) for block in post.blocks)


def post_amp(post: Post, tweets: Mapping[str, Tweet]) -> str:
    """The AMP version: paragraphs and tweets, each second one named by its whole URL."""
    parts = [f"<p>{escape(block.words[0], quote=False)}</p>" for block in post.blocks if block.kind == "paragraph"]
    shown = [tweets[block.words[0]] for block in post.of_kind("tweet")]
    return "\n".join(parts + [in_page(form, tweet) for form, tweet in zip(amp_forms(shown), shown, strict=True)])


def amp_forms(shown: list[Tweet]) -> list[str]:
    """The form of each tweet on an AMP page."""
    return ["amp_url" if number % 2 else "amp" for number in range(len(shown))]


def excerpt_tweets(post: Post) -> list[str]:
    """The keys of the tweets whose words come through when the markup is stripped: the first one with a text."""
    return [block.words[0] for block in post.of_kind("tweet") if block.words[1] in _WORDY][:1]


def excerpt(post: Post, tweets: Mapping[str, Tweet]) -> str:
    """Plain text with the markup stripped, as tag pages show it: that is how tweets lose their ids."""
    words = [post.intro, *(plain_text(tweets[key]) for key in excerpt_tweets(post))]
    return " ".join(words) + " […]"


def block_html(block: Block, post: Post, tweets: Mapping[str, Tweet], host: str) -> str:
    """One block as html."""
    first = block.words[0]
    match block.kind:
        case "tweet":
            return in_page(block.words[1], tweets[first])
        case "picture":
            return _picture(block, post, host)
        case "later":
            return _later(block, post, host)
        case "hotlink":
            key = tweets[first].pictures[0].key
            return f'<p><img src="https://pbs.twimg.com/media/{key}.jpg:large" alt="{escape(block.words[1])}" width="600"></p>'
        case "link":
            return f'<p>See also: <a href="{tweets[first].url}">{escape(block.words[1])}</a>.</p>'
        case "article":
            post_url = tweets[first].url
            return f'<p><a href="{post_url.replace("/status/", "/article/")}">{escape(block.words[1])}</a></p>'
        case "share":
            return _share_button(tweets[first], block.words[1])
        case "map":
            latitude, longitude = first.split(",")
            frame = f"https://{MAP_HOST}/embed?ll={latitude},{longitude}&amp;zoom=9"
            return f'<iframe src="{frame}" width="600" height="560" frameborder="0" title="Map"></iframe>'
        case "timeline":
            return (
                f'<a class="twitter-timeline" data-height="400" href="https://twitter.com/{first}?ref_src=twsrc%5Etfw">'
                f"Tweets by {first}</a>"
            )
        case "follow":
            return f'<a href="https://twitter.com/{first}?ref_src=twsrc%5Etfw" class="twitter-follow-button">Follow @{first}</a>'
        case "quote":
            return f"<blockquote><p>{escape(first, quote=False)}</p></blockquote>"
        case _:
            return f"<p>{escape(first, quote=False)}</p>"


def _share_button(tweet: Tweet, host: str) -> str:
    """The frame that the script makes of a share button: it names a post, and embeds none. Its settings stand behind `#`; some
    pages make such frames themselves, with `?`."""
    mark = "#" if host == "platform.x.com" else "?"
    address = f"https://{host}/widgets/tweet_button.2f70fb173b9000da126c79afe2098f02.en.html{mark}dnt=false&lang=en&size=m"
    return (
        f'<iframe class="twitter-share-button twitter-share-button-rendered" title="X Post Button" width="70" height="20" '
        f'src="{escape(address)}&amp;type=share&amp;url={quote(tweet.url, safe="")}"></iframe>'
    )


def _picture(block: Block, post: Post, host: str) -> str:
    name, alt, caption = block.words
    full, small = (f"https://{host}{upload_path(post, name, small=each)}" for each in (False, True))
    width, height = SMALL_SIZE
    return (
        f'<figure class="wp-block-image size-medium"><a href="{full}"><img loading="lazy" decoding="async" '
        f'width="{width}" height="{height}" src="{small}" srcset="{small} {width}w, {full} {UPLOAD_SIZE[0]}w" '
        f'sizes="(max-width: 300px) 100vw, 300px" alt="{escape(alt)}"></a><figcaption>{escape(caption)}</figcaption></figure>'
    )


def _later(block: Block, post: Post, host: str) -> str:
    """A picture as lazy loaders leave it: its address in another attribute until their script hears that it is near."""
    name, alt, caption = block.words
    width, height = UPLOAD_SIZE
    return (
        f'<figure class="wp-block-image is-later"><img class="lazy" src="{_NOTHING}" '
        f'data-src="https://{host}{upload_path(post, name)}" width="{width}" height="{height}" alt="{escape(alt)}">'
        f"<figcaption>{escape(caption)}</figcaption></figure>"
    )
