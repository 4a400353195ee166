"""Programs that are not ours read what real crawls wrote, second visits included, and see what our index says."""

from pathlib import Path

from tests.support.crawled import Crawled, index_of
from tests.support.judges import assert_all_accept, cdx_lines
from tests.support.warc_members import records_of


def files_of(crawled: Crawled) -> list[Path]:
    return sorted(crawled.data_dir.rglob("*.warc.gz"))


def test_every_file_is_accepted(crawled: Crawled) -> None:
    assert len(files_of(crawled)) == 4
    assert_all_accept(files_of(crawled), revisits=True)


def test_cdxj_indexer_finds_every_capture_where_the_index_has_it(crawled: Crawled) -> None:
    with index_of(crawled.data_dir) as database:
        ours = database.execute(
            "SELECT c.url, c.offset, c.length, c.status, c.record_type = 'revisit', w.path"
            " FROM captures c JOIN warcs w ON w.id = c.warc"
        ).fetchall()
    theirs = [
        (line.url, line.offset, line.length, int(line.status), int(line.mime == "warc/revisit"), line.filename)
        for line in cdx_lines(files_of(crawled))
        if line.status  # metadata records have none
    ]
    assert sorted(theirs) == sorted((*row[:5], Path(row[5]).name) for row in ours)


def test_cdxj_indexer_sees_our_digest_wherever_the_record_says_one(crawled: Crawled) -> None:
    with index_of(crawled.data_dir) as database:
        ours = dict(
            database.execute("SELECT w.path || ':' || c.offset, c.payload_digest FROM captures c JOIN warcs w ON w.id = c.warc")
        )
    said = [line for line in cdx_lines(files_of(crawled)) if line.digest.startswith("sha256:")]
    assert len(said) > len(ours) // 2
    for line in said:
        assert [digest for place, digest in ours.items() if place.endswith(f"/{line.filename}:{line.offset}")] == [line.digest]


def test_every_revisit_refers_to_a_record_that_is_there(crawled: Crawled) -> None:
    members = records_of(crawled.data_dir)
    responses = {member.record_id: member for member in members if member.kind == "response"}
    revisits = [member for member in members if member.kind == "revisit"]
    profiles = {(member.get("WARC-Profile") or "").rsplit("/", 1)[1] for member in revisits}
    assert profiles == {"identical-payload-digest", "server-not-modified"}
    for revisit in revisits:
        original = responses[revisit.get("WARC-Refers-To") or ""]
        assert revisit.get("WARC-Refers-To-Target-URI") == original.url
        assert revisit.get("WARC-Refers-To-Date") == original.get("WARC-Date")
        assert (original.get("WARC-Date") or "") < (revisit.get("WARC-Date") or "")
