"""How a render stands in the WARC: names, the header that says what a screenshot shows, the record of how it ended, that of the
WebPs made of it; and back."""

import json
import re
from collections.abc import Iterable
from pathlib import PurePosixPath
from typing import Any

from archiver.model.findings import PostRef
from archiver.model.render import Preview, Quality, Render, RenderEnd, RenderStatus, Screenshot, ScreenshotKind, ScreenshotRecord
from archiver.platforms import platform_named
from archiver.storage.warc.writer import JSON_HEADER
from archiver.text import json_loads

RENDER = "render"
"""`kind` of the metadata record in which a render ends."""
RENDER_URN = "urn:render:"
PREVIEWS = "previews"
"""`kind` of the metadata record with the hash of a WebP that was made anew and came out otherwise. The first one's stands in the
header of its screenshot."""
PREVIEW_URN = "urn:preview:"
MAX_NUMBER = 1 << 48  # of pixels, bytes or requests: what a header of another program may say and a row still holds
TEXT_URN = "urn:text:"
_SHA256 = re.compile(r"[0-9a-f]{64}")


def screenshot_urn(shot: Screenshot, url: str) -> str:
    """`urn:view:URL`, `urn:fullPage:URL`, `urn:embed:PAGE#3`; `urn:embed:URL` for a post by itself."""
    place = f"#{shot.position}" if shot.position is not None else ""
    return f"urn:{shot.kind.value}:{url}{place}"


def screenshot_header(screenshot: ScreenshotRecord) -> tuple[str, str]:
    """One header line: ASCII, without line breaks."""
    content: dict[str, Any] = {
        "url": screenshot.url,
        "kind": screenshot.kind.value,
        "width": screenshot.width,
        "height": screenshot.height,
        "quality": screenshot.quality.value,
        "reason": screenshot.reason,
        "position": screenshot.position,
        "path": screenshot.path,
        "sha256": screenshot.sha256,
        **_named(screenshot.post),
    }
    return JSON_HEADER, json.dumps({name: value for name, value in content.items() if value is not None})


def parse_screenshot_header(header: str | None) -> ScreenshotRecord | None:
    """What a screenshot shows, from the header line that `screenshot_header` makes; None for one of another program, or none."""
    try:
        content = json_loads(header or "")
        return ScreenshotRecord(
            ScreenshotKind(content["kind"]),
            _text(content["url"]),
            _number(content["width"]),
            _number(content["height"]),
            Quality(content["quality"]),
            _text_or_none(content.get("reason")),
            _post_in(content),
            _number(content["position"]) if content.get("position") is not None else None,
            _path_or_none(content.get("path")),
            _text_or_none(content.get("sha256")),
        )
    except (ValueError, KeyError, TypeError, AttributeError):
        return None


def render_end_content(render: Render) -> dict[str, Any]:
    """The block of the metadata record."""
    return {
        "kind": RENDER,
        "url": render.target.url,
        "ended": render.ended.value,
        "reason": render.reason,
        "notes": dict(render.notes),
        **_named(render.target.post),
    }


def parse_render_end(content: dict[str, Any], rendered_at: str) -> RenderEnd | None:
    """How a render ended, from a metadata record whose `kind` is RENDER; None where that is not as ours are."""
    try:
        notes = {str(name): _number(count) for name, count in dict(content.get("notes") or {}).items()}
        return RenderEnd(
            _text(content["url"]),
            rendered_at,
            RenderStatus(content["ended"]),
            _text_or_none(content.get("reason")),
            _post_in(content),
            notes,
        )
    except (ValueError, KeyError, TypeError):
        return None


def previews_content(previews: Iterable[Preview]) -> dict[str, Any]:
    """The block of the metadata record for WebPs."""
    files = [{"path": preview.path, "sha256": preview.sha256, "of": preview.of} for preview in previews]
    return {"kind": PREVIEWS, "files": files}


def parse_previews(block: bytes) -> tuple[Preview, ...]:
    """The WebPs that a block of `previews_content` names; () for another block. Paths outside of screenshots/ are left out."""
    try:
        content = json_loads(block)
    except ValueError:
        return ()
    found = content.get("files") if isinstance(content, dict) and content.get("kind") == PREVIEWS else None
    return tuple(filter(None, map(_preview_in, found if isinstance(found, list) else ())))


def _preview_in(content: object) -> Preview | None:
    if not isinstance(content, dict):
        return None
    try:
        path, digest = _path_or_none(content["path"]), _text(content["sha256"])
        return Preview(path, digest, _text(content["of"])) if path is not None and _SHA256.fullmatch(digest) else None
    except (KeyError, TypeError):
        return None


def _named(post: PostRef | None) -> dict[str, str]:
    return {"platform": post.platform, "post_id": post.post_id} if post is not None else {}


def _post_in(content: dict[str, Any]) -> PostRef | None:
    if not content.get("post_id"):  # none, or an empty one, which some platforms would make an address of
        return None
    ref = PostRef(_text(content["platform"]), _text(content["post_id"]))
    return ref if _is_known(ref) else None


def _is_known(ref: PostRef) -> bool:
    """Whether its platform can do something with such an id: other programs' files may say anything."""
    platform = platform_named(ref.platform)
    try:
        return (
            platform is not None
            and bool(platform.canonical_url(ref.post_id))
            and platform.requests_about(ref.post_id) is not None
        )
    except (ValueError, LookupError):
        return False


def _number(value: object) -> int:
    if not isinstance(value, int) or not 0 <= value <= MAX_NUMBER:
        raise ValueError(value)
    return int(value)


def _path_or_none(value: object) -> str | None:
    """A file among the screenshots; None for a path that leads out of there."""
    path = PurePosixPath(_text_or_none(value) or "")
    return str(path) if path.parts[:1] == ("screenshots",) and ".." not in path.parts and "\0" not in str(path) else None


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError(value)
    return value


def _text_or_none(value: object) -> str | None:
    return _text(value) if value is not None else None
