"""`archiver init`, `run`, `schedule` and `crawl --job`: from nothing to an archive that cron looks after."""

import json
from pathlib import Path

import pytest

from archiver.cli import run
from archiver.storage.files.lock import ArchiveLock
from tests.support.crawling import captures
from tests.support.webs import Web, page, reply

POST = "https://blog.example/post/"
Captured = pytest.CaptureFixture[str]


@pytest.fixture
def archive(web: Web, data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """With a job for one page, made by `archiver init`, and pointed at a web on loopback."""
    monkeypatch.setenv("ARCHIVER_DIR", str(data_dir))
    web["blog.example", "/post/"] = page("A post")
    assert run(["init", "blog.example/post/"]) == 0
    config = data_dir / "archiver.toml"
    rules = f'cacert = "{web.cacert}"\nconnect_to = {json.dumps(web.connect_to)}\nscreenshots = "none"\ndelay = 0\n'
    config.write_text(config.read_text().replace("[crawl]\n", f"[crawl]\n{rules}", 1))
    return data_dir


def listed(capsys: Captured) -> dict[str, object]:
    capsys.readouterr()
    assert run(["run", "--list", "--json"]) == 0
    job: dict[str, object] = json.loads(capsys.readouterr().out)
    return job


def test_from_nothing_to_an_archive_that_is_looked_after(archive: Path, capsys: Captured) -> None:
    assert listed(capsys)["due"] == "it never ran"

    assert run(["run"]) == 0
    [line] = capsys.readouterr().out.splitlines()
    assert line.startswith("blog-example: finished, 1 page with 0 embeds, ")
    assert (POST, 200) in captures(archive)

    assert run(["run"]) == 0
    assert capsys.readouterr().out == "nothing is due\n"
    assert run(["run", "--dry-run", "--job", "blog-example"]) == 0
    assert capsys.readouterr().out == "blog-example: it is asked for\n"  # it was "nothing is due", and without --dry-run it ran
    job = listed(capsys)
    assert (job["due"], job["ended"], job["exit_code"]) == (None, "finished", 0)
    assert run(["status"]) == 0
    assert "  1 job, due: none\n" in capsys.readouterr().out


def test_a_page_that_is_gone_is_told_on_the_line_of_its_job(archive: Path, web: Web, capsys: Captured) -> None:
    web["blog.example", "/post/"] = reply("gone", status="404 Not Found")
    capsys.readouterr()

    assert run(["run"]) == 4

    [line] = capsys.readouterr().out.splitlines()
    assert line.startswith("blog-example: seeds or pages failed, ") and line.endswith(f": {POST}: answered 404")


def test_an_authority_that_signs_nothing_is_told_on_the_line_of_the_job(archive: Path, web: Web, capsys: Captured) -> None:
    """Found in review: it was in the log alone, so that archives would have stayed without timestamps for years."""
    with (archive / "archiver.toml").open("a") as config:
        config.write(f'\n[[timestamps]]\nurl = "http://user:secret@127.0.0.1:9/tsr"\nroot = "{web.cacert}"\n')  # nobody is there
    capsys.readouterr()

    assert run(["run"]) == 0

    [line] = capsys.readouterr().out.splitlines()
    assert "; the timestamp authority http://127.0.0.1:9/tsr: " in line and line.endswith("The next run asks again")


def test_a_job_by_hand_is_the_job(archive: Path, capsys: Captured) -> None:
    assert run(["crawl", "--job", "blog-example", "--max-pages", "3"]) == 0

    assert (POST, 200) in captures(archive)
    assert listed(capsys)["due"] is None


def test_without_a_job_the_way_to_one_is_told(tmp_path: Path, capsys: Captured) -> None:
    # `archiver init URL` was named where it had just refused to write over its own file.
    for command in (["run"], ["run", "--list"], ["run", "--dry-run"]):
        run([*command, "--archive", str(tmp_path)])
        assert f"{tmp_path}/archiver.toml has no jobs: `archiver init URL` writes it" in "".join(capsys.readouterr())
    assert run(["init", "--archive", str(tmp_path)]) == 0
    for command in (["run"], ["run", "--list"], ["run", "--dry-run"]):
        run([*command, "--archive", str(tmp_path)])
        assert "has no jobs: write [jobs.NAME] with its seeds" in "".join(capsys.readouterr())


def test_the_next_commands_are_told_as_they_are_to_be_typed(tmp_path: Path, capsys: Captured) -> None:
    # They lacked the archive, and led to ./archive.
    archive = tmp_path / "of-blogs"
    assert run(["init", "https://blog.example/", "--archive", str(archive)]) == 0

    assert capsys.readouterr().out.splitlines()[1:] == [
        f"Now: archiver crawl --job blog-example --archive {archive}",
        f"Every night: archiver schedule --cron --archive {archive}, or --systemd, prints what to install",
    ]


def test_what_would_run_is_told_and_not_run(archive: Path, capsys: Captured) -> None:
    capsys.readouterr()

    assert run(["run", "--dry-run"]) == 0

    assert capsys.readouterr().out == "blog-example: it never ran\n"
    assert not (archive / "index.db").exists()


def test_jobs_are_listed_in_words(archive: Path, capsys: Captured) -> None:
    config = archive / "archiver.toml"
    config.write_text(f"{config.read_text()}\n[jobs.rests]\nseeds = ['https://a.example/']\nenabled = false\n")
    capsys.readouterr()

    assert run(["run", "--list"]) == 0

    assert capsys.readouterr().out.splitlines() == [
        "blog-example",
        "  runs  At 03:17 every day (17 3 * * *)",
        "  last  never",
        "  next  now: it never ran",
        "rests",
        "  runs  only by hand: it has no schedule, but rests: enabled = false",
        "  last  never",
        "  next  not by itself",
    ]


def test_while_one_run_is_under_way_another_is_told_of_it(archive: Path, capsys: Captured) -> None:
    lock = ArchiveLock(archive / ".run.lock", "archiver run, job blog-example")

    assert run(["run"]) == run(["crawl", "--job", "blog-example"]) == 3
    lock.release()

    assert "(archiver run, job blog-example, since " in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["crawl"], "give at least one URL, or --job NAME"),
        (["crawl", POST, "--job", "blog-example"], "give at least one URL, or --job NAME"),
        (["crawl", "--job", "blog"], "has no job `blog`: there are blog-example; write [jobs.blog] with its seeds"),
        (["crawl", "--job", "blog-example", "--scope", "page"], "of a job stand in archiver.toml"),
        (["crawl", POST, "--stop-after", "soon"], "`soon` is no time: write 90s, 15m or 2h"),
        (["run", "--job", "blog"], "has no job `blog`"),
        (["run", "--list", "--job", "blog"], "has no job `blog`"),
        (["init"], "is there already, and stays as it is"),
        (["schedule"], "say for what: archiver schedule --cron, or --systemd"),
        (["schedule", "--cron", "--every", "7"], "7 minutes cannot be written in a crontab"),
    ],
)
def test_wrong_usage_of_jobs_is_told_with_what_to_do(archive: Path, arguments: list[str], says: str, capsys: Captured) -> None:
    assert run(arguments) == 2
    assert says in capsys.readouterr().err


def test_what_is_to_be_installed_names_this_program_and_the_archive(archive: Path, capsys: Captured) -> None:
    capsys.readouterr()

    assert run(["schedule", "--cron", "--every", "30"]) == 0
    assert f" run --archive {archive} >>{archive}/run.log 2>&1\n" in capsys.readouterr().out

    assert run(["schedule", "--systemd", "--json"]) == 0
    service, timer = map(json.loads, capsys.readouterr().out.splitlines())
    assert [Path(unit["file"]).suffix for unit in (service, timer)] == [".service", ".timer"]
    assert f"run --archive {archive}\n" in service["content"]
