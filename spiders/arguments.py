"""What `scrapy crawl posts` may be given with `-a`, as `archiver crawl` has options: read into the plan of a crawl.

Each is honoured or refused. `url` (several with spaces between) or `job`, `archive`, `scope`, `since`, `include`, `exclude`, and
every key of [crawl] in archiver.toml, which it overrides.
"""

import difflib
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path

import msgspec

from archiver.config.reader import Reading, allowed_keys
from archiver.config.settings import CrawlSettings, checked_crawl_settings, hosts_beside, load_config
from archiver.crawling.session import CrawlPlan, plan_of_job
from archiver.errors import BadUrl, ConfigError, UsageError
from archiver.storage.files.paths import ArchivePaths
from archiver.urls import checked, with_scheme
from spiders.scope import SCOPES

PLAN_ARGUMENTS = ("url", "job", "archive", "scope", "since", "include", "exclude")
NOT_WITH_JOB = ("url", "scope", "since", "include", "exclude")  # they stand in archiver.toml, as part of what the job is
KNOWN = (*PLAN_ARGUMENTS, *allowed_keys(CrawlSettings))


def plan_of_arguments(arguments: Mapping[str, str]) -> CrawlPlan:
    """The crawl that the arguments ask for; what they do not say stands in archiver.toml. Raises `UsageError`."""
    for name in arguments:
        if name not in KNOWN:
            close = difflib.get_close_matches(name.replace("-", "_"), KNOWN, n=1)
            instead = f"did you mean {close[0]}? " if close else ""
            raise UsageError(f"-a {name}=… is unknown: {instead}There are {', '.join(KNOWN)}")
    data_dir = Path(arguments.get("archive", "archive"))
    config = load_config(ArchivePaths(data_dir).config)
    overrides = {name: text for name, text in arguments.items() if name not in PLAN_ARGUMENTS}
    if "job" in arguments:
        beside = [name for name in NOT_WITH_JOB if name in arguments]
        if beside:
            raise _wrong(beside[0], arguments[beside[0]], "what a job crawls stands in archiver.toml; leave it out, or `job`")
        plan = plan_of_job(data_dir, config, arguments["job"])
    else:
        plan = CrawlPlan(
            data_dir, _seeds(arguments), _scope(arguments), include=_one_of(arguments, "include"),
            exclude=_one_of(arguments, "exclude"), since=_day(arguments), settings=config.crawl, hosts=config.hosts,
            platforms=config.platforms,
            timestamps=config.timestamps,
        )  # fmt: skip
    settings = _overridden(plan.settings, overrides)
    return replace(plan, settings=settings, hosts=hosts_beside(config.hosts, settings.delay if "delay" in overrides else None))


def _wrong(name: str, text: str, reason: str) -> UsageError:
    return UsageError(f"-a {name}={text}: {reason}")


def _seeds(arguments: Mapping[str, str]) -> tuple[str, ...]:
    seeds: dict[str, None] = {}
    for url in arguments.get("url", "").split():
        try:
            seeds[checked(with_scheme(url))] = None
        except BadUrl as error:
            raise UsageError(f"-a url=…: {error}") from None
    if not seeds:
        raise UsageError("give at least one URL, or a job: scrapy crawl posts -a url=https://blog.example/")
    return tuple(seeds)


def _scope(arguments: Mapping[str, str]) -> str | None:
    scope = arguments.get("scope")
    if scope is not None and scope not in SCOPES:
        raise _wrong("scope", scope, f"there are {', '.join(SCOPES)}")
    return scope


def _day(arguments: Mapping[str, str]) -> str | None:
    if "since" not in arguments:
        return None
    try:
        return date.fromisoformat(arguments["since"]).isoformat()
    except ValueError:
        raise _wrong("since", arguments["since"], "write a day like 2022-09-01") from None


def _one_of(arguments: Mapping[str, str], name: str) -> tuple[str, ...]:
    """A regular expression; Scrapy takes each argument once, so several are written as `first|second`."""
    if name not in arguments:
        return ()
    _Arguments(arguments).check_pattern(arguments[name], name)
    return (arguments[name],)


class _Arguments(Reading):
    """Reads `-a` arguments as a table of archiver.toml in which all is text. Paths are relative to the current folder."""

    strict = False

    def __init__(self, arguments: Mapping[str, str]) -> None:
        super().__init__(Path("-a"))
        self._arguments = arguments

    def wrong(self, key: str, reason: str) -> ConfigError:
        name = key.rpartition(".")[2].partition("[")[0]
        return ConfigError(f"-a {name}={self._arguments.get(name, '')}: {reason.removesuffix(', got text in quotes')}")


def _overridden(settings: CrawlSettings, overrides: Mapping[str, str]) -> CrawlSettings:
    raw = {name: text.split() if name == "connect_to" else text for name, text in overrides.items()}
    given = checked_crawl_settings(raw, "crawl", _Arguments(overrides))
    return msgspec.structs.replace(settings, **{name: getattr(given, name) for name in overrides})
