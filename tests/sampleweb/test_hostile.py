"""trouble.example: that its pages do what they say, as far as bytes show it."""

import json
import re
import socket
import ssl
from html import unescape
from io import BytesIO

import pytest
from PIL import Image

from archiver.sampleweb import SampleWeb
from archiver.sampleweb.hostile import PICTURES, STREAM_BYTES, paths
from tests.sampleweb.asking import ask

TROUBLE = "https://trouble.example"
WANTED = {
    *("/loop", "/late-loop", "/alerts", "/tall", "/endless", "/pictures", "/popups", "/refresh", "/redirects", "/reload"),
    *("/files", "/stream", "/slow", "/download", "/memory", "/deep", "/workers", "/canvas", "/fullscreen", "/huge-dom", "/leaks"),
}


@pytest.mark.parametrize("path", sorted({*paths(), *WANTED} - {"/redirects"}))
def test_each_page_has_a_heading_that_can_be_seen(web: SampleWeb, path: str) -> None:
    answer = ask(web, TROUBLE + path)

    assert answer.status == 200
    assert re.search(r"<h1>[^<]{4,}</h1>", answer.text)


def test_the_index_leads_to_all_and_robots_may_go_everywhere(web: SampleWeb) -> None:
    assert set(re.findall(r'href="([^"]+)"', ask(web, TROUBLE + "/").text)) >= WANTED - {"/redirects", "/deep", "/pictures"}
    assert ask(web, f"{TROUBLE}/robots.txt").text == "User-agent: *\nDisallow:\n"
    assert ask(web, f"{TROUBLE}/nothing").status == 404


def test_five_thousand_pictures_none_like_another(web: SampleWeb) -> None:
    page = ask(web, f"{TROUBLE}/pictures").text
    first, last = (ask(web, f"{TROUBLE}/pictures/{number}.png") for number in (0, PICTURES - 1))

    assert len(set(re.findall(r'src="(/pictures/\d+\.png)"', page))) == PICTURES
    with Image.open(BytesIO(first.body)) as one, Image.open(BytesIO(last.body)) as other:
        assert one.size == other.size == (24, 24)
        assert one.getpixel((3, 3)) != other.getpixel((3, 3))
    assert ask(web, f"{TROUBLE}/pictures/{PICTURES}.png").status == 404


def test_a_redirect_leads_to_the_next_for_ever(web: SampleWeb) -> None:
    seen = []
    url = f"{TROUBLE}/redirects"
    for _ in range(30):
        answer = ask(web, url)
        assert answer.status == 302
        url = TROUBLE + (answer.get("location") or "")
        seen.append(url)
    assert len(set(seen)) == 30


def test_two_pages_send_a_reader_to_and_fro(web: SampleWeb) -> None:
    assert 'content="0;url=/refresh/back"' in ask(web, f"{TROUBLE}/refresh").text
    assert 'content="0;url=/refresh"' in ask(web, f"{TROUBLE}/refresh/back").text


def test_a_page_within_itself_has_another_address_each_time(web: SampleWeb) -> None:
    page = unescape(ask(web, f"{TROUBLE}/deep?n=41&side=l").text)

    assert re.findall(r'src="([^"]+)"', page) == ["/deep?n=42&side=l", "/deep?n=42&side=r"]


def test_a_stream_is_made_as_it_is_taken(web: SampleWeb) -> None:
    """Four gigabytes are promised; whoever hangs up after a megabyte has cost no more than that."""
    assert STREAM_BYTES == 4 << 30
    with (
        socket.create_connection(("127.0.0.1", web.https_port), 20) as plain,
        ssl.create_default_context(cafile=web.cacert).wrap_socket(plain, server_hostname="trouble.example") as connection,
    ):
        connection.sendall(b"GET /stream/picture.png HTTP/1.1\r\nHost: trouble.example\r\n\r\n")
        taken = b""
        while len(taken) < 1 << 20:
            taken += connection.recv(1 << 16)
        head, _, body = taken.partition(b"\r\n\r\n")
        assert b"Transfer-Encoding: chunked" in head and b"Content-Length" not in head
        assert body.split(b"\r\n", 1)[1].startswith(b"\x89PNG\r\n\x1a\n")
        assert ask(web, f"{TROUBLE}/loop").status == 200  # others are served meanwhile
    assert ask(web, f"{TROUBLE}/loop").status == 200


def test_a_stream_without_chunks_ends_with_the_connection(web: SampleWeb) -> None:
    with socket.create_connection(("127.0.0.1", web.http_port), 20) as connection:
        connection.sendall(b"GET /stream/body HTTP/1.0\r\nHost: trouble.example\r\n\r\n")
        taken = b""
        while b"\r\n\r\n" not in taken or len(taken) < 100_000:
            taken += connection.recv(1 << 16)
    head, _, body = taken.partition(b"\r\n\r\n")
    assert b"Connection: close" in head and b"Transfer-Encoding" not in head
    assert set(body) == {0}


def test_of_a_stream_the_head_alone_may_be_asked_for(web: SampleWeb) -> None:
    answer = ask(web, f"{TROUBLE}/stream/body", method="HEAD")

    assert (answer.status, answer.body, answer.get("transfer-encoding")) == (200, b"", "chunked")


def test_a_script_that_never_answers_does_not_keep_others_waiting(web: SampleWeb) -> None:
    with socket.create_connection(("127.0.0.1", web.http_port), 20) as waiting:
        waiting.sendall(b"GET /slow/script.js HTTP/1.1\r\nHost: trouble.example\r\n\r\n")
        assert ask(web, f"{TROUBLE}/loop").status == 200


def test_a_download_says_that_it_is_one(web: SampleWeb) -> None:
    assert (ask(web, f"{TROUBLE}/download/file.zip").get("content-disposition") or "").startswith("attachment")


def test_leaks_go_where_the_query_says(web: SampleWeb) -> None:
    answer = ask(web, f"{TROUBLE}/leaks?tcp=127.0.0.1:4711&tcp=[::1]:4712&tcp=spy.example:80&udp=127.0.0.1:4713")

    for target in ("127.0.0.1:4711", "[::1]:4712", "spy.example:80"):
        assert f'href="http://{target}/link-prefetch"' in answer.text
        assert f"https://{target}/header" in (answer.get("link") or "")
        assert f"http://{target}/header" in (answer.get("content-security-policy-report-only") or "")
    rules = re.search(r'<script type="speculationrules">(.+?)</script>', answer.text)
    assert rules is not None and "http://spy.example:80/prerender" in json.loads(unescape(rules[1]))["prerender"][0]["urls"]


def test_leaks_without_a_target_go_nowhere(web: SampleWeb) -> None:
    answer = ask(web, f"{TROUBLE}/leaks")

    assert "http" not in answer.text.replace("https://trouble.example", "")
    assert answer.get("link") is None and answer.get("report-to") is None


def test_a_target_is_no_markup(web: SampleWeb) -> None:
    answer = ask(web, f"{TROUBLE}/leaks?tcp=a%22%3E%3Cscript%3Ealert(1)%3C/script%3E%0d%0aX-Own:%201")

    assert "<script>alert" not in answer.text and answer.get("x-own") is None


def test_the_scripts_that_leak_try_all_that_a_page_can(web: SampleWeb) -> None:
    page, worker = (ask(web, f"{TROUBLE}/leaks/{name}.js").text for name in ("page", "worker"))

    for way in (
        *(
            "RTCPeerConnection",
            "WebSocket",
            "WebTransport",
            "EventSource",
            "sendBeacon",
            "window.open",
            "SharedWorker",
            "serviceWorker",
        ),
        *("keepalive", "form.submit", "FontFace", "fetchLater", "addIceCandidate"),
    ):
        assert way in page
    assert ask(web, f"{TROUBLE}/leaks/service.js").get("service-worker-allowed") == "/"
    assert "WebSocket" in worker and "importScripts" in worker
