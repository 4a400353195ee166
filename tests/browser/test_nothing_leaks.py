"""No byte leaves the browser but through whoever answers its requests: pages try every way out, and its sockets are watched.

Held back by the network namespace, and by flags alone for machines that allow none. In both WebRTC still binds UDP sockets,
and sends nothing from them.
"""

import asyncio
import socket
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Literal

import pytest

from archiver.browser.chromium import Chromium, Devtools, Driver
from archiver.browser.gateway import Gateway, main_frame_of
from archiver.browser.namespace import unshare_command
from archiver.browser.processes import ProcessTree
from archiver.browser.traffic import BrowserResponse
from tests.browser.sites import ANYBODY, SCRIPT, Site, drawing, page
from tests.support.sockets import Ears, Watcher, listening, sent

pytestmark = pytest.mark.asyncio(loop_scope="session")

WORKER = (
    b"""fetch('https://from.worker.example/'); new WebSocket('wss://127.0.0.1:%TCP%'); new WebSocket('ws://127.0.0.1:%TCP%')"""
)
SECONDS_TO_ESCAPE = 4  # ICE gives a candidate half a second, and a STUN server's second packet comes after a quarter


@pytest.fixture
def ears() -> Iterator[Ears]:
    with listening() as ears:
        yield ears


def own_address() -> str:
    """An address of this machine beside loopback, where there is one. Nothing is sent: a datagram socket is only connected."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking, suppress(OSError):
        asking.connect(("192.0.2.1", 9))
        return str(asking.getsockname()[0])
    return "127.0.0.2"


def aimed(text: str, ears: Ears) -> str:
    return text.replace("%TCP%", str(ears.tcp_port)).replace("%UDP%", str(ears.udp_port)).replace("%OWN%", own_address())


def escaping(ears: Ears, address: str) -> Site:
    """A page that tries them all, with headers that try more."""
    script = aimed((Path(__file__).parent / "escaping.js").read_text(encoding="utf-8"), ears)
    here = f"https://127.0.0.1:{ears.tcp_port}"
    headers = (
        ("Link", f"<{here}>; rel=preconnect, <//pre.example>; rel=dns-prefetch, <{here}/l>; rel=prefetch"),
        ("NEL", '{"report_to": "all", "max_age": 600, "success_fraction": 1, "failure_fraction": 1}'),
        ("Report-To", f'{{"group": "all", "max_age": 600, "endpoints": [{{"url": "{here}/report"}}]}}'),
        ("Content-Security-Policy-Report-Only", f"img-src 'none'; report-uri {here}/csp; report-to all"),
        ("Alt-Svc", f'h3=":{ears.udp_port}"'),
        ("Speculation-Rules", f'"{here}/rules.json"'),
    )
    worker = BrowserResponse(200, (SCRIPT, ANYBODY), aimed(WORKER.decode(), ears).encode())
    return Site({address: page(f"<body><script>{script}</script>", *headers), f"{address}worker.js": worker})


# Each pair of the three once: every look takes some seconds of waiting for what must not come.
@pytest.mark.parametrize(
    ("isolated", "address", "workers"),
    [
        pytest.param(True, "https://blog.example/", "allow", id="namespace, https, workers allowed"),
        pytest.param(True, "http://blog.example/", "block", id="namespace, http, workers blocked"),
        pytest.param(False, "https://blog.example/", "block", id="by flags alone, https, workers blocked"),
        pytest.param(False, "http://blog.example/", "allow", id="by flags alone, http, workers allowed"),
    ],
)
async def test_no_byte_leaves_but_through_the_gateway(
    driver: Driver, executable: Path, ears: Ears, isolated: bool, address: str, workers: Literal["allow", "block"]
) -> None:
    chromium = await Chromium.launch(driver, executable, isolated=isolated)
    try:
        gateway = await Gateway.open(chromium.devtools)
        site = escaping(ears, address)
        with Watcher(chromium.processes).watching() as watcher:
            async with drawing(chromium, gateway, site, service_workers=workers) as (tab, traffic):
                await tab.goto(address, wait_until="commit")
                await tab.wait_for_function("window.tried > 150")
                await asyncio.sleep(SECONDS_TO_ESCAPE)
        assert watcher.looks > 5
        assert [seen for seen in watcher.seen if seen.connected or seen.protocol.startswith("tcp")] == []
        assert ears.heard() == []
        assert chromium.isolated == (isolated and unshare_command() is not None)
        if chromium.isolated:
            assert set(sent(chromium.pid).values()) == {0}
        # It did try: what can come through the gateway came.
        assert {"https://from.worker.example/", f"{address}prerendered"} & set(site.urls)
        assert traffic.notes["not_sent"] > 10
    finally:
        await chromium.close()


async def test_without_the_flags_and_the_namespace_it_would_be_seen_and_heard(
    driver: Driver, executable: Path, ears: Ears
) -> None:
    # The control: the same page through the same gateway, in a browser as Playwright starts it.
    playwright = await driver.start()
    browser = await playwright.chromium.launch(executable_path=executable)
    try:
        devtools = Devtools(await browser.new_browser_cdp_session())
        processes = (await devtools.send("SystemInfo.getProcessInfo", {}))["processInfo"]
        family = ProcessTree(next(process["id"] for process in processes if process["type"] == "browser"))
        tab = await browser.new_page()
        address = "http://blog.example/"
        gateway = await Gateway.open(devtools)
        gateway.begin(escaping(ears, address).answer, await main_frame_of(tab))
        with Watcher(family.alive).watching() as watcher:
            await tab.goto(address, wait_until="commit")
            heard = await asyncio.to_thread(ears.heard_within, 30, "tcp", "udp")
            saw = await asyncio.to_thread(watcher.saw_within, 30, "tcp", "udp")
        await gateway.end()
        assert heard == {"tcp", "udp"}
        assert saw == {"tcp", "udp"}
    finally:
        await browser.close()
