"""The settings of the add-on, all named ARCHIVE_*: read and checked before anything is asked for."""

import difflib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scrapy.settings import BaseSettings

from archiver.config.settings import CrawlSettings
from archiver.config.units import parse_size
from archiver.errors import ConfigError, UsageError
from archiver.network.routes import ConnectTo

PREFIX = "ARCHIVE_"
HANDLER = "archiver.scrapy.handler.RecordingHandler"
# What Scrapy's own handlers go by and the fetcher does not: a project that sets one of these is told so.
WITHOUT_EFFECT = (
    "DOWNLOADER_CLIENTCONTEXTFACTORY",
    "DOWNLOADER_CLIENT_TLS_CIPHERS",
    "DOWNLOADER_CLIENT_TLS_METHOD",
    "DOWNLOADER_CLIENT_TLS_VERBOSE_LOGGING",
    "DOWNLOAD_TLS_MAX_VERSION",
    "DOWNLOAD_TLS_MIN_VERSION",
    "DNS_RESOLVER",
    "DNS_TIMEOUT",
)
_TRUE, _FALSE = ("1", "true"), ("0", "false")
_REMEDIES = (  # what the fetcher and the recorder advise, which speak of the command line, and the setting that does the same
    ("--archive DIR", "ARCHIVE_DIR"),
    ("--allow-private", "ARCHIVE_ALLOW_PRIVATE = True"),
    ("--connect-to", "ARCHIVE_CONNECT_TO"),
    ("--cacert", "ARCHIVE_CACERT"),
    ("set min_free in archiver.toml", "set ARCHIVE_MIN_FREE"),
    ("check --proxy", 'check `request.meta["proxy"]`'),
    ("--proxy", "the proxy"),
)


@dataclass(frozen=True, slots=True)
class ArchiveOptions:
    """What the settings say, checked. docs/scrapy.md has the table."""

    directory: Path = Path("archive")
    """The archive. Relative to the folder in which Scrapy runs."""
    enabled: bool = True
    job: str | None = None
    """None: the spider's name."""
    allow_private: bool = False
    connect_to: tuple[ConnectTo, ...] = ()
    cacert: Path | None = None
    blank_headers: frozenset[str] = frozenset({"authorization"})
    """Request headers, in lower case, whose values are sent and not recorded."""
    min_free: int = CrawlSettings().min_free
    """Bytes that stay free on the archive's disk."""


def read_options(settings: BaseSettings) -> ArchiveOptions:
    """Raises `ConfigError` that names the setting and says what to write."""
    fields: dict[str, tuple[str, Callable[[str, Any], Any]]] = {
        "ARCHIVE_DIR": ("directory", _path),
        "ARCHIVE_ENABLED": ("enabled", _flag),
        "ARCHIVE_JOB": ("job", _job),
        "ARCHIVE_ALLOW_PRIVATE": ("allow_private", _flag),
        "ARCHIVE_CONNECT_TO": ("connect_to", _routes),
        "ARCHIVE_CACERT": ("cacert", _certificates),
        "ARCHIVE_BLANK_HEADERS": ("blank_headers", _header_names),
        "ARCHIVE_MIN_FREE": ("min_free", _size),
    }
    for name in sorted(name for name in settings if name.startswith(PREFIX) and name not in fields):
        near = difflib.get_close_matches(name, fields, 1, 0.5)
        remedy = f"did you mean {near[0]}?" if near else f"there are {', '.join(fields)}"
        raise ConfigError(f"{name} is no setting of the archive's add-on: {remedy}")
    given = {name: settings[name] for name in fields if settings[name] is not None}
    return ArchiveOptions(**{fields[name][0]: fields[name][1](name, value) for name, value in given.items()})


def refuse_other_handlers(settings: BaseSettings) -> None:
    """A project's own handler for http or https would fetch what then is not recorded. Raises `ConfigError`."""
    for scheme in ("http", "https"):
        handler = settings["DOWNLOAD_HANDLERS"].get(scheme)
        if handler not in (None, HANDLER):
            raise ConfigError(
                f'DOWNLOAD_HANDLERS["{scheme}"] is {handler}: what that fetches cannot be recorded. Take it out,'
                " or write ARCHIVE_ENABLED = False for this spider"
            )


def require_our_handlers(settings: BaseSettings) -> None:
    """What Scrapy will use in the end, whoever set it. Raises `ConfigError` where that would record nothing."""
    for scheme in ("http", "https"):
        handler = settings.getwithbase("DOWNLOAD_HANDLERS").get(scheme)
        if handler != HANDLER:
            raise ConfigError(f"{handler} is to fetch {scheme} addresses, and what that fetches cannot be recorded")


def without_effect(settings: BaseSettings) -> list[str]:
    """The settings of Scrapy that this project sets and that do nothing beside the add-on."""
    return [name for name in WITHOUT_EFFECT if (settings.getpriority(name) or 0) > 0]


def in_settings_words(message: str) -> str:
    """A message that advises an option of the command line, with the setting in its place."""
    for option, setting in _REMEDIES:
        message = message.replace(option, setting)
    return message


def _wrong(name: str, value: Any, write: str) -> ConfigError:
    return ConfigError(f"{name} = {value!r} is not understood: write {write}")


def _flag(name: str, value: Any) -> bool:
    text = str(value).lower()  # as text from `-s NAME=1`
    if text not in (*_TRUE, *_FALSE):
        raise _wrong(name, value, f"{name} = True or False")
    return text in _TRUE


def _path(name: str, value: Any) -> Path:
    if not isinstance(value, (str, Path)) or not str(value):
        raise _wrong(name, value, f'{name} = "a/folder"')
    return Path(value)


def _certificates(name: str, value: Any) -> Path:
    path = _path(name, value)
    if not path.is_file():
        raise _wrong(name, value, "the path of a PEM file with certificates")
    return path


def _job(name: str, value: Any) -> str:
    if not isinstance(value, str) or not value.strip() or not value.isprintable():
        raise _wrong(name, value, f'{name} = "a-name", under which `archiver status` tells of this crawl')
    return value


def _texts(name: str, value: Any, example: str) -> list[str]:
    texts = [part.strip() for part in value.split(",")] if isinstance(value, str) else value
    if not isinstance(texts, (list, tuple, set, frozenset)) or not all(isinstance(text, str) for text in texts):
        raise _wrong(name, value, f'{name} = ["{example}"]')
    return [text for text in texts if text]


def _routes(name: str, value: Any) -> tuple[ConnectTo, ...]:
    routes = []
    for text in _texts(name, value, "::127.0.0.1:8443"):
        try:
            routes.append(ConnectTo.parse(text))
        except UsageError as error:
            raise ConfigError(f"{name}: {in_settings_words(str(error))}") from None
    return tuple(routes)


def _header_names(name: str, value: Any) -> frozenset[str]:
    return frozenset(text.lower() for text in _texts(name, value, "Authorization"))


def _size(name: str, value: Any) -> int:
    if not isinstance(value, (str, int)) or isinstance(value, bool):
        raise _wrong(name, value, f'{name} = "500MB"')
    try:
        return parse_size(str(value))
    except ConfigError as error:
        raise ConfigError(f"{name}: {error}") from None
