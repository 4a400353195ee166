"""YouTube: players of all ages, from Flash objects to lazy facades, and the many forms of a video's URL."""

import re
from collections.abc import Mapping
from typing import ClassVar

from archiver.findings import EmbedKind
from archiver.platforms.base import Example
from archiver.platforms.declared import Declared, Marker, MediaForm

_ID = r"(?P<id>[\w-]{11})(?![\w-])"
_BARE_ID = re.compile(rf"^\s*{_ID}\s*$")
# Names that stand where an id would: a player of a list or channel is not of one video.
_NOT_VIDEOS = frozenset(("videoseries", "live_stream"))
_VIDEO = "dQw4w9WgXcQ"


class YouTube(Declared):
    """Ids have 11 characters; case counts."""

    name = "youtube"
    title = "YouTube"
    hosts = ("youtube.com", "youtube-nocookie.com", "youtu.be", "ytimg.com", "youtube.googleapis.com", "yewtu.be", "invidio.us")
    urls = (
        re.compile(rf"(?:[\w-]+\.)?(?:youtube(?:-nocookie)?\.com|youtube\.googleapis\.com)/(?:embed|v|e|shorts|live|vi)/{_ID}"),
        re.compile(
            rf"(?:[\w-]+\.)?youtube(?:-nocookie)?\.com/(?:watch|ytscreeningroom|attribution_link|embed/?)[/\w]*\?[^#]*?\bv={_ID}"
        ),
        re.compile(rf"(?:[\w-]+\.)?youtube\.com/(?:watch/|#!?/?watch\?v=|watch#!?v=|user/\w+#p/\w+/(?:\w+/\d+/)?){_ID}"),
        re.compile(rf"youtu\.be/{_ID}"),
        re.compile(rf"(?:yewtu\.be|invidio\.us)/(?:watch\?v=|embed/){_ID}"),
    )
    canonical = "https://www.youtube.com/watch?v={id}"
    markers = (
        Marker("lite-youtube", ("videoid", "video-id"), EmbedKind.PLACEHOLDER, _BARE_ID),
        Marker("amp-youtube", ("data-videoid",), EmbedKind.AMP, _BARE_ID),
        Marker("youtube-video", ("video-id", "src"), EmbedKind.PLACEHOLDER, _BARE_ID),
    )
    media_forms = (
        MediaForm(
            re.compile(rf"(?:i\d*\.ytimg\.com|img\.youtube\.com)/(?:vi|vi_webp|an_webp)/{_ID}/\w+"),
            "i.ytimg.com/vi/{id}",
            ("https://i.ytimg.com/vi/{id}/maxresdefault.jpg", "https://i.ytimg.com/vi/{id}/hqdefault.jpg"),
        ),
    )
    oembed = "https://www.youtube.com/oembed?format=json&url={url}"
    paces: ClassVar[dict[str, float]] = {"www.youtube.com": 0.5, "i.ytimg.com": 0.1}
    examples = (
        Example(f'<iframe src="https://www.youtube.com/embed/{_VIDEO}?feature=oembed" allowfullscreen></iframe>', (_VIDEO,)),
        Example(f'<iframe src="//www.youtube-nocookie.com/embed/{_VIDEO}"></iframe>', (_VIDEO,)),
        Example(f'<iframe src="about:blank" data-lazy-src="https://www.youtube.com/embed/{_VIDEO}"></iframe>', (_VIDEO,)),
        Example(f'<lite-youtube videoid="{_VIDEO}"></lite-youtube>', (_VIDEO,)),
        Example(f'<amp-youtube data-videoid="{_VIDEO}" layout="responsive"></amp-youtube>', (_VIDEO,)),
        Example(f"<figure class='wp-block-embed'><div>\nhttps://youtu.be/{_VIDEO}\n</div></figure>", (_VIDEO,)),
        Example(
            f'<object><param name="movie" value="http://www.youtube.com/v/{_VIDEO}&amp;hl=en"></param>'
            f'<embed src="http://www.youtube.com/v/{_VIDEO}&amp;hl=en" type="application/x-shockwave-flash"></embed></object>',
            (_VIDEO,),
        ),
        Example(f'<p>As <a href="https://www.youtube.com/watch?v={_VIDEO}&amp;t=3">here</a>.</p>', links=(_VIDEO,)),
        Example('<iframe src="https://www.youtube.com/embed/videoseries?list=PL4qTakKkQATKOyZPJG_cAMnRtF7fAIdST"></iframe>'),
        Example('<p>My <a href="https://www.youtube.com/@mira">channel</a></p>'),
    )

    def id_of(self, groups: Mapping[str, str | None]) -> str | None:
        return None if groups["id"] in _NOT_VIDEOS else groups["id"]
