"""WARC files inside of zip files: found and opened, however hostile the zip is."""

import zipfile
from io import FileIO
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from archiver.errors import BadRecord
from archiver.storage.warc import wacz as wacz_reader
from archiver.storage.warc.wacz import Wacz

CONTENT = b"WARC/1.1\r\n" + bytes(range(256)) * 40


def zip_of(path: Path, compression: int = zipfile.ZIP_STORED, **members: bytes) -> Path:
    with zipfile.ZipFile(path, "w", compression) as file:
        for name, content in members.items():
            file.writestr(name, content)
    return path


def contents(path: Path) -> dict[str, bytes]:
    """Of all WARC files in it."""
    found = {}
    with FileIO(path) as file:
        wacz = Wacz(file)
        for member in wacz.warcs:
            with wacz.opened(member) as stretch:
                assert stretch.damage is None
                stretch.file.seek(stretch.start)
                found[member.filename] = stretch.file.read(stretch.end - stretch.start)
    return found


def complaint(path: Path) -> str:
    """About the only WARC file in it."""
    with FileIO(path) as file:
        wacz = Wacz(file)
        with pytest.raises(BadRecord) as caught, wacz.opened(wacz.warcs[0]):
            pass
    return str(caught.value)


@pytest.mark.parametrize("compression", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_warc_files_are_found_in_every_folder_by_name(tmp_path: Path, compression: int) -> None:
    members = {
        "archive/b.warc.gz": CONTENT,
        "archive/x/a.WARC": CONTENT[:50],
        "indexes/index.cdx.gz": b"no",
        "a.warc.gz.txt": b"no",
    }

    assert contents(zip_of(tmp_path / "a.wacz", compression, **members)) == {
        "archive/b.warc.gz": CONTENT, "archive/x/a.WARC": CONTENT[:50],
    }  # fmt: skip


def test_a_zip64_and_one_behind_other_bytes_are_read(tmp_path: Path) -> None:
    path = tmp_path / "large.wacz"
    with zipfile.ZipFile(path, "w") as file, file.open(zipfile.ZipInfo("archive/a.warc"), "w", force_zip64=True) as member:
        member.write(CONTENT)
    assert contents(path) == {"archive/a.warc": CONTENT}

    path.write_bytes(b"#!/bin/sh\n" * 100 + path.read_bytes())
    assert contents(path) == {"archive/a.warc": CONTENT}


def test_what_is_stored_is_read_where_it_lies(tmp_path: Path) -> None:
    path = zip_of(tmp_path / "a.wacz", **{"archive/a.warc": CONTENT})
    with FileIO(path) as file:
        wacz = Wacz(file)
        with wacz.opened(wacz.warcs[0]) as stretch:
            assert stretch.file is file
            assert stretch.start == path.read_bytes().index(CONTENT)


def test_a_bomb_is_unpacked_no_further_than_honest_files_go(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wacz_reader, "MAX_UNSUSPECTED_BYTES", 1 << 20)
    path = zip_of(tmp_path / "bomb.wacz", zipfile.ZIP_DEFLATED, **{"archive/a.warc": bytes(50 << 20)})
    with FileIO(path) as file:
        wacz = Wacz(file)
        with wacz.opened(wacz.warcs[0]) as stretch:
            assert stretch.damage is not None and stretch.damage.endswith("as bombs do")
            assert stretch.end <= max(1 << 20, 100 * path.stat().st_size)


def test_of_a_damaged_member_what_comes_before_the_damage_is_there(tmp_path: Path) -> None:
    noise = bytes((number * 7919 >> 3) & 0xFF for number in range(600_000))
    path = zip_of(tmp_path / "a.wacz", zipfile.ZIP_DEFLATED, **{"archive/a.warc": noise})
    data = bytearray(path.read_bytes())
    data[-200] ^= 0xFF
    path.write_bytes(data)
    with FileIO(path) as file:
        wacz = Wacz(file)
        with wacz.opened(wacz.warcs[0]) as stretch:
            stretch.file.seek(0)
            assert stretch.damage
            assert noise.startswith(stretch.file.read(1 << 18))


def test_what_cannot_be_opened_says_why_and_what_to_do(tmp_path: Path) -> None:
    path = zip_of(tmp_path / "a.wacz", **{"archive/a.warc": CONTENT})
    whole = path.read_bytes()
    directory = whole.rindex(b"PK\x01\x02")

    path.write_bytes(whole[: directory + 8] + b"\x01" + whole[directory + 9 :])
    assert complaint(path) == "is encrypted: unpack it, and give the WARC file"
    path.write_bytes(b"XX" + whole[2:])
    assert complaint(path) == "is not where the directory of the zip file says"
    zip_of(path, zipfile.ZIP_BZIP2, **{"archive/a.warc": CONTENT})
    assert complaint(path) == "is neither stored nor deflated: unpack it, and give the WARC file"
    path.write_bytes(b"PK\x03\x04" + bytes(300))
    with FileIO(path) as file, pytest.raises(BadRecord, match="no zip file"):
        Wacz(file)


@pytest.mark.parametrize("cut", [0, 500])
def test_a_member_that_is_not_where_the_directory_says_is_found_by_its_own_header(tmp_path: Path, cut: int) -> None:
    """Bytes were lost or added before it or in it: nothing of it was read."""
    whole = zip_of(tmp_path / "a.wacz", **{"a.txt": b"x" * 900, "archive/a.warc": CONTENT, "z.txt": b"z" * 90}).read_bytes()
    begin = whole.index(CONTENT[:50])
    changed = whole[:100] + whole[100 + cut :] if cut else whole[: begin + 5000] + b"junk" * 99 + whole[begin + 5000 :]
    (tmp_path / "a.wacz").write_bytes(changed)
    with FileIO(tmp_path / "a.wacz") as file:
        wacz = Wacz(file)
        with wacz.opened(wacz.warcs[0]) as stretch:
            file.seek(stretch.start)
            found = file.read(stretch.end - stretch.start)
    assert found[:5000] == CONTENT[:5000] and (not cut or found.startswith(CONTENT))


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_damaged_zips_raise_nothing_else(tmp_path: Path, data: st.DataObject) -> None:
    compression = data.draw(st.sampled_from([zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED]))
    path = zip_of(tmp_path / "a.wacz", compression, **{"archive/a.warc": CONTENT[:100], "archive/ü.warc.gz": CONTENT[:9]})
    content = bytearray(path.read_bytes())
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    path.write_bytes(content)
    with FileIO(path) as file:
        try:
            wacz = Wacz(file)
        except BadRecord:
            return
        for member in wacz.warcs:
            try:
                with wacz.opened(member) as stretch:
                    assert 0 <= stretch.start <= stretch.end
            except BadRecord:
                pass
