"""Pages made to hurt a browser, drawn by the whole chain: which there are, and how each went."""

import sys
import time
import uuid
from dataclasses import dataclass
from pathlib import Path

from archiver.config.settings import CrawlSettings
from archiver.crawling.session import CrawlPlan, Session, open_session
from archiver.model.render import Render, RenderStatus, RenderTarget
from archiver.sampleweb import SampleWeb, hostile

TROUBLE = f"https://{hostile.HOST}"
MADE = ("/pictures", "/redirects", "/deep")
"""Pages that are no rows of the table of hostile pages."""
OVER_SECONDS = 10.0  # beyond the cap: what must be cleaned up, on a machine that does other things as well
MAX_MEMORY_MB = 9_000  # of this process and all below it: a browser has up to three processes that may take 3 GB each


@dataclass(frozen=True, slots=True)
class Drawn:
    """How one page went."""

    path: str
    seconds: float
    render: Render
    memory_mb: float = 0.0
    """The highest so far while it was drawn, the sample web included."""

    def trouble(self, cap: float) -> str | None:
        if self.seconds > cap + OVER_SECONDS:
            return f"took {self.seconds:.0f} s, the cap is {cap:g}"
        if self.render.ended is RenderStatus.FAILED and not self.render.reason:
            return "has neither a screenshot nor a reason"
        return f"took {self.memory_mb:.0f} MB" if self.memory_mb > MAX_MEMORY_MB else None

    def __str__(self) -> str:
        shots = ", ".join(f"{one.kind.value} {one.quality.value}" for one in self.render.screenshots) or "nothing drawn"
        figures = f"{self.path:<14} {self.seconds:5.1f} s {self.memory_mb:6.0f} MB"
        return f"{figures}  {self.render.ended.value:<8} {shots}; {self.render.reason or 'as any other page'}"


def all_paths() -> tuple[str, ...]:
    """Of every hostile page."""
    return (*hostile.paths(), *MADE)


def session_for(web: SampleWeb, archive: Path, *, seconds: float, at_once: int) -> Session:
    """Whose names alone lead to the sample web: addresses meet the guard."""
    ports = ((443, web.https_port), (80, web.http_port))
    routes = tuple(f"{host}:{port}:127.0.0.1:{here}" for host in web.host_names for port, here in ports)
    settings = CrawlSettings(delay=0, cacert=web.cacert, connect_to=routes, render_time=seconds, renders=at_once)
    session = open_session(CrawlPlan(archive, (), job="hostile", settings=settings))
    if session.rendering is None:
        sys.exit("there is no browser to draw with: `make browser` gets one")
    return session


async def drawn(session: Session, url: str) -> Drawn:
    assert session.rendering is not None
    started = time.monotonic()
    render = await session.rendering.render(RenderTarget(url), str(uuid.uuid4()))
    return Drawn(url.removeprefix(TROUBLE), time.monotonic() - started, render)
