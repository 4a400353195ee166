"""`archiver platforms --probe` against the sample web: which doors still answer, and a line that mends one."""

import json
import os
import signal
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from archiver.cli.jobs import line_of
from archiver.config.settings import load_config
from archiver.crawling.session import plan_of_job
from archiver.errors import ConfigError
from archiver.query.archive import Archive
from archiver.sampleweb import SampleWeb, running_sample_web
from archiver.sampleweb.broken_hosts import Broken
from archiver.storage.files.paths import ArchivePaths
from archiver.storage.state.database import writing
from archiver.storage.state.probes import LastProbe, keep
from archiver.storage.warc.writer import JSON_HEADER
from archiver.tasks.crawl.crawl import CrawlReport, crawl
from archiver.tasks.probe.cases import save_cases
from archiver.tasks.probe.probe import plan_of_probe, probe
from archiver.tasks.probe.report import Answer, ProbeReport
from archiver.tasks.reindex import reindex
from archiver.tasks.schedule.due import job_states
from archiver.tasks.schedule.run import run_due
from tests.support.crawling import records, rows
from tests.support.tables import tables_of

LIVE, GONE = "rail-clock", "izyum"  # of the sample web's tweets, on day 7
# Posts of the sample web as control posts, and what it does not have switched off.
OTHERS = """
[platforms.twitter]
control = ["{live}"]
gone = ["{gone}"]
[platforms.youtube]
control = ["nbtXAqwK8jZ"]
[platforms.vimeo]
control = ["943210077"]
doors.config.on = false
[platforms.flickr]
control = ["53698841207"]
[platforms.soundcloud]
control = ["https://soundcloud.com/shoresounds/foghorn-two-miles-off"]
[platforms.tiktok]
control = ["7366218532608125606"]
[platforms.facebook]
control = ["https://www.facebook.com/harbouroffice.shore/posts/764120985551043"]
"""
PROBED = ("twitter", "youtube", "vimeo", "flickr", "soundcloud", "tiktok", "facebook")


@pytest.fixture
def web(tmp_path: Path) -> Iterator[SampleWeb]:
    with running_sample_web(tmp_path, day=7, age=2026) as web:
        yield web


@pytest.fixture
def data_dir(web: SampleWeb, tmp_path: Path) -> Path:
    """An archive whose archiver.toml points at the sample web and names control posts of it."""
    folder = tmp_path / "archive"
    folder.mkdir()
    routes = f'delay = 0\nscreenshots = "none"\ncacert = "{web.cacert}"\nconnect_to = {json.dumps(web.connect_to)}\n'
    others = OTHERS.format(live=web.tweet(LIVE).id, gone=web.tweet(GONE).id)
    ArchivePaths(folder).config.write_text(f"[crawl]\n{routes}{others}", encoding="utf-8")
    return folder


def probed(data_dir: Path, *names: str) -> ProbeReport:
    return probe(plan_of_probe(data_dir, load_config(ArchivePaths(data_dir).config)), names)


def failed(report: ProbeReport) -> set[tuple[str, str]]:
    return {(door.platform, door.door) for door in report.failed}


def add_lines(data_dir: Path, *lines: str) -> None:
    """At the end of archiver.toml."""
    config = ArchivePaths(data_dir).config
    config.write_text("\n".join([config.read_text(encoding="utf-8"), *lines, ""]), encoding="utf-8")


def crawl_of_job(data_dir: Path) -> CrawlReport:
    return crawl(plan_of_job(data_dir, load_config(ArchivePaths(data_dir).config), "one"))


def test_a_web_where_all_answers_has_no_failing_door(web: SampleWeb, data_dir: Path) -> None:
    report = probed(data_dir, *PROBED)

    assert failed(report) == set()
    doors = {(door.platform, door.door): door for door in report.doors}
    syndication = doors["twitter", "syndication"]
    assert syndication.fields == ("text", "author", "time", "pictures")
    assert syndication.gone is not None and syndication.gone.answer is Answer.GONE
    assert doors["twitter", "picture"].answer is Answer.UNDERSTOOD
    assert report.crawl.outcome.failed == [] and report.crawl.stats.posts_asked >= 20


IN_WORDS = {
    Broken.ELSEWHERE: (Answer.REFUSED, "redirects to parked-name.example, which is no host of the platform"),
    Broken.TO_LOGIN: (Answer.REFUSED, "redirects to a login or consent page"),
    Broken.LOGIN: (Answer.REFUSED, "answered with a login page"),
    Broken.CONSENT: (Answer.NOT_UNDERSTOOD, "answered with a web page"),
    Broken.NOT_FOUND_PAGE: (Answer.GONE, "answered 404: the post is not found"),
    Broken.NOT_FOUND_EMPTY: (Answer.GONE, "answered 404: the post is not found"),
    Broken.PAYMENT: (Answer.REFUSED, "answered 402"),
    Broken.FIREWALL: (Answer.REFUSED, "answered 403 with a web page"),
    Broken.TOO_MANY: (Answer.REFUSED, "answered 429"),
    Broken.UNKNOWN_ERROR: (Answer.REFUSED, "answered 520 with a web page"),
    Broken.CHALLENGE: (Answer.REFUSED, "answered with a challenge for browsers"),
    Broken.APP_SHELL: (Answer.NOT_UNDERSTOOD, "answered with a web page"),
    Broken.OTHER_JSON: (Answer.NOT_UNDERSTOOD, "answered in a form that is not known"),
    Broken.EMPTY: (Answer.NOT_UNDERSTOOD, "answered with nothing"),
    Broken.CLOSED: (Answer.NOT_REACHED, ""),
    Broken.NO_TLS: (Answer.NOT_REACHED, ""),
}


# Host -> the door that nobody answers where it is broken.
DOOR_AT = {
    "publish.x.com": ("twitter", "oembed"),
    "cdn.syndication.twimg.com": ("twitter", "syndication"),
    "vimeo.com": ("vimeo", "oembed"),
    "player.vimeo.com": ("vimeo", "embed_page"),
    "www.flickr.com": ("flickr", "oembed"),
    "embedr.flickr.com": ("flickr", "embed_page"),
    "soundcloud.com": ("soundcloud", "oembed"),
    "w.soundcloud.com": ("soundcloud", "embed_page"),
    "i.ytimg.com": ("youtube", "picture"),
    "www.facebook.com": ("facebook", "embed_page"),
}
ROUNDS = (
    (
        *(Broken.PAYMENT, Broken.OTHER_JSON, Broken.FIREWALL, Broken.CLOSED, Broken.NOT_FOUND_PAGE),
        *(Broken.TO_LOGIN, Broken.UNKNOWN_ERROR, Broken.NO_TLS, Broken.ELSEWHERE, Broken.LOGIN),
    ),
    (Broken.CONSENT, Broken.NOT_FOUND_EMPTY, Broken.APP_SHELL, Broken.TOO_MANY, Broken.EMPTY, Broken.CHALLENGE),
)


@pytest.mark.parametrize("modes", ROUNDS)
def test_hosts_that_are_broken_at_once_in_ten_ways_are_told_door_by_door(
    modes: tuple[Broken, ...], web: SampleWeb, data_dir: Path
) -> None:
    broken = dict(zip(DOOR_AT, modes, strict=False))
    web.broken.update(broken)

    report = probed(data_dir, *PROBED)

    # A picture that no reply names any more is not asked for: it is not told to be broken.
    assert failed(report) == {DOOR_AT[host] for host in broken}
    doors = {(door.platform, door.door): door for door in report.failed}
    for host, mode in broken.items():
        door, (answer, words) = doors[DOOR_AT[host]], IN_WORDS[mode]
        assert (door.answer, words in (door.wrong or "")) == (answer, True), (host, door.wrong)


def test_each_way_to_be_broken_is_tried() -> None:
    assert {mode for modes in ROUNDS for mode in modes} == set(Broken) == set(IN_WORDS)


def test_after_a_line_in_archiver_toml_the_crawl_works_again(web: SampleWeb, data_dir: Path) -> None:
    """Both of X's hosts are retired; the same is answered at hosts that this program does not know."""
    tweet = web.tweet(LIVE)
    web.broken |= {"publish.x.com": Broken.NOT_FOUND_PAGE, "cdn.syndication.twimg.com": Broken.ELSEWHERE}
    web.moved |= {"oembed.x.example": "publish.x.com", "tweets.x.example": "cdn.syndication.twimg.com"}
    add_lines(data_dir, f'[jobs.one]\nseeds = ["{tweet.url}"]')
    assert failed(probed(data_dir, "twitter")) == {("twitter", "oembed"), ("twitter", "syndication")}
    report = crawl_of_job(data_dir)
    assert "cdn.syndication.twimg.com redirects to parked-name.example" in report.outcome.notes["Twitter / X"]
    assert rows(data_dir, "SELECT count(*) FROM statements WHERE state = 'live'") == [0]

    add_lines(data_dir, '[platforms.twitter.doors.oembed]\naddress = "https://oembed.x.example/oembed?url={url}"')
    assert failed(probed(data_dir, "twitter")) == {("twitter", "syndication")}
    crawl_of_job(data_dir)

    with Archive.open(data_dir) as archive:
        [post] = archive.find(tweet.url)
        assert post.author == tweet.handle and post.text is not None and post.text.startswith(tweet.text)
    settings = rows(data_dir, "SELECT settings FROM crawls WHERE job = 'one' ORDER BY started_at DESC LIMIT 1")[0]
    given = json.loads(settings)["platforms"]["twitter"]
    assert given["doors"] == {"oembed": {"address": "https://oembed.x.example/oembed?url={url}"}}
    assert given["control"] == [tweet.id]


def test_a_door_that_is_switched_off_is_asked_by_nobody(web: SampleWeb, data_dir: Path) -> None:
    web.broken["publish.x.com"] = Broken.NOT_FOUND_PAGE
    add_lines(data_dir, "[platforms.twitter.doors.oembed]\non = false", f'[jobs.one]\nseeds = ["{web.tweet(LIVE).url}"]')
    web.reset_counts()

    report = probed(data_dir, "twitter")
    crawl_of_job(data_dir)

    assert failed(report) == set() and "oembed" not in {door.door for door in report.doors}
    assert web.seen("publish.x.com") == []


def test_the_order_of_doors_is_that_of_archiver_toml(web: SampleWeb, data_dir: Path) -> None:
    config = ArchivePaths(data_dir).config
    config.write_text(config.read_text().replace("[platforms.twitter]", '[platforms.twitter]\norder = ["oembed"]', 1))
    add_lines(data_dir, f'[jobs.one]\nseeds = ["{web.tweet(LIVE).url}"]')

    assert [door.door for door in probed(data_dir, "twitter").doors][:2] == ["oembed", "syndication"]
    web.reset_counts()
    crawl_of_job(data_dir)

    asked = [request.host for request in web.requests if request.host in ("publish.x.com", "cdn.syndication.twimg.com")]
    assert asked[0] == "publish.x.com"


def test_replies_about_control_posts_are_kept_and_are_no_posts(web: SampleWeb, data_dir: Path) -> None:
    probed(data_dir, "twitter", "youtube")

    with Archive.open(data_dir) as archive:
        assert list(archive.find(web.tweet(LIVE).url)) == []
    assert rows(data_dir, "SELECT count(*) FROM posts") == rows(data_dir, "SELECT count(*) FROM pages") == [0]
    kept = [record for record in records(data_dir) if '"asks"' in (record.get(JSON_HEADER) or "")]
    assert kept and all(json.loads(record.get(JSON_HEADER) or "")["asks"]["control"] is True for record in kept)
    notes = [json.loads(record.block.bytes()) for record in records(data_dir) if record.url == "urn:probe:twitter"]
    assert [note["kind"] for note in notes] == ["probe"]
    assert {door["door"] for door in notes[0]["doors"]} == {"syndication", "oembed", "embed_page", "picture"}
    live = tables_of(data_dir)
    reindex(data_dir)
    again = tables_of(data_dir)
    assert live.keys() == again.keys() and all(live[name] == again[name] for name in ("captures", "posts", "media"))


def test_a_post_that_was_a_control_post_is_archived_like_any_other(web: SampleWeb, data_dir: Path) -> None:
    """A reply that repeats one to a control question was recorded as its revisit, of which nothing is indexed."""
    probed(data_dir, "twitter")
    add_lines(data_dir, f'[jobs.one]\nseeds = ["{web.tweet(LIVE).url}"]')

    crawl_of_job(data_dir)

    with Archive.open(data_dir) as archive:
        [post] = archive.find(web.tweet(LIVE).url)
        assert post.text and post.media


def test_what_differs_from_the_last_probe_is_told(web: SampleWeb, data_dir: Path) -> None:
    first = probed(data_dir, "twitter")
    assert all(door.last_at is None and door.differs == () for door in first.doors)
    web.broken["publish.x.com"] = Broken.PAYMENT
    [door] = probed(data_dir, "twitter").failed
    assert len(door.differs) == 1 and door.differs[0].endswith(": answers")
    [door] = probed(data_dir, "twitter").failed
    assert door.differs == ()  # as it was

    web.broken.clear()
    mended = {door.door: door for door in probed(data_dir, "twitter").doors}
    assert mended["oembed"].ok and ": refuses (publish.x.com answered 402" in mended["oembed"].differs[0]


def test_a_field_that_a_reply_no_longer_has_is_missed(web: SampleWeb, data_dir: Path) -> None:
    """X's oEmbed names no picture; an archive remembers that it once did."""
    earlier = ("2026-11-24T05:07:00.000Z", "understood", None, "gone", web.tweet(LIVE).id, ("text", "author", "time", "pictures"))
    keep(ArchivePaths(data_dir).state, [LastProbe("twitter", "oembed", *earlier)])

    [door] = probed(data_dir, "twitter").failed

    assert (door.door, door.missing, door.wrong) == ("oembed", ("pictures",), "no longer says pictures")
    assert door.differs == ("no longer says pictures",) and door.last_at == earlier[0]
    assert failed(probed(data_dir, "twitter")) == set()  # it is compared with the last probe


def test_another_control_post_may_say_other_things(web: SampleWeb, data_dir: Path) -> None:
    probed(data_dir, "twitter")
    without = next(tweet for tweet in web.tweets if not tweet.code and tweet.state_on(7) == "live")
    config = ArchivePaths(data_dir).config
    config.write_text(config.read_text().replace(web.tweet(LIVE).id, without.id))

    assert failed(probed(data_dir, "twitter")) == set()


def test_a_host_that_asked_a_crawl_to_wait_is_left_alone(web: SampleWeb, data_dir: Path) -> None:
    with writing(
        ArchivePaths(data_dir).state, "CREATE TABLE hosts (host TEXT PRIMARY KEY, paused_until REAL NOT NULL)"
    ) as database:
        database.execute("INSERT INTO hosts VALUES ('publish.x.com', ?)", (time.time() + 3600,))
    web.reset_counts()

    [door] = probed(data_dir, "twitter").failed

    assert door.door == "oembed" and "publish.x.com was not asked: it asked a crawl to wait" in (door.wrong or "")
    assert web.seen("publish.x.com") == []


def test_a_gone_post_that_is_said_to_be_there_is_told(web: SampleWeb, data_dir: Path) -> None:
    config = ArchivePaths(data_dir).config
    config.write_text(config.read_text().replace(web.tweet(GONE).id, web.tweet(LIVE).id))

    report = probed(data_dir, "twitter")

    assert failed(report) == {("twitter", "syndication"), ("twitter", "oembed")}
    assert {door.wrong for door in report.failed} == {"of a post that is gone: that it is there"}


def test_one_gone_control_post_does_not_close_a_door(web: SampleWeb, data_dir: Path) -> None:
    config = ArchivePaths(data_dir).config
    config.write_text(config.read_text().replace('control = ["', f'control = ["{web.tweet(GONE).id}", "', 1))

    report = probed(data_dir, "twitter")

    assert failed(report) == set()
    assert {door.post_id for door in report.doors if door.door == "oembed"} == {web.tweet(LIVE).id}


def test_failing_doors_are_saved_as_cases_without_secrets(web: SampleWeb, data_dir: Path, tmp_path: Path) -> None:
    web.broken["publish.x.com"] = Broken.FIREWALL
    report = probed(data_dir, "twitter")

    assert save_cases(tmp_path / "cases", report.failed) == [tmp_path / "cases" / "twitter-oembed"]

    folder = tmp_path / "cases" / "twitter-oembed"
    case = json.loads((folder / "case.json").read_text(encoding="utf-8"))
    assert (case["door"], case["answer"], case["ok"]) == ("oembed", "refused", False)
    [number, *_] = case["addresses"][0]["exchanges"]
    assert (folder / f"{number}-request.txt").read_bytes().startswith(b"GET /oembed?url=")
    assert b" 403 " in (folder / f"{number}-headers.txt").read_bytes().splitlines()[0]
    assert b"Access denied" in (folder / f"{number}-body").read_bytes()
    assert not any(b"cookie" in file.read_bytes().lower() for file in folder.glob("*-*.txt"))
    assert len(save_cases(tmp_path / "all", report.doors)) == 4


def test_a_platform_without_a_control_post_says_where_to_name_one(data_dir: Path) -> None:
    report = probed(data_dir, "oembed")  # other people's sites: none has a post that all know

    assert report.failed == ()
    assert [(door.answer, "[platforms.oembed]" in (door.reason or "")) for door in report.doors] == [(Answer.NOT_ASKED, True)]


def test_the_sample_web_has_the_control_posts_of_its_networks(tmp_path: Path, data_dir: Path) -> None:
    names = (
        "twitter",
        "bluesky",
        "telegram",
        "youtube",
        "vimeo",
        "flickr",
        "soundcloud",
        "reddit",
        "tiktok",
        "instagram",
        "facebook",
    )
    plan = replace(plan_of_probe(data_dir, load_config(ArchivePaths(data_dir).config)), platforms={})

    report = probe(plan, names)

    assert failed(report) <= {("vimeo", "config")}  # a spare door, which the sample web need not have
    answered = {door.platform for door in report.doors if door.answer is Answer.UNDERSTOOD}
    assert answered == set(names)
    assert ("twitter", "short_link") in {(door.platform, door.door) for door in report.doors if door.ok}


def test_a_probe_that_is_stopped_leaves_an_archive_that_is_whole(web: SampleWeb, data_dir: Path) -> None:
    plan = plan_of_probe(data_dir, load_config(ArchivePaths(data_dir).config))
    with pytest.raises(KeyboardInterrupt):
        probe(plan, PROBED, on_door=lambda _: os.kill(os.getpid(), signal.SIGTERM))

    assert [json.loads(told)["ended"] for told in rows(data_dir, "SELECT outcome FROM crawls")] == ["interrupted"]
    assert failed(probed(data_dir, "twitter")) == set()


# --- from `archiver run` ------------------------------------------------------------------------------------------------------


def test_a_run_probes_the_platforms_when_that_is_due(web: SampleWeb, data_dir: Path) -> None:
    add_lines(data_dir, '[run]\nprobe = "0 5 * * 1"\nmetrics = "archiver.prom"\nlog = "run.jsonl"')
    web.broken["publish.x.com"] = Broken.PAYMENT
    [state] = job_states(data_dir)
    assert (state.name, state.due) == ("platforms.probe", "it never ran")

    report = run_due(data_dir)

    [job] = report.jobs
    assert (job.name, job.ended, job.exit_code, report.exit_code) == ("platforms.probe", "failed", 4, 4)
    assert job.reason is not None and job.reason.startswith("Twitter / X, oembed: publish.x.com answered 402")
    assert line_of(job).startswith("platforms.probe: doors of platforms do not answer as known, ")
    assert 'archiver_job_exit_code{job="platforms.probe"} 4.0' in (data_dir / "archiver.prom").read_text()
    told = [json.loads(line) for line in (data_dir / "run.jsonl").read_text().splitlines()]
    assert [line["event"] for line in told] == ["run_started", "job_started", "job_finished", "run_finished"]
    assert "Twitter / X, oembed" in dict(told[2]["failed"])
    assert run_due(data_dir).jobs == []


def test_without_a_schedule_a_run_probes_nothing(data_dir: Path) -> None:
    with pytest.raises(ConfigError, match="has no jobs"):
        run_due(data_dir)
    add_lines(data_dir, '[jobs.one]\nseeds = ["blog.example"]')
    with pytest.raises(ConfigError, match=r"has no job `platforms\.probe`"):
        run_due(data_dir, only="platforms.probe")


@pytest.mark.parametrize("written", ['"weekly"', '"0 25 * * *"', "5"])
def test_a_schedule_that_is_none_is_named(data_dir: Path, written: str) -> None:
    add_lines(data_dir, f"[run]\nprobe = {written}")
    with pytest.raises(ConfigError, match=r"`run\.probe`"):
        load_config(ArchivePaths(data_dir).config)
