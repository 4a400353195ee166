"""The settings of archiver.toml: their keys, defaults and checks. Errors name the key and say what to write instead."""

import tomllib
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec

from archiver import __version__
from archiver.config.reader import DURATION, SIZE, Reading, allowed_keys
from archiver.config.units import Schedule, parse_zone
from archiver.errors import ConfigError

# No "Mozilla" in it: t.co then answers with a plain 301 instead of a page, and servers are told the truth.
DEFAULT_USER_AGENT = f"embed-archiver/{__version__}"

# From where a post by itself is navigated to when no captured page embeds it, or when the page that does is refused. YouTube's
# player shows nothing but "Error 153" to who comes from nowhere, since 2025-10; programs that are no web site are to name
# themselves as an https address (developers.google.com/youtube/terms/required-minimum-functionality, "API Client Identity"), and
# many name a site of their own, or their maker's. This program has none, and those who run it have different ones; this address
# is reserved for examples (RFC 2606, 3) and is a page about just that, so nobody's site is said to embed anything.
NEUTRAL_REFERER = "https://www.example.com/"

# Both may be written as text as well: "90s", "100MB". TOML knows `inf`; what never ends is left out instead.
MAX_SECONDS = 366 * 86_400
Seconds = Annotated[float, msgspec.Meta(ge=0, le=MAX_SECONDS, extra={"reads": DURATION})]
Bytes = Annotated[int, msgspec.Meta(ge=1, extra={"reads": SIZE})]
Count = Annotated[int, msgspec.Meta(ge=1)]
Scope = Literal["page", "feed", "prefix", "site"]


class CrawlSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """How a crawl behaves. Options of the command line override these one by one."""

    user_agent: str = DEFAULT_USER_AGENT
    """Sent with every request. Add a contact, so that a site's owner can write to you."""
    delay: Seconds | None = None
    """Seconds between two requests to one host. Unset: 1 for sites, each platform host's own pace for platforms."""
    concurrency: Count = 8
    """Requests under way at once, over all hosts."""
    max_bytes: Bytes = 100_000_000
    """Of one response; what came up to there is kept and marked truncated."""
    max_time: Seconds = 120
    """Seconds for one response; what came up to there is kept and marked truncated."""
    max_pages: Count | None = None
    """Pages of one crawl."""
    stop_after: Seconds | None = None
    """Seconds after which a crawl stops as after Ctrl-C; the next run goes on with it."""
    min_free: Bytes = 500_000_000
    """Bytes: a crawl stops before less than this is free on the archive's disk, and goes on when there is room."""
    screenshots: Literal["none", "posts", "pages", "all"] = "posts"
    """What a browser renders: posts by themselves and the pages that embed them; every page; both; or nothing."""
    renders: Count = 2
    """Pages rendered at once, each by a browser of its own (about 400 MB)."""
    render_time: Annotated[float, msgspec.Meta(ge=5, le=MAX_SECONDS, extra={"reads": DURATION})] = 60
    """Seconds for rendering one page; what is there by then is kept, with a reason why it may not be all."""
    proxy: str | None = None
    cacert: Path | None = None
    """A PEM file with certificate authorities to trust besides the system's. In archiver.toml: relative to it."""
    connect_to: tuple[str, ...] = ()
    """HOST:PORT:ADDR:PORT, as curl's --connect-to."""
    allow_private: bool = False
    """Let private and loopback addresses be asked."""
    ignore_robots: str | None = None
    """Why robots.txt is not obeyed; the reason is recorded in the archive."""


class JobSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One crawl that is done again and again. In the file it may have every key of [crawl] besides, which counts for it alone."""

    seeds: Annotated[tuple[str, ...], msgspec.Meta(min_length=1)]
    """URLs. One without a scheme is taken as https://."""
    schedule: str | None = None
    """When, in cron's five fields, in the time zone of [run]. None: only by hand."""
    enabled: bool = True
    """False: the job rests, also where it is due."""
    scope: Scope | None = None
    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    since: date | None = None
    crawl: CrawlSettings = CrawlSettings()
    """[crawl] with what the job says otherwise."""


class HostSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Settings of one host, or of all below a name that begins with a dot."""

    delay: Seconds | None = None
    """Seconds between two requests; goes over the platform's pace and [crawl]."""
    cookies: Path | None = None
    """A cookie file in Netscape's format, absolute. The path itself is as private as what is in it."""


class PingSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """URLs that are requested as a run goes, for a service that raises an alarm when no request came. They are secrets."""

    start: str | None = None
    success: str | None = None
    """All jobs that ran ended well: exit code 0."""
    failure: str | None = None


class RunSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """How `archiver run` behaves. Paths are absolute."""

    timezone: str = "UTC"
    """IANA name, in which schedules are read."""
    log: Path | None = None
    """JSON Lines: one event a line, appended."""
    metrics: Path | None = None
    """A text file for Prometheus' node_exporter, written anew after each run."""
    probe: str | None = None
    """When the platforms are probed, as a job's schedule; None: only by hand."""
    ping: PingSettings = PingSettings()


PROBE_JOB = "platforms.probe"
"""What the probe of the platforms is called among the jobs; none of archiver.toml can have this name, as it has a dot."""


class TimestampAuthority(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A service that signs when a manifest existed (RFC 3161)."""

    url: str
    root: Path
    """A PEM file with the certificate that its signatures are to lead to, absolute."""


class DoorSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One public way to ask a platform about a post, where it is otherwise than this program knows. See docs/platforms.md."""

    address: str | tuple[str, ...] | None = None
    """The URL, with `{id}` or `{url}` for the post; a list is tried in its order."""
    on: bool | None = None
    """False: nothing is asked there. True: it is asked although it is off by itself."""
    pace: Seconds | None = None
    """Seconds between two requests to its host."""


class PlatformSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What is otherwise with one platform than this program knows."""

    order: tuple[str, ...] = ()
    """Names of its doors, in the order in which they are asked; the others come after them."""
    control: tuple[str, ...] = ()
    """Ids or addresses of posts that are known to be live."""
    gone: tuple[str, ...] = ()
    """Ids or addresses of posts that are known to be gone."""
    doors: dict[str, DoorSettings] = {}
    """By name."""


class Config(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """All of archiver.toml."""

    crawl: CrawlSettings = CrawlSettings()
    jobs: dict[str, JobSettings] = {}
    """By name, in the order of the file."""
    hosts: dict[str, HostSettings] = {}
    """By host name in lower case, or `.` and a name for all hosts below it."""
    run: RunSettings = RunSettings()
    timestamps: tuple[TimestampAuthority, ...] = ()
    platforms: dict[str, PlatformSettings] = {}
    """By name. Whether the names of platforms and doors are known, `archiver.platforms.doors` says."""


LATER = ("recheck", "notify")
"""Tables that a later version will know."""


def load_config(path: Path) -> Config:
    """Reads archiver.toml; a missing file means all defaults. Raises `ConfigError`."""
    try:
        if path.exists() and not path.is_file():  # in a foreign archive: a pipe would be waited for, a device has no end
            raise ConfigError(f"cannot read {path}: it is no regular file")
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError):  # where the archive's folder is a file, whoever writes there will say so
        return Config()
    except OSError as error:
        raise ConfigError(f"cannot read {path}: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path} is not valid TOML: {error}") from error
    return _read(raw, Reading(path))


def job_named(config: Config, name: str, path: Path) -> JobSettings:
    """The job of that name; `path` is that of archiver.toml, for the message. Raises `ConfigError` where there is none."""
    if name not in config.jobs:
        known = f"there are {', '.join(config.jobs)}" if config.jobs else "there is none"
        raise ConfigError(f"{path} has no job `{name}`: {known}; write [jobs.{name}] with its seeds")
    return config.jobs[name]


def with_overrides(settings: CrawlSettings, **overrides: Any) -> CrawlSettings:
    """The settings with those of the command line that were given: not None, not empty, not a flag left out. 0 is given."""
    given = {name: value for name, value in overrides.items() if value is not None and value is not False and value != ()}
    return msgspec.structs.replace(settings, **given)


def hosts_beside(hosts: Mapping[str, HostSettings], delay: float | None) -> dict[str, HostSettings]:
    """[hosts] beside a `--delay` of the command line, which goes over theirs; None: none was given."""
    return {name: host if delay is None else msgspec.structs.replace(host, delay=None) for name, host in hosts.items()}


def host_settings(hosts: Mapping[str, HostSettings], name: str) -> HostSettings:
    """The settings of the host `name`: each from its own entry, else from that of the nearest `.name` above it."""
    entries = [hosts[key] for key in (name, *_above(name)) if key in hosts]
    given: dict[str, Any] = {
        name: next((value for entry in entries if (value := getattr(entry, name)) is not None), None)
        for name in HostSettings.__struct_fields__
    }
    return HostSettings(**given)


DEFAULT_DELAY_SECONDS = 1.0  # for a site that names no Crawl-delay: the one that robots.txt files name most often


def delay_at(name: str, hosts: Mapping[str, HostSettings], delay: float | None, paces: Mapping[str, float]) -> float:
    """Seconds between two requests to the host `name`: its own setting, else `delay` for all, else what `paces` has for it."""
    own = host_settings(hosts, name).delay
    given = delay if own is None else own
    return paces.get(name, DEFAULT_DELAY_SECONDS) if given is None else given


def _above(name: str) -> Iterator[str]:
    """`.b.example`, `.example` for `a.b.example`."""
    while "." in name:
        name = name.partition(".")[2]
        yield f".{name}"


def _read(raw: dict[str, Any], file: Reading) -> Config:
    for name in LATER:
        if name in raw:
            raise file.wrong(name, "comes in a later version; leave it out")
    file.refuse_unknown(raw, allowed_keys(Config), "")
    tables = {name: file.table(raw, name) for name in ("crawl", "jobs", "hosts", "run", "platforms")}
    crawl = checked_crawl_settings(tables["crawl"], "crawl", file)
    run = file.read(RunSettings, tables["run"], "run")
    _check_run(run, file)
    return Config(
        crawl=crawl,
        jobs={name: _job(name, job, tables["crawl"], file) for name, job in tables["jobs"].items()},
        hosts=_hosts(tables["hosts"], file),
        run=run,
        timestamps=tuple(
            _authority(f"timestamps[{number}]", entry, file) for number, entry in enumerate(file.tables(raw, "timestamps"), 1)
        ),
        platforms={name: _platform(name, platform, file) for name, platform in tables["platforms"].items()},
    )


def _job(name: str, raw: Any, crawl: dict[str, Any], file: Reading) -> JobSettings:
    key = f"jobs.{name}"
    file.check_name(name, key)
    own = allowed_keys(JobSettings, without=("crawl",))
    given = file.as_table(raw, key)
    file.refuse_unknown(given, own | allowed_keys(CrawlSettings), key)
    if "seeds" not in given:
        raise file.wrong(f"{key}.seeds", 'is missing: write which pages, feeds or sites, as in seeds = ["https://blog.example/"]')
    over = {name: value for name, value in given.items() if name not in own}
    job = file.read(JobSettings, {name: value for name, value in given.items() if name in own}, key)
    for seed in job.seeds:
        file.check_url(seed, f"{key}.seeds")
    for patterns in ("include", "exclude"):
        for pattern in getattr(job, patterns):
            file.check_pattern(pattern, f"{key}.{patterns}")
    if job.schedule is not None:
        file.checked_by(Schedule, job.schedule, f"{key}.schedule")
    return msgspec.structs.replace(job, crawl=checked_crawl_settings(crawl | over, key, file))


def checked_crawl_settings(raw: dict[str, Any], key: str, file: Reading) -> CrawlSettings:
    """The table `raw` as settings, with defaults for what it leaves out. Raises `ConfigError` that names what is wrong."""
    settings = file.read(CrawlSettings, raw, key)
    file.check_header(settings.user_agent, f"{key}.user_agent")
    file.check_file(settings.cacert, f"{key}.cacert", "write the path of a PEM file with certificates")
    if settings.ignore_robots is not None and not settings.ignore_robots.strip():
        raise file.wrong(
            f"{key}.ignore_robots", "write the reason, which is recorded; or leave the key out, so that it is obeyed"
        )
    return settings


def _hosts(raw: dict[str, Any], file: Reading) -> dict[str, HostSettings]:
    hosts: dict[str, HostSettings] = {}
    for written, host in raw.items():
        name = file.host(written)
        if name in hosts:
            raise file.wrong(f'hosts."{written}"', "stands there twice, in other letters: write one table for it")
        hosts[name] = _host(written, host, file)
    return hosts


def _host(name: str, raw: Any, file: Reading) -> HostSettings:
    host = file.read(HostSettings, file.as_table(raw, f'hosts."{name}"'), f'hosts."{name}"')
    file.check_file(host.cookies, f'hosts."{name}".cookies', "export the browser's cookies to it, in Netscape's format")
    return host


def _platform(name: str, raw: Any, file: Reading) -> PlatformSettings:
    key = f"platforms.{name}"
    given = file.as_table(raw, key)
    platform = file.read(PlatformSettings, {name: value for name, value in given.items() if name != "doors"}, key)
    doors = {
        door: file.read(DoorSettings, file.as_table(value, f"{key}.doors.{door}"), f"{key}.doors.{door}")
        for door, value in file.as_table(given.get("doors", {}), f"{key}.doors").items()
    }
    return msgspec.structs.replace(platform, doors=doors)


def _authority(key: str, raw: Any, file: Reading) -> TimestampAuthority:
    authority = file.read(TimestampAuthority, raw, key)
    file.check_url(authority.url, f"{key}.url")
    file.check_file(authority.root, f"{key}.root", "the authority's web page has its certificate, in PEM format")
    return authority


def _check_run(run: RunSettings, file: Reading) -> None:
    file.checked_by(parse_zone, run.timezone, "run.timezone")
    if run.probe is not None:
        file.checked_by(Schedule, run.probe, "run.probe")
    for name in ("log", "metrics"):
        file.check_folder(getattr(run, name), f"run.{name}")
    for name in ("start", "success", "failure"):
        url = getattr(run.ping, name)
        if url is not None:
            file.check_url(url, f"run.ping.{name}", secret=True)
