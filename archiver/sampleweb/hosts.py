"""Which host answers what: the sample web without its sockets, a function of request, day and age."""

from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import quote

from archiver.model.findings import EmbedKind
from archiver.sampleweb import frames, harbour, hostile, magazine, notebook, refusals, syndication
from archiver.sampleweb.blocks import amp_forms, excerpt_tweets
from archiver.sampleweb.broken_hosts import ELSEWHERE, parked
from archiver.sampleweb.exchanges import Reply, Request
from archiver.sampleweb.harbour import HarbourDiary
from archiver.sampleweb.magazine import Magazine
from archiver.sampleweb.markup import FORMS
from archiver.sampleweb.media import MediaHosts
from archiver.sampleweb.notebook import PER_PAGE, Notebook, url_of
from archiver.sampleweb.other_hosts import OtherHosts
from archiver.sampleweb.others import OtherPost, control_posts, other_posts
from archiver.sampleweb.posts import TAGS, Post, harbour_posts, magazine_posts, notebook_posts
from archiver.sampleweb.tweets import Tweet, control_tweets
from archiver.sampleweb.twitter_hosts import TwitterHosts

Answer = Callable[[Request, int], Reply]
NOTEBOOK_URL = f"https://{notebook.HOST}/"
DIARY_URL = f"https://{harbour.HOST}/"
MAGAZINE_URL = f"https://{magazine.HOST}/"
SAMPLE_POST = f"{NOTEBOOK_URL}2022/09/11/kharkiv-counteroffensive-september/"


@dataclass(frozen=True, slots=True)
class Embedding:
    """One appearance of a tweet in a page, in document order of the page."""

    page: str
    """Absolute URL."""
    tweet: Tweet
    form: str
    """A name in `markup.FORMS`."""

    @property
    def kind(self) -> EmbedKind:
        return FORMS[self.form].kind

    @property
    def says_id(self) -> bool:
        return FORMS[self.form].says_id


class Hosts:
    """Builds all hosts from the tables and finds the one that a request is for."""

    def __init__(self, tweets: tuple[Tweet, ...], age: int = 2022) -> None:
        """`tweets` are those of the same age."""
        self.by_key = {tweet.key: tweet for tweet in tweets}
        self.notebook_posts, self.harbour_posts = notebook_posts(age), harbour_posts()
        asked = (*tweets, *control_tweets())
        by_id = {tweet.id: tweet for tweet in asked}
        blog, diary = Notebook(self.notebook_posts, self.by_key), HarbourDiary(self.harbour_posts, self.by_key)
        media = MediaHosts(asked)
        self.others = {post.key: post for post in other_posts(age)}
        self.magazine_posts = magazine_posts(age)
        tideline = Magazine(self.magazine_posts, self.others)
        self._answers: dict[str, Answer] = {
            notebook.HOST: blog.answer,
            harbour.HOST: lambda request, _day: diary.answer(request),
            magazine.HOST: lambda request, _day: tideline.answer(request),
            "cdn.syndication.twimg.com": lambda request, day: syndication.answer(request, day, by_id, age),
            "pbs.twimg.com": media.pictures,
            "video.twimg.com": media.videos,
            **TwitterHosts(asked, age).answers,
            frames.MAP_HOST: lambda request, _day: frames.map_pages(request),
            "www.google.com": lambda request, _day: frames.map_pages(request),
            frames.AMP_HOST: lambda request, _day: frames.amp_scripts(request),
            hostile.HOST: lambda request, _day: hostile.answer(request),
            ELSEWHERE: lambda request, _day: parked(request),
            **OtherHosts((*self.others.values(), *control_posts(age)), age).answers,
        }

    @property
    def names(self) -> tuple[str, ...]:
        """All host names that answer."""
        return tuple(dict.fromkeys((*self._answers, *refusals.hosts())))

    def answer(self, request: Request, day: int) -> Reply:
        """What the host says; 421 for a host that this web does not have, which says nothing about any page."""
        if request.method not in ("GET", "HEAD"):
            return Reply(405, headers=(("Allow", "GET, HEAD"),))
        if (refused := refusals.answer(request)) is not None:
            return refused
        found = self._answers.get(request.host)
        return found(request, day) if found else Reply(421, b"The sample web has no such host.\n", "text/plain")

    def embeddings(self, day: int) -> tuple[Embedding, ...]:
        """Every appearance of a tweet in an html page of that day, tag pages and AMP pages included (feeds are not pages)."""
        posts = [seen for post in self.notebook_posts if (seen := post.on(day))]
        found = [each for post in posts for each in self._of_post(post, url_of(post))]
        for post in posts:
            if post.amp:
                shown = [self.by_key[block.words[0]] for block in post.of_kind("tweet")]
                found += [Embedding(f"{url_of(post)}amp/", *pair) for pair in zip(shown, amp_forms(shown), strict=True)]
        for tag in TAGS:
            page = f"https://{notebook.HOST}/tag/{quote(tag)}/"
            listed = [post for post in posts if tag in post.tags][:PER_PAGE]
            found += [Embedding(page, self.by_key[key], "text") for post in listed for key in excerpt_tweets(post)]
        for post in self.harbour_posts:
            found += self._of_post(post, f"https://{harbour.HOST}{harbour.page_path(post)}")
        return tuple(found)

    def other_pages(self) -> tuple[tuple[str, OtherPost, str], ...]:
        """Page, post and form of every post of another network, in document order of the pages; the same on all days."""
        return tuple(
            (magazine.url_of(page), self.others[block.words[0]], block.words[1])
            for page in self.magazine_posts
            for block in page.of_kind("post")
        )

    def _of_post(self, post: Post, page: str) -> list[Embedding]:
        return [Embedding(page, self.by_key[block.words[0]], block.words[1]) for block in post.of_kind("tweet")]
