"""Trusted timestamps of manifests: where tokens and root certificates lie, how one is asked for, what they prove."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from archiver.errors import ConfigError
from archiver.evidence.rfc3161 import (
    MAX_WORDS,
    NotAToken,
    NotTrusted,
    Root,
    Signed,
    TokenRefused,
    check_token,
    read_root,
    request_for,
)
from archiver.model.exchange import Truncated
from archiver.network.fetcher import Fetcher, FetchLimits
from archiver.storage.files.atomic import open_regular, write_whole
from archiver.storage.files.paths import ArchivePaths, page_name
from archiver.storage.warc.manifests import MAX_MANIFEST_BYTES, Manifest, ManifestProblem
from archiver.wire.http1 import ResponseHead

MAX_TOKEN_BYTES = 1 << 20  # real ones have 2 to 10 KB, all certificates included
LIMITS = FetchLimits(max_bytes=MAX_TOKEN_BYTES, max_seconds=60.0, head_seconds=30.0)
HEADERS = (  # RFC 3161, 3.4
    ("Content-Type", "application/timestamp-query"),
    ("Accept", "application/timestamp-reply"),
    ("Accept-Encoding", "identity"),
)
NOT_AS_MARKED = "its bytes are not those that its name tells of"
MAX_KEPT_ROOTS = 100  # each token is checked with each; an authority has a new one every ten years
OTHER_ROOT = "give its authority's certificate too, where that is another one: --tsa-root FILE"
REFETCH = "fetch it back from a backup, or move it away: `archiver run` then asks for another, of today"


@dataclass(frozen=True, slots=True)
class TokenCheck:
    """One token of an archive, and what it proves."""

    file: str
    """Relative to the data folder."""
    manifest: str
    """The name of the manifest that it stands beside."""
    at: datetime | None = None
    """The manifest existed by then: UTC, by the authority's clock. None where the token proves nothing."""
    authority: str | None = None
    """Who signed: the name in the certificate. It comes from elsewhere, as all of it does."""
    root: str | None = None
    """The file whose certificate it leads to."""
    problem: str | None = None
    remedy: str | None = None


# --- where they lie -------------------------------------------------------------------------------------------------------


def signed_by(paths: ArchivePaths, url: str) -> set[str]:
    """The names of the manifests for which there is a token of the authority at `url`."""
    return {f"{path.name.partition('.')[0]}.json" for path in paths.manifests.glob(f"*.{page_name(url)}.*.tsr")}


def keep_token(paths: ArchivePaths, manifest: Manifest, url: str, token: bytes) -> None:
    """As `manifests/20261122030405.<authority>.<mark>.tsr`, safe on the disk. Raises `StorageError`.

    The mark, of its hash, tells of damage that the signature does not cover: that of certificates nobody needs.
    """
    name = f"{manifest.name.removesuffix('.json')}.{page_name(url)}.{_mark(token)}.tsr"  # two of one host have two page names
    write_whole(paths.manifests / name, token, durable=True)


def keep_root(paths: ArchivePaths, root: Root, url: str) -> None:
    """A copy beside the tokens. Each that was ever trusted stays: older tokens lead to it. Raises `StorageError`."""
    path = paths.manifests / "authorities" / f"{page_name(url)}.{_mark(root.pem)}.pem"
    if not (path.is_file() and path.read_bytes() == root.pem):  # a damaged one is made good
        write_whole(path, root.pem, durable=True)


def kept_roots(paths: ArchivePaths) -> list[Root]:
    """The copies of an archive, those that are undamaged. Whoever can forge the archive can forge these: compare them with what
    the authority publishes, or give its certificate yourself."""
    return [root for root, problem in _roots(paths) if root is not None and problem is None]


def check_roots(paths: ArchivePaths) -> list[ManifestProblem]:
    """Which of the copies are damaged."""
    return [problem for _, problem in _roots(paths) if problem is not None]


def _roots(paths: ArchivePaths) -> Iterator[tuple[Root | None, ManifestProblem | None]]:
    folder = paths.manifests / "authorities"
    found = sorted(filter(Path.is_file, folder.glob("*.pem"))) if folder.is_dir() else []
    if len(found) > MAX_KEPT_ROOTS:
        what = f"holds {len(found):,} certificates: the first {MAX_KEPT_ROOTS:,} are used"
        yield None, ManifestProblem(paths.relative(folder), what, "move away those that no authority of yours had")
    for path in found[:MAX_KEPT_ROOTS]:
        remedy = "fetch it back from a backup, or the certificate anew from the authority"
        try:
            root = replace(read_root(path), name=paths.relative(path))  # no file that somebody gives has such a name
        except ConfigError as error:
            yield None, ManifestProblem(paths.relative(path), str(error), remedy)
            continue
        yield root, None if _as_marked(path, root.pem) else ManifestProblem(paths.relative(path), NOT_AS_MARKED, remedy)


def _mark(data: bytes) -> str:
    return sha256(data).hexdigest()[:16]


def _as_marked(path: Path, data: bytes) -> bool:
    return path.stem.rpartition(".")[2] == _mark(data)


# --- asking ---------------------------------------------------------------------------------------------------------------


async def ask(fetcher: Fetcher[Any], url: str, data: bytes, root: Root) -> bytes:
    """A token for these bytes, checked. Raises `NetworkError` where the authority does not answer, `TokenRefused` where its
    answer is worth nothing."""
    request = request_for(data)
    fetched = await fetcher.fetch(url, method="POST", headers=HEADERS, body=request.as_bytes(), limits=LIMITS)
    exchange = fetched.exchange
    if exchange.head.status != 200:
        raise TokenRefused(_status_in_words(exchange.head))
    if exchange.truncated is not None:
        larger = f"its answer is larger than {MAX_TOKEN_BYTES >> 20} MB, which no timestamp is"
        raise TokenRefused(larger if exchange.truncated is Truncated.LENGTH else "its answer broke off")
    token = exchange.payload.bytes()
    try:
        check_token(token, data, [root], request.nonce)
    except NotAToken as error:
        kind = (exchange.head.get("content-type") or "")[:MAX_WORDS]
        if not kind or "timestamp-reply" in kind.lower():
            raise
        raise TokenRefused(f"its answer is {kind}, not a timestamp: is the URL right?") from error
    return token


def _status_in_words(head: ResponseHead) -> str:
    if 300 <= head.status < 400:
        target = (head.get("location") or "nowhere")[:MAX_WORDS]
        return f"it sends us on to {target}: if that is right, write that URL in archiver.toml"
    return f"it answered with HTTP status {head.status}"


# --- checking -------------------------------------------------------------------------------------------------------------


def check_tokens(paths: ArchivePaths, manifests: Iterable[Manifest], roots: Sequence[Root]) -> Iterator[TokenCheck]:
    """Every token of an archive: who signed when, or what is wrong. Asks nobody. `roots`: those that are trusted, as `read_root`
    and `kept_roots` give them. A token that lies beside no manifest is told too: somebody took the manifest away."""
    there = {manifest.name for manifest in manifests}
    for path in sorted(paths.manifests.glob("*.tsr")) if paths.manifests.is_dir() else ():
        name = f"{path.name.partition('.')[0]}.json"
        file = paths.relative(path)
        if name not in there:
            yield TokenCheck(
                file, name, problem=f"its manifest {name} is not there", remedy="fetch the manifest back from a backup"
            )
            continue
        try:
            signed = _checked(path, paths.manifests / name, roots)
        except NotTrusted as error:
            yield TokenCheck(file, name, problem=str(error), remedy=f"{OTHER_ROOT}; else {REFETCH}" if roots else OTHER_ROOT)
        except TokenRefused as error:
            yield TokenCheck(file, name, problem=str(error), remedy=REFETCH)
        else:
            yield TokenCheck(file, name, signed.at, signed.authority, signed.root.name)


def _checked(path: Path, manifest: Path, roots: Sequence[Root]) -> Signed:
    try:
        with open_regular(path) as token_file, open_regular(manifest) as file:
            token, data = token_file.read(MAX_TOKEN_BYTES + 1), file.read(MAX_MANIFEST_BYTES + 1)
    except OSError as error:
        raise TokenRefused(f"it cannot be read: {error.strerror}") from error
    if len(token) > MAX_TOKEN_BYTES:
        raise TokenRefused("it is larger than any timestamp")
    signed = check_token(token, data, roots)
    if not _as_marked(path, token):
        raise TokenRefused(f"{NOT_AS_MARKED}; what it proves still holds")
    return signed


def existed_by(manifests: Sequence[Manifest], checks: Iterable[TokenCheck]) -> dict[str, datetime]:
    """By when each manifest existed, by its name; those that nothing proves are left out.

    A token proves its own manifest, and all before it as far as the chain is whole: each has in it the hash of the one before.
    """
    times: dict[str, datetime] = {}
    for check in checks:
        if check.at is not None:
            times[check.manifest] = min(check.at, times.get(check.manifest, check.at))
    hashes = {manifest.name: manifest.sha256 for manifest in manifests}
    for manifest in reversed(manifests):
        before, at = manifest.previous, times.get(manifest.name)
        if before is not None and at is not None and hashes.get(before.name) == before.sha256:
            times[before.name] = min(at, times.get(before.name, at))
    return times
