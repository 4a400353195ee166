"""Cookies: what the user's own cookie files let us send, to whom, and to nobody else."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from archiver.config.settings import HostSettings, host_settings
from archiver.errors import ConfigError
from archiver.times import Clock, utc_now

BLANKED = "[blanked]"
"""Stands in the recorded request in place of the header's value. No cookie is called so: they have a `=`."""
_HTTP_ONLY = "#HttpOnly_"  # what curl and browsers' add-ons put before the domain of a cookie that scripts do not see
_FIELDS = 7  # domain, whether for all below it, path, whether for https only, expiry, name, value
_READABLE_BY_OTHERS = 0o044
# Conditions name an earlier capture, which may have been made without these cookies: a login wall instead of the page.
_REPLACED = frozenset({"cookie", "if-none-match", "if-modified-since"})
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


@dataclass(frozen=True, slots=True)
class Cookie:
    """One line of a cookie file."""

    domain: str
    """Lower case, without a dot before it."""
    below: bool
    """Also for all hosts below the domain."""
    path: str
    secure: bool
    """For https only."""
    expires: float
    """Seconds since 1970; 0: it lasts as long as the file."""
    name: str
    value: str = field(repr=False)

    def goes_to(self, host: str, path: str, *, secure: bool) -> bool:
        """RFC 6265, 5.1.3 and 5.1.4, and the secure attribute."""
        if host != self.domain and not (self.below and host.endswith(f".{self.domain}")):
            return False
        if self.secure and not secure:
            return False
        return path == self.path or path.startswith(self.path if self.path.endswith("/") else f"{self.path}/")

    def lasts(self, moment: float) -> bool:
        return not self.expires or self.expires > moment


def read_cookie_file(path: Path) -> tuple[Cookie, ...]:
    """The cookies of a file in Netscape's format (https://curl.se/docs/http-cookies.html, read 2026-11).

    Raises `ConfigError` that names the line, and never what is in it: `http.cookiejar` puts the line itself into its complaint.
    """
    try:
        text = path.read_bytes().decode("latin-1")  # values are bytes; requests are written in latin-1 as well
    except OSError as error:
        raise ConfigError(f"the cookie file {path} cannot be read: {error.strerror}") from error
    cookies = []
    for number, line in enumerate(text.removeprefix("\u00ef\u00bb\u00bf").split("\n"), 1):
        entry = line.rstrip("\r").removeprefix(_HTTP_ONLY)
        if entry.strip() and not entry.startswith("#"):
            cookies.append(_cookie(entry, f"{path}, line {number}"))
    if not cookies:
        raise ConfigError(f"the cookie file {path} holds no cookie: export it while you are logged in, in Netscape's format")
    return tuple(cookies)


def _cookie(line: str, place: str) -> Cookie:
    fields = line.split("\t")
    fields += [""] * (len(fields) == _FIELDS - 1)  # an editor took the last tab away: the value is empty
    if len(fields) != _FIELDS:
        raise ConfigError(
            f"{place}: this is no cookie file in Netscape's format: seven fields with tabs between them make a cookie,"
            f" and here are {len(line.split(chr(9)))}"
        )
    domain, below, path, secure, expires, name, value = fields
    flags = (below.upper(), secure.upper())
    if not domain.strip(".") or not path.startswith("/") or not set(flags) <= {"TRUE", "FALSE"} or _CONTROL.search(name + value):
        raise ConfigError(f"{place}: this is no cookie: domain, TRUE or FALSE, /path, TRUE or FALSE, expiry, name, value")
    try:
        seconds = max(float(expires or 0), 0.0)  # some add-ons write a fraction, some -1 or nothing for a session's cookie
    except ValueError:
        raise ConfigError(f"{place}: the fifth field is to be when the cookie expires, in seconds since 1970") from None
    return Cookie(domain.strip(".").lower(), flags[0] == "TRUE", path, flags[1] == "TRUE", seconds, name, value)


class Cookies:
    """What may be sent where. Files are read once; a cookie that expires meanwhile is not sent any more."""

    def __init__(self, hosts: Mapping[str, HostSettings], clock: Clock = utc_now) -> None:
        """`hosts`: [hosts] of archiver.toml. Raises `ConfigError`."""
        named = {entry: host.cookies for entry, host in hosts.items() if host.cookies is not None}
        self._hosts, self._clock = hosts, clock
        self._files = {path: read_cookie_file(path) for path in dict.fromkeys(named.values())}
        self.notes = {entry: notes for entry, path in named.items() if (notes := self._notes(entry, path))}
        """What the user should know of a file, by its entry in [hosts]. No paths, no values."""

    def header_for(self, url: str) -> str | None:
        """The value of the Cookie header for a URL; None where nothing is to be sent."""
        parts = urlsplit(url)
        host = parts.hostname or ""
        file = host_settings(self._hosts, host).cookies if self._files else None
        if file is None:
            return None
        moment, secure = self._clock().timestamp(), parts.scheme == "https"
        going = [
            cookie
            for cookie in self._files[file]
            if cookie.goes_to(host, parts.path or "/", secure=secure) and cookie.lasts(moment)
        ]
        going.sort(key=lambda cookie: -len(cookie.path))  # RFC 6265, 5.4: longer paths first
        return "; ".join(f"{cookie.name}={cookie.value}" for cookie in going) or None

    def _notes(self, entry: str, path: Path) -> str:
        notes = []
        if path.stat().st_mode & _READABLE_BY_OTHERS:
            notes.append("other users of this machine can read the cookie file; `chmod 600` it")
        cookies, moment = self._files[path], self._clock().timestamp()
        expired = sum(not cookie.lasts(moment) for cookie in cookies)
        if expired:
            notes.append(f"{expired} of {len(cookies)} cookies have expired; log in and export them again")
        if not any(_may_meet(entry, cookie) for cookie in cookies):
            notes.append("no cookie in the file is for this host; look at the domains in it")
        return "; ".join(notes)


def _may_meet(entry: str, cookie: Cookie) -> bool:
    """Whether a host of the entry may get this cookie."""
    name = entry.removeprefix(".")
    above = cookie.domain == name or (cookie.below and name.endswith(f".{cookie.domain}"))
    return above or (entry.startswith(".") and cookie.domain.endswith(entry))


def with_cookies(headers: Sequence[tuple[str, str]], own: str) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """The headers as they are sent and as they are recorded.

    Without conditions: the answer is to be a whole one. A browser's own cookies stay; of one name, it is the browser's that is
    sent: the server has set it since.
    """
    browsers = [each.strip() for name, value in headers if name.lower() == "cookie" for each in value.split(";") if each.strip()]
    names = {each.partition("=")[0] for each in browsers}
    sent = "; ".join((*browsers, *(each for each in own.split("; ") if each.partition("=")[0] not in names)))
    others = [(name, value) for name, value in headers if name.lower() not in _REPLACED]
    return [*others, ("Cookie", sent)], [*others, ("Cookie", BLANKED)]
