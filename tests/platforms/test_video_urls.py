"""The addresses under which videos are known, site by site, and those that only look like it."""

import pytest

from archiver.platforms import platform_named, post_of_url

NAMED = [
    *(
        ("youtube", "mB7_qLx2Zt4", url)
        for url in (
            "http://www.youtube.com/watch?v=mB7_qLx2Zt4",
            "https://m.youtube.com/watch?feature=share&v=mB7_qLx2Zt4&list=PLabc&index=3",
            "https://www.youtube.com/watch?app=desktop&amp;v=mB7_qLx2Zt4#t=90",
            "https://music.youtube.com/watch?v=mB7_qLx2Zt4&si=x",
            "http://de.youtube.com/watch?v=mB7_qLx2Zt4",
            "https://youtube.com/?v=mB7_qLx2Zt4",
            "https://www.youtube.com/watch/mB7_qLx2Zt4",
            "http://www.youtube.com/watch#!v=mB7_qLx2Zt4",
            "http://www.youtube.com/#!/watch?v=mB7_qLx2Zt4",
            "http://www.youtube.com/tv#/watch?v=mB7_qLx2Zt4",
            "http://www.youtube.com/watch_popup?v=mB7_qLx2Zt4",
            "https://www.youtube.com/shorts/mB7_qLx2Zt4?feature=share",
            "https://www.youtube.com/live/mB7_qLx2Zt4",
            "https://www.youtube.com/embed/mB7_qLx2Zt4?start=3",
            "https://www.youtube.com/embed/videoseries?v=mB7_qLx2Zt4&list=PLabc",
            "https://www.youtube-nocookie.com/v/mB7_qLx2Zt4&fs=1",
            "https://www.youtubeeducation.com/embed/mB7_qLx2Zt4",
            "http://youtube.googleapis.com/v/mB7_qLx2Zt4",
            "http://www.youtube.com/e/mB7_qLx2Zt4",
            "http://www.youtube.com/swf/l.swf?swf=x&video_id=mB7_qLx2Zt4",
            "http://www.youtube.com/user/mira#p/u/4/mB7_qLx2Zt4",
            "http://www.youtube.com/mira#p/c/ABC/0/mB7_qLx2Zt4",
            "http://www.youtube.com/attribution_link?a=x&u=%2Fwatch%3Fv%3DmB7_qLx2Zt4%26feature%3Dshare",
            "https://youtu.be/mB7_qLx2Zt4?t=3",
            "https://youtu.be/watch?v=mB7_qLx2Zt4",
            "http://y2u.be/mB7_qLx2Zt4",
            "https://yewtu.be/watch?v=mB7_qLx2Zt4",
            "https://piped.video/watch?list=x&v=mB7_qLx2Zt4",
            "https://web.archive.org/web/2014id_/http://www.youtube.com/watch?v=mB7_qLx2Zt4",
        )
    ),
    *(
        ("vimeo", "2718281", url)
        for url in (
            "http://www.vimeo.com/2718281",
            "https://vimeo.com/2718281#t=3s",
            "https://vimeo.com/channels/staffpicks/2718281",
            "https://vimeo.com/groups/bees/videos/2718281",
            "https://vimeo.com/album/314159/video/2718281",
            "https://vimeo.com/showcase/314159/video/2718281",
            "https://vimeo.com/showcase/bees/video/2718281",
            "https://vimeo.com/ondemand/bees/2718281",
            "https://vimeo.com/mira/videos/2718281",
            "https://vimeo.com/mira/review/2718281/1a2b3c4d5e",
            "https://vimeo.com/m/2718281",
            "http://vimeo.com/m/#/2718281",
            "http://vimeo.com/clip:2718281",
            "https://player.vimeo.com/video/2718281?h=1a2b3c4d5e",
            "https://player.vimeo.com/external/2718281.hd.mp4?s=abc",
            "https://player.vimeo.com/progressive_redirect/playback/2718281/rendition/720p",
            "http://vimeo.com/moogaloop.swf?server=vimeo.com&clip_id=2718281",
            "http://vimeopro.com/mira/bees/video/2718281",
        )
    ),
    ("vimeo", "2718281/1a2b3c4d5e", "https://vimeo.com/2718281/1a2b3c4d5e?share=copy"),
    ("vimeo", "2718281/1a2b3c4d5e", "https://vimeo.com/2718281?unlisted_hash=1a2b3c4d5e"),
    ("vimeo", "event/314159", "https://vimeo.com/event/314159/embed/1a2b3c4d5e"),
    *(
        ("dailymotion", "x7bee42", url)
        for url in (
            "http://www.dailymotion.com/video/x7bee42_bees-at-work_animals",
            "https://www.dailymotion.com/video/x7bee42?playlist=x6abc",
            "http://www.dailymotion.com/fr/video/x7bee42",
            "http://www.dailymotion.com/relevance/search/bees/video/x7bee42_bees",
            "http://www.dailymotion.com/hub/x9q_Bees#video=x7bee42",
            "http://touch.dailymotion.com/#!/video/x7bee42",
            "https://www.dailymotion.com/embed/video/x7bee42?autoplay=1",
            "https://www.dailymotion.com/crawler/video/x7bee42",
            "http://www.dailymotion.com/swf/video/x7bee42&related=0",
            "http://www.dailymotion.com/swf/x7bee42_bees",
            "https://geo.dailymotion.com/player.html?mute=true&video=x7bee42",
            "https://geo.dailymotion.com/player/xa1b2.html?video=x7bee42",
            "https://dai.ly/x7bee42",
        )
    ),
    ("dailymotion", "k6BeeHive4Honey9Comb", "https://www.dailymotion.com/video/k6BeeHive4Honey9Comb"),
    ("dailymotion", "4BeeHiveHoneyComb7", "http://www.dailymotion.com/swf/4BeeHiveHoneyComb7"),
    *(
        ("twitch", "BusyGoldenBeeHive-Xy7_z", url)
        for url in (
            "https://clips.twitch.tv/BusyGoldenBeeHive-Xy7_z",
            "https://clips.twitch.tv/mira/BusyGoldenBeeHive-Xy7_z",
            "https://clips.twitch.tv/embed?clip=BusyGoldenBeeHive-Xy7_z&parent=a.example",
            "https://clips.twitch.tv/embed?parent=a.example&clip=mira%2FBusyGoldenBeeHive-Xy7_z",
            "https://www.twitch.tv/mira/clip/BusyGoldenBeeHive-Xy7_z?filter=clips&range=7d",
            "https://m.twitch.tv/clip/BusyGoldenBeeHive-Xy7_z",
        )
    ),
    *(
        ("twitch", "271828182", url)
        for url in (
            "https://www.twitch.tv/videos/271828182?t=1h",
            "https://m.twitch.tv/mira/v/271828182",
            "https://go.twitch.tv/mira/video/271828182",
            "https://player.twitch.tv/?video=v271828182",
            "https://embed.twitch.tv/?channel=mira&video=271828182",
            "http://www.twitch.tv/mira/popout?videoId=v271828182",
        )
    ),
    ("twitch", "mira/c/2718281", "http://www.justin.tv/Mira/c/2718281"),
    *(
        ("streamable", "b33hv2", f"https://streamable.com/{path}")
        for path in ("b33hv2", "e/b33hv2?autoplay=1", "o/b33hv2", "s/b33hv2/kq")
    ),
    *(
        ("rumble", "embed/v2bee42", f"https://rumble.com/{path}")
        for path in ("embed/v2bee42/?pub=4", "embed/u4hive.v2bee42/", "embedJS/u4hive.v2bee42")
    ),
    *(
        ("rumble", "v3hive7", f"http://www.rumble.com/{path}")
        for path in ("v3hive7-bees-at-work.html?mref=4", "v3hive7.html", "v3HIVE7?key=value", "shorts/v3hive7")
    ),
    *(
        ("odysee", "@mira:1/bees-at-work:2f", url)
        for url in (
            "https://odysee.com/@mira:1/bees-at-work:2f?r=x",
            "https://odysee.com/$/embed/@mira:1/bees-at-work:2f",
            "https://odysee.com/%24/embed/%40mira%3A1%2Fbees-at-work%3A2f?r=x",
            "https://lbry.tv/@mira#1/bees-at-work#2f",
            "https://open.lbry.com/@mira:1/bees-at-work:2f",
        )
    ),
    *(
        ("odysee", f"bees:{'2f' * 20}", url)
        for url in (
            f"https://lbry.tv/$/embed/bees/{'2f' * 20}",
            f"https://odysee.com/@mira:1/bees:{'2f' * 20}",
            f"https://odysee.com/$/download/bees/{'2f' * 20}",
            f"https://player.odycdn.com/api/v4/streams/free/bees/{'2f' * 20}/0a1b2c",
        )
    ),
    ("odysee", "@мира:1/бджоли:2", "https://odysee.com/@%D0%BC%D0%B8%D1%80%D0%B0:1/%D0%B1%D0%B4%D0%B6%D0%BE%D0%BB%D0%B8:2"),
    *(
        ("vine", "hBeeHive42x", f"https://vine.co/{path}")
        for path in ("v/hBeeHive42x", "v/hBeeHive42x/embed/simple", "oembed/hBeeHive42x.json")
    ),
]
NOT_NAMED = [
    "https://www.youtube.com/@mira",
    "https://www.youtube.com/channel/UCmadeUpMadeUpMadeUpMa",
    "https://www.youtube.com/playlist?list=PLmadeUpListOfVideos",
    "https://www.youtube.com/embed/videoseries?list=PLmadeUpListOfVideos",
    "https://www.youtube.com/embed/live_stream?channel=UCmadeUpMadeUpMadeUpMa",
    "https://www.youtube.com/live_chat?v=mB7_qLx2Zt4",
    "https://www.youtube.com/clip/UgkxMadeUpMadeUpMadeUpMadeUpMade",
    "https://www.youtube.com/watch?v=tooshort",
    "https://www.youtube.com/watch?v=mB7_qLx2Zt4toolong",
    "https://img.youtube.com/vi/mB7_qLx2Zt4/0.jpg",
    "https://notyoutube.example/watch?v=mB7_qLx2Zt4",
    "https://vimeo.com/user2718281",
    "https://vimeo.com/mira",
    "https://vimeo.com/channels/2718281",
    "https://vimeo.com/album/2718281",
    "https://vimeo.com/showcase/2718281/embed",
    "https://vimeo.com/categories/animation",
    "https://www.dailymotion.com/mira",
    "https://www.dailymotion.com/playlist/x6abc",
    "https://geo.dailymotion.com/player/xa1b2.html?playlist=x6abc",
    "https://www.twitch.tv/mira",
    "https://www.twitch.tv/mira/videos?filter=all",
    "https://www.twitch.tv/mira/clips",
    "https://player.twitch.tv/?channel=mira",
    "https://player.twitch.tv/?collection=aBcDeF",
    "https://clips.twitch.tv/embed",
    "https://clips.twitch.tv/create",
    "https://streamable.com/login",
    "https://streamable.com/documentation",
    "https://streamable.com/",
    "https://rumble.com/c/MirasBees",
    "https://rumble.com/videos?page=2",
    "https://rumble.com/embedJS/u4hive",
    "https://odysee.com/@mira:1",
    "https://odysee.com/$/embed/@mira:1",
    "https://odysee.com/$/playlist/0f1e2d3c",
    "https://odysee.com/bees",
    "https://vine.co/mira",
    "https://vine.co/u/906345798374133760",
]


@pytest.mark.parametrize(("name", "post_id", "url"), NAMED, ids=[url for _, _, url in NAMED])
def test_an_address_names_the_video_and_its_canonical_form_names_it_again(name: str, post_id: str, url: str) -> None:
    post = post_of_url(url)

    assert post is not None
    assert (post.platform, post.post_id) == (name, post_id)
    platform = platform_named(name)
    assert platform is not None
    assert platform.parse_url(platform.canonical_url(post_id)) == post_id


@pytest.mark.parametrize("url", NOT_NAMED)
def test_an_address_of_a_channel_or_list_or_page_names_no_video(url: str) -> None:
    assert post_of_url(url) is None
