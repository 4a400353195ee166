"""Chromium: finds one, starts it cut off from the network, and ends it whatever it does."""

import asyncio
import contextlib
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from archiver.browser.namespace import launch_command
from archiver.browser.processes import ProcessTree
from archiver.errors import BrowserFailed

if TYPE_CHECKING:
    from playwright.async_api import Browser, CDPSession, Error, Playwright

REMEDY = (
    "playwright install --only-shell chromium, or apt-get install chromium-headless-shell, or ARCHIVER_BROWSER=/path/to/chromium"
)
# The headless shell comes first: it renders 1.2 to 2.7 times as many pages a second in 0.6 of the memory. Debian's own file comes
# before what it puts on the PATH, a shell script around it. `.ci/browser` looks in the same order.
CANDIDATES = (
    "/usr/lib/chromium/chromium-headless-shell",
    "chromium-headless-shell",
    "chromium",
    "chromium-browser",
    "google-chrome",
)
LAUNCH_SECONDS = 30.0  # it takes half a second; a machine under load was seen to take five
LAUNCH_TRIES, LAUNCH_PAUSE = 3, 1.0  # a machine that is short of time or memory for a moment should not cost all screenshots
CLOSE_SECONDS = 5.0
# Of each of its processes. A page of 200,000 elements takes one; without a bound one that asks for all that there is had nine.
MEMORY_BYTES = 3 << 30
_DOWNLOADED = ("chromium_headless_shell-*/*/*headless*shell", "chromium-*/*/chrome")

# What Chromium is started with, so that it asks the gateway and nobody else.
# Chromium takes the last --disable-features that it is given, so this list holds Playwright's (1.65) as well.
_DISABLED_BY_PLAYWRIGHT = (
    "AvoidCorsURLLoaderRestartOnRedirect",  # else redirects after a preflight are aborted while requests are held (Chromium 155)
    "AvoidUnnecessaryBeforeUnloadCheckSync",
    "DestroyProfileOnBrowserClose",
    "HttpsFirstBalancedModeAutoEnable",
    "HttpsUpgrades",  # a page's http: address is asked for as it is written
    "LensOverlay",
    "MediaRouter",
    "NetworkTimeServiceQuerying",
    "OptimizationHints",
    "PaintHolding",
    "PreconnectToSearch",
    "ThirdPartyStoragePartitioning",
)
_DISABLED_BY_US = (
    "IsolateOrigins",  # frames of other sites stay in the page's process: a render has one, however many widgets it holds
    "site-per-process",
    "AutofillServerCommunication",
    "CertificateTransparencyComponentUpdater",
    "DialMediaRouteProvider",  # looks for televisions by multicast
    "DnsOverHttps",
    "InterestFeedContentSuggestions",
    "MediaEngagementBypassAutoplayPolicies",
    "NetworkErrorLogging",  # sends reports past whoever holds the requests
    "OptimizationGuideModelDownloading",
    "OptimizationHintsFetching",
    "Prerender2",  # a page rendered that nobody looks at
    "Reporting",
    "SafeBrowsingRealTimeUrlLookupAPI",
    "SpareRendererForSitePerProcess",
    "SpeculationRulesPrefetchFuture",
    "Translate",
    "TranslateUI",
    "WebRtcHideLocalIpsWithMdns",  # answers multicast DNS on every interface as soon as a page asks for a connection
    "WebTransport",
)

FLAGS = (
    "--host-resolver-rules=MAP * ~NOTFOUND",  # names and addresses alike lead nowhere
    f"--disable-features={','.join((*_DISABLED_BY_PLAYWRIGHT, *_DISABLED_BY_US))}",
    "--disable-site-isolation-trials",
    "--disable-quic",
    "--force-webrtc-ip-handling-policy=disable_non_proxied_udp",  # and there is no proxy, so: no UDP
    "--no-proxy-server",  # neither the environment's nor one that it looks for by WPAD
    "--disable-background-networking",
    "--disable-client-side-phishing-detection",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-domain-reliability",
    "--disable-sync",
    "--dns-prefetch-disable",
    "--no-pings",
    "--no-first-run",
    "--no-default-browser-check",
    "--disable-notifications",
    "--disable-remote-playback-api",
    "--disable-presentation-api",
    "--disable-print-preview",
    "--deny-permission-prompts",
    "--hide-scrollbars",
    "--mute-audio",
    "--autoplay-policy=user-gesture-required",
)


def find_browser() -> Path | None:
    """The browser to use: $ARCHIVER_BROWSER, or what is installed, or what Playwright has downloaded. None where there is none.

    An ARCHIVER_BROWSER that is no program counts as none: whoever names one does not want another.
    """
    if named := os.environ.get("ARCHIVER_BROWSER"):
        return _program(named)
    installed = next((path for name in CANDIDATES if (path := _program(name))), None)
    return installed or next(_downloaded(), None)


def why_none() -> str:
    """Why `find_browser` finds none, in words."""
    named = os.environ.get("ARCHIVER_BROWSER")
    return f"ARCHIVER_BROWSER={named} is no program" if named else "there is no browser here"


def _program(name: str) -> Path | None:
    path = shutil.which(name)
    return Path(path) if path else None


def _downloaded() -> Iterator[Path]:
    """Where `playwright install` puts browsers: the newest first, shells before whole browsers."""
    folder = Path(os.environ.get("PLAYWRIGHT_BROWSERS_PATH") or Path.home() / ".cache" / "ms-playwright")
    for pattern in _DOWNLOADED:
        for path in sorted(folder.glob(pattern), reverse=True):
            if path.is_file() and os.access(path, os.X_OK):
                yield path


class Driver:
    """Playwright's own process, 100 MB of Node: for one browser or several, started when the first one is."""

    def __init__(self) -> None:
        self.browsers: set[Chromium] = set()
        """The browsers that were launched and not closed yet."""
        self._starting = asyncio.Lock()
        self._playwright: Playwright | None = None

    async def start(self) -> "Playwright":
        async with self._starting:
            if self._playwright is None:
                from playwright.async_api import async_playwright  # 0.3 s; only a render needs it  # noqa: PLC0415

                self._playwright = await async_playwright().start()
            return self._playwright

    async def stop(self) -> None:
        """Ends it; browsers that still run end with it."""
        async with self._starting:
            playwright, self._playwright = self._playwright, None
            if playwright is not None:
                from playwright.async_api import Error  # loaded by `start`  # noqa: PLC0415

                with contextlib.suppress(Error, TimeoutError):  # it is dead already
                    async with asyncio.timeout(CLOSE_SECONDS):
                        await playwright.stop()

    async def stop_unless_used(self) -> None:
        """Where a browser did not start it may be this that has ended, and its other browsers with it, unsaid."""
        self.browsers = {each for each in self.browsers if not each.disconnected.is_set() and each.processes()}
        if not self.browsers:
            await self.stop()


class Devtools:
    """The browser-wide session of the DevTools protocol (https://chromedevtools.github.io/devtools-protocol/)."""

    def __init__(self, session: "CDPSession") -> None:
        self._session = session

    def on(self, event: str, handle: Callable[[dict[str, Any]], None]) -> None:
        self._session.on(event, handle)

    async def send(self, method: str, params: dict[str, Any]) -> dict[str, Any]:
        """Raises `BrowserFailed` where the browser refuses the command, or is gone."""
        from playwright.async_api import Error  # loaded since the launch  # noqa: PLC0415

        try:
            answer: dict[str, Any] = await self._session.send(method, params)
        except Error as error:
            raise BrowserFailed(_first_line(error)) from error
        return answer


class Chromium:
    """A browser that runs. `launch` makes one; all contexts and pages are made with its `browser`, Playwright's object."""

    def __init__(self, driver: Driver, browser: "Browser", devtools: Devtools, family: ProcessTree, *, isolated: bool) -> None:
        self.browser = browser
        self.devtools = devtools
        self.isolated = isolated
        """It has no network at all; else flags alone hold it back."""
        self.disconnected = asyncio.Event()
        """It has ended: closed, killed or crashed."""
        self._driver = driver
        self._family = family
        driver.browsers.add(self)
        browser.on("disconnected", lambda _: self.disconnected.set())

    @classmethod
    async def launch(cls, driver: Driver, executable: Path, *, isolated: bool = True) -> "Chromium":
        """A fresh browser. `caged=False`: without a network namespace, even where there could be one.

        Raises `BrowserFailed` where it does not start, tried three times. One whose launch is cancelled ends with the driver.
        """
        for _ in range(LAUNCH_TRIES - 1):
            with contextlib.suppress(BrowserFailed):
                return await cls._launched(driver, executable, isolated=isolated)
            await asyncio.sleep(LAUNCH_PAUSE)
        return await cls._launched(driver, executable, isolated=isolated)

    @classmethod
    async def _launched(cls, driver: Driver, executable: Path, *, isolated: bool) -> "Chromium":
        playwright = await driver.start()
        from playwright.async_api import Error  # noqa: PLC0415  loaded by the line before

        start = await asyncio.to_thread(launch_command, executable, isolated=isolated)
        try:
            browser = await playwright.chromium.launch(
                executable_path=start.program,
                env=dict(start.env),
                args=FLAGS,
                timeout=LAUNCH_SECONDS * 1000,
                # The user's Ctrl-C is ours to handle: what is being rendered may still be finished. (Playwright's own process
                # ignores it, and starts the browser in a session of its own, where the terminal does not reach it.)
                handle_sigint=False,
                handle_sigterm=False,
                handle_sighup=False,
            )
        except Error as error:
            await driver.stop_unless_used()  # the next launch starts another
            raise BrowserFailed(f"{executable} does not start: {_first_line(error)}; get another by {REMEDY}") from error
        try:
            devtools = Devtools(await browser.new_browser_cdp_session())
            processes = (await devtools.send("SystemInfo.getProcessInfo", {}))["processInfo"]
            family = ProcessTree(next(process["id"] for process in processes if process["type"] == "browser"))
            family.bound(MEMORY_BYTES)
        except (Error, BrowserFailed, ProcessLookupError) as error:
            await _close(browser)
            raise BrowserFailed(f"{executable} ended as soon as it was started") from error
        return cls(driver, browser, devtools, family, isolated=start.isolated)

    @property
    def version(self) -> str:
        """`156.0.8078.79`."""
        return self.browser.version

    @property
    def pid(self) -> int:
        """The id of its first process."""
        return self._family.pid

    def processes(self) -> tuple[int, ...]:
        """The ids of all its processes that still run."""
        return self._family.alive()

    async def close(self) -> None:
        """Ends it: politely, and by force after five seconds. Never raises for what the browser does."""
        await _close(self.browser)
        await self.kill()

    async def kill(self) -> None:
        """Ends all its processes at once."""
        await self._family.kill()
        self._driver.browsers.discard(self)


async def _close(browser: "Browser") -> None:
    from playwright.async_api import Error  # noqa: PLC0415  loaded since the launch

    with contextlib.suppress(Error, TimeoutError):
        async with asyncio.timeout(CLOSE_SECONDS):
            await browser.close()


def _first_line(error: "Error") -> str:
    return error.message.partition("\n")[0]
