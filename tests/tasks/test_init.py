"""The template of `archiver init`: all that it says is so, and so is what it shows as possible."""

import re
from pathlib import Path

import msgspec
import pytest

from archiver.config.settings import (
    Config,
    CrawlSettings,
    DoorSettings,
    HostSettings,
    JobSettings,
    PingSettings,
    PlatformSettings,
    RunSettings,
    TimestampAuthority,
    load_config,
)
from archiver.errors import StorageError, UsageError
from archiver.platforms.doors import Doors
from archiver.storage.files.paths import ArchivePaths
from archiver.tasks.init import begin_archive, template

SHOWN = re.compile(r"^#(?=[a-z\[])", re.M)  # a setting; prose has a space behind the #
OTHERWISE = {"user_agent", "delay", "max_pages", "stop_after", "proxy", "cacert", "connect_to", "ignore_robots"}


def loaded(folder: Path, text: str) -> Config:
    ArchivePaths(folder).config.write_text(text)
    return load_config(ArchivePaths(folder).config)


def activated(folder: Path) -> Config:
    for name in ("authorities.pem", "blog-cookies.txt", "timestamps-root.pem"):
        (folder / name).touch()
    return loaded(folder, SHOWN.sub("", template()))


def test_as_it_is_written_it_changes_nothing(tmp_path: Path) -> None:
    assert loaded(tmp_path, template()) == Config()


def test_every_line_that_it_shows_can_be_used(tmp_path: Path) -> None:
    config = activated(tmp_path)

    assert config.jobs["blog"].schedule == "17 3 * * *"
    assert config.hosts["blog.example"].delay == 5
    assert config.run.ping.failure is not None
    assert config.run.probe == "7 5 * * 1"
    Doors(config.platforms)  # it raises where a name or an address does not fit
    assert config.timestamps[0].root == tmp_path / "timestamps-root.pem"


def test_every_setting_is_in_it() -> None:
    shown = set(re.findall(r"^#(\w+) = ", template(), re.M))
    models = (
        CrawlSettings,
        JobSettings,
        HostSettings,
        RunSettings,
        PingSettings,
        TimestampAuthority,
        PlatformSettings,
        DoorSettings,
    )
    for model in models:
        fields = {field.name for field in msgspec.structs.fields(model)}
        assert fields - shown - {"crawl", "ping", "doors"} == set()


def test_what_it_says_is_so_anyway_is_so(tmp_path: Path) -> None:
    shown = activated(tmp_path).crawl

    differs = {name for name in CrawlSettings.__struct_fields__ if getattr(shown, name) != getattr(CrawlSettings(), name)}
    assert differs == OTHERWISE


def test_seeds_make_a_first_job(tmp_path: Path) -> None:
    path, name = begin_archive(tmp_path / "new" / "archive", ["www.blog.example/2022/", "https://other.example/?a=1&b"])

    config = load_config(path)
    assert name == "blog-example" and list(config.jobs) == [name]
    assert config.jobs[name].seeds == ("https://www.blog.example/2022/", "https://other.example/?a=1&b")
    assert config.jobs[name].schedule == "17 3 * * *"


@pytest.mark.parametrize(
    ("seed", "name"),
    [
        ("https://блог.example/", "xn--"),
        ("http://[2001:db8::1]/", "2001-db8-1"),
        (f"https://{'a' * 60}.{'b' * 60}.example/", "a" * 60),
    ],
)
def test_a_job_is_named_after_whatever_host(tmp_path: Path, seed: str, name: str) -> None:
    path, job = begin_archive(tmp_path, [seed])

    assert job is not None and job.startswith(name)
    assert load_config(path).jobs[job].seeds[0].isascii()


def test_a_file_that_is_there_stays_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "archiver.toml").write_text("# mine")

    with pytest.raises(UsageError, match="is there already, and stays as it is"):
        begin_archive(tmp_path, ["https://blog.example/"])

    assert (tmp_path / "archiver.toml").read_text() == "# mine"


def test_a_seed_that_is_no_url_writes_nothing(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="nonsense is not a URL"):
        begin_archive(tmp_path / "archive", ["https://blog.example/", "nonsense"])

    assert not (tmp_path / "archive").exists()


def test_where_nothing_can_be_written_the_way_out_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    for place in (tmp_path / "file", tmp_path / "file" / "archive"):
        with pytest.raises(StorageError, match="hoose a folder with --archive DIR"):
            begin_archive(place)
