"""The pictures that a page shows: the largest address that it gives for each, with its alternative text and caption."""

import re
from collections.abc import Sequence

from selectolax.lexbor import LexborNode

from archiver.extraction.layout import ancestor
from archiver.extraction.references import ReferenceResolver, key_of
from archiver.model.findings import MediaRef
from archiver.text import one_line

MAX_PICTURES = 1_000  # of one page
MAX_SRCSET = 20_000  # characters
SMALLEST_SIDE = 5  # pixels; what declares less is a counter, not a picture

# Lazy loading keeps the true address beside a placeholder in `src`; the names in use by WordPress plugins and news sites.
_LAZY = ("data-orig-file", "data-large-file", "data-full-url", "data-original", "data-src", "data-lazy-src", "data-hi-res-src",
         "data-url", "data-image", "data-img-url", "data-default-src")  # fmt: skip
_LAZY_SETS = ("data-srcset", "data-lazy-srcset", "srcset")
_THUMBNAIL = re.compile(r"-\d{2,4}x\d{2,4}(?=\.\w{3,4}$)")  # WordPress: `photo-300x200.jpg` is made from `photo.jpg`
_PICTURE_FILE = re.compile(r"\.(?:jpe?g|png|gif|webp|avif|heic|tiff?|bmp)(?:\?|$)", re.I)
_DESCRIPTOR = re.compile(r"(\d{1,6}(?:\.\d{1,6})?)[wxh](?:,(.*))?")


def find_pictures(images: Sequence[LexborNode], references: ReferenceResolver) -> tuple[MediaRef, ...]:
    """The pictures of `img` elements, each address once, in document order; data: URLs and counting pixels are left out."""
    found: dict[str, MediaRef] = {}
    without: set[int] = set()
    for image in images[:MAX_PICTURES]:
        picture = _picture(image, references, without)
        if picture is not None:
            known = found.get(picture.key)
            if known is None or ((picture.alt or picture.caption) and not (known.alt or known.caption)):
                found[picture.key] = picture
    return tuple(found.values())


def shown_addresses(images: Sequence[LexborNode], references: ReferenceResolver, pictures: Sequence[MediaRef]) -> tuple[str, ...]:
    """The addresses in `src` that are not among the pictures': smaller sizes, which a browser without `srcset` asks for."""
    found = (references.absolute(image.attributes.get("src")) for image in images[:MAX_PICTURES])
    known = {picture.url for picture in pictures}
    return tuple(dict.fromkeys(url for url in found if url is not None and url not in known))


def _picture(image: LexborNode, references: ReferenceResolver, without: set[int]) -> MediaRef | None:
    attributes = image.attributes
    width, height = _pixels(attributes.get("width")), _pixels(attributes.get("height"))
    if (width is not None and width < SMALLEST_SIDE) or (height is not None and height < SMALLEST_SIDE):
        return None
    shown = references.absolute(_reference(attributes))
    if shown is None:
        return None
    url = _linked_original(image, shown, references) or shown
    if url != shown or attributes.get("srcset"):
        width = height = None  # these are of the thumbnail
    alt, caption = one_line(attributes.get("alt")), _caption(image, without)
    return MediaRef(url, key_of(url), alt=alt, caption=caption, width=width, height=height)


def _reference(attributes: dict[str, str | None]) -> str | None:
    """The best address: a named original, then the largest of a set, then `src`."""
    for name in _LAZY[:4]:
        if value := attributes.get(name):
            return value
    for name in _LAZY_SETS:
        if (value := attributes.get(name)) and (largest := _largest(value)):
            return largest
    source = attributes.get("src")
    lazy = next((value for name in _LAZY[4:] if (value := attributes.get(name)) and not value.startswith(("{", "["))), None)
    reference = lazy or source
    return None if reference is None or reference.startswith("data:") else reference


def _largest(candidates: str) -> str | None:
    """The address with the greatest width or density of a `srcset`; the first one where none is given."""
    found: list[tuple[float, str]] = []
    address: str | None = None  # an address that waits for its descriptor; it may hold commas, but not end in one
    for token in candidates[:MAX_SRCSET].split():
        if address is None:
            address = None if token.endswith(",") else token
            found += [(0, token.rstrip(","))] if token.endswith(",") else []
            continue
        descriptor = _DESCRIPTOR.fullmatch(token)
        found.append((float(descriptor[1]) if descriptor else 0, address))
        address = (descriptor[2] or None) if descriptor else token.strip(",") or None
    found += [(0, address)] if address else []
    usable = [(size, url) for size, url in found if url and not url.startswith("data:")]
    return max(usable, key=lambda pair: pair[0])[1] if usable else None


def _linked_original(image: LexborNode, shown: str, references: ReferenceResolver) -> str | None:
    """Where the picture is a link to a picture file: that file, if it is the one the thumbnail was made from."""
    link = ancestor(image, "a", within=3)
    target = references.absolute(link.attributes.get("href")) if link is not None else None
    if target is None or target == shown or not _PICTURE_FILE.search(target):
        return None
    same = _THUMBNAIL.sub("", shown.split("?")[0]) == _THUMBNAIL.sub("", target.split("?")[0])
    return target if same else None


def _caption(image: LexborNode, without: set[int]) -> str | None:
    """`without` are the boxes, by memory id, that are known to have none: hundreds of pictures may stand in one."""
    figure = ancestor(image, "figure", within=5)
    if figure is not None:
        caption = figure.css_first("figcaption")
        return one_line(caption.text(separator=" ")) if caption is not None else None
    box = image.parent
    for _ in range(3):
        if box is None or box.tag in ("body", "article"):
            return None
        if box.mem_id not in without and "wp-caption" in (box.attributes.get("class") or ""):  # WordPress before HTML5 themes
            caption = box.css_first(".wp-caption-text")
            return one_line(caption.text(separator=" ")) if caption is not None else None
        without.add(box.mem_id)
        box = box.parent
    return None


def _pixels(value: str | None) -> int | None:
    return int(value) if value and value.isascii() and value.isdigit() and len(value) < 6 else None
