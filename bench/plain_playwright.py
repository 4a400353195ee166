"""The peer of the render benchmark: Playwright as anybody would use it, which keeps nothing but pictures.

`python -m bench.plain_playwright URLS.json HTTPS_PORT AT_ONCE BROWSER`: for each address a fresh context, navigation, the network
idle, a scroll to the end and back for lazy pictures, the view, the full page, each frame, the text.
"""

import asyncio
import json
import sys
from pathlib import Path

from playwright.async_api import Browser, Error, async_playwright

VIEWPORT = {"width": 1280, "height": 1024}
SCROLL = """async () => {
  for (let y = 0; y < document.body.scrollHeight; y += innerHeight) {
    scrollTo(0, y);
    await new Promise(done => setTimeout(done, 50));
  }
  scrollTo(0, 0);
}"""


async def draw(browser: Browser, url: str) -> None:
    context = await browser.new_context(viewport=VIEWPORT, ignore_https_errors=True)  # type: ignore[arg-type]
    page = await context.new_page()
    await page.goto(url, wait_until="networkidle")
    await page.evaluate(SCROLL)
    await page.wait_for_load_state("networkidle")
    await page.screenshot()
    await page.screenshot(full_page=True)
    for frame in await page.query_selector_all("iframe"):
        try:
            await frame.screenshot(timeout=5_000)
        except Error:  # one that is not visible
            continue
    await page.inner_text("body")
    await context.close()


async def main(listed: Path, port: str, at_once: int, executable: str) -> None:
    waiting = iter(json.loads(listed.read_text()))
    async with async_playwright() as playwright:
        rule = f"--host-resolver-rules=MAP *:443 127.0.0.1:{port}"
        browser = await playwright.chromium.launch(executable_path=executable, args=[rule])

        async def work() -> None:
            for url in waiting:
                await draw(browser, url)

        await asyncio.gather(*(work() for _ in range(at_once)))
        await browser.close()


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]), sys.argv[4]))
