"""archiver.toml, read into settings that are checked; errors name the key and say what to write instead."""

import difflib
import re
import tomllib
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec

from archiver import __version__
from archiver.errors import ConfigError

# No "Mozilla" in it: t.co then answers with a plain 301 instead of a page, and servers are told the truth.
DEFAULT_USER_AGENT = f"embed-archiver/{__version__}"

Seconds = Annotated[float, msgspec.Meta(ge=0)]
Count = Annotated[int, msgspec.Meta(ge=1)]


class CrawlSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """How a crawl behaves. Options of the command line override these one by one."""

    user_agent: str = DEFAULT_USER_AGENT
    """Sent with every request. Add a contact, so that a site's owner can write to you."""
    delay: Seconds | None = None
    """Seconds between two requests to one host. Unset: 1 for sites, each platform host's own pace for platforms."""
    concurrency: Count = 8
    """Requests under way at once, over all hosts."""
    max_bytes: Count = 100_000_000
    """Of one response; what came up to there is kept and marked truncated."""
    max_time: Seconds = 120
    """Seconds for one response; what came up to there is kept and marked truncated."""
    max_pages: Count | None = None
    """Pages of one crawl."""
    screenshots: Literal["none", "posts", "pages", "all"] = "posts"
    """What a browser draws: posts by themselves and the pages that embed them; every page; both; or nothing."""
    renders: Count = 2
    """Pages drawn at once, each by a browser of its own (about 400 MB)."""
    render_time: Annotated[float, msgspec.Meta(ge=5)] = 60
    """Seconds for drawing one page; what is there by then is kept, with a reason why it may not be all."""
    proxy: str | None = None
    cacert: Path | None = None
    """A PEM file with certificate authorities to trust besides the system's."""
    connect_to: tuple[str, ...] = ()
    """HOST:PORT:ADDR:PORT, as curl's --connect-to."""
    allow_private: bool = False
    """Let private and loopback addresses be asked."""
    ignore_robots: str | None = None
    """Why robots.txt is not obeyed; the reason is recorded in the archive."""


class Config(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The whole file."""

    crawl: CrawlSettings = CrawlSettings()


def load_config(path: Path) -> Config:
    """Reads archiver.toml; a missing file means all defaults. Raises `ConfigError`."""
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError):  # where the archive's folder is a file, whoever writes there will say so
        return Config()
    except OSError as error:
        raise ConfigError(f"cannot read {path}: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path} is not valid TOML: {error}") from error
    _refuse_unknown(raw, Config, path, "")
    return _converted(raw, path)


def with_overrides(settings: CrawlSettings, **overrides: Any) -> CrawlSettings:
    """The settings with those of the command line that were given: not None, not empty, not a flag left out. 0 is given."""
    given = {name: value for name, value in overrides.items() if value is not None and value is not False and value != ()}
    return msgspec.structs.replace(settings, **given)


def _converted(raw: dict[str, Any], path: Path) -> Config:
    try:
        return msgspec.convert(raw, Config, strict=True, dec_hook=lambda kind, value: kind(value))
    except msgspec.ValidationError as error:
        reason, _, place = str(error).partition(" - at `$.")
        key = place.rstrip("`") or "the file"
        raise ConfigError(f"{path}: `{key}`: {_in_words(reason)}") from error


# msgspec's names of types, as a person would say them.
_KINDS = {
    "float": "a number",
    "int": "a whole number",
    "str": "text in quotes",
    "bool": "true or false",
    "array": "a [list]",
    "object": "a [table]",
}


def _in_words(reason: str) -> str:
    def kinds(match: re.Match[str]) -> str:
        return " or ".join(_KINDS.get(name.strip(), name.strip()) for name in match[1].split("|") if name.strip() != "null")

    told = re.sub(r"`([a-z |]+)`", kinds, reason)
    return told[:1].lower() + told[1:]


def _refuse_unknown(raw: dict[str, Any], model: type[msgspec.Struct], path: Path, prefix: str) -> None:
    fields = {field.name: field.type for field in msgspec.structs.fields(model)}
    for key, value in raw.items():
        if key not in fields:
            close = difflib.get_close_matches(key, fields, n=1) or difflib.get_close_matches(key.replace("-", "_"), fields, n=1)
            instead = f"write `{close[0]}` instead" if close else f"known here: {', '.join(fields)}"
            raise ConfigError(f"{path}: unknown key `{prefix}{key}`: {instead}")
        kind = fields[key]
        if isinstance(kind, type) and issubclass(kind, msgspec.Struct) and isinstance(value, dict):
            _refuse_unknown(value, kind, path, f"{prefix}{key}.")


_UNITS = {"": 1, "k": 1000, "m": 1000**2, "g": 1000**3}


def parse_size(text: str) -> int:
    """`100MB`, `2 GB`, `500k`, `1234` in bytes. Raises `ConfigError`."""
    match = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*([kmg]?)(?:i?b)?\s*", text, re.I)
    if match is None or float(match[1]) <= 0:
        raise ConfigError(f"`{text}` is no size: write 500k, 100MB or 2GB")
    return int(float(match[1]) * _UNITS[match[2].lower()])


def parse_duration(text: str) -> float:
    """`90`, `90s`, `15m`, `2h` in seconds. Raises `ConfigError`."""
    match = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*([smh]?)\s*", text, re.I)
    if match is None:
        raise ConfigError(f"`{text}` is no time: write 90s, 15m or 2h")
    return float(match[1]) * {"": 1, "s": 1, "m": 60, "h": 3600}[match[2].lower()]
