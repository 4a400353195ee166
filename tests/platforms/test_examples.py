"""Every example of every platform holds: the documentation of what is recognised, run."""

import importlib
import pkgutil

import pytest

import archiver.platforms
from archiver.extraction.embeds import find_embeds
from archiver.html.document import Document
from archiver.model.findings import PostRef
from archiver.platforms import PLATFORMS, platform_named, post_of_url
from archiver.platforms.base import Example, Platform
from archiver.urls import url_key

PAGE = "<!doctype html><html><head><title>A page</title></head><body><article><h1>A page</h1>{}</article></body></html>"
EXAMPLES = [
    pytest.param(platform, example, id=f"{platform.name}-{number}")
    for platform in PLATFORMS
    for number, example in enumerate(platform.examples, 1)
]


@pytest.mark.parametrize(("platform", "example"), EXAMPLES)
def test_an_example_gives_exactly_the_posts_it_names(platform: Platform, example: Example) -> None:
    found = find_embeds(Document("https://blog.example/a", PAGE.format(example.html)))

    assert [(embed.platform, embed.post_id) for embed in found.embeds] == [(platform.name, post_id) for post_id in example.posts]
    assert [link.post_id for link in found.links] == list(example.links)
    assert [key for key in found.short_links if not key.startswith("t.co/")] == list(example.short_links)
    assert [embed.position for embed in found.embeds] == list(range(1, len(found.embeds) + 1))


@pytest.mark.parametrize(("platform", "example"), EXAMPLES)
def test_the_canonical_url_of_an_example_names_the_same_post(platform: Platform, example: Example) -> None:
    for post_id in filter(None, (*example.posts, *example.links)):
        url = platform.canonical_url(post_id)
        if platform.last_resort:  # any page may be embedded somewhere; its address alone does not make it a post
            assert post_of_url(url) is None and url_key(url) == post_id
        else:
            assert post_of_url(url) == PostRef(platform.name, post_id)


@pytest.mark.parametrize("platform", PLATFORMS, ids=lambda platform: platform.name)
def test_each_platform_has_something_to_find_and_something_to_ignore(platform: Platform) -> None:
    assert any(example.posts for example in platform.examples)
    assert any(not example.posts for example in platform.examples)


def leaves(kind: type[Platform]) -> set[type[Platform]]:
    """The classes that no other is made from: what stands between them and Platform is no network of its own."""
    return {leaf for below in kind.__subclasses__() for leaf in leaves(below)} or {kind}


def test_every_platform_in_the_folder_is_listed() -> None:
    for module in pkgutil.iter_modules(archiver.platforms.__path__):
        importlib.import_module(f"archiver.platforms.{module.name}")

    assert {type(platform) for platform in PLATFORMS} == leaves(Platform)
    assert all(platform_named(platform.name) is platform for platform in PLATFORMS)
    assert platform_named("friendster") is None
