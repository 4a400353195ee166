"""Reads tables of archiver.toml into settings; an error names the key and says what to write instead."""

import difflib
import re
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, Literal, TypeVar, get_args, get_origin

import msgspec

from archiver.config.units import parse_duration, parse_size
from archiver.errors import BadUrl, ConfigError
from archiver.urls import checked, with_scheme

SIZE, DURATION = "size", "duration"
_READERS: dict[str, Callable[[str], float]] = {SIZE: parse_size, DURATION: parse_duration}

S = TypeVar("S", bound=msgspec.Struct)


class Reading:
    """One archiver.toml. Paths in it are relative to its folder."""

    strict = True
    """False where numbers and flags are written as text."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def wrong(self, key: str, reason: str) -> ConfigError:
        return ConfigError(f"{self.path}: `{key}`: {reason}")

    def read(self, model: type[S], raw: dict[str, Any], key: str) -> S:
        """The table as settings. Raises `ConfigError`."""
        self.refuse_unknown(raw, allowed_keys(model), key)
        try:
            return msgspec.convert(self._parsed(model, raw, key), model, strict=self.strict, dec_hook=self._custom)
        except msgspec.ValidationError as error:
            reason, _, place = str(error).partition(" - at `$")
            missing = re.fullmatch(r"Object missing required field `(\w+)`", reason)
            if missing is not None:
                raise self.wrong(f"{key}.{missing[1]}", "is missing: write it too") from error
            raise self.wrong(f"{key}{place.rstrip('`')}", _in_words(reason)) from error

    def _parsed(self, model: type[msgspec.Struct], raw: dict[str, Any], key: str) -> dict[str, Any]:
        """With sizes and durations that are written as text read, and unknown keys of the tables in it refused."""
        parsed = dict(raw)
        for field in msgspec.structs.fields(model):
            value = raw.get(field.name)
            name = f"{key}.{field.name}"
            if isinstance(field.type, type) and issubclass(field.type, msgspec.Struct) and isinstance(value, dict):
                self.refuse_unknown(value, allowed_keys(field.type), name)
            reader = _reader_of(field.type)
            if reader is not None and isinstance(value, str):
                parsed[field.name] = self.checked_by(reader, value, name)
            choices = _choices_of(field.type)
            if choices and isinstance(value, str) and value not in choices:
                close = difflib.get_close_matches(value, choices, n=1)
                raise self.wrong(name, f"`{value}` is none of {', '.join(choices)}{f': write {close[0]}' if close else ''}")
        return parsed

    def _custom(self, kind: type, value: Any) -> Any:
        """Paths are what msgspec does not know."""
        if not isinstance(value, str):
            raise ValueError("expected a path in quotes")
        try:
            return kind(self.path.absolute().parent / Path(value).expanduser())
        except RuntimeError:  # `~nobody/x`
            raise ValueError(f"{value} names a user who has no home here: write the whole path") from None

    # --- tables -----------------------------------------------------------------------------------------------------------

    def table(self, raw: dict[str, Any], key: str) -> dict[str, Any]:
        return self.as_table(raw.get(key, {}), key)

    def as_table(self, value: Any, key: str) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise self.wrong(key, f"expected a [table], got {_kind_of(value)}")
        return value

    def tables(self, raw: dict[str, Any], key: str) -> list[dict[str, Any]]:
        """[[key]], any number of times."""
        value = raw.get(key, [])
        if not isinstance(value, list) or not all(isinstance(entry, dict) for entry in value):
            raise self.wrong(key, f"expected [[{key}]], in two brackets, as there may be several")
        return value

    def refuse_unknown(self, raw: Iterable[str], known: dict[str, None], prefix: str) -> None:
        for key in raw:
            if key not in known:
                close = difflib.get_close_matches(key.replace("-", "_"), known, n=1)
                instead = f"write `{close[0]}` instead" if close else f"known here: {', '.join(known)}"
                raise ConfigError(f"{self.path}: unknown key `{f'{prefix}.' if prefix else ''}{key}`: {instead}")

    # --- values -----------------------------------------------------------------------------------------------------------

    def checked_by(self, check: Callable[[str], Any], value: str, key: str) -> Any:
        """The result of `check`; its `ConfigError` is raised anew with the key."""
        try:
            return check(value)
        except ConfigError as error:
            raise self.wrong(key, str(error)) from error

    def check_name(self, name: str, key: str) -> None:
        if re.fullmatch(r"[A-Za-z0-9_-]{1,60}", name) is None:
            raise self.wrong(key, "a job's name has letters, digits, - and _ only, 60 at most")

    def check_url(self, url: str, key: str, *, secret: bool = False) -> None:
        try:
            checked(with_scheme(url) if not secret else url)
        except BadUrl as error:  # which repeats it: `-v` would show it as well
            raise self.wrong(key, "is no URL that begins with http:// or https://" if secret else str(error)) from None

    def check_header(self, text: str, key: str) -> None:
        """A line break in it would add headers to each request."""
        if re.fullmatch(r"[\x21-\x7e]([\x20-\x7e]*[\x21-\x7e])?", text) is None:
            raise self.wrong(key, "is sent in a header: write a name in ASCII letters on one line, or leave the key out")

    def check_pattern(self, pattern: str, key: str) -> None:
        try:
            re.compile(pattern)
        except re.error as error:
            raise self.wrong(key, f"`{pattern}` is no regular expression: {error}. A dot is written \\\\.") from error

    def host(self, name: str) -> str:
        """A host's name as it is looked up: in lower case and IDNA; a dot before it stays."""
        bare = name.removeprefix(".")
        try:
            name_in_url = checked(f"https://{bare}/").removeprefix("https://").removesuffix("/")
        except BadUrl:
            name_in_url = ""
        if not bare or not name_in_url or any(each in bare for each in "/:@?#*"):
            raise self.wrong(f'hosts."{name}"', 'write the name of a host alone, as in [hosts."blog.example"], or with a dot'
                             ' before it for all below: [hosts.".blog.example"]')  # fmt: skip
        return f".{name_in_url}" if name.startswith(".") else name_in_url

    def check_file(self, path: Path | None, key: str, advice: str) -> None:
        if path is not None and not path.is_file():
            raise self.wrong(key, f"there is no file {path}: {advice}, or leave the key out")

    def check_folder(self, path: Path | None, key: str) -> None:
        if path is not None and not path.parent.is_dir():
            raise self.wrong(key, f"there is no folder {path.parent}: make it, or write another path")
        if path is not None and path.is_dir():
            raise self.wrong(key, f"{path} is a folder: write the path of a file")


def allowed_keys(model: type[msgspec.Struct], without: Iterable[str] = ()) -> dict[str, None]:
    """The keys of a table, in the order in which its settings are declared."""
    return {field.name: None for field in msgspec.structs.fields(model) if field.name not in without}


def _reader_of(kind: Any) -> Callable[[str], float] | None:
    """How text is read where a number is wanted; None where the number alone will do."""
    for each in (kind, *get_args(kind)):
        for meta in getattr(each, "__metadata__", ()):
            if isinstance(meta, msgspec.Meta) and meta.extra:
                return _READERS[meta.extra["reads"]]
    return None


def _choices_of(kind: Any) -> tuple[str, ...]:
    """What the field may say, where that is one of a few words."""
    for each in (kind, *get_args(kind)):
        if get_origin(each) is Literal:
            return get_args(each)
    return ()


# msgspec's names of types, as a person would say them.
_KINDS = {
    "float": "a number",
    "int": "a whole number",
    "str": "text in quotes",
    "bool": "true or false",
    "array": "a [list]",
    "object": "a [table]",
    "date": "a day like 2022-09-01",
    "datetime": "a time",
}
_OF_PYTHON = {"dict": "object", "list": "array"}


def _kind_of(value: Any) -> str:
    name = type(value).__name__
    return _KINDS.get(_OF_PYTHON.get(name, name), name)


def _in_words(reason: str) -> str:
    def kinds(match: re.Match[str]) -> str:
        return " or ".join(_KINDS.get(name.strip(), name.strip()) for name in match[1].split("|") if name.strip() != "null")

    words = re.sub(r"`([a-z |]+)`", kinds, reason.replace("Invalid RFC3339 encoded date", "Expected `date`"))
    return words[:1].lower() + words[1:]
