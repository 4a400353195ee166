"""The exception tree. Each class carries the exit code with which a command ends when nobody handles it.

ArchiverError                 1   a bug of ours, or an unforeseen failure
├── UsageError                2   wrong arguments
│   ├── ConfigError           2   a wrong key or value in archiver.toml
│   └── NotAnArchive          2   the folder, or a database in it, is somebody else's
├── ArchiveHeld               3   another run holds the archive
├── SeedsFailed               4   seeds or pages could not be captured
├── PagesUnread               4   pages or files that extract was given could not be read
├── NothingFound              5   none of the things asked for is known
├── StorageError              6   the disk is full or not writable
│   ├── DiskFull              6   less room is left than a crawl keeps free
│   └── NewerFormat           6   the archive was written by a newer program
├── BadRecord                 7   a WARC record that cannot be read
├── BadFile                   7   a file that is not what its seal says
├── VerificationFailed        7   something in the archive is not as it was recorded
├── BrowserFailed             4   the browser does not start, or is gone
└── NetworkError              4   a request that got no response
    ├── BadUrl                    not something that can be asked for
    ├── HostNotFound              the name does not resolve
    ├── AddressRefused            a private, loopback or otherwise guarded address
    ├── ConnectionFailed          nobody answers there, or the connection broke before any byte
    ├── CertificateRefused        TLS could not be trusted
    ├── ProxyFailed               the proxy refused to connect us
    ├── TooSlow                   no response head within the time cap
    └── NotHttp                   what came is no HTTP response at all
"""

from typing import ClassVar


class ArchiverError(Exception):
    """Something went wrong; the message says what happened and what to do."""

    exit_code = 1


class UsageError(ArchiverError):
    """The command was asked for something it does not do. Change the arguments."""

    exit_code = 2


class ConfigError(UsageError):
    """archiver.toml has a wrong key or value; the message names the key and what to write instead."""


class NotAnArchive(UsageError):
    """The folder, or a database in it, is somebody else's. Choose another one; nothing was written."""


class ArchiveHeld(ArchiverError):
    """Another run writes to this archive. Wait for it, or stop it; nothing was changed."""

    exit_code = 3


class SeedsFailed(ArchiverError):
    """Some seeds or pages could not be captured. They are listed, and tried again by the same command."""

    exit_code = 4


class DoorsFailed(ArchiverError):
    """Some ways to ask a platform do not answer as they did. They are listed; docs/platforms.md says what to do."""

    exit_code = 4


class PagesUnread(ArchiverError):
    """Some pages, or parts of files, could not be read. They are listed; all others were."""

    exit_code = 4


class NothingFound(ArchiverError):
    """None of the references is known to this archive."""

    exit_code = 5


class StorageError(ArchiverError):
    """The archive folder, or another disk, cannot be written to or read. Nothing that was recorded before is lost."""

    exit_code = 6


class DiskFull(StorageError):
    """Less is free than a crawl leaves free. What was recorded is safe; make room, and the same command goes on."""

    def __init__(self, message: str, *, urgent: bool = False) -> None:
        """`urgent`: so little that what is under way must not be written either."""
        super().__init__(message)
        self.urgent = urgent


class NewerFormat(StorageError):
    """The index was made by a newer version of the program. Upgrade, or `archiver reindex` with this one."""


class BadRecord(ArchiverError):
    """A WARC record cannot be read at the place where it should be."""

    exit_code = 7


class VerificationFailed(ArchiverError):
    """Something in the archive is not as it was recorded. Each problem is listed, with what to do about it."""

    exit_code = 7


class BadFile(ArchiverError):
    """A file, or a copy of one, has not the sha256 that it should have, or cannot be read. It took the place of nothing."""

    exit_code = 7


class BrowserFailed(ArchiverError):
    """The browser does not start, refuses a command, or has ended. Start another; nothing that was recorded is lost."""

    exit_code = 4


class NetworkError(ArchiverError):
    """A request that got no response. Says nothing about whether what was asked for still exists."""

    exit_code = 4
    final: ClassVar[bool] = False
    """Whether a second try within the same minutes would end alike."""


class BadUrl(NetworkError):
    """The URL has no http or https scheme, no host, or cannot be parsed."""

    final = True


class HostNotFound(NetworkError):
    """The host's name does not resolve (now)."""

    final = True


class AddressRefused(NetworkError):
    """The address is private, loopback, link-local or reserved. `--allow-private` lets it through."""

    final = True


class ConnectionFailed(NetworkError):
    """The connection was refused, reset or closed before a response came."""


class CertificateRefused(NetworkError):
    """The server's certificate is not trusted for this name. `--cacert` adds a certificate authority."""

    final = True


class ProxyFailed(NetworkError):
    """The proxy could not be reached or would not open a tunnel."""


class TooSlow(NetworkError):
    """No complete response head came within the time cap."""


class NotHttp(NetworkError):
    """The bytes that came do not begin like an HTTP/1.x response; they are kept in `received`."""

    def __init__(self, message: str, received: bytes = b"") -> None:
        super().__init__(message)
        self.received = received
