"""`api.fxtwitter.com/2/status/ID`: a third party's service (FxEmbed) that passes on what X shows of a post, as JSON.

Asked only where archiver.toml switches it on. Its shape is that of FxEmbed's published source, seen 2026-08-22; that it answers
was reported last on 2026-09-10 (stoatchat#989). Community notes are not read: they are other people's words, not the post's.
Nobody vouches for what it says: media count only at the platform's own hosts.
"""

from collections.abc import Iterator

from archiver.model.findings import Findings, MediaKind, MediaRef, PostState, Source, Statement
from archiver.platforms.replies import Json, distinct_media, object_at, object_in, objects_at, text_at, time_of_seconds, value_at
from archiver.platforms.twitter.urls import NAME, media_key_of, post_id_of, short_links_in
from archiver.platforms.twitter.values import (
    article_cover,
    article_words,
    choices_of,
    is_id,
    moment_of,
    picture_of,
    ref_of,
    says_nothing,
    stated,
    text_of,
    with_attached,
)

MAX_BLOCKS = 2_000  # paragraphs of an article
MAX_ARTICLE = 200_000  # characters
_REASONS = {
    "deleted": PostState.DELETED,
    "suspended": PostState.SUSPENDED,
    "private": PostState.PROTECTED,
}
_CODES = {401: PostState.PROTECTED, 404: PostState.GONE}


def read(post_id: str, status: int, body: bytes) -> Findings:
    """What the reply to a question about this post says of it, and of the post that it quotes."""
    reply = object_in(body)
    if reply is None or status not in (200, 401, 404):
        return Findings()
    post = object_at(reply, "status")
    if post.get("type") == "tombstone" and post.get("id", post_id) == post_id:
        return stated(post_id, Source.THIRD_PARTY, _state_of_tombstone(post))
    code = reply.get("code")
    if not post and code == status and code in _CODES:
        return stated(post_id, Source.THIRD_PARTY, _CODES[code])
    if status != 200 or post.get("id") != post_id:
        return Findings()
    return Findings(statements=tuple(_statements_of(post)))


def _state_of_tombstone(post: Json) -> PostState:
    reason = post.get("reason")
    return _REASONS.get(reason, PostState.TOMBSTONE) if isinstance(reason, str) else PostState.TOMBSTONE


def _statements_of(post: Json, *, quoted_too: bool = True) -> Iterator[Statement]:
    """A post, then the one that it quotes."""
    quote = object_at(post, "quote")
    quoted = quote.get("id") if is_id(quote.get("id")) else post_id_of(text_of(quote.get("url")) or "")
    raw = text_of(value_at(post, "raw_text", "text"))
    yield Statement(
        platform=NAME,
        post_id=str(post["id"]),
        source=Source.THIRD_PARTY,
        state=PostState.LIVE,
        author=text_of(value_at(post, "author", "screen_name")),
        author_name=text_of(value_at(post, "author", "name")),
        text=_words_of(post),
        posted_at=time_of_seconds(post.get("created_timestamp")) or moment_of(post.get("created_at")),
        language=text_of(post.get("lang")),
        short_links=short_links_in(f"{raw or ''} {text_of(post.get('text')) or ''}"),
        media=distinct_media(_media_of(post)),
        quotes=ref_of(quoted),
        replies_to=ref_of(value_at(post, "replying_to", "status")),
    )
    if quoted_too and quoted is not None:
        if quote.get("type") == "tombstone":
            yield Statement(NAME, str(quoted), Source.THIRD_PARTY, _state_of_tombstone(quote))
        elif quote.get("id") == quoted:
            yield from _statements_of(quote, quoted_too=False)


def _words_of(post: Json) -> str | None:
    """The text with its links as they lead on; an article's title and words, a poll's choices; a card's words where there are no
    others."""
    text = text_of(post.get("text"))
    attached = [*_article_words(object_at(post, "article"))]
    if says_nothing(text) and not attached:
        attached = [text_of(value_at(post, "card", name)) or "" for name in ("title", "description")]
    attached.append(choices_of(choice.get("label") for choice in objects_at(post, "poll", "choices")))
    return with_attached(text, attached)


def _article_words(article: Json) -> Iterator[str]:
    """The whole article where the reply has it, else its opening."""
    blocks = objects_at(article, "content", "blocks")[:MAX_BLOCKS]
    whole = "\n\n".join(words for block in blocks if (words := text_at(block, "text")))[:MAX_ARTICLE]
    title = text_of(article.get("title"))
    yield from article_words(article) if not whole else filter(None, (title, whole))


def _media_of(post: Json) -> Iterator[MediaRef | None]:
    for photo in objects_at(post, "media", "photos"):
        size = {"width": photo.get("width"), "height": photo.get("height")}
        yield picture_of(photo.get("url"), MediaKind.PICTURE, alt=text_of(photo.get("altText")), **size)
    for video in objects_at(post, "media", "videos"):
        size = {"width": video.get("width"), "height": video.get("height")}
        yield picture_of(video.get("thumbnail_url"), MediaKind.POSTER, **size)
        address = text_of(video.get("url"))
        key = media_key_of(address) if address else None
        if address is not None and key is not None and address.startswith("https://video.twimg.com/"):
            yield MediaRef(address, key, MediaKind.VIDEO)
    article, picture = object_at(post, "article"), object_at(post, "card", "image")
    yield article_cover(article)
    yield picture_of(
        picture.get("url"),
        MediaKind.PICTURE,
        width=picture.get("width"),
        height=picture.get("height"),
        alt=text_of(picture.get("alt")),
    )
