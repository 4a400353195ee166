"""The forms of a post's address on Bluesky, Mastodon, Threads, Truth Social and Gab, and what its id tells."""

import pytest

from archiver.extraction.embeds import find_embeds
from archiver.html.document import Document
from archiver.model.findings import Embed, PostRef
from archiver.platforms import media_key_of, media_urls_of, platform_named, post_of_url

DID = "did:plc:q3rvh6zmtu2xk5jwlc7ynbes"
CID = "bafkreihx2lq5k7wz3mvd6tnya4cjro"
POST = f"{DID}/app.bsky.feed.post/3l4omssdl632g"
PROFILE = f"https://bsky.app/profile/{DID}"
THREAD = "https://www.threads.net/@lena.k/post/C5xQmTzoR8a"
TOOT = "https://social.example/@lena/111213356862010785"


def embeds_in(markup: str) -> tuple[Embed, ...]:
    return find_embeds(
        Document("https://blog.example/a", f"<html><body><p>Before.</p>{markup}<p>After.</p></body></html>")
    ).embeds


@pytest.mark.parametrize(
    ("url", "post_id"),
    [
        (f"https://bsky.app/profile/{DID}/post/3kq7mzc5d4s2w", f"bluesky {DID}/3kq7mzc5d4s2w"),
        ("http://www.bsky.app/profile/Lena.Example/post/3kq7mzc5d4s2w?ref_src=embed", "bluesky lena.example/3kq7mzc5d4s2w"),
        ("https://main.bsky.dev/profile/lena.example/post/3kq7mzc5d4s2w/liked-by", "bluesky lena.example/3kq7mzc5d4s2w"),
        ("https://vxbsky.app/profile/@lena.example/post/3kq7mzc5d4s2w).", "bluesky lena.example/3kq7mzc5d4s2w"),
        ("https://bsky.app/profile/did:web:lena.example/post/3kq7mzc5d4s2w", "bluesky did:web:lena.example/3kq7mzc5d4s2w"),
        (f"https://embed.bsky.app/embed/{DID}/app.bsky.feed.post/3kq7mzc5d4s2w?id=1", f"bluesky {DID}/3kq7mzc5d4s2w"),
        (
            "https://bsky.link/?url=https%3A%2F%2Fbsky.app%2Fprofile%2Flena.example%2Fpost%2F3kq7mzc5d4s2w",
            "bluesky lena.example/3kq7mzc5d4s2w",
        ),
        (
            "https://web.archive.org/web/20241127090000/https://bsky.app/profile/lena.example/post/3kq7mzc5d4s2w",
            "bluesky lena.example/3kq7mzc5d4s2w",
        ),
        ("https://social.example/@lena/112004871935620417", "mastodon social.example/112004871935620417"),
        ("https://social.example/@lena@far.example/112004871935620417#x", "mastodon social.example/112004871935620417"),
        ("https://social.example/web/@lena/112004871935620417", "mastodon social.example/112004871935620417"),
        ("https://social.example/users/lena/statuses/112004871935620417/embed", "mastodon social.example/112004871935620417"),
        ("https://social.example/users/lena/updates/5531", "mastodon social.example/5531"),
        ("https://social.example/ap/users/1150/statuses/115004871935620417", "mastodon social.example/115004871935620417"),
        ("https://social.example/deck/statuses/112004871935620417", "mastodon social.example/112004871935620417"),
        ("https://social.example/@lena/4410/embed?x", "mastodon social.example/4410"),
        ("https://mstdn.example/@lena/4410", "mastodon mstdn.example/4410"),
        ("https://m.cmx.im/@lena/112004871935620417", "mastodon m.cmx.im/112004871935620417"),
        ("https://elk.zone/social.example/@lena/112004871935620417", "mastodon social.example/112004871935620417"),
        ("https://phanpy.social/#/social.example/s/112004871935620417", "mastodon social.example/112004871935620417"),
        ("https://www.threads.net/@lena.k/post/C5xQmTzoR8a/?igshid=1", "threads C5xQmTzoR8a"),
        ("https://threads.com/t/C5xQmTzoR8a", "threads C5xQmTzoR8a"),
        ("https://www.threads.com/@lena.k/post/C5xQmTzoR8a/media", "threads C5xQmTzoR8a"),
        ("https://truthsocial.com/@lena/posts/112004871935620417", "truthsocial 112004871935620417"),
        ("https://truthsocial.com/@lena/112004871935620417/embed", "truthsocial 112004871935620417"),
        ("https://truthsocial.com/users/lena/statuses/112004871935620417", "truthsocial 112004871935620417"),
        ("https://gab.com/lena/posts/104004871935620417", "gab 104004871935620417"),
        ("https://gab.com/@lena/104004871935620417/embed", "gab 104004871935620417"),
        ("https://gab.ai/lena/posts/28461937", "gab 28461937"),
        ("https://tv.gab.com/channel/lena/embed/a-walk-60355262ba72cb63ac029f0e", "gab tv/lena/a-walk-60355262ba72cb63ac029f0e"),
    ],
)
def test_a_url_of_any_form_names_its_post(url: str, post_id: str) -> None:
    assert post_of_url(url) == PostRef(*post_id.split(" "))


@pytest.mark.parametrize(
    "url",
    [
        "https://bsky.app/profile/lena.example",
        "https://news.example/@ed/202205011234567890",  # a time of day, and no post's number
        "https://bsky.app/profile/lena.example/feed/harbour",
        "https://bsky.app/profile/not a host/post/3kq7mzc5d4s2w",
        "https://bsky.app/starter-pack/lena.example/3kq7mzc5d4s2w",
        "at://did:plc:q3rvh6zmtu2xk5jwlc7ynbes/app.bsky.feed.like/3kq7mzc5d4s2w",
        "https://social.example/@lena",
        "https://social.example/@lena/4410",
        "https://shop.example/@lena/20240115",
        "https://social.example/@lena/112004871935620417.html",
        "https://social.example/@lena/112004871935620417-a-title",
        "https://www.lemon8-app.com/@lena/7251379827389276674",
        "https://medium.com/@lena/112004871935620417",
        "https://www.tiktok.com/@lena/112004871935620417",
        "https://twitter.com/statuses/show/112004871935620417",
        "https://host/@lena/112004871935620417",
        "https://127.0.0.1/@lena/112004871935620417",
        "https://www.threads.net/@lena.k",
        "https://www.threads.net/intent/post?text=x",
        "https://truthsocial.com/@lena",
        "https://truthsocial.com/share?url=x",
        "https://gab.com/lena",
        "https://tv.gab.com/channel/lena",
    ],
)
def test_what_is_no_post_names_none(url: str) -> None:
    assert post_of_url(url) is None


def test_an_at_uri_is_an_address_of_bluesky() -> None:
    bluesky = platform_named("bluesky")
    assert bluesky is not None
    assert bluesky.parse_url(f"at://{DID}/app.bsky.feed.post/3kq7mzc5d4s2w") == f"{DID}/3kq7mzc5d4s2w"
    assert bluesky.parse_url("at://lena.example/app.bsky.feed.post/3kq7mzc5d4s2w") == "lena.example/3kq7mzc5d4s2w"
    assert bluesky.parse_url(f"at://{DID}/app.bsky.graph.list/3kq7mzc5d4s2w") is None


@pytest.mark.parametrize(
    ("markup", "posted_at"),
    [
        (f'<blockquote data-bluesky-uri="at://{POST}"></blockquote>', "2024-09-21T17:43:28Z"),
        (f'<blockquote data-bluesky-uri="at://{DID}/app.bsky.feed.post/my-own-key"></blockquote>', None),
        (f'<blockquote data-bluesky-uri="at://{DID}/app.bsky.feed.post/jzzzzzzzzzzzz"></blockquote>', None),
        ('<iframe src="https://social.example/@lena/111213356862010785/embed"></iframe>', "2023-10-10T23:39:13Z"),
        ('<iframe src="https://social.example/@lena/4410/embed"></iframe>', None),
        ('<iframe src="https://truthsocial.com/@lena/108779000807761862/embed"></iframe>', "2022-08-07T01:30:27Z"),
        ('<iframe src="https://gab.com/lena/posts/104450493441154721/embed"></iframe>', "2020-07-03T14:54:06Z"),
        ('<iframe src="https://gab.com/lena/posts/28461937/embed"></iframe>', None),
        ('<blockquote data-text-post-permalink="https://www.threads.net/t/CuWPE6iNEx_"></blockquote>', "2023-07-06T07:24:38Z"),
        ('<blockquote data-text-post-permalink="https://www.threads.net/t/AAAAAAAAAAA"></blockquote>', None),
    ],
)
def test_an_id_that_holds_a_time_tells_it(markup: str, posted_at: str | None) -> None:
    assert [embed.posted_at for embed in embeds_in(markup)] == [posted_at]


@pytest.mark.parametrize(
    ("markup", "author", "name", "text"),
    [
        (
            f'<blockquote class="bluesky-embed" data-bluesky-uri="at://{POST}"><p lang="en">Two<br>lines'
            f'<br><br><a href="{PROFILE}/post/3l4omssdl632g">[image or embed]</a></p>&mdash; Lena (K.) '
            f'(<a href="{PROFILE}">@Lena.Example</a>) '
            f'<a href="{PROFILE}/post/3l4omssdl632g">September 21, 2024</a></blockquote>',
            "lena.example",
            "Lena (K.)",
            "Two\nlines",
        ),
        (
            f'<blockquote class="bluesky-embed" data-bluesky-uri="at://{POST}"><p>Words</p>&mdash; Lena K.</blockquote>',
            None,
            "Lena K.",
            "Words",
        ),
        (
            f'<div class="bluesky-wrap" data-attrs="{{&quot;text&quot;:&quot;Words&quot;,&quot;authorName&quot;:&quot;Lena&quot;,'
            f"&quot;authorHandle&quot;:&quot;lena.example&quot;,&quot;imageUrls&quot;:[7],"
            f'&quot;uri&quot;:&quot;at://{POST}&quot;}}"></div>',
            "lena.example",
            "Lena",
            "Words",
        ),
        (
            f'<blockquote class="mastodon-embed" data-embed-url="{TOOT}/embed"><a href="{TOOT}"><div>Post by @lena@social.example'
            "</div><div>View on Mastodon</div></a></blockquote>",
            "lena",
            None,
            None,
        ),
        (
            '<iframe src="https://social.example/@lena@far.example/111213356862010785/embed"></iframe>',
            "lena@far.example",
            None,
            None,
        ),
        (
            f'<blockquote class="text-post-media" data-text-post-permalink="{THREAD}"><a href="#">View</a></blockquote>',
            "lena.k",
            None,
            None,
        ),
        ('<iframe src="https://truthsocial.com/@lena/108779000807761862/embed"></iframe>', "lena", None, None),
        ('<iframe src="https://gab.com/lena/posts/104450493441154721/embed"></iframe>', "lena", None, None),
    ],
)
def test_an_embed_says_what_its_markup_says(markup: str, author: str | None, name: str | None, text: str | None) -> None:
    (embed,) = embeds_in(markup)
    assert (embed.author, embed.author_name, embed.text) == (author, name, text)


def test_one_picture_of_bluesky_has_one_key_and_the_full_size_comes_first() -> None:
    thumb = f"https://cdn.bsky.app/img/feed_thumbnail/plain/{DID}/{CID}@jpeg"
    full = f"https://cdn.bsky.app/img/feed_fullsize/plain/{DID}/{CID}@jpeg"
    assert media_key_of(thumb) == media_key_of(full.replace(":plc:", "%3Aplc%3A").removesuffix("@jpeg"))
    assert media_key_of(thumb) != media_key_of(thumb.replace("bafkreih", "bafkreia"))
    assert media_urls_of(thumb) == (full, thumb)


def test_a_video_of_bluesky_is_the_file_that_was_uploaded() -> None:
    playlist = f"https://video.bsky.app/watch/did%3Aplc%3A{DID[8:]}/{CID}/playlist.m3u8"
    blob = f"https://bsky.social/xrpc/com.atproto.sync.getBlob?did={DID}&cid={CID}"
    assert media_urls_of(playlist) == (blob, playlist)
    assert media_key_of(blob) == media_key_of(playlist)
    assert media_key_of(playlist.replace("playlist.m3u8", "thumbnail.jpg")) != media_key_of(playlist)


@pytest.mark.parametrize(
    "host", ["files.social.example", "static-assets-1.truthsocial.com/tmtg:prime-ts-assets", "media.gab.com/system"]
)
def test_a_picture_on_mastodons_software_has_one_key_in_both_sizes(host: str) -> None:
    small = f"https://{host}/media_attachments/files/112/004/871/935/620/417/small/5d1e0f2a9b8c7d64.png"
    original = small.replace("/small/", "/original/")
    assert media_key_of(small) == media_key_of(original)
    assert media_urls_of(small) == (original, small)


def test_pictures_of_the_platforms_in_a_page_are_found() -> None:
    pictures = (
        f"https://cdn.bsky.app/img/feed_fullsize/plain/{DID}/{CID}@jpeg",
        "https://files.social.example/media_attachments/files/112/004/871/small/5d1e0f2a9b8c7d64.png",
    )
    markup = "".join(f'<img src="{url}">' for url in pictures)
    assert find_embeds(Document("https://blog.example/a", markup)).media == pictures
