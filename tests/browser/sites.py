"""Sites that the tests make up: what a browser asks for is answered from a dictionary."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Literal

from playwright.async_api import Page

from archiver.browser.chromium import Chromium
from archiver.browser.gateway import Gateway, main_frame_of
from archiver.browser.traffic import BrowserRequest, BrowserResponse, Traffic

HTML = ("Content-Type", "text/html; charset=utf-8")
SCRIPT = ("Content-Type", "text/javascript")
ANYBODY = ("Access-Control-Allow-Origin", "*")


def page(markup: str, *headers: tuple[str, str], status: int = 200) -> BrowserResponse:
    return BrowserResponse(status, (HTML, *headers), markup.encode())


def redirect(location: str, *headers: tuple[str, str]) -> BrowserResponse:
    return BrowserResponse(302, (("Location", location), *headers), b"")


class Site:
    """Answers what it knows, and 404 to all else."""

    def __init__(self, answers: dict[str, BrowserResponse | Exception]) -> None:
        self.answers = answers
        self.asked: list[BrowserRequest] = []
        self.held: dict[str, asyncio.Event] = {}
        """Answers that wait for these."""
        self.cancelled: list[str] = []

    @property
    def urls(self) -> list[str]:
        return [asked.url for asked in self.asked]

    def of(self, url: str) -> BrowserRequest:
        return next(asked for asked in self.asked if asked.url == url)

    async def answer(self, asked: BrowserRequest) -> BrowserResponse:
        self.asked.append(asked)
        if held := self.held.get(asked.url):
            try:
                await held.wait()
            except asyncio.CancelledError:
                self.cancelled.append(asked.url)
                raise
        answer = self.answers.get(asked.url, page("not here", status=404))
        if isinstance(answer, Exception):
            raise answer
        return answer


@asynccontextmanager
async def drawing(
    chromium: Chromium, gateway: Gateway, site: Site, *, service_workers: Literal["allow", "block"] = "block"
) -> AsyncIterator[tuple[Page, Traffic]]:
    """A fresh page whose requests the site answers, until it is over."""
    context = await chromium.browser.new_context(service_workers=service_workers)
    page = await context.new_page()
    traffic = gateway.begin(site.answer, await main_frame_of(page))
    try:
        yield page, traffic
    finally:
        try:
            await gateway.end()
        finally:
            await context.close()
