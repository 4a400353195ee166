"""Manifests, their chain and their timestamps."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from archiver.config.settings import load_config
from archiver.errors import ConfigError
from archiver.evidence.rfc3161 import Root, read_root
from archiver.evidence.timestamps import TokenCheck, check_roots, check_tokens, existed_by, kept_roots
from archiver.storage.files.paths import ArchivePaths
from archiver.storage.warc.manifests import Manifest, ManifestProblem, check_chain, read_manifests
from archiver.tasks.verify.problems import Note, Problem


@dataclass(frozen=True, slots=True)
class ManifestsRead:
    """What the folder `manifests/` tells."""

    manifests: tuple[Manifest, ...]
    tokens: tuple[TokenCheck, ...]
    problems: tuple[Problem, ...]
    notes: tuple[Note, ...]

    @property
    def signed(self) -> tuple[TokenCheck, ...]:
        """The tokens that prove something."""
        return tuple(token for token in self.tokens if token.at is not None)

    @property
    def newest(self) -> Manifest | None:
        """The last manifest that can be read; None without any."""
        return next((manifest for manifest in reversed(self.manifests) if manifest.number is not None), None)

    @property
    def existed_by(self) -> dict[str, datetime]:
        """Name of a manifest -> by when it existed, as the tokens prove."""
        return existed_by(self.manifests, self.tokens)


def read_and_check(paths: ArchivePaths, given: Sequence[Path]) -> ManifestsRead:
    """`given`: PEM files whose certificates are trusted, and no others: whoever made an archive up made up what lies in it.
    Only where none is given, those that archiver.toml names and those that the archive keeps are.

    Raises `ConfigError` where one of them cannot be read, `StorageError` where the folder cannot.
    """
    manifests = read_manifests(paths)
    own, notes = _configured(paths) if not given else ([], [])
    kept = kept_roots(paths) if not given else []
    tokens = tuple(check_tokens(paths, manifests, [*map(read_root, given), *own, *kept]))
    problems = [_problem("manifest", one) for one in check_chain(manifests)]
    problems += [_problem("timestamp", one) for one in check_roots(paths)]
    problems += [
        Problem("timestamp", token.file, None, None, token.problem, token.remedy or "")
        for token in tokens
        if token.problem is not None
    ]
    return ManifestsRead(
        tuple(manifests), tokens, tuple(problems), (*notes, *_only_kept(tokens, kept), *_unsigned(manifests, tokens))
    )


def _problem(kind: str, one: ManifestProblem) -> Problem:
    return Problem(kind, one.file, None, None, one.what, one.remedy)


def _configured(paths: ArchivePaths) -> tuple[list[Root], list[Note]]:
    """The roots of archiver.toml. What is wrong there is not wrong with what was recorded."""
    try:
        found = [read_root(authority.root) for authority in load_config(paths.config).timestamps]
        return [replace(root, name=f"{root.name} of archiver.toml") for root in found], []
    except ConfigError as error:
        return [], [Note("archiver.toml", f"its certificates are not used: {error}")]


def _only_kept(tokens: Sequence[TokenCheck], kept: Sequence[Root]) -> Iterator[Note]:
    names = {root.name for root in kept}
    count = sum(token.root in names for token in tokens)
    if count:
        many = f"{count:,} timestamps were" if count > 1 else "1 timestamp was"
        what = f"{many} checked with a copy of the certificate that lies in this archive, which proves nothing to others"
        yield Note("manifests", f"{what}: give the authority's own with --tsa-root FILE")


def _unsigned(manifests: Sequence[Manifest], tokens: Sequence[TokenCheck]) -> Iterator[Note]:
    proven = existed_by(manifests, tokens)
    without = [manifest for manifest in manifests if manifest.damage is None and manifest.name not in proven]
    if without and tokens:
        many = f"{len(without):,} manifests have" if len(without) > 1 else f"{without[0].name} has"
        yield Note("manifests", f"{many} no timestamp that holds, nor has a later one: `archiver run` asks for what is missing")
