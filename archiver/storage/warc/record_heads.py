"""Heads of records as they are found: of WARC files of all versions, and of ARC files, which come out as a WARC's would.

Lenient, unlike `validator`: names and types in any case, lines that end in LF, lines that go on in the next one.
"""

import re

MAX_HEAD_BYTES = 1 << 20  # Browsertrix writes JSON of 40 KB into it
MAX_ARC_LINE_BYTES = 1 << 16

_HEAD_END = re.compile(rb"\r?\n\r?\n")
_FOLDED = re.compile(r"\r?\n[ \t]+")
_VERSION = re.compile(rb"WARC/\d+\.\d+[ \t]*\r?\n")
_ARC_LINE = re.compile(
    rb"(?P<url>[A-Za-z][A-Za-z0-9+.-]*:[^\r\n\0]*?)[ \t]+(?P<ip>[0-9A-Fa-f.:]{2,45}|-)[ \t]+(?P<date>\d{8,17}|null|-)"
    rb"[ \t]+(?:(?P<rest>[^\r\n]*?)[ \t]+)?(?P<length>\d{1,15})[ \t]*\r?\n"
)
# Where a head may begin in bytes that are none: behind a line's end, or anywhere, since what stands before may be junk.
WARC_BEGINS = re.compile(rb"WARC/\d+\.\d+[ \t]*\r?\n(?=[A-Za-z-]+[ \t]*:)")
ARC_BEGINS = re.compile(
    rb"(?:(?<=\n)|\A)(?:https?|ftp|dns|filedesc)://?[^\r\n\0 ]{1,4000}[ \t][^\r\n\0]{1,200}[ \t](?:\d{8,17}|null|-)[ \t]"
    rb"[^\r\n\0]{1,400}\n"
)
OVERLAP_BYTES = 1 << 13  # that a beginning may take, so that it may lie across two pieces

# As WARC/1.1 and browsers' recorders spell them: a look is quicker than making them lower, which costs 5 us a record.
_SPELLED = """
Content-Length Content-Type WARC-Block-Digest WARC-Concurrent-To WARC-Date WARC-Filename WARC-IP-Address
WARC-Identified-Payload-Type WARC-JSON-Metadata WARC-Page-ID WARC-Payload-Digest WARC-Profile WARC-Protocol WARC-Record-ID
WARC-Refers-To WARC-Refers-To-Date WARC-Refers-To-Target-URI WARC-Resource-Type WARC-Target-URI WARC-Truncated WARC-Type
WARC-Warcinfo-ID
"""
_NAMES = {name: name.lower() for name in _SPELLED.split()}
_NO_TYPE = frozenset({"no-type", "unknown", "-", "none", ""})
HTTP_STARTS = (b"HTTP/", b"ICY ")


def begins_warc(data: bytes) -> bool:
    return data.startswith(b"WARC/")


def begins_arc(data: bytes) -> bool:
    return data.startswith(b"filedesc:") or _ARC_LINE.match(data) is not None


def begins_record(data: bytes) -> bool:
    """Whether the first bytes of a frame are those of a record."""
    data = data.lstrip(b"\r\n")
    return begins_warc(data) or begins_arc(data[:MAX_ARC_LINE_BYTES])


def warc_head_end(data: bytes, start: int, searched: int) -> int:
    """Where the block begins, of a head that begins at `start`; -1 where the head is not all there. No end was found before
    `searched`."""
    found = data.find(b"\r\n\r\n", searched)
    if found >= 0 and data.find(b"\n\n", searched, found) < 0:
        return found + 4
    match = _HEAD_END.search(data, searched)
    return match.end() if match else -1


def parse_warc_head(head: bytes) -> dict[str, str] | None:
    """The header fields by their names in lower case, the last one of each; WARC-Type in lower case. None where the first line is
    not WARC's."""
    if not _VERSION.match(head):
        return None
    text = head.decode("utf-8", "replace")
    if "\n " in text or "\n\t" in text:  # a line that goes on
        text = _FOLDED.sub(" ", text)
    fields: dict[str, str] = {}
    for line in text.split("\n"):
        name, colon, value = line.partition(":")
        if colon:
            fields[_NAMES.get(name) or name.strip().lower()] = value.strip()
    if "warc-type" in fields:
        fields["warc-type"] = fields["warc-type"].lower()
    return fields


def parse_arc_line(line: bytes, start: bytes) -> dict[str, str] | None:
    """The line before a block, which begins with `start`, as header fields of WARC; None where it is no such line.

    https://archive.org/web/researcher/ArcFileFormat.php: `URL IP-address Archive-date Content-type Archive-length`; version 2 has
    `Result-code Checksum Location Offset Filename` before the length. URLs and types with blanks are met. A block without
    an HTTP head, as Alexa wrote them, is a resource of that type.
    """
    match = _ARC_LINE.fullmatch(line)
    if match is None:
        return None
    url = match["url"].decode("utf-8", "replace").strip().replace(" ", "%20").replace("\t", "%09")
    media_type = _arc_type((match["rest"] or b"").decode("latin-1"))
    fields = {"warc-target-uri": url, "content-length": match["length"].decode(), "warc-ip-address": match["ip"].decode()}
    if (date := _arc_date(match["date"].decode())) is not None:
        fields["warc-date"] = date
    if url.startswith("filedesc:"):
        return fields | {"warc-type": "warcinfo", "content-type": "text/plain"}
    if start.lstrip(b"\r\n")[:5].upper().startswith(HTTP_STARTS):
        return fields | {"warc-type": "response", "content-type": "application/http;msgtype=response"}
    return fields | {"warc-type": "resource", "content-type": media_type}


def _arc_type(rest: str) -> str:
    """Of what stands between date and length: the type, with its parameters where blanks stand before them."""
    words = rest.split()
    if not words or words[0].lower() in _NO_TYPE:
        return ""
    kind = words[0]
    for word in words[1:]:
        if not (kind.endswith(";") or word.startswith(";") or "charset=" in word.lower()):
            break
        kind += f" {word}"
    return kind


def _arc_date(digits: str) -> str | None:
    """As WARC-Date; of some records there is none."""
    if not digits.isdigit():
        return None
    if len(digits) < 14:
        digits = digits.ljust(14, "0")
    return f"{digits[:4]}-{digits[4:6]}-{digits[6:8]}T{digits[8:10]}:{digits[10:12]}:{digits[12:14]}Z"
