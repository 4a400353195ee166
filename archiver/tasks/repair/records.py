"""Repairs an index that does not say what the files hold; names damaged records, which nothing here can mend."""

from collections.abc import Collection

from archiver.storage.files.paths import warc_files
from archiver.storage.warc.manifests import covered, read_manifests
from archiver.tasks.repair.databases import make_anew
from archiver.tasks.repair.work import Finding, Work
from archiver.tasks.verify.file import verify_file
from archiver.tasks.verify.index import IndexRows
from archiver.tasks.verify.problems import REINDEX, Problem


def mend_records(work: Work, broken: Collection[str | None], coming: Collection[str] = ()) -> list[Finding]:
    """Makes the index anew, where that is all that is wrong: the rows of lost and damaged records would go with the old one.

    `broken`: files of which somebody was told already; `coming`: those that would come back. Raises `StorageError`.
    """
    problems = [problem for problem in _problems(work) if problem.file not in broken and problem.file not in coming]
    damaged: dict[str, list[Problem]] = {}
    for problem in problems:
        if problem.kind != "index":
            damaged.setdefault(problem.file, []).append(problem)
    findings = [_damage(file, told) for file, told in damaged.items()]
    wrong = [problem for problem in problems if problem.kind == "index" and problem.remedy == REINDEX]
    if not wrong:
        return findings
    what = f"does not agree with the WARC files (problems: {len(wrong):,}), first {wrong[0].file}: {wrong[0].what}"
    if broken or damaged:
        remedy = "get what is lost or damaged back first (`archiver repair --from DEST`), or give it up: `archiver reindex`"
        return [*findings, Finding("index", work.paths.index.name, what, remedy=remedy)]
    return [make_anew(work, warc_files(work.paths), what, keep=True)]


def _damage(file: str, told: list[Problem]) -> Finding:
    first = told[0]
    place = f"byte {first.offset:,}: " if first.offset is not None else ""
    more = f"; problems in all: {len(told):,}" if len(told) > 1 else ""
    return Finding("warc", file, f"{place}{first.what}{more}", remedy=f"{first.remedy}; `archiver verify` names all of them")


def _problems(work: Work) -> list[Problem]:
    """What `archiver verify` says of the WARC files, and of the index beside them. Raises `StorageError`."""
    if not work.paths.index.exists():
        return []
    seals, files = covered(read_manifests(work.paths)), warc_files(work.paths)
    total, read = sum(file.stat().st_size for file in files), 0
    rows = IndexRows(work.paths)
    found: list[Problem] = []
    try:
        with work.progress("records", "bytes") as advance:
            for file in files:
                warc, size = work.paths.relative(file), file.stat().st_size
                found += verify_file(file, warc, size, seals.get(warc), rows, lambda _: None).problems
                read += size
                advance(read, total)
        return found if rows.known else [problem for problem in found if problem.kind != "index"]  # that was told already
    finally:
        rows.close()
