"""What each table of index.db holds: one row class a table, whose fields are its columns, in order.

`INSERT` statements are derived from them (`insert_sql`), `msgspec.structs.astuple` makes the tuples that SQLite takes, and
tests/storage/test_tables.py compares them with the schema that the migrations make. A column named after a table (post, page,
capture …) holds that table's `id`; `post_id` is the platform's own. Ids are hashes of natural keys. Times are UTC, in the form of
WARC-Date, where nothing else is said.
"""

from msgspec import Struct


class TableRow(Struct, frozen=True, gc=False):
    """Made by column name. A struct of msgspec: with NamedTuples indexing took a tenth more time, with frozen dataclasses more
    than that (2026-11)."""


class CrawlRow(TableRow, frozen=True):
    """One run of a crawl."""

    id: int
    uuid: str
    """As in the WARC files' warcinfo records."""
    job: str
    started_at: str | None
    finished_at: str | None
    software: str | None
    settings: str | None
    """JSON, without secrets."""
    outcome: str | None
    """JSON; null while the crawl runs, or where it was killed."""


class WarcRow(TableRow, frozen=True):
    """One WARC file."""

    id: int
    path: str
    """Relative to the data folder, with forward slashes."""
    crawl: int | None
    indexed_to: int
    """Bytes; what lies behind is not in the index yet."""


class CaptureRow(TableRow, frozen=True):
    """One WARC record of one URL at one time: a superset of CDX."""

    id: int
    record_id: str
    record_type: str
    """response, revisit, resource"""
    url: str
    url_key: str
    """See `archiver.urls.url_key`."""
    media_key: str | None
    """One for all addresses of one picture or video; null for what is neither."""
    captured_at: str
    status: int | None
    mime: str | None
    """Content-Type without parameters, lower case."""
    payload_digest: str | None
    """`sha256:<hex>`; a revisit has that of the payload it refers to."""
    resource_type: str | None
    """WARC-Resource-Type: what the request was for."""
    page_visit: str | None
    """WARC-Page-ID: the visit to a page that the request belongs to."""
    etag: str | None
    last_modified: str | None
    truncated: str | None
    """WARC-Truncated."""
    refers_to: str | None
    """The record id that a revisit refers to."""
    warc: int
    offset: int
    length: int
    """Bytes of the gzip member."""
    crawl: int | None
    with_cookies: int
    """1: the user's own cookies were sent, so it may show what the public does not see."""


class FailureRow(TableRow, frozen=True):
    """A request that got no response, or a response that this program could not read. Never evidence that something is gone."""

    id: int
    url: str
    url_key: str
    failed_at: str
    error: str
    """Class of the error: HostNotFound, TooSlow, …; `Unreadable` for a response."""
    reason: str
    """One line for people."""
    crawl: int | None


class PageRow(TableRow, frozen=True):
    """A page by its URL, as its newest version has it: merged from `page_versions`."""

    id: int
    url_key: str
    host: str
    version: int
    """The newest one, from which all that follows is."""
    url: str
    title: str | None
    author: str | None
    published_at: str | None
    """ISO 8601, a date alone where no time is known; so for all dates that a page or post gives."""
    modified_at: str | None
    language: str | None
    site_name: str | None
    captured_at: str


class PageVersionRow(TableRow, frozen=True):
    """One for each different payload of a page. A revisit adds a capture and no version."""

    id: int
    page: int
    capture: int
    """The first with this payload."""
    captured_at: str
    payload_digest: str
    url: str
    canonical_url: str | None
    title: str | None
    author: str | None
    published_at: str | None
    modified_at: str | None
    language: str | None
    site_name: str | None
    description: str | None
    tags: str
    """JSON array."""
    comments: str
    """JSON array of {author, posted_at, text}."""
    is_listing: int
    """1: a front, tag or search page, which lists others."""
    text: str
    """Main text."""
    extractor: str
    """Version of the code that read it."""


class PagePictureRow(TableRow, frozen=True):
    """A picture that a version of a page shows."""

    version: int
    position: int
    media_key: str
    url: str
    alt: str | None
    caption: str | None
    smaller: int
    """1: what the page shows of a picture that has a larger address."""


class PostRow(TableRow, frozen=True):
    """A social-media post; from `author` on merged from its statements, best source first, then the earliest."""

    id: int
    platform: str
    post_id: str
    url: str
    """The canonical one of its platform."""
    author: str | None = None
    """The handle."""
    author_name: str | None = None
    posted_at: str | None = None
    text: str | None = None
    language: str | None = None


class StatementRow(TableRow, frozen=True):
    """What one source said of a post at one time. Append-only."""

    id: int
    post: int
    source: str
    """See `archiver.model.findings.Source`."""
    capture: int
    """The record that proves it."""
    said_at: str
    position: int
    """Of the embed in its page; else 0."""
    state: str | None
    """See `archiver.model.findings.PostState`; null where the source says nothing of it."""
    author: str | None
    author_name: str | None
    text: str | None
    posted_at: str | None
    language: str | None
    short_links: str
    """JSON array."""
    media: str
    """JSON array of {url, key, kind, alt, width, height}."""
    quotes: int | None
    """A post."""
    replies_to: int | None
    """A post."""


class AnsweringHostRow(TableRow, frozen=True):
    """A host that answered for a live post in a crawl: its bare "not found" of others counts as gone there."""

    crawl: int
    """0 for captures without a crawl."""
    host: str
    """As a URL key begins."""


class EmbedRow(TableRow, frozen=True):
    """One appearance of a post in one version of a page."""

    id: int
    version: int
    position: int
    """In document order, from 1."""
    platform: str
    post: int | None
    """Null: a text-only embed, the page does not tell which post."""
    kind: str
    """See `archiver.model.findings.EmbedKind`."""
    author: str | None
    author_name: str | None
    posted_at: str | None
    text: str | None
    short_links: str
    """JSON array."""
    media: str
    """JSON array of URLs."""
    html: str
    """The markup, as it stands in the page."""
    context: str
    """The text around it."""


class LinkedPostRow(TableRow, frozen=True):
    """A post that a page links to and does not embed."""

    version: int
    post: int


class PostMediaRow(TableRow, frozen=True):
    """A picture or video of a post: merged from its statements."""

    post: int
    media_key: str
    position: int
    url: str
    kind: str
    alt: str | None


class RelationRow(TableRow, frozen=True):
    """A post that quotes or answers another one: merged from its statements."""

    post: int
    relation: str
    """quotes, replies_to"""
    other: int
    """A post."""


class MediaRow(TableRow, frozen=True):
    """A picture or video file. Which URLs it was captured under: captures with one of its payload digests."""

    id: int
    sha256: str
    """Hex, over the decoded file."""
    mime: str
    size: int
    """Bytes."""
    width: int | None
    height: int | None
    pdq: str | None
    """Perceptual hash, 64 hex digits; null: no picture, or nothing to be recognised by."""
    pdq_trimmed: str | None
    """That of the picture without its border of one colour, where it has one."""
    exif: str | None
    """JSON object of chosen fields."""


class MediaPayloadRow(TableRow, frozen=True):
    """A payload digest that a file came under: one for each content coding."""

    payload_digest: str
    media: int


class PictureBandRow(TableRow, frozen=True):
    """A piece of a perceptual hash, by which near ones are found: see `archiver.media.pdq`."""

    band: int
    """Which one, times 65536, plus its bits."""
    media: int


class LinkRow(TableRow, frozen=True):
    """A string under which a post or an embed is known, with the capture that says so."""

    key: str
    """Normalised: t.co/CODE, pbs.twimg.com/media/KEY."""
    target: int
    """A post, or an embed without one."""
    capture: int
    target_kind: str
    """post, embed"""


class ScreenshotRow(TableRow, frozen=True):
    """A screenshot. The PNG is a resource record; the WebP for people who browse folders is derived from it."""

    id: int
    capture: int
    kind: str
    """view, fullPage, embed"""
    url: str
    """Of the page that was rendered."""
    url_key: str
    taken_at: str
    post: int | None
    """The post that is shown; null: a page, or an embed whose post is not known."""
    position: int | None
    """Of the embed in its page; null: a page, or a post by itself."""
    width: int
    """Pixels."""
    height: int
    quality: str
    """See `archiver.model.render.Quality`."""
    reason: str | None
    path: str | None
    """Of the WebP, relative to the data folder."""
    sha256: str | None
    """Of the WebP, hex."""


class RenderRow(TableRow, frozen=True):
    """How one render ended, those without any screenshot included."""

    id: int
    url: str
    url_key: str
    rendered_at: str
    post: int | None
    """The post that is shown by itself; null: a page."""
    ended: str
    """whole, partial, failed"""
    reason: str | None
    notes: str
    """JSON object of counts."""
    crawl: int | None


class MadeByRow(TableRow, frozen=True):
    """The only row of its table: which version of the code read all that is in the index; a newer one may have read some."""

    extractor: str


class PostTextRow(TableRow, frozen=True):
    """Full text of a post, folded (`archiver.storage.index.normalize`)."""

    rowid: int
    """Of `posts`."""
    text: str
    author: str


class PageTextRow(TableRow, frozen=True):
    """Full text of a page's newest version, folded."""

    rowid: int
    """Of `pages`."""
    title: str
    """Its author and tags too."""
    text: str


class EmbedTextRow(TableRow, frozen=True):
    """Full text of a text-only embed, folded."""

    rowid: int
    """Of `embeds`."""
    text: str
    author: str


TABLES: dict[str, type[TableRow]] = {
    "crawls": CrawlRow,
    "warcs": WarcRow,
    "failures": FailureRow,
    "captures": CaptureRow,
    "media": MediaRow,
    "media_payloads": MediaPayloadRow,
    "picture_bands": PictureBandRow,
    "posts": PostRow,
    "page_versions": PageVersionRow,
    "pages": PageRow,
    "page_pictures": PagePictureRow,
    "embeds": EmbedRow,
    "linked_posts": LinkedPostRow,
    "statements": StatementRow,
    "answering_hosts": AnsweringHostRow,
    "links": LinkRow,
    "post_media": PostMediaRow,
    "relations": RelationRow,
    "screenshots": ScreenshotRow,
    "renders": RenderRow,
    "made_by": MadeByRow,
    "posts_text": PostTextRow,
    "pages_text": PageTextRow,
    "embeds_text": EmbedTextRow,
}
"""By name, in an order in which rows can be inserted: what a foreign key refers to first (pages and their versions refer to one
another; that is looked at when the transaction ends)."""


def columns(table: str) -> tuple[str, ...]:
    """The columns of a table, in order."""
    return TABLES[table].__struct_fields__


def insert_sql(table: str, conflict: str = "") -> str:
    """The statement that inserts one row. `conflict` is its ON CONFLICT clause; without one, a row that is there stays."""
    names = columns(table)
    verb = "INSERT" if conflict else "INSERT OR IGNORE"
    return f"{verb} INTO {table} ({', '.join(names)}) VALUES ({', '.join('?' * len(names))}) {conflict}".rstrip()
