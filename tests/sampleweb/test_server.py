"""The server: TLS, HTTP's details, and what goes wrong on purpose."""

import asyncio
import socket
import ssl
from pathlib import Path

import pytest

from archiver.sampleweb import SAMPLE_POST, SampleWeb, running_sample_web
from archiver.sampleweb.syndication import token
from tests.sampleweb.asking import ask, oembed_url, syndication_url

BLOG = "https://kharkiv-notebook.example"


def test_any_host_name_has_a_certificate_that_the_given_authority_signed(web: SampleWeb) -> None:
    for host in (*web.host_names, "never-heard-of.example"):
        with (
            socket.create_connection(("127.0.0.1", web.https_port)) as plain,
            ssl.create_default_context(cafile=web.cacert).wrap_socket(plain, server_hostname=host) as connection,
        ):
            assert ("DNS", host) in connection.getpeercert()["subjectAltName"]  # type: ignore[index]


def test_a_client_that_does_not_know_the_authority_refuses(web: SampleWeb) -> None:
    with (
        socket.create_connection(("127.0.0.1", web.https_port)) as plain,
        pytest.raises(ssl.SSLCertVerificationError),
        ssl.create_default_context().wrap_socket(plain, server_hostname="t.co"),
    ):
        pass


def test_the_options_for_a_client_have_curls_form(web: SampleWeb) -> None:
    assert web.connect_to == (f":443:127.0.0.1:{web.https_port}", f":80:127.0.0.1:{web.http_port}")


def test_plain_http_leads_to_https(web: SampleWeb) -> None:
    answer = ask(web, SAMPLE_POST.replace("https", "http"))
    assert (answer.status, answer.get("location")) == (301, SAMPLE_POST)


def test_a_page_that_did_not_change_is_not_sent_again(web: SampleWeb) -> None:
    first = ask(web, SAMPLE_POST)
    tag = first.get("etag")
    assert tag is not None
    again = ask(web, SAMPLE_POST, if_none_match=tag)
    assert (again.status, again.body) == (304, b"")
    assert (web.requests[-1].conditional, web.requests[-1].status) == (True, 304)
    dated = ask(web, f"{BLOG}/2022/09/09/bridge-at-the-oskil/")
    assert ask(web, f"{BLOG}/2022/09/09/bridge-at-the-oskil/", if_modified_since=dated.get("last-modified") or "").status == 304


def test_an_edited_page_is_sent_again(web: SampleWeb) -> None:
    url = f"{BLOG}/2022/11/15/boiler-house-three/"
    first = ask(web, url)
    known = {
        name: value
        for name, value in (("if_none_match", first.get("etag")), ("if_modified_since", first.get("last-modified")))
        if value
    }
    assert known
    web.day = 2
    assert ask(web, url, **known).status == 304
    web.day = 3
    later = ask(web, url, **known)
    assert later.status == 200
    assert "Поправка" in later.text


def test_pages_come_in_chunks_and_compressed_for_those_who_want_it(web: SampleWeb) -> None:
    plain = ask(web, SAMPLE_POST)
    assert plain.get("transfer-encoding") == "chunked"
    packed = ask(web, SAMPLE_POST, accept_encoding="gzip, deflate")
    assert packed.get("content-encoding") == "gzip"
    assert packed.body == plain.body


def test_head_sends_no_body(web: SampleWeb) -> None:
    answer = ask(web, f"{BLOG}/robots.txt", method="HEAD")
    assert (answer.status, answer.body) == (200, b"")
    assert int(answer.get("content-length") or 0) > 0


def test_one_connection_serves_many_requests(web: SampleWeb) -> None:
    with socket.create_connection(("127.0.0.1", web.http_port)) as connection:
        for _ in range(3):
            connection.sendall(b"GET /uOWxLTTvGP HTTP/1.1\r\nHost: t.co\r\n\r\n")
            head = b""
            while b"\r\n\r\n" not in head:
                head += connection.recv(4096)
            assert head.startswith(b"HTTP/1.1 301 Moved Permanently\r\n")
    assert len(web.seen("t.co")) == 3


def test_a_video_is_served_in_parts(web: SampleWeb) -> None:
    video = web.tweet("van-1").video
    assert video is not None
    url = next(iter(video.mp4_urls.values()))
    whole = ask(web, url)
    assert whole.body[4:12] == b"ftypmp42"
    part = ask(web, url, range="bytes=4-11")
    assert (part.status, part.body) == (206, b"ftypmp42")
    assert part.get("content-range") == f"bytes 4-11/{len(whole.body)}"
    assert ask(web, url, range=f"bytes={len(whole.body)}-").status == 416


def test_too_many_requests_is_said_once_a_day_with_the_time_to_wait(web: SampleWeb) -> None:
    url = syndication_url(web.tweet("market").id)
    first = ask(web, url)
    assert (first.status, first.get("retry-after")) == (429, "1")
    assert ask(web, url).status == 200
    web.day = 2
    assert [ask(web, url).status for _ in range(2)] == [429, 200]
    web.reset_counts()
    assert web.requests == []
    assert ask(web, url).status == 429


def test_one_picture_is_cut_off_in_the_middle_at_first(web: SampleWeb) -> None:
    (url, *_) = web.tweet("bakery").media_urls()
    first = ask(web, url)
    assert not first.whole
    second = ask(web, url)
    assert second.whole
    assert second.body.startswith(first.body)
    assert len(first.body) == len(second.body) // 2


def test_one_reply_is_broken_json_on_the_first_day(web: SampleWeb) -> None:
    url = syndication_url(web.tweet("light-plan").id)
    broken = ask(web, url)
    assert (broken.status, broken.whole) == (200, True)
    with pytest.raises(ValueError, match=r"\w"):
        _ = broken.json
    web.day = 2
    assert ask(web, url).json["id_str"] == web.tweet("light-plan").id


def test_a_wrong_token_is_a_bad_request_and_no_deletion(web: SampleWeb) -> None:
    tweet = web.tweet("izyum")
    assert ask(web, syndication_url(tweet.id, sign="abc")).status == 400
    assert ask(web, syndication_url(tweet.id)).status == 200


def test_the_token_is_the_one_that_javascript_computes() -> None:
    # From node 18: ((Number(id) / 1e15) * Math.PI).toString(36).replace(/(0+|\.)/g, "")
    assert token("1559057801616669834") == "3s1xa75ldn5"
    assert token("1562354206342810262") == "3sca3iv61q9"
    assert token("20") == "6dq1a2xwd93"


def test_unknown_hosts_and_pages_are_told_apart(web: SampleWeb) -> None:
    assert ask(web, "https://elsewhere.example/").status == 421
    assert ask(web, f"{BLOG}/no-such-page/").status == 404
    assert ask(web, "https://t.co/NoSuchCode").status == 404
    assert ask(web, oembed_url("1000000000000000000")).status == 404


def test_two_runs_give_the_same_bytes(tmp_path: Path) -> None:
    urls = []
    bodies = []
    for name in ("one", "two"):
        scratch = tmp_path / name
        scratch.mkdir()
        with running_sample_web(scratch) as web:
            urls = [SAMPLE_POST, f"{BLOG}/feed/", syndication_url(web.tweet("izyum").id), *web.tweet("izyum").media_urls()]
            bodies.append([ask(web, url).body for url in urls])
    assert bodies[0] == bodies[1]
    assert all(bodies[0])


def test_it_also_runs_in_the_loop_of_its_caller(tmp_path: Path) -> None:
    async def visit() -> bytes:
        async with SampleWeb(tmp_path) as web:
            reader, writer = await asyncio.open_connection("127.0.0.1", web.http_port)
            writer.write(b"GET /uOWxLTTvGP HTTP/1.0\r\nHost: pic.twitter.com\r\n\r\n")
            answer = await reader.read()
            writer.close()
            await writer.wait_closed()
            return answer

    assert b"/photo/1" in asyncio.run(visit())


def test_a_client_that_stays_connected_does_not_keep_it_from_stopping(tmp_path: Path) -> None:
    with running_sample_web(tmp_path) as web:
        silent = socket.create_connection(("127.0.0.1", web.https_port))
        kept = socket.create_connection(("127.0.0.1", web.http_port))
        kept.sendall(b"GET /uOWxLTTvGP HTTP/1.1\r\nHost: t.co\r\n\r\n")
        assert kept.recv(4096)
    for connection in (silent, kept):
        with connection:
            connection.settimeout(20)
            assert connection.recv(4096) == b""


def test_a_port_that_is_taken_is_said_to_the_caller(web: SampleWeb, tmp_path: Path) -> None:
    with pytest.raises(OSError, match="address already in use"), running_sample_web(tmp_path, http_port=web.http_port):
        pass
