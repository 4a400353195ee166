"""The blogs' posts, read from tables.

A body is paragraphs with empty lines between them. A paragraph that begins with `@` is something else:

    @tweet KEY FORM                a tweet of `tweets.toml` in one of the forms of `markup.FORMS`
    @picture NAME | alt | caption  a picture of the blog's own
    @later NAME | alt | caption    the same far below, in an element that gets its address when a reader comes near
    @hotlink KEY | alt             the first picture of a tweet, straight from pbs.twimg.com
    @link KEY | words              a tweet that is linked and not embedded
    @article KEY | words           a link to the article that a tweet stands for
    @share KEY HOST                a button that shares a tweet, as a frame (no embed of a post)
    @map LATITUDE,LONGITUDE        a frame with a map
    @timeline HANDLE               a timeline (no embed of a post)
    @follow HANDLE                 a follow button (nor is this)
    @quote words                   a quotation that is no tweet
    @post KEY FORM                 a post of `others.toml` in one of the forms of its network (the magazine alone has these)
"""

import tomllib
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from archiver.sampleweb.tweets import DATA

BLOCKS = ("tweet", "picture", "later", "hotlink", "link", "article", "share", "map", "timeline", "follow", "quote", "post")


@dataclass(frozen=True, slots=True)
class Block:
    """One paragraph or one thing between paragraphs."""

    kind: str
    """`paragraph`, or one of `BLOCKS`."""
    words: tuple[str, ...]
    """What follows the kind: of a tweet or post key and form, otherwise the parts between the bars."""


@dataclass(frozen=True, slots=True)
class Remark:
    """A reader's comment."""

    author: str
    written: datetime
    text: str


@dataclass(frozen=True, slots=True)
class Post:
    """One post of a blog as it is on one day."""

    slug: str
    title: str
    author: str
    language: str
    published: datetime
    modified: datetime
    blocks: tuple[Block, ...]
    tags: tuple[str, ...] = ()
    """Slugs, see `TAGS`."""
    lead: str | None = None
    """The picture that stands for the post in previews."""
    comments: tuple[Remark, ...] = ()
    amp: bool = False
    banner: str | None = None
    """What asks for consent above it, by the name of its file: `data/consent_NAME.html`."""
    encoding: str = "utf-8"
    appears: int = 1
    """The first day on which it is there."""
    edited_on: int | None = None
    edited: "Post | None" = None
    """What stands at its address from day `edited_on` on."""

    def on(self, day: int) -> "Post | None":
        """The post as it is on that day; None before it appears."""
        if day < self.appears:
            return None
        return self.edited if self.edited and self.edited_on is not None and day >= self.edited_on else self

    def of_kind(self, kind: str) -> list[Block]:
        return [block for block in self.blocks if block.kind == kind]

    @property
    def intro(self) -> str:
        """The first paragraph."""
        return next(block.words[0] for block in self.blocks if block.kind == "paragraph")


TAGS = {
    "kharkiv": "Kharkiv",
    "izium": "Izium",
    "oskil": "Oskil",
    "maps": "Maps",
    "transport": "Transport",
    "markets": "Markets",
    "books": "Книжки",
    "windows": "Windows",
    "light": "Світло",
    "animals": "Animals",
    "winter": "Winter",
}


def notebook_posts(age: int = 2022) -> tuple[Post, ...]:
    """All posts of the notebook, newest first, those of later days included."""
    posts = [post for language in ("en", "uk", "ru") for post in _read(f"posts_{language}.toml", language)]
    posts += _read("posts_2026.toml", "en") if age >= 2026 else []
    return tuple(sorted(posts, key=lambda post: post.published, reverse=True))


def harbour_posts() -> tuple[Post, ...]:
    """All posts of the harbour diary, newest first."""
    posts = (replace(post, language="ru") if post.encoding == "windows-1251" else post for post in _read("harbour.toml", "en"))
    return tuple(sorted(posts, key=lambda post: post.published, reverse=True))


def magazine_posts(age: int = 2022) -> tuple[Post, ...]:
    """All posts of the magazine, newest first."""
    posts = _read("magazine.toml", "en") + (_read("magazine_2026.toml", "en") if age >= 2026 else [])
    return tuple(sorted(posts, key=lambda post: post.published, reverse=True))


def _read(name: str, language: str) -> list[Post]:
    table = tomllib.loads((DATA / name).read_text("utf-8"))
    return [_post(row, language) for row in table["post"]]


def _post(row: dict[str, Any], language: str) -> Post:
    """A table row; a key that is no field of `Post` raises TypeError."""
    rest = {name: value for name, value in row.items() if name not in ("body", "tags", "comments", "edited")}
    post = Post(
        language=language,
        modified=row["published"],
        blocks=_blocks(row["body"]),
        tags=tuple(row.get("tags", ())),
        comments=tuple(Remark(**each) for each in row.get("comments", ())),
        **rest,
    )
    if change := row.get("edited"):
        later = replace(post, blocks=_blocks(change["body"]), modified=change["at"])
        return replace(post, edited_on=change["day"], edited=later)
    return post


def _blocks(body: str) -> tuple[Block, ...]:
    return tuple(_block(" ".join(paragraph.split())) for paragraph in body.strip().split("\n\n"))


def _block(text: str) -> Block:
    if not text.startswith("@"):
        return Block("paragraph", (text,))
    kind, _, rest = text[1:].partition(" ")
    if kind not in BLOCKS:
        raise ValueError(f"@{kind} is none of {', '.join(BLOCKS)}")
    return Block(kind, tuple(rest.split() if kind in ("tweet", "post", "share") else (part.strip() for part in rest.split("|"))))
