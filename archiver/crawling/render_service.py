"""Draws pages: a few browsers, all they ask for served by the fetcher, all they show kept in the archive."""

import asyncio
import hashlib
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from archiver.crawling.response_cache import Served
from archiver.crawling.subresources import Fetch, Supply
from archiver.model.render import Drawn, Render, RenderTarget, Screenshot
from archiver.recording.recorder import Recorder
from archiver.storage.files.atomic import write_whole
from archiver.storage.files.paths import ArchivePaths
from archiver.times import Clock, utc_now
from archiver.workers.process import WorkerCrashed, WorkerProcess

if TYPE_CHECKING:
    from archiver.browser.capture import EmbedFinder
    from archiver.browser.renderer import Renderer

PREVIEW_SECONDS = 60  # a picture of 16,384 pixels' height takes about one


class Rendering:
    """For one event loop; `close` it there. `at_once` pages are drawn at the same time, each by a browser of its own."""

    def __init__(
        self,
        recorder: Recorder,
        fetch: Fetch,
        served: Served,
        places: "EmbedFinder",
        *,
        user_agent: str,
        executable: Path,
        at_once: int,
        seconds: float,
        clock: Clock = utc_now,
    ) -> None:
        """`seconds`: what drawing one page may take."""
        self._recorder = recorder
        self._supply = Supply(fetch, served)
        self.hooks = self._supply.hooks
        self._previews = WorkerProcess("archiver.media.webp", PREVIEW_SECONDS)
        self._user_agent, self._places, self._executable = user_agent, places, executable
        self._at_once, self._seconds, self._clock = at_once, seconds, clock
        self._lanes: list[Renderer] = []
        self._free: asyncio.Queue[Renderer] = asyncio.Queue()

    async def render(self, target: RenderTarget, page_id: str) -> Render:
        """Draws one page and keeps what came of it; `page_id` is the UUID of this visit.

        Raises `StorageError`, and `BrowserFailed` where no browser starts.
        """
        self._make_lanes()
        lane = await self._free.get()
        visit = self._supply.visit(target, page_id)
        try:
            render = await lane.render(target, visit.answer)
        finally:
            self._free.put_nowait(lane)
        await self._keep(render, page_id, visit.with_cookies)
        return render

    async def close(self) -> None:
        """Ends the browsers. A render that is under way should have been cancelled before."""
        await self._supply.close()
        await asyncio.gather(*(lane.close() for lane in self._lanes))
        await self._previews.close()

    def _make_lanes(self) -> None:
        from archiver.browser.renderer import RenderCaps, Renderer  # 0.1 s; only who draws needs it  # noqa: PLC0415

        if not self._lanes:
            caps = RenderCaps(self._seconds)
            self._lanes = [
                Renderer(
                    user_agent=self._user_agent, places=self._places, executable=self._executable, caps=caps,
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
        """None where the PNG could not be read: it is kept all the same."""
        try:
            webp = await self._previews.ask(shot.png)
        except WorkerCrashed:
            return None
        assert webp is None or isinstance(webp, bytes)
        return webp


def _drawn(render: Render, shot: Screenshot, paths: ArchivePaths, webp: bytes | None) -> Drawn:
    drawn = Drawn(shot.kind, render.target.url, shot.width, shot.height, shot.quality, shot.reason, shot.post, shot.position)
    if webp is None:
        return drawn
    path = paths.screenshot(drawn, render.started_at).relative_to(paths.data_dir).as_posix()
    return replace(drawn, path=path, sha256=hashlib.sha256(webp).hexdigest())
