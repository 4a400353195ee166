"""Locations of backups: a folder of this machine, or whatever fsspec knows by a URL."""

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from archiver.errors import StorageError, UsageError

_EXTRAS = {"s3": "s3", "s3a": "s3"}  # protocol -> extra of this package
# Object stores have no folders; to make one there may make a bucket, which is the user's to do.
_FLAT = {"s3", "s3a", "gs", "gcs", "az", "abfs", "adl", "oci", "oss", "memory"}


def shown(dest: str) -> str:
    """An address without user, password and options; a folder's as it is."""
    scheme, mark, rest = dest.partition("://")
    if not mark:
        return dest
    user, at, place = rest.rpartition("@")
    if "?" in user:  # of a password, or before options: nobody can tell where the place ends
        return f"{scheme}://…"
    if at:  # a password may hold any character, slashes too
        rest = f"…@{place}"
    return f"{scheme}://{rest.partition('?')[0]}"


def filesystem_of(dest: str) -> tuple[Any, str, Path | None]:
    """The filesystem, the path in it, and the folder where it is one of this machine.

    Raises `UsageError` where fsspec knows no such address or lacks a library, `StorageError` where it does not answer.
    """
    import fsspec  # 0.1 s, for those that need it  # noqa: PLC0415
    from fsspec.implementations.local import LocalFileSystem  # noqa: PLC0415

    if "://" not in dest:
        folder = Path(dest).expanduser().absolute()
        return LocalFileSystem(), str(folder), folder
    try:
        filesystem, root = fsspec.core.url_to_fs(dest)
    except ImportError as error:
        extra = _EXTRAS.get(urlsplit(dest).scheme)
        way_out = f"pip install 'embed-archiver[{extra}]'" if extra is not None else str(error)
        raise UsageError(f"for {shown(dest)} a library is missing: {way_out}") from None
    except ValueError:
        advice = "is no address that fsspec knows: give a folder, or one such as s3://bucket/path"
        raise UsageError(f"{shown(dest)} {advice}") from None
    except Exception as error:  # noqa: BLE001  each filesystem raises kinds of its own, with the address in their texts
        message = f"cannot reach {shown(dest)}: {type(error).__name__}. Is the address right, does the host answer?"
        raise StorageError(message) from None
    return filesystem, root, Path(root) if isinstance(filesystem, LocalFileSystem) else None


def is_flat(filesystem: Any) -> bool:
    """Whether it is an object store, which has names with slashes and no folders."""
    protocol = filesystem.protocol
    return bool({protocol} & _FLAT if isinstance(protocol, str) else set(protocol) & _FLAT)
