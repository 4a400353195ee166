"""The chain of manifests: what is wrong with them, and between them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from archiver.storage.warc.manifests import Manifest, covered

FETCH_BACK = "fetch it back from a backup (archiver repair --from)"


@dataclass(frozen=True, slots=True)
class ManifestProblem:
    """Something that is wrong with a manifest, or between two of them."""

    file: str
    """Relative to the data folder."""
    what: str
    remedy: str


def check_chain(manifests: Sequence[Manifest]) -> list[ManifestProblem]:
    """What is wrong with the manifests themselves, as `read_manifests` gives them: damaged, missing, changed, out of line.

    One changed after the next was made is found by the next; the last one only by its timestamp.
    """
    return [*_damaged(manifests), *_missing(manifests), *_broken_links(manifests), *_contradictions(manifests)]


def _damaged(manifests: Sequence[Manifest]) -> Iterator[ManifestProblem]:
    for manifest in manifests:
        if manifest.damage is not None:
            yield ManifestProblem(manifest.path, manifest.damage, FETCH_BACK)


def _missing(manifests: Sequence[Manifest]) -> Iterator[ManifestProblem]:
    """By their numbers; a damaged one takes the place of one."""
    expected = 1
    for manifest in manifests:
        if manifest.number is None:
            expected += 1
            continue
        if manifest.number > expected:
            one = manifest.number == expected + 1
            lost = f"manifest {expected} is" if one else f"manifests {expected} to {manifest.number - 1} are"
            yield ManifestProblem("manifests", f"{lost} not there, before {manifest.name}", FETCH_BACK)
        elif manifest.number < expected:
            what = f"its number is {manifest.number}, and manifest {expected} should stand here"
            yield ManifestProblem(manifest.path, what, "it belongs to another archive, or was made by hand: move it away")
        expected = max(expected, manifest.number + 1)


def _broken_links(manifests: Sequence[Manifest]) -> Iterator[ManifestProblem]:
    """Between those that are there: a missing one is told as missing."""
    before: dict[str, Manifest] = {}
    numbers: dict[int | None, str] = {}
    for manifest in manifests:
        if manifest.previous is not None:
            named = before.get(manifest.previous.name)
            other = numbers.get(manifest.number - 1) if manifest.number is not None else None
            if named is None and other is not None:
                what = f"is not the one that {manifest.name} names as the one before it: that is {manifest.previous.name}"
                yield ManifestProblem(f"manifests/{other}", what, f"{FETCH_BACK}; this one was put in its place")
            if named is not None and named.damage is None and named.sha256 != manifest.previous.sha256:
                what = f"is not as it was when {manifest.name} was made: its sha256 was {manifest.previous.sha256}"
                yield ManifestProblem(named.path, what, FETCH_BACK)
        if manifest.number is not None and manifest.previous is None and any(one.number is not None for one in before.values()):
            what = f"names none before it, though it is number {manifest.number}"
            yield ManifestProblem(manifest.path, what, FETCH_BACK)
        before[manifest.name] = manifest
        numbers[manifest.number] = manifest.name


def _contradictions(manifests: Sequence[Manifest]) -> Iterator[ManifestProblem]:
    seals = covered(manifests)
    for manifest in manifests:
        for file in manifest.files:
            first = seals[file.path]
            if (file.bytes, file.sha256) != (first.bytes, first.sha256):
                what = f"says of {file.path} something else than {first.manifest} said before"
                yield ManifestProblem(manifest.path, what, "the older one counts; find out what changed that file in between")
