#!/usr/bin/env python3
"""Writes the generated pages of this folder; with `--check` it only compares, and exits 1 where a page is out of date."""

import io
import re
import sys
import tokenize
import tomllib
from collections.abc import Iterable, Iterator
from pathlib import Path

import click

from archiver.cli import cli
from archiver.html.addresses import domains_of
from archiver.html.embed_candidates import ANYWHERE
from archiver.platforms import PLATFORMS
from archiver.platforms.base import Platform
from archiver.platforms.doors import EMBED_PAGE
from archiver.platforms.framed_forms import FORMS
from archiver.tasks.platforms import OWN_HOST, supported
from archiver.urls import host_of

DOCS = Path(__file__).parent
WIDTH = 100  # characters; whatever the terminal has, the page comes out the same

INTRODUCTION = """\
# The command line

<!-- Written by `make docs` out of the commands' own `--help`; change it there. -->

Exit codes: 0 all done · 1 a bug of ours · 2 wrong usage or configuration · 3 another run holds the archive ·
4 seeds or pages failed, they are listed and will be tried again · 5 none of them found · 6 the disk is full or not writable ·
7 verification failed · 130 interrupted, the same command goes on.
"""


PLATFORMS_INTRODUCTION = """\
# What is recognised

<!-- Written by `make docs` out of the platforms' own declarations; change it in archiver/platforms/. -->

Of every platform in this table an embed is found

- in its own embed code, before and after the platform's script ran over it: the column *embed codes*, as CSS writes it;
- in a frame, an `<object>` or `<embed>` of old, an AMP element, or a placeholder that holds the address in any attribute until
  a reader scrolls or agrees;
- in `<noscript>`, `<template>`, a `<textarea>`, in attributes, scripts and JSON, escaped once or twice, or in base64;
- as an address on a line of its own, as WordPress leaves it where it could not fetch the embed, or in the comments that its
  editor writes;
- behind a web archive's prefix, a redirect or a proxy of an embed service.

A post that is only linked to is kept apart from one that is embedded. *Requests go to* the hosts that say more about a known
post without an account. *State by status* is what an HTTP status says of a post where the reply has no words. Whatever a reply
says goes into the archive as a statement with its source. A timeout, an overload or a login wall says nothing. *Embed page* is
the host of the page that the platform makes for frames, from which a browser renders the post by itself.
"""
DOORS_INTRODUCTION = """\
## How each is asked

A *door* is one public way, without an account, to what a platform shows of a post. The doors of a platform are asked in this
order; a *spare* one only where the one before it said nothing, one that is *off* only where archiver.toml switches it on; the
embed page is what a browser renders. *Pace*: seconds between two requests to the host. `[?]`: nobody is known to have tried
it live at that time; what is known comes from documentation and from programs that are public.
"""
CHANGES = """\
## When a platform changes

All of it may have changed since. Nobody has to wait for a release to notice that, or to mend it:

1. **Ask.** `archiver platforms --probe` asks each platform for posts whose answer is known, by each door that is not off, at
   each of its addresses: does it still answer, is the answer understood, does it say text, author, time and pictures as at
   the last probe, does it still say of a gone post that it is gone? A short link and a picture are tried as well. With a name
   (`--probe twitter`) it asks one. `probe = "7 5 * * 1"` in `[run]` has `archiver run` do it each Monday. Replies and results
   stay in the archive's WARC files (`control` in their WARC-JSON-Metadata; `urn:probe:NAME`), and are no posts of it.
2. **Mend.** A line in archiver.toml, in the archive's folder, counts from the next run on:

   ```toml
   [platforms.twitter]
   order = ["oembed", "syndication"]            # which door is asked first
   control = ["https://x.com/jack/status/20"]   # posts that are known to be up; ids or addresses
   gone = ["10"]                                 # one that is known not to be there

   [platforms.twitter.doors.oembed]
   address = "https://oembed.x.example/oembed?url={url}"   # where it is now; a list is tried in its order
   pace = "2s"                                             # between two requests to its host

   [platforms.twitter.doors.syndication]
   on = false                                   # nobody answers there any more; true: ask it although it is off by itself
   ```

   An address has the post in braces: `{id}`; `{page}`, the post's address; `{url}`, that quoted; some platforms have more,
   and a name that is not known is told with those that are. The reply has to be of the form that the door had. What was in
   force is recorded with each crawl: `platforms` in the `settings` of its warcinfo, and in the table `crawls`.
3. **Ask again.** The probe says whether the line is right. The next crawl asks again for what it was refused.
4. **Hand it on.** `archiver platforms --probe --save DIR` writes the replies of each failing door into a folder of its own,
   with what was asked and what was understood, without cookies: a test case for whoever mends the reader.

The control posts are official ones that have been up for years; they stand in `archiver/platforms/control_posts.toml`, each
with the reason and the source. A platform that has none says so in the probe: name one with `control`.
"""
UNVERIFIED_INTRODUCTION = """\
## What nobody could verify

Everything that is marked `[?]`: doors that nobody is known to have tried live, then what the platforms' files say of single
facts. A fact without a year of its own is as old as what is known of its platform's doors; its file names the source.
"""
FRAMED_INTRODUCTION = """\
## Frames that are worth their render

Maps, charts, documents, slides and players without a file of their own; their ids are `kind/id`.
"""
STATUSES = (401, 403, 404, 410)
MAX_LISTED = 6  # hosts or embed codes in one cell
AUTHOR = "mira"  # of a made-up post; some addresses want one


def commands(
    command: click.Command, parent: click.Context | None = None, name: str = "archiver"
) -> Iterator[tuple[str, click.Context]]:
    """The command and all below it, depth first: its full name and a context that it can be asked in."""
    settings = {**command.context_settings, "terminal_width": WIDTH, "max_content_width": WIDTH}
    context = click.Context(command, info_name=name, parent=parent, **settings)
    yield context.command_path, context
    if isinstance(command, click.Group):
        for below in command.list_commands(context):
            found = command.get_command(context, below)
            if found is not None and not found.hidden:
                yield from commands(found, context, below)


def cli_page() -> str:
    """docs/cli.md, whole."""
    sections = [INTRODUCTION]
    for path, context in commands(cli):
        help_text = "\n".join(line.rstrip() for line in context.command.get_help(context).splitlines())
        sections.append(f"## {path}\n\n```\n{help_text.strip()}\n```\n")
    return "\n".join(sections)


def platforms_page() -> str:
    """docs/platforms.md, whole."""
    rows = [
        "| platform | hosts | embed codes | a post | requests go to | state by status | embed page |",
        "|---|---|---|---|---|---|---|",
    ]
    for platform in PLATFORMS:
        one = supported(platform)
        hosts = [*_some(one.hosts), *(["any host"] if one.any_host else [])]
        asked = [host if host == OWN_HOST else f"`{host}`" for host in one.asked]
        cells = (
            f"**{one.title}** `{one.name}`",
            ", ".join(hosts),
            ", ".join(_some(tuple(f"`{code}`" for code in one.markup))) or "frames",
            f"`{one.example}`",
            ", ".join(asked) or "nowhere",
            ", ".join(_states(platform)) or ("as the reply says" if asked else ""),
            _embed_page_hosts(platform),
        )
        rows.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
    kinds = ["| kind | hosts | as |", "|---|---|---|"]
    for form in FORMS:
        kinds.append(f"| {form.kind} | {', '.join(_some(form.domains, 3))} | `{form.canonical}` |")
    parts = [
        *(PLATFORMS_INTRODUCTION, *rows, "", DOORS_INTRODUCTION, *_doors(), "", CHANGES),
        *(UNVERIFIED_INTRODUCTION, *_unverified(), "", FRAMED_INTRODUCTION, *kinds, ""),
    ]
    return "\n".join(parts)


def _row(*cells: str) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def _doors() -> Iterator[str]:
    """The table of all doors, in the order of the platforms and in that in which they are asked."""
    yield "| platform | door | asked | at | pace | last reported | who reports it | remarks |"
    yield "|---|---|---|---|---|---|---|---|"
    for platform in PLATFORMS:
        order = 0
        for door in platform.doors:
            order += door.on and not door.spare and door.name != EMBED_PAGE
            asked = "off" if not door.on else "spare" if door.spare else "to render" if door.name == EMBED_PAGE else str(order)
            if door.name == EMBED_PAGE and _is_asked(platform, door.name):
                order += 1
                asked = f"{order}, and to render"
            yield _row(
                platform.title,
                f"`{door.name}`",
                asked,
                ", ".join(_some(tuple(f"`{host}`" for host in _door_hosts(platform, door.name)), 3)).replace(
                    f"`{OWN_HOST}`", OWN_HOST
                ),
                ", ".join(dict.fromkeys(f"{platform.paces.get(host, 1):g} s" for host in _door_hosts(platform, door.name))),
                " ".join(filter(None, (door.as_of, "" if door.verified else "[?]"))),
                door.source,
                door.why,
            )


def _is_asked(platform: Platform, door: str) -> bool:
    return any(request.door == door for post_id in _posts_of(platform) for request in platform.requests_about(post_id))


def _posts_of(platform: Platform) -> list[str]:
    """The posts of its examples."""
    return [post_id for example in platform.examples for post_id in (*example.posts, *example.links) if post_id]


# --- what is marked [?] -------------------------------------------------------------------------------------------------------

PLATFORMS_FOLDER = DOCS.parent / "archiver" / "platforms"
MARK = "[?]"
_SENTENCES = re.compile(r"(?<=[.;])\s+(?=[A-Z`])|(?<=\[\?\]\.)\s+")
_DATE = re.compile(r"\b20[0-9]{2}-[0-9]{2}(?:-[0-9]{2})?\b")
MAX_CODE = 60  # characters of a line of code that a comment stands behind


def _unverified() -> Iterator[str]:
    yield "| platform | what is not verified | as of | source |"
    yield "|---|---|---|---|"
    for platform in PLATFORMS:
        for door in platform.doors:
            if not door.verified or MARK in door.source:
                yield _row(platform.title, f"the door `{door.name}`", door.as_of, door.source)
        newest = max((door.as_of for door in platform.doors), default="")
        for path, words in _marked(platform):
            yield _row(platform.title, words, max(_DATE.findall(words), default=newest), f"`{path}`")


def _marked(platform: Platform) -> Iterator[tuple[str, str]]:
    """What comments and docstrings of a platform's files mark as unverified: the file, and the sentence."""
    folder = PLATFORMS_FOLDER / platform.name
    paths = sorted(folder.rglob("*.py")) if folder.is_dir() else [PLATFORMS_FOLDER / f"{platform.name}.py"]
    for path in paths:
        for words in _said_in(path.read_text(encoding="utf-8")):
            for sentence in _SENTENCES.split(words):
                if MARK in sentence:
                    yield (
                        path.relative_to(DOCS.parent).as_posix(),
                        sentence.replace(f" {MARK}", "").replace(MARK, "").strip(" .,:;"),
                    )


def _said_in(source: str) -> Iterator[str]:
    """The comments, and the docstrings that are marked. Lines in a row are one comment; one behind code is told with that."""
    comment: list[str] = []
    last = -1
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT:
            words, code = token.string.removeprefix("#").strip(), token.line[: token.start[1]].strip()
            if code or token.start[0] != last + 1:
                yield " ".join(comment)
                comment = []
            comment.append(
                f"`{code[:MAX_CODE].rstrip()}{'…' if len(code) > MAX_CODE else ''}`: {words}" if len(code) > 2 else words
            )
            last = -1 if code else token.start[0]
        elif token.type == tokenize.STRING and token.string.startswith('"""') and MARK in token.string:
            yield " ".join(token.string.strip('"').split())
    yield " ".join(comment)


def _door_hosts(platform: Platform, door: str) -> list[str]:
    """All of them, `OWN_HOST` for a platform that is on any host."""
    post_ids = _posts_of(platform)
    asked = [
        url
        for post_id in post_ids
        for request in platform.requests_about(post_id)
        if request.door == door
        for url in (request.url, *request.others)
    ]
    if door == EMBED_PAGE:
        pages = ((platform.embed_page(post_id, AUTHOR), platform.other_embed_pages(post_id, AUTHOR)) for post_id in post_ids)
        asked += [url for page, others in pages if page is not None for url in (page, *others)]
    hosts = dict.fromkeys(map(host_of, asked))
    # One and the same host for all posts is none of theirs.
    anywhere = len(hosts) > 1 or any(host.endswith(".example") for host in hosts)
    if ANYWHERE in platform.hosts and anywhere and not any(host in platform.hosts for host in _domains(hosts)):
        return [OWN_HOST]
    return list(hosts)


def architecture_page() -> str:
    """docs/architecture.md with the table of rooms out of rooms.toml; all else of it is written by hand."""
    floors = tomllib.loads((DOCS / "rooms.toml").read_text(encoding="utf-8"))["floor"]
    rows = ["| floor | room | what is in it |", "|---|---|---|"]
    for number, floor in enumerate(floors, 1):
        rows += [f"| {number} | `{room['name'].replace('.', '/')}` | {room['purpose']} |" for room in floor["rooms"]]
    page = (DOCS / "architecture.md").read_text(encoding="utf-8")
    table = "\n".join(rows)
    return re.sub(r"(?s)(<!-- rooms[^>]*-->\n).*?(\n<!-- end of rooms -->)", lambda marks: marks[1] + table + marks[2], page)


def _states(platform: Platform) -> Iterator[str]:
    """What each status of a reply without a word says of a post, as the platform itself reads it."""
    post_id = next(post_id for example in platform.examples for post_id in (*example.posts, *example.links) if post_id)
    for request in platform.requests_about(post_id)[:1]:
        for status in STATUSES:
            findings = platform.read_reply(request.url, status, None, b"")
            for statement in findings.statements if findings is not None else ():
                if statement.state is not None:
                    yield f"{status} {statement.state.value.replace('_', ' ')}"


def _embed_page_hosts(platform: Platform) -> str:
    """The hosts of the pages for frames, from the posts of its examples."""
    post_ids = [post_id for example in platform.examples for post_id in (*example.posts, *example.links) if post_id]
    pages = [platform.embed_page(post_id, AUTHOR) for post_id in post_ids]
    hosts = dict.fromkeys(host_of(page) for page in pages if page)
    own = [OWN_HOST] if ANYWHERE in platform.hosts and not any(host in platform.hosts for host in _domains(hosts)) else None
    named = own or _some(tuple(f"`{host}`" for host in hosts), 3)
    return (", ".join(named) + ("" if all(pages) else ", some")) if hosts else "nowhere"


def _domains(hosts: Iterable[str]) -> set[str]:
    return {domain for host in hosts for domain in domains_of(host)}


def _some(items: tuple[str, ...], limit: int = MAX_LISTED) -> list[str]:
    more = len(items) - limit
    return [*items[:limit], f"and {more} more"] if more > 0 else list(items)


def main(arguments: list[str]) -> int:
    pages = {DOCS / "cli.md": cli_page(), DOCS / "platforms.md": platforms_page(), DOCS / "architecture.md": architecture_page()}
    stale = [path for path, text in pages.items() if not path.exists() or path.read_text(encoding="utf-8") != text]
    if "--check" in arguments:
        for path in stale:
            print(f"docs/{path.name} is out of date: run `make docs`", file=sys.stderr)
        return 1 if stale else 0
    for path in stale:
        path.write_text(pages[path], encoding="utf-8")
        print(f"wrote docs/{path.name}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
