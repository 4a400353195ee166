"""The addresses of Facebook's posts, in all their forms, and the one id that a post has here."""

import re
from urllib.parse import unquote

from archiver.html.addresses import address_of, value_in
from archiver.html.pattern import Pattern

_HOST = r"(?:(?!(?:graph|developers|about|lookaside)\.)[\w-]+\.){0,3}(?:facebook|fb)\.com/(?:#!/)?"
_NUMBER = r"\d{5,20}(?!\w)"
_STORY = rf"(?P<story>{_NUMBER}|pfbid\w{{10,120}})"  # since 2022 most posts are shown under a pfbid, and one has many
_OWNER = r"(?P<owner>[\w.%-]{1,200})"
_SLUG = r"(?:[^/?#]{1,500}/)?"

_PATHS = (
    Pattern(rf"{_HOST}groups/(?P<group>[\w.%-]{{1,200}})/(?:posts|permalink)/{_STORY}"),
    Pattern(rf"{_HOST}(?:pages|people)/[^/?#]{{1,500}}/(?P<owner>\d{{3,20}})/posts/{_SLUG}{_STORY}"),
    Pattern(rf"{_HOST}{_OWNER}/posts/{_SLUG}{_STORY}"),
    Pattern(rf"{_HOST}(?P<owner>\d{{5,20}})_(?P<story>{_NUMBER})"),  # as the Graph API writes it
    Pattern(rf"{_HOST}(?:{_OWNER}/)?(?:videos|reels?)/{_SLUG}(?P<video>{_NUMBER})"),
    Pattern(rf"{_HOST}(?:v|watch)/(?P<video>{_NUMBER})"),  # the first in Flash objects
    Pattern(rf"{_HOST}{_OWNER}/photos/(?:[^/?#]{{1,200}}/){{0,2}}(?P<photo>{_NUMBER})"),
    Pattern(rf"{_HOST}notes/(?:[^/?#]{{1,500}}/){{1,2}}(?P<note>{_NUMBER})"),
)
_PHOTO_QUERY = Pattern(rf"{_HOST}photos?(?:\.php|/)?\?")
_VIDEO_QUERY = Pattern(rf"{_HOST}(?:(?:video/)?video\.php|watch(?:/live)?/?|video/embed/?)\?")
_SET_QUERY = Pattern(rf"{_HOST}media/set/?\?")
_NOTE_QUERY = Pattern(rf"{_HOST}note\.php\?")
_GROUP_QUERY = Pattern(rf"{_HOST}groups/(?P<group>[\w.%-]{{1,200}})/?\?")
_STORY_QUERY = Pattern(rf"{_HOST}(?:(?:permalink|story|profile)\.php)?\?")
_PLUGIN = Pattern(rf"{_HOST}(?:v\d[\d.]*/)?plugins/(?:post|video|comment_embed)\.php\?")
_LOGIN = Pattern(rf"{_HOST}login(?:\.php)?/?\?")
SHORT = (Pattern(r"fb\.watch/(?!login)[\w-]{5,}|(?:[\w-]+\.)?facebook\.com/share/(?:[prv]/)?[\w-]{6,}"),)
_STORY_VALUE = Pattern(_STORY)
_ANY = Pattern(rf"{_HOST}(?!hashtag/|sharer|share\b|watch/?$)\w")
_PAGE = Pattern(rf"{_HOST}(?!pages/|people/|groups/|watch/|events/|[\w-]+\.php)(?P<handle>[\w.]{{3,80}})/?(?:[?#]|$)")


def meant(address: str) -> str:
    """The address within a plugin's or a login page's; others as they are."""
    for shape, name in ((_PLUGIN, "href"), (_LOGIN, "next")):
        if shape.match(address):
            written = value_in(address, name) or ""
            rest = unquote(address.partition(f"{name}=")[2])  # where nobody encoded it, its query looks like the plugin's
            for inner in (written, rest):
                plain = address_of(inner if "//" in inner[:10] else f"https://{inner}")
                if _PLUGIN.match(plain) is None and id_of(plain) is not None:
                    return plain
            return address_of(written)
    return address


def id_of(address: str) -> str | None:
    """The id of what an address names.

    A post is `owner/number` or `groups/group/number`: the number alone is unique, but nothing public opens it without the owner.
    A video (reels are such) is its number, which `/watch/` opens; then there are `photo/`, `set/` (an album) and `note/`.
    A comment is its post's id with `/comments/number`. Names of owners are in lower case: theirs does not count.
    """
    post_id = _by_path(address) or _by_query(address)
    comment = re.fullmatch(r"(?:\d+_)?(\d{3,20})", value_in(address, "comment_id") or "") if post_id else None
    return f"{post_id}/comments/{comment[1]}" if comment else post_id


def canonical_url(post_id: str) -> str:
    """Where a reader finds it."""
    post, _, comment = post_id.partition("/comments/")
    kind, _, number = post.rpartition("/")
    if kind.startswith("groups/"):
        path = f"{kind}/posts/{number}/"
    elif kind in _QUERIES:
        path = _QUERIES[kind] + number
    else:
        path = f"{kind}/posts/{number}"
    mark = "&" if "?" in path else "?"
    return f"https://www.facebook.com/{path}" + (f"{mark}comment_id={comment}" if comment else "")


_QUERIES = {"": "watch/?v=", "photo": "photo.php?fbid=", "set": "media/set/?set=", "note": "note.php?note_id="}


def handle_in(address: str) -> str | None:
    """The name in the address of somebody's page, where it has one."""
    found = _PAGE.match(address)
    return found["handle"] if found and not found["handle"].isdigit() else None


def leads_to_page(address: str) -> bool:
    """Whether it may be the page of whoever posted something, with a name in its address or without."""
    return _ANY.match(address) is not None and id_of(address) is None


def owner_of(post_id: str) -> str | None:
    """The name of who posted it, where the id has one."""
    owner = post_id.split("/")[0]
    named = post_id.count("/") in (1, 3) and owner not in (*_QUERIES, "groups") and not owner.isdigit()
    return owner if named else None


def _by_path(address: str) -> str | None:
    for shape in _PATHS:
        if (found := shape.match(address)) is not None:
            groups = found.groupdict()
            for kind in ("photo", "note"):
                if number := groups.get(kind):
                    return f"{kind}/{number}"
            if groups.get("video"):
                return found["video"]
            holder = f"groups/{found['group'].lower()}" if groups.get("group") else found["owner"].lower()
            return f"{holder}/{found['story']}"
    return None


def _by_query(address: str) -> str | None:
    if _PHOTO_QUERY.match(address):
        return _named("photo/", value_in(address, "fbid"))
    if _VIDEO_QUERY.match(address):
        return _named("", value_in(address, "v") or value_in(address, "video_id"))
    if _SET_QUERY.match(address):
        found = re.match(r"[a-z]{1,5}\.[\d.]{5,80}", value_in(address, "set") or "")
        return f"set/{found.group()}" if found else None
    if _NOTE_QUERY.match(address):
        return _named("note/", value_in(address, "note_id"))
    if group := _GROUP_QUERY.match(address):
        story = value_in(address, "multi_permalinks") or (value_in(address, "id") if "permalink" in address else None)
        return _named(f"groups/{group['group'].lower()}/", story)
    if _STORY_QUERY.match(address):
        owner = value_in(address, "id") or ""
        return _named(f"{owner}/", value_in(address, "story_fbid")) if re.fullmatch(r"\d{1,20}", owner) else None
    return None


def _named(kind: str, number: str | None) -> str | None:
    found = _STORY_VALUE.match(number or "")
    return f"{kind}{found.group()}" if found else None
