"""A client of the sample web with nothing but sockets and TLS, so that tests see what is on the wire."""

import gzip
import json
import socket
import ssl
from dataclasses import dataclass
from http.client import HTTPResponse, IncompleteRead
from typing import Any
from urllib.parse import urlsplit

from archiver.sampleweb import SampleWeb
from archiver.sampleweb.syndication import token

TIMEOUT_SECONDS = 60


@dataclass(frozen=True)
class Answer:
    status: int
    headers: list[tuple[str, str]]
    body: bytes
    whole: bool = True
    """False where the connection ended before the body did."""

    def get(self, name: str) -> str | None:
        return next((value for key, value in self.headers if key.lower() == name.lower()), None)

    @property
    def text(self) -> str:
        return self.body.decode()

    @property
    def json(self) -> Any:
        return json.loads(self.body)


def ask(web: SampleWeb, url: str, *, method: str = "GET", **headers: str) -> Answer:
    """One request on a connection of its own. `if_none_match=…` becomes `If-None-Match: …`."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    secure = parts.scheme == "https"
    with socket.create_connection(("127.0.0.1", web.https_port if secure else web.http_port), TIMEOUT_SECONDS) as plain:
        if not secure:
            return _exchange(plain, method, host, parts.path + (f"?{parts.query}" if parts.query else ""), headers)
        with ssl.create_default_context(cafile=web.cacert).wrap_socket(plain, server_hostname=host) as connection:
            return _exchange(connection, method, host, parts.path + (f"?{parts.query}" if parts.query else ""), headers)


def _exchange(connection: socket.socket, method: str, host: str, target: str, headers: dict[str, str]) -> Answer:
    fields = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in headers.items())
    connection.sendall(f"{method} {target or '/'} HTTP/1.1\r\nHost: {host}\r\n{fields}Connection: close\r\n\r\n".encode())
    with HTTPResponse(connection, method=method) as response:
        response.begin()
        whole = True
        try:
            body = response.read()
        except IncompleteRead as error:
            body, whole = error.partial, False
        if response.getheader("Content-Encoding") == "gzip":
            body = gzip.decompress(body)
        return Answer(response.status, response.getheaders(), body, whole)


def syndication_url(tweet_id: str, sign: str | None = None) -> str:
    return f"https://cdn.syndication.twimg.com/tweet-result?id={tweet_id}&lang=en&token={sign or token(tweet_id)}"


def oembed_url(tweet_id: str) -> str:
    return f"https://publish.twitter.com/oembed?url=https://twitter.com/i/status/{tweet_id}&omit_script=1&dnt=1"
