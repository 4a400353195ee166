"""ReplayWeb.page, which is not ours: two scripts that replay a WARC file in a browser, served on loopback beside the file."""

import re
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from html import escape
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

# What a site that shows an archive has in its page, after ReplayWeb.page's guide to embedding. Its element opens a frame at once,
# and three times anew while its service worker does not answer, a third of a second in all (2.5.3). A busy machine takes longer,
# so here the element comes when the worker is ready, registered as the element registers it.
PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>An archive</title>
<script src="/ui.js"></script>
<style>body {{ margin: 0 }} replay-web-page {{ display: block; height: 1000px }}</style>
</head>
<body>
<template>
<replay-web-page replaybase="/replay/" source="/archive.warc.gz" url="{url}" embed="replayonly"></replay-web-page>
</template>
<script>
function show() {{
  document.body.append(document.querySelector("template").content.cloneNode(true));
}}
navigator.serviceWorker.register("/replay/sw.js?serveIndex=1", {{ scope: "/replay/" }}).then(function (registration) {{
  const worker = registration.installing || registration.waiting || registration.active;
  if (worker.state === "activated") show();
  else worker.addEventListener("statechange", function () {{ if (worker.state === "activated") show(); }});
}});
</script>
</body>
</html>
"""


class Files(BaseHTTPRequestHandler):
    """Answers with what it was given, ranges included."""

    protocol_version = "HTTP/1.1"

    def __init__(self, files: Mapping[str, tuple[str, bytes]], *connection: object) -> None:
        self._files = files
        super().__init__(*connection)  # type: ignore[arg-type]

    def do_GET(self) -> None:
        media_type, content = self._files.get(self.path.partition("?")[0], (None, b""))
        asked = re.fullmatch(r"bytes=(\d+)-(\d*)", self.headers.get("Range", ""))
        first, last = (int(asked[1]), int(asked[2] or len(content) - 1)) if asked else (0, len(content) - 1)
        part = content[first : last + 1]
        if media_type is None:
            self.send_response(HTTPStatus.NOT_FOUND)
        elif asked:
            self.send_response(HTTPStatus.PARTIAL_CONTENT)
            self.send_header("Content-Range", f"bytes {first}-{first + len(part) - 1}/{len(content)}")
        else:
            self.send_response(HTTPStatus.OK)
        self.send_header("Content-Type", media_type or "text/plain")
        self.send_header("Content-Length", str(len(part)))
        self.send_header("Accept-Ranges", "bytes")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(part)

    do_HEAD = do_GET

    def log_message(self, format: str, *args: object) -> None:
        """Says nothing."""


@contextmanager
def served(replayweb: Path, data_dir: Path, url: str) -> Iterator[str]:
    """The address of a page that replays `url` out of the archive.

    It takes one file: gzip members one after another are a WARC file as well, so all files of the archive make one.
    """
    warc = b"".join(path.read_bytes() for path in sorted(data_dir.rglob("*.warc.gz")))
    files = {
        "/": ("text/html", PAGE.format(url=escape(url)).encode()),
        "/ui.js": ("text/javascript", (replayweb / "ui.js").read_bytes()),
        "/replay/sw.js": ("text/javascript", (replayweb / "sw.js").read_bytes()),
        "/archive.warc.gz": ("application/octet-stream", warc),
    }
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Files, files)) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}/"
        finally:
            server.shutdown()
            thread.join()
