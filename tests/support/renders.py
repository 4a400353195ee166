"""Renders of a page and of a post with real pictures, made without a browser, and how one gets into an archive."""

from datetime import timedelta
from hashlib import sha256

from archiver.media.webp import webp_of
from archiver.model.findings import PostRef
from archiver.model.render import Quality, Render, RenderStatus, RenderTarget, Screenshot, ScreenshotKind, ScreenshotRecord
from archiver.recording.recorder import Recorder
from tests.support.exchanges import MOMENT, PAGE_URL
from tests.support.photos import page_of_text, saved

TWEET = PostRef("twitter", "1568656084437740674")
TWEET_PAGE = "https://platform.twitter.com/embed/Tweet.html?id=1568656084437740674"
PAGE = (
    b'<title>A page</title><blockquote class="twitter-tweet"><p>x</p>&mdash; A (@a) '
    b'<a href="https://twitter.com/a/status/1568656084437740674">x</a></blockquote>'
)
NOTES = {"requests": 7, "refused": 1}
VISIT = "visit-1"


def shot(kind: ScreenshotKind, seed: int, *, post: PostRef | None = None, position: int | None = None) -> Screenshot:
    quality, reason = (Quality.GOOD, None) if seed != 2 else (Quality.HALF_LOADED, "2 of its pictures did not come: “кіт” \u2028")
    return Screenshot(kind, saved(page_of_text(seed, (300, 200)), "PNG"), 300, 200, quality, reason, post, position)


def page_render() -> Render:
    shots = (
        shot(ScreenshotKind.VIEW, 1),
        shot(ScreenshotKind.FULL_PAGE, 2),
        shot(ScreenshotKind.EMBED, 3, post=TWEET, position=1),
        shot(ScreenshotKind.EMBED, 4, position=2),
    )
    moment = MOMENT + timedelta(seconds=5)
    return Render(RenderTarget(PAGE_URL), moment, RenderStatus.PARTIAL, "it kept navigating", shots, "Слова\nwords", NOTES)


def post_render() -> Render:
    shots = (shot(ScreenshotKind.EMBED, 5, post=TWEET), shot(ScreenshotKind.VIEW, 6, post=TWEET))
    return Render(RenderTarget(TWEET_PAGE, TWEET), MOMENT + timedelta(seconds=9), RenderStatus.WHOLE, None, shots, "x")


def failed_render() -> Render:
    return Render(RenderTarget(TWEET_PAGE, TWEET), MOMENT + timedelta(seconds=20), RenderStatus.FAILED, "there was no answer")


def keep_render(recorder: Recorder, render: Render) -> None:
    """As `render_service.py` does, the WebP included."""
    paths, shots = recorder.paths, []
    for one in render.screenshots:
        drawn = ScreenshotRecord(
            one.kind, render.target.url, one.width, one.height, one.quality, one.reason, one.post, one.position
        )
        webp, path = webp_of(one.png), paths.screenshot(drawn, render.started_at)
        assert webp is not None
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(webp)
        told = ScreenshotRecord(
            *(getattr(drawn, name) for name in ScreenshotRecord.__slots__[:-2]),
            path=path.relative_to(paths.data_dir).as_posix(), sha256=sha256(webp).hexdigest(),
        )  # fmt: skip
        shots.append((one, told))
    recorder.keep_render(render, shots, VISIT)
