"""A damaged or foreign index: one line that says what to do, an exit code, and a reindex that mends it."""

from pathlib import Path

import pytest

from archiver.cli import run
from tests.support.crawled import Crawled
from tests.support.tables import assert_same, tables_of

CODE = "pic.twitter.com/uOWxLTTvGP"
STORAGE = 6


def overwrite_pages(index: Path) -> None:
    data = bytearray(index.read_bytes())
    data[4096 * 2 :] = b"\xa5" * (len(data) - 4096 * 2)
    index.write_bytes(data)


@pytest.mark.parametrize(
    ("harm", "words"),
    [
        (overwrite_pages, "reindex"),
        (lambda index: index.write_bytes(b"no database" * 1000), "file is not a database"),
        (lambda index: index.write_bytes(b""), "older format, or is empty"),
        (lambda index: index.unlink(), "has WARC files and no index"),
    ],
    ids=["pages overwritten", "no database", "empty", "gone"],
)
def test_it_is_told_in_one_line_and_mended_by_reindex(
    crawled: Crawled, tmp_path: Path, capsys: pytest.CaptureFixture[str], harm: object, words: str
) -> None:
    data_dir = crawled.copy(tmp_path)
    assert callable(harm)
    harm(data_dir / "index.db")
    for command in (["find", CODE], ["search", "tanks"], ["status"]):
        assert run([*command, "--archive", str(data_dir)]) == STORAGE, command
        told = capsys.readouterr().err
        assert told.count("\n") == 1 and words in told and "archiver reindex" in told, told
    assert run(["reindex", "--archive", str(data_dir), "-q"]) == 0
    assert_same(tables_of(crawled.data_dir), tables_of(data_dir))
    assert run(["find", CODE, "--archive", str(data_dir)]) == 0
