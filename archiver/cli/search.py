"""`archiver search`."""

import itertools
from pathlib import Path

import click

from archiver.cli.cards import print_card
from archiver.cli.options import archive_option, json_option, verbosity_options
from archiver.cli.printing import print_json
from archiver.errors import NothingFound
from archiver.query.archive import Archive


class SearchCommand(click.Command):
    """Knows `-word` for a word: click would take the letters of `-video` for -v and what follows it."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        options, words = self._sorted_out(ctx, args)
        return super().parse_args(ctx, [*options, *(["--", *words] if words else [])])

    def _sorted_out(self, ctx: click.Context, args: list[str]) -> tuple[list[str], list[str]]:
        """Options with their values, wherever they stand; and all else, in order."""
        known = {name: option for option in self.get_params(ctx) if isinstance(option, click.Option) for name in option.opts}
        flags = {name[1] for name in known if not name.startswith("--")}
        options: list[str] = []
        words: list[str] = []
        left = iter(args)
        for argument in left:
            if argument == "--":
                words.extend(left)
            elif argument.startswith("--") or (argument.startswith("-") and argument[1:] and set(argument[1:]) <= flags):
                options.append(argument)
                if argument in known and not known[argument].is_flag:
                    options.extend(itertools.islice(left, 1))
            else:
                words.append(argument)
        return options, words


@click.command(cls=SearchCommand)
@click.argument("words", nargs=-1, required=True, metavar="WORDS")
@click.option("--platform", metavar="NAME", help="Only posts of this platform.")
@click.option("--author", metavar="HANDLE", help="Only posts of this account.")
@click.option("--site", metavar="HOST", help="Only pages of this site, and posts that they embed.")
@click.option("--since", type=click.DateTime(["%Y-%m-%d"]), metavar="DATE", help="Posted or published on this day or later.")
@click.option("--until", type=click.DateTime(["%Y-%m-%d"]), metavar="DATE", help="… or earlier.")
@click.option("--limit", type=click.IntRange(1), default=20, show_default=True, metavar="N", help="At most so many results.")
@archive_option
@json_option
@verbosity_options
def search(
    words: tuple[str, ...], platform: str | None, author: str | None, site: str | None, since: object, until: object, limit: int,
    data_dir: Path, as_json: bool, quiet: bool, verbose: bool,
) -> None:  # fmt: skip
    """Search the text of posts and pages, best first.

    All words must occur; "a phrase" in quotes, -word must not, prefix* matches beginnings. Case, accents, ё/е, й/и, ї/і and
    apostrophes make no difference.

    \b
    Example:
      archiver search Izyum -football
      archiver search '"counteroffensive"' --site blog.example --since 2022-09-01
    """
    count = 0
    with Archive.open(data_dir) as archive:
        results = archive.search(
            _joined(words), platform=platform, author=author, site=site, since=_day(since), until=_day(until), limit=limit
        )
        for one in results:
            count += 1
            if as_json:
                print_json(one.to_json())
            else:
                print_card(one.result, snippet=one.snippet)
    if not count:
        raise NothingFound(f"nothing in {data_dir} has these words")


def _joined(words: tuple[str, ...]) -> str:
    """A word with spaces was quoted for the shell: it is a phrase."""
    return " ".join(f'"{word}"' if " " in word and '"' not in word else word for word in words)


def _day(moment: object) -> str | None:
    return str(moment)[:10] if moment is not None else None
