"""Facebook: posts, videos, photos and comments, by the plugins' elements and frames, or one of many forms of link."""

from collections.abc import Iterator
from typing import ClassVar
from urllib.parse import quote

from selectolax.lexbor import LexborNode

from archiver.html.addresses import address_of
from archiver.html.document import Piece
from archiver.html.pattern import Pattern
from archiver.html.text import text_of
from archiver.model.findings import EmbedKind, Findings
from archiver.platforms.addressed import MediaForm
from archiver.platforms.base import Appearance, Ask, Example
from archiver.platforms.declared import MAX_EMBEDS, Declared, Marker, Said
from archiver.platforms.facebook import replies as facebook_replies
from archiver.platforms.facebook import urls as facebook_urls
from archiver.platforms.twitter.dates import first_date

MAX_PARAGRAPHS = 50  # of one box; one with more was never closed and swallowed what follows

_PLUGIN_NAMES = ("fb-post", "fb-video", "fb-comment-embed")
_XFBML = "fb\\:post[href], fb\\:video[href], fb\\:comment-embed[href]"
_P = "https://www.facebook.com/plugins/"
_NUMBER, _OTHER, _PFBID = "10200000000000123", "650000000000456", "pfbid02QuayLog7NineRopesEightBollardsOneGull"
_WITHIN = "https%3A%2F%2Fwww.facebook.com%2F"


class Facebook(Declared):
    """What the ids are, `facebook_urls.id_of` says."""

    name = "facebook"
    title = "Facebook"
    signs = ("<fb:", "facebook.com")  # which a blockquote may cite
    hosts = ("facebook.com", "fb.com", "fb.watch", "fbcdn.net", "akamaihd.net")
    # `plugins/post.php`, as others saw it in 2026: the same whether it was deleted or is not public; the last of the video's [?].
    embed_gone = ("This Facebook post is no longer available", "Video unavailable", "This content isn't available right now")
    urls = ()
    short_urls = facebook_urls.SHORT
    markers = tuple(Marker(f".{name}", ("data-href",), links=True) for name in _PLUGIN_NAMES)
    media_forms = (
        # Sizes are signed and cannot be exchanged. The folders that end in -1 hold the portraits of users and pages.
        MediaForm(
            Pattern(
                r"(?!profile|hprofile|instagram)(?:[\w.-]+\.fbcdn\.net|fbcdn-(?!profile)[\w.-]+\.akamaihd\.net)/"
                r"(?![^?]*(?:/|^)(?:t\d{1,3}\.\d{1,6}-1|hprofile[\w-]*)/)[^?#\s]*?(?P<name>(?<!\d)\d{4,20}_\d{4,20}_\d{4,20}_[a-z])\."
            ),
            "fbcdn.net/{name}",
        ),
    )
    paces: ClassVar[dict[str, float]] = {"www.facebook.com": 2.0, "fb.watch": 2.0}  # it asks those who hurry to log in [?]
    examples = (
        Example(
            f'<div class="fb-post" data-href="https://www.facebook.com/QuayLog/posts/{_NUMBER}/" data-width="600"><blockquote '
            f'cite="https://www.facebook.com/QuayLog/posts/{_NUMBER}/" class="fb-xfbml-parse-ignore"><p>Nine ropes</p>Posted by '
            f'<a href="https://www.facebook.com/QuayLog/">Quay Log</a> on&nbsp;<a href="https://www.facebook.com/QuayLog/posts/{_NUMBER}/">'
            "Monday, February 7, 2022</a></blockquote></div>",
            (f"quaylog/{_NUMBER}",),
        ),
        Example(
            f'<div class="fb-post" data-href="https://www.facebook.com/quaylog/posts/{_PFBID}" data-width="500"></div>',
            (f"quaylog/{_PFBID}",),
        ),
        Example(
            f'<div class="fb-video" data-href="https://www.facebook.com/quaylog/videos/nine-ropes/{_NUMBER}/"></div>', (_NUMBER,)
        ),
        Example(
            '<div class="fb-video"><div class="fb-xfbml-parse-ignore"><blockquote cite="https://www.facebook.com/quaylog/videos/'
            f'{_NUMBER}/"><p><a href="https://www.facebook.com/quaylog/videos/{_NUMBER}/">Ropes</a>We are live</p></blockquote>'
            "</div></div>",
            (_NUMBER,),
        ),
        Example(
            f'<div class="fb-comment-embed" data-href="https://www.facebook.com/quaylog/posts/{_NUMBER}?comment_id=777000"></div>',
            (f"quaylog/{_NUMBER}/comments/777000",),
        ),
        Example(f'<fb:post href="https://www.facebook.com/quaylog/posts/{_NUMBER}"></fb:post>', (f"quaylog/{_NUMBER}",)),
        Example(
            f'<iframe src="{_P}post.php?href={_WITHIN}quaylog%2Fposts%2F{_NUMBER}&amp;width=500"></iframe>',
            (f"quaylog/{_NUMBER}",),
        ),
        Example(
            f'<iframe src="{_P}post.php?href={_WITHIN}photo.php%3Ffbid%3D{_NUMBER}%26set%3Da.1&amp;width=5"></iframe>',
            (f"photo/{_NUMBER}",),
        ),
        Example(f'<iframe src="{_P}video.php?height=314&amp;href={_WITHIN}watch%2F%3Fv%3D{_OTHER}"></iframe>', (_OTHER,)),
        Example(f'<iframe data-src="{_P}video.php?href={_WITHIN}reel%2F{_OTHER}%2F"></iframe>', (_OTHER,)),
        Example(
            f'<iframe src="{_P}comment_embed.php?href={_WITHIN}quaylog%2Fposts%2F{_NUMBER}%3Fcomment_id%3D777000"></iframe>',
            (f"quaylog/{_NUMBER}/comments/777000",),
        ),
        Example(
            f'<amp-facebook width="552" data-embed-as="video" data-href="https://www.facebook.com/x/videos/{_OTHER}/"></amp-facebook>',
            (_OTHER,),
        ),
        Example(f'<iframe src="https://www.facebook.com/video/embed?video_id={_OTHER}"></iframe>', (_OTHER,)),
        Example(
            f'<object><param name="movie" value="http://www.facebook.com/v/{_OTHER}"><embed src="http://www.facebook.com/v/{_OTHER}"></object>',
            (_OTHER,),
        ),
        Example(
            f"<p>https://www.facebook.com/permalink.php?story_fbid={_NUMBER}&amp;id=4455667788</p>", (f"4455667788/{_NUMBER}",)
        ),
        Example("<p>https://fb.watch/aBcD3_e-Fg/</p>", (None,), short_links=("fb.watch/aBcD3_e-Fg",)),
        Example(
            f'<a href="https://m.facebook.com/groups/QuayWatch/permalink/{_OTHER}/">group</a> '
            f'<a href="https://l.facebook.com/l.php?u={_WITHIN}quaylog%2Fphotos%2Fa.1%2F{_NUMBER}%2F&amp;h=x">photo</a> '
            '<a href="https://www.facebook.com/share/p/1AbCdEfGhI/">share</a>',
            links=(f"groups/quaywatch/{_OTHER}", f"photo/{_NUMBER}"),
            short_links=("facebook.com/share/p/1AbCdEfGhI",),
        ),
        Example(
            '<div class="fb-page" data-href="https://www.facebook.com/quaylog" data-tabs="timeline"><blockquote '
            'class="fb-xfbml-parse-ignore" cite="https://www.facebook.com/quaylog">'
            '<a href="https://www.facebook.com/quaylog">Quay Log</a></blockquote></div>'
        ),
        Example(
            f'<div class="fb-like" data-href="https://www.facebook.com/quaylog/posts/{_NUMBER}"></div>'
            '<div class="fb-comments" data-href="https://blog.example/a"></div><div id="fb-root"></div>'
        ),
        Example(
            f'<iframe src="{_P}like.php?href={_WITHIN}quaylog"></iframe><iframe src="{_P}page.php?href={_WITHIN}quay"></iframe>'
        ),
        Example('<a href="https://www.facebook.com/sharer/sharer.php?u=https%3A%2F%2Fblog.example">share</a>'),
        Example(
            '<p><a href="https://www.facebook.com/quaylog">page</a> <a href="https://www.facebook.com/events/123456789012/">event</a></p>'
        ),
    )

    # --- addresses ------------------------------------------------------------------------------------------

    def parse_address(self, address: str) -> str | None:
        return facebook_urls.id_of(facebook_urls.meant(address))

    def canonical_url(self, post_id: str) -> str:
        return facebook_urls.canonical_url(post_id)

    def embed_page(self, post_id: str, author: str | None = None) -> str | None:
        """The plugin's frame. In English, since the words tell what it is about; a post's form serves videos as well."""
        name = "comment_embed" if "/comments/" in post_id else "post"
        return f"{_P}{name}.php?href={quote(self.canonical_url(post_id), safe='')}&locale=en_US"

    def short_key(self, address: str) -> str | None:
        return super().short_key(facebook_urls.meant(address))

    def author_in(self, url: str) -> str | None:
        return facebook_urls.handle_in(address_of(url))

    # --- markup ---------------------------------------------------------------------------------------------

    def _marked(self, piece: Piece) -> Iterator[Appearance]:
        yield from super()._marked(piece)
        for node in piece.carriers.elements("blockquote")[:MAX_EMBEDS]:
            post_id = self.parse_url(node.attributes.get("cite") or "")
            if post_id is not None and not self._named_around(node):
                yield self.appearance(piece, node, EmbedKind.BLOCKQUOTE, post_id, self.read_box(node))
        if piece.tells("<fb:"):
            for node in piece.tree.css(_XFBML)[:MAX_EMBEDS]:
                if (post_id := self.parse_url(node.attributes.get("href") or "")) is not None:
                    yield self.appearance(piece, node, EmbedKind.PLACEHOLDER, post_id, Said())

    def _named_around(self, node: LexborNode) -> bool:
        """Whether the plugin's element around a blockquote names the post, perhaps under another address."""
        above = node.parent
        for _ in range(4):
            if above is None:
                break
            classes = (above.attributes.get("class") or "").split()
            if (
                any(name in classes for name in _PLUGIN_NAMES)
                and self.parse_url(above.attributes.get("data-href") or "") is not None
            ):
                return True
            above = above.parent
        return False

    def read_box(self, node: LexborNode) -> Said:
        """Of `<p>words</p>Posted by <a>Name</a> on <a>date</a>`, in any language and with the last part in a `<p>` or not."""
        box = node if node.tag == "blockquote" else node.css_first("blockquote") or node
        author = next((link for link in reversed(box.css("a[href]")[:100]) if self._leads_to_author(link)), None)
        paragraphs = box.css("p")[:MAX_PARAGRAPHS]
        last = paragraphs[-1] if paragraphs else None
        closing = last if last is not None and self._tells_who(last, alone=len(paragraphs) < 2) else None
        words = (text_of(one) for one in paragraphs if closing is None or one.mem_id != closing.mem_id)
        date = first_date(text_of(closing)) if closing is not None else first_date(text_of(box, own=True))
        return Said(
            author=self.author_in(author.attributes.get("href") or "") if author is not None else None,
            author_name=(text_of(author) or None) if author is not None else None,
            text="\n\n".join(filter(None, words))[:4_000] or None,
            posted_at=date[0] if date else None,
        )

    def _leads_to_author(self, link: LexborNode) -> bool:
        return facebook_urls.leads_to_page(address_of(link.attributes.get("href") or ""))

    def _tells_who(self, paragraph: LexborNode, *, alone: bool) -> bool:
        """Whether it is no words of the post but the line with its author and its date."""
        if any(self._leads_to_author(link) for link in paragraph.css("a[href]")[:MAX_PARAGRAPHS]):
            return not alone
        links = paragraph.css("a[href]")
        dated = links and self.parse_url(links[-1].attributes.get("href") or "") is not None and first_date(text_of(links[-1]))
        return bool(dated) and not alone

    # --- replies --------------------------------------------------------------------------------------------

    def asks(self, post_id: str) -> tuple[Ask, ...]:
        return self.asks_frame(post_id)

    def is_reply(self, url: str) -> bool:
        return facebook_replies.ASKED.match(url) is not None or self.short_link(url) is not None

    def read_reply(self, url: str, status: int, location: str | None, body: bytes) -> Findings | None:
        if facebook_replies.ASKED.match(url) is not None:
            post_id = self.parse_url(url)
            return facebook_replies.read(self, post_id, url, status, body) if post_id is not None else Findings()
        if self.short_link(url) is not None and location and self.parse_url(location) is None and "/login" in location:
            return Findings()  # it wants us to log in first
        return super().read_reply(url, status, location, body)
