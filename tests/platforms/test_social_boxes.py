"""What embed codes show before their scripts run: the words, who wrote them, when."""

from archiver.extraction.embeds import find_embeds
from archiver.html.document import Document
from archiver.model.findings import Embed

NUMBER = "10200000000000123"


def embedded(html: str) -> Embed:
    (embed,) = find_embeds(
        Document("https://blog.example/a", f"<html><body><p>Before</p>{html}<p>After</p></body></html>")
    ).embeds
    return embed


def instagram(inside: str) -> Embed:
    permalink = "https://www.instagram.com/p/CxQuay7Log1/?utm_source=ig_embed"
    return embedded(f'<blockquote class="instagram-media" data-instgrm-permalink="{permalink}">{inside}</blockquote>')


def facebook(inside: str) -> Embed:
    return embedded(f'<div class="fb-post" data-href="https://www.facebook.com/quaylog/posts/{NUMBER}">{inside}</div>')


def test_instagrams_code_tells_caption_author_and_time() -> None:
    embed = instagram(
        '<p><a href="https://www.instagram.com/p/CxQuay7Log1/">Nine ropes, eight bollards.<br>#quay</a></p><p>A post shared by '
        '<a href="https://www.instagram.com/quay.log/?utm_source=ig_embed">Quay Log</a> (@quay.log) on '
        '<time datetime="2022-09-18T08:30:02+02:00">Sep 18</time></p>'
    )

    assert embed.text == "Nine ropes, eight bollards.\n#quay"
    assert (embed.author, embed.author_name, embed.posted_at) == ("quay.log", "Quay Log", "2022-09-18T06:30:02Z")


def test_instagrams_name_is_separated_from_the_words_before_it_where_the_language_is_known() -> None:
    names = {
        words: instagram(f"<p>{words} (@quay.log)</p>").author_name
        for words in (
            "A post shared by Quay Log",
            "Ein Beitrag geteilt von Quay Log",
            "Публикация от Quay Log",
            "Quay Log によって",
        )
    }

    assert list(names.values()) == ["Quay Log", "Quay Log", "Quay Log", None]


def test_instagrams_invitation_to_look_is_no_caption() -> None:
    for words in ("View this post on Instagram", "Sieh dir diesen Beitrag auf Instagram an", "Переглянути цей допис в Instagram"):
        assert instagram(f'<p><a href="https://www.instagram.com/p/CxQuay7Log1/">{words}</a></p>').text is None


def test_without_a_time_in_the_code_instagrams_id_tells_it() -> None:
    assert embedded('<amp-instagram data-shortcode="CqVF8QTgAAA"></amp-instagram>').posted_at == "2023-03-28T10:40:00Z"


def test_facebooks_code_tells_words_author_and_day() -> None:
    day = f'<a href="https://www.facebook.com/quaylog/posts/{NUMBER}">Monday, 7 February 2022</a>'
    who = '<a href="https://www.facebook.com/quaylog">Quay Log</a>'
    forms = (
        f"<blockquote><p>Nine ropes.</p><p>Eight bollards.</p>Posted by {who} on&nbsp;{day}</blockquote>",
        f"<blockquote><p>Nine ropes.</p><p>Eight bollards.</p><p>Gepostet von {who} am {day}</p></blockquote>",
    )

    for form in forms:
        embed = facebook(form)
        assert embed.text == "Nine ropes.\n\nEight bollards."
        assert (embed.author, embed.author_name, embed.posted_at) == ("quaylog", "Quay Log", "2022-02-07")


def test_facebooks_day_is_found_where_the_authors_link_was_lost() -> None:
    embed = facebook(
        '<blockquote><p>Nine ropes.</p><p>由 <a href="#">Quay Log</a> 发布于 '
        f'<a href="https://www.facebook.com/quaylog/posts/{NUMBER}">2022年2月7日</a></p></blockquote>'
    )

    assert (embed.text, embed.author_name, embed.posted_at) == ("Nine ropes.", None, "2022-02-07")


def test_a_video_under_two_of_facebooks_addresses_is_one_embed() -> None:
    embed = facebook(f'<blockquote cite="https://www.facebook.com/quaylog/videos/{NUMBER}/"><p>We are live</p></blockquote>')

    assert (embed.post_id, embed.text) == (f"quaylog/{NUMBER}", "We are live")


def test_tiktoks_code_tells_words_and_author() -> None:
    embed = embedded(
        '<blockquote class="tiktok-embed" cite="https://www.tiktok.com/@quay.log/video/7210000000000000123" '
        'data-video-id="7210000000000000123"><section><a href="https://www.tiktok.com/@quay.log">@quay.log</a> <p>Nine ropes '
        '<a href="https://www.tiktok.com/tag/quay">#quay</a></p> <a href="https://www.tiktok.com/music/Tide-1">Tide</a></section>'
        "</blockquote>"
    )

    assert (embed.author, embed.text, embed.posted_at) == ("quay.log", "Nine ropes #quay", "2023-03-13T12:02:20Z")


def test_a_copy_of_telegrams_widget_is_read_whole() -> None:
    embed = embedded(
        '<div class="tgme_widget_message" data-post="quaylog/160"><a class="tgme_widget_message_owner_name">'
        '<span>Quay Log</span></a><a class="tgme_widget_message_reply" href="https://t.me/quaylog/150"><div class="'
        'tgme_widget_message_text js-message_reply_text">Earlier</div></a><div class="tgme_widget_message_text js-message_text">'
        'Nine<br>ropes</div><a class="tgme_widget_message_date"><time datetime="2022-03-01T12:00:00+00:00">12:00</time></a></div>'
    )

    assert (embed.text, embed.author_name, embed.posted_at) == ("Nine\nropes", "Quay Log", "2022-03-01T12:00:00Z")


def test_vks_widget_stands_where_its_element_does() -> None:
    page = (
        '<div id="vk_post_-21000123_99"></div><iframe src="https://www.tiktok.com/embed/7210000000000000123"></iframe>'
        '<div id="other"></div><script>VK.Widgets.Post("other", 7000123, 45, "h"); '
        'VK.Widgets.Post("vk_post_-21000123_99", -21000123, 99, "h");</script>'
    )

    found = find_embeds(Document("https://blog.example/a", f"<html><body>{page}</body></html>")).embeds

    assert [embed.post_id for embed in found] == ["wall-21000123_99", "7210000000000000123", "wall7000123_45"]
