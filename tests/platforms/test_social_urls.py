"""Each form of a post's address leads to one id, for the networks whose posts have many; what is no post leads to none."""

import pytest

from archiver.model.findings import PostRef
from archiver.platforms import platform_named, post_of_url, short_link_of
from archiver.platforms.declared import Declared

N, PFBID, TIKTOK, URN = "10200000000000123", "pfbid02QuayLog7NineRopesEightBollards", "7210000000000000123", "7241234567890123456"

FORMS = {
    ("telegram", "quaylog/157"): """
        https://t.me/quaylog/157 http://telegram.me/QuayLog/157 https://telegram.dog/quaylog/157?single
        https://t.me/s/quaylog/157 https://t.me/quaylog/157?embed=1&mode=tme https://quaylog.t.me/157
        https://t.me/quaylog/12/157 https://t.me/quaylog/157?comment=9
        https://web.archive.org/web/20220301000000/https://t.me/quaylog/157
    """,
    ("telegram", "c/1234567890/55"): "https://t.me/c/1234567890/55 https://t.me/c/1234567890/7/55",
    ("instagram", "CxQuay7Log1"): """
        https://www.instagram.com/p/CxQuay7Log1/ http://instagram.com/p/CxQuay7Log1?img_index=2
        https://instagr.am/p/CxQuay7Log1/ https://www.instagram.com/reel/CxQuay7Log1/
        https://www.instagram.com/reels/CxQuay7Log1/ https://www.instagram.com/tv/CxQuay7Log1/
        https://www.instagram.com/quay.log/p/CxQuay7Log1/ https://www.instagram.com/quay.log/reel/CxQuay7Log1/
        https://www.instagram.com/p/CxQuay7Log1/embed/captioned/?cr=1 https://www.ddinstagram.com/p/CxQuay7Log1/
        https://l.instagram.com/?u=https%3A%2F%2Fwww.instagram.com%2Fp%2FCxQuay7Log1%2F&e=x
    """,
    ("facebook", f"quaylog/{N}"): f"""
        https://www.facebook.com/QuayLog/posts/{N} https://m.facebook.com/quaylog/posts/{N}?ref=x
        https://uk-ua.facebook.com/quaylog/posts/{N}/ https://web.facebook.com/quaylog/posts/nine-ropes-at-night/{N}/
        https://touch.facebook.com/quaylog/posts/{N}
        https://www.facebook.com/plugins/post.php?href=https%3A%2F%2Fwww.facebook.com%2Fquaylog%2Fposts%2F{N}&width=500
        https://www.facebook.com/v2.3/plugins/post.php?app_id=1&href=https%3A%2F%2Fwww.facebook.com%2Fquaylog%2Fposts%2F{N}
        https://www.facebook.com/plugins/post.php?href=https://www.facebook.com/quaylog/posts/{N}
        https://www.facebook.com/login/?next=https%3A%2F%2Fwww.facebook.com%2Fquaylog%2Fposts%2F{N}
    """,
    ("facebook", f"quaylog/{PFBID}"): f"""
        https://www.facebook.com/quaylog/posts/{PFBID}?__cft__[0]=x https://facebook.com/quaylog/posts/a-b/{PFBID}
    """,
    ("facebook", f"4455667788/{N}"): f"""
        https://www.facebook.com/permalink.php?story_fbid={N}&id=4455667788
        https://www.facebook.com/permalink.php?id=4455667788&story_fbid={N}
        https://m.facebook.com/story.php?story_fbid={N}&id=4455667788&_rdr https://www.facebook.com/4455667788/posts/{N}
        https://www.facebook.com/pages/Quay-Log/4455667788/posts/{N} https://www.facebook.com/4455667788_{N}
        https://www.facebook.com/plugins/post.php?href=https://www.facebook.com/permalink.php?story_fbid={N}&id=4455667788&width=500
    """,
    ("facebook", f"groups/quaywatch/{N}"): f"""
        https://www.facebook.com/groups/QuayWatch/permalink/{N}/ https://www.facebook.com/groups/quaywatch/posts/{N}/
        https://www.facebook.com/groups/quaywatch/?multi_permalinks={N}
        https://www.facebook.com/groups/quaywatch/?view=permalink&id={N}
    """,
    ("facebook", N): f"""
        https://www.facebook.com/quaylog/videos/{N}/
        https://www.facebook.com/quaylog/videos/vb.4455667788/{N}/?type=2&theater
        https://www.facebook.com/quaylog/videos/nine-ropes/{N}/ https://www.facebook.com/video.php?v={N}
        https://www.facebook.com/watch/?v={N} https://www.facebook.com/video/video.php?v={N}
        https://www.facebook.com/watch/live/?ref=x&v={N} https://www.facebook.com/reel/{N}
        https://www.facebook.com/video/embed?video_id={N} http://www.facebook.com/v/{N} https://fb.com/quaylog/videos/{N}
        https://www.facebook.com/plugins/video.php?height=314&href=https%3A%2F%2Fwww.facebook.com%2Fquaylog%2Fvideos%2F{N}%2F&show_text=true
        https://www.facebook.com/#!/video.php?v={N} https://www.facebook.com/watch?v={N}
    """,
    ("facebook", f"photo/{N}"): f"""
        https://www.facebook.com/photo.php?fbid={N}&set=a.1.2.3&type=3 https://www.facebook.com/photo/?fbid={N}
        https://facebook.com/photo?fbid={N} https://www.facebook.com/quaylog/photos/a.155.66.77/{N}/?type=1
        https://www.facebook.com/quaylog/photos/{N} https://www.facebook.com/quaylog/photos/pcb.777/{N}
    """,
    ("facebook", "set/a.1550066.77"): "https://www.facebook.com/media/set/?set=a.1550066.77&type=3",
    ("facebook", f"note/{N}"): f"""
        https://www.facebook.com/note.php?note_id={N} https://www.facebook.com/notes/quay-log/nine-ropes/{N}/
    """,
    ("facebook", f"quaylog/{N}/comments/777000"): f"""
        https://www.facebook.com/quaylog/posts/{N}?comment_id=777000
        https://www.facebook.com/quaylog/posts/{N}?comment_id={N}_777000
        https://www.facebook.com/plugins/comment_embed.php?href=https%3A%2F%2Fwww.facebook.com%2Fquaylog%2Fposts%2F{N}%3Fcomment_id%3D777000
    """,
    ("tiktok", TIKTOK): f"""
        https://www.tiktok.com/@quay.log/video/{TIKTOK} https://m.tiktok.com/@quay.log/video/{TIKTOK}?_r=1
        https://www.tiktok.com/@/video/{TIKTOK} https://www.tiktok.com/@quay.log/photo/{TIKTOK}
        https://www.tiktok.com/embed/{TIKTOK} https://www.tiktok.com/embed/v2/{TIKTOK}?lang=en
        https://www.tiktok.com/player/v1/{TIKTOK} https://m.tiktok.com/v/{TIKTOK}.html
        https://www.tiktok.com/share/video/{TIKTOK} https://www.tiktokv.com/share/video/{TIKTOK}/
        https://www.tiktok.com/video/{TIKTOK} https://www.tiktok.com/en/@quay.log/video/{TIKTOK}
        https://www.tiktok.com/foryou?is_from_webapp=v1&item_id={TIKTOK} https://vxtiktok.com/@quay.log/video/{TIKTOK}
    """,
    ("vk", "wall-21000123_99"): """
        https://vk.com/wall-21000123_99 https://m.vk.com/wall-21000123_99?reply=101 https://vk.ru/wall-21000123_99
        http://vkontakte.ru/wall-21000123_99 https://vk.com/feed?w=wall-21000123_99
        https://vk.com/quaylog?w=wall-21000123_99%2Fall https://new.vk.com/wall-21000123_99
        https://vk.com/widget_post.php?app=0&owner_id=-21000123&post_id=99&hash=x
        https://vk.com/away.php?to=https%3A%2F%2Fvk.com%2Fwall-21000123_99
    """,
    ("vk", "video-21000123_456239001"): """
        https://vk.com/video-21000123_456239001 https://vk.com/video_ext.php?oid=-21000123&id=456239001&hd=2
        https://vkvideo.ru/video-21000123_456239001 https://vk.com/clip-21000123_456239001
        https://vk.com/videos-21000123?z=video-21000123_456239001%2Fpl_-21 https://vk.com/clips-21?z=clip-21000123_456239001
        https://vk.com/video/@quaylog?z=video-21000123_456239001
        https://vkvideo.ru/playlist/-21_1?z=video-21000123_456239001
        https://vk.com/video/playlist/-21_1/video-21000123_456239001
        https://vk.com/video_ext.php?hash=1&id=456239001&oid=-21000123
    """,
    ("vk", "photo171_9"): "https://vk.com/photo171_9 https://vk.com/album171_0?z=photo171_9%2Falbum171_0",
    ("linkedin", f"activity:{URN}"): f"""
        https://www.linkedin.com/feed/update/urn:li:activity:{URN}/
        https://linkedin.com/feed/update/urn%3Ali%3Aactivity%3A{URN}?commentUrn=x
        https://www.linkedin.com/posts/quay-log_nine-ropes-activity-{URN}-Ab_d
        https://de.linkedin.com/posts/quaylog_activity-{URN}-aBcD?utm_source=share
        https://www.linkedin.com/embed/feed/update/urn:li:activity:{URN}?collapsed=1
        https://www.linkedin.com/feed/update/activity:{URN}
        https://www.linkedin.com/feed/?highlightedUpdateUrn=urn%3Ali%3Aactivity%3A{URN}
    """,
    ("linkedin", f"share:{URN}"): f"""
        https://www.linkedin.com/embed/feed/update/urn:li:share:{URN} https://www.linkedin.com/posts/x_a-share-{URN}-bc
    """,
    ("linkedin", f"ugcPost:{URN}"): f"""
        https://www.linkedin.com/video/live/urn:li:ugcPost:{URN}/ https://www.linkedin.com/posts/x_a-ugcPost-{URN}-bc
    """,
}  # fmt: skip

NO_POSTS = f"""
    https://t.me/quaylog https://t.me/s/quaylog?before=20 https://t.me/joinchat/AAAAAEkk2WdoDrB4 https://t.me/+R0pE5
    https://t.me/quaylog/s/5 https://t.me/share/url?url=https://blog.example/2022/09 https://t.me/quaylog?start=12
    https://t.me/quaylog/abc https://t.me/iv?url=x&rhash=1 https://www.instagram.com/quay.log/
    https://www.instagram.com/stories/quay.log/31000 https://www.instagram.com/explore/tags/quay/
    https://www.instagram.com/accounts/login/?next=/p/CxQuay7Log1/ https://www.instagram.com/share/p/CxQuay7Log1/
    https://www.facebook.com/quaylog
    https://www.facebook.com/sharer/sharer.php?u=https%3A%2F%2Fwww.facebook.com%2Fquaylog%2Fposts%2F{N}
    https://www.facebook.com/plugins/like.php?href=https%3A%2F%2Fwww.facebook.com%2Fquaylog%2Fposts%2F{N}
    https://www.facebook.com/groups/quaywatch/ https://www.facebook.com/events/123456789012/
    https://www.facebook.com/pages/Quay/4455667788?sk=photos https://www.facebook.com/quaylog/photos/
    https://www.facebook.com/plugins/post.php?href= https://www.facebook.com/profile.php?id=4455667788
    https://notfacebook.com/quaylog/posts/{N} https://www.facebook.com/watch/
    https://www.facebook.com/permalink.php?story_fbid={N} https://graph.facebook.com/quaylog/videos/{N}/
    https://www.tiktok.com/@quay.log https://www.tiktok.com/@quay.log/live https://www.tiktok.com/embed/@quay.log
    https://www.tiktok.com/music/Tide-{TIKTOK} https://www.tiktok.com/@quay.log/video/12 https://www.tiktok.com/tag/quay
    https://nottiktok.com/@quay.log/video/{TIKTOK} https://vk.com/wall-21000123 https://vk.com/quaylog
    https://vk.com/share.php?url=https://vk.com/wall-1_2 https://vk.com/video_ext.php?oid=-21000123
    https://www.linkedin.com/in/quaylog/ https://www.linkedin.com/company/quay/posts/
    https://www.linkedin.com/pulse/nine-ropes-{URN}
    https://www.linkedin.com/sharing/share-offsite/?url=https%3A%2F%2Fblog.example https://www.linkedin.com/jobs/view/{URN}
"""

SHORT = {
    "https://fb.watch/aBcD3_e-Fg/?mibextid=x": "fb.watch/aBcD3_e-Fg",
    "https://www.facebook.com/share/v/1AbCdEfGhI/": "facebook.com/share/v/1AbCdEfGhI",
    "https://www.facebook.com/share/1AbCdEfGhI/?mibextid=x": "facebook.com/share/1AbCdEfGhI",
    "https://www.facebook.com/plugins/post.php?href=https%3A%2F%2Ffb.watch%2FaBcD3_e-Fg%2F": "fb.watch/aBcD3_e-Fg",
    "https://vm.tiktok.com/ZMabc12De/": "vm.tiktok.com/ZMabc12De",
    "tiktok.com/t/ZTabc12De": "tiktok.com/t/ZTabc12De",
    "https://www.instagram.com/share/reel/BAquay7log": "instagram.com/share/reel/BAquay7log",
}  # fmt: skip


@pytest.mark.parametrize(("post", "url"), [(post, url) for post, urls in FORMS.items() for url in urls.split()])
def test_every_form_of_a_posts_address_gives_the_same_id(post: tuple[str, str], url: str) -> None:
    assert post_of_url(url) == PostRef(*post)


@pytest.mark.parametrize("post", FORMS)
def test_the_canonical_address_is_of_the_same_post(post: tuple[str, str]) -> None:
    platform = platform_named(post[0])

    assert platform is not None
    assert post_of_url(platform.canonical_url(post[1])) == PostRef(*post)


@pytest.mark.parametrize("url", NO_POSTS.split())
def test_what_is_no_post_has_no_id(url: str) -> None:
    assert post_of_url(url) is None


@pytest.mark.parametrize(("url", "key"), SHORT.items())
def test_a_link_that_tells_no_id_is_kept_as_a_short_link(url: str, key: str) -> None:
    assert short_link_of(url) == key
    assert post_of_url(url) is None


@pytest.mark.parametrize(
    ("platform", "post_id", "moment"),
    [
        ("tiktok", str(1_680_000_000 << 32 | 5), "2023-03-28T10:40:00Z"),
        ("linkedin", f"share:{1_680_000_000_000 << 22 | 7}", "2023-03-28T10:40:00Z"),
        ("linkedin", f"groupPost:123-{1_680_000_000_000 << 22}", "2023-03-28T10:40:00Z"),
        # (1680000000000 - 1314220021721) << 23, in base 64
        ("instagram", "CqVF8QTgAAA", "2023-03-28T10:40:00Z"),
        ("instagram", "CqVF8QTgAAAaBcDeFgHiJkLmNoPqRsTuVwXyZ0", "2023-03-28T10:40:00Z"),
        ("instagram", "GJKyl", None),
        ("tiktok", "700000000000000", None),
        ("vk", "wall-21000123_99", None),
    ],
)
def test_the_time_is_read_from_ids_that_hold_it(platform: str, post_id: str, moment: str | None) -> None:
    asked = platform_named(platform)

    assert isinstance(asked, Declared)
    assert asked.posted_at(post_id) == moment


@pytest.mark.parametrize(
    ("url", "key"),
    [
        ("https://cdn4.telesco.pe/file/aBc-D_e.jpg?token=x", "telesco.pe/file/aBc-D_e.jpg"),
        ("https://cdn1.cdn-telegram.org/file/aBc-D_e.jpg", "telesco.pe/file/aBc-D_e.jpg"),
        ("https://scontent.cdninstagram.com/v/t51.2885-15/12345_22222_33333_n.jpg?oe=1", "cdninstagram.com/12345_22222_33333_n"),
        ("https://instagram.fk-1.fna.fbcdn.net/v/t51.2885-15/12345_22222_33333_n.jpg", "cdninstagram.com/12345_22222_33333_n"),
        ("https://scontent.xx.fbcdn.net/v/t39.30808-6/12345_22222_33333_n.jpg?oh=1", "fbcdn.net/12345_22222_33333_n"),
        ("https://fbcdn-sphotos-a.akamaihd.net/hphotos-ak-x/t1.0-9/12345_22222_33333_n.jpg", "fbcdn.net/12345_22222_33333_n"),
        ("https://p16-sign.tiktokcdn.com/obj/tos-x-p-0068/0123456789abcdef?x=1", "tiktokcdn.com/tos-x-p-0068/0123456789abcdef"),
        ("https://media.licdn.com/dms/image/v2/D4D22AQquay7log/feedshare-shrink_800/0/1?e=2", "media.licdn.com/D4D22AQquay7log"),
        ("https://sun9-1.userapi.com/impg/Qua-y7_log/nInE.jpg?size=1x1&quality=95", "userapi.com/Qua-y7_log/nInE"),
    ],
)  # fmt: skip
def test_all_addresses_of_one_picture_have_one_key(url: str, key: str) -> None:
    platforms = filter(None, map(platform_named, ("telegram", "facebook", "instagram", "tiktok", "vk", "linkedin")))

    assert [found for platform in platforms if (found := platform.media_key(url)) is not None] == [key]


@pytest.mark.parametrize(
    "url",
    [
        "https://scontent.xx.fbcdn.net/v/t1.0-1/p50x50/12345_22222_33333_n.jpg",
        "https://scontent.cdninstagram.com/v/t51.2885-19/12345_22222_33333_n.jpg",
        "https://static.xx.fbcdn.net/rsrc.php/v3/yx/r/aBc.png",
        "https://media.licdn.com/dms/image/C4D03AQquay7log/profile-displayphoto-shrink_100_100/0/1?e=2",
    ],
)
def test_portraits_and_icons_are_no_pictures_of_posts(url: str) -> None:
    platforms = filter(None, map(platform_named, ("facebook", "instagram", "linkedin")))

    assert all(platform.media_key(url) is None for platform in platforms)
