"""The render service: a few browsers whose requests the fetcher answers, and whose screenshots the recorder keeps."""

import asyncio
import hashlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from archiver.crawling.response_cache import ResponseCache
from archiver.crawling.subresources import Fetch, Subresources
from archiver.media.webp import MODULE, MakeWebp
from archiver.model.render import Render, RenderTarget, Screenshot, ScreenshotRecord
from archiver.recording.recorder import Recorder
from archiver.storage.files.atomic import write_whole
from archiver.storage.files.paths import ArchivePaths
from archiver.times import Clock, utc_now
from archiver.workers.process import WorkerCrashed, WorkerProcess

if TYPE_CHECKING:
    from archiver.browser.capture import EmbedFinder
    from archiver.browser.renderer import Renderer

PREVIEW_SECONDS = 60  # a picture of 16,384 pixels' height takes about one


class RenderService:
    """Renders pages, `at_once` at a time, each in a browser of its own. Made, used and closed in one event loop."""

    def __init__(
        self,
        recorder: Recorder,
        fetch: Fetch,
        cache: ResponseCache,
        find_embeds: "EmbedFinder",
        *,
        user_agent: str,
        executable: Path,
        at_once: int,
        seconds: float,
        clock: Clock = utc_now,
    ) -> None:
        """`seconds`: what rendering one page may take."""
        self._recorder = recorder
        self._subresources = Subresources(fetch, cache)
        self.hooks = self._subresources.hooks
        self._previews = WorkerProcess(MODULE, PREVIEW_SECONDS)
        self._user_agent, self._find_embeds, self._executable = user_agent, find_embeds, executable
        self._at_once, self._seconds, self._clock = at_once, seconds, clock
        self._lanes: list[Renderer] = []
        self._free: asyncio.Queue[Renderer] = asyncio.Queue()

    async def render(self, target: RenderTarget, page_id: str, *, keep: Callable[[Render], bool] = lambda _: True) -> Render:
        """Renders one page and records the result, where `keep` says so; `page_id` is the UUID of this visit (WARC-Page-ID).

        Raises `StorageError`, and `BrowserFailed` where no browser starts.
        """
        self._make_lanes()
        lane = await self._free.get()
        visit = self._subresources.visit(target, page_id)
        try:
            render = await lane.render(target, visit.answer)
        finally:
            self._free.put_nowait(lane)
        if keep(render):
            await self._keep(render, page_id, visit.with_cookies)
        return render

    async def close(self) -> None:
        """Ends the browsers. Cancel renders that are under way before."""
        await self._subresources.close()
        await asyncio.gather(*(lane.close() for lane in self._lanes))
        await self._previews.close()

    def _make_lanes(self) -> None:
        from archiver.browser.renderer import RenderCaps, Renderer  # 0.1 s; only a render needs it  # noqa: PLC0415

        if not self._lanes:
            caps = RenderCaps(self._seconds)
            self._lanes = [
                Renderer(
                    user_agent=self._user_agent, find_embeds=self._find_embeds, executable=self._executable, caps=caps,
                    clock=self._clock,
                )
                for _ in range(self._at_once)
            ]  # fmt: skip
            for lane in self._lanes:
                self._free.put_nowait(lane)

    async def _keep(self, render: Render, page_id: str, with_cookies: bool) -> None:
        shots, previews = [], []
        for shot in render.screenshots:
            webp = await self._preview(shot)
            drawn = _drawn(render, shot, self._recorder.paths, webp)
            shots.append((shot, drawn))
            if webp is not None and drawn.path is not None:
                previews.append((drawn.path, webp))
        self._recorder.keep_render(render, shots, page_id, with_cookies=with_cookies)
        for path, webp in previews:
            write_whole(self._recorder.paths.data_dir / path, webp)

    async def _preview(self, shot: Screenshot) -> bytes | None:
        """The screenshot as WebP; None where the PNG cannot be read."""
        try:
            webp: bytes | None = await self._previews.ask(MakeWebp(shot.png), bytes | None)
        except WorkerCrashed:
            return None
        return webp


def _drawn(render: Render, shot: Screenshot, paths: ArchivePaths, webp: bytes | None) -> ScreenshotRecord:
    drawn = ScreenshotRecord(
        shot.kind, render.target.url, shot.width, shot.height, shot.quality, shot.reason, shot.post, shot.position
    )
    if webp is None:
        return drawn
    path = paths.screenshot(drawn, render.started_at).relative_to(paths.data_dir).as_posix()
    return replace(drawn, path=path, sha256=hashlib.sha256(webp).hexdigest())
