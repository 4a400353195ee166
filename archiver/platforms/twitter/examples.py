"""Markup of Twitter / X with what is to be found in it: the documentation of the platform, and its test.

Names, words and ids are made up, but for the first post, which the project is about.
"""

from archiver.platforms.base import Example

_ID = "1568605567890001920"
_QUOTED = "1500000000000000001"
_CODE = "pic.twitter.com/uOWxLTTvGP"
_OTHER_CODE = "pic.twitter.com/AbCdEf1234"
_URL = f"https://twitter.com/mira_k/status/{_ID}"
_ENCODED_URL = _URL.replace(":", "%3A").replace("/", "%2F")
_WIDGET = f"https://platform.twitter.com/embed/Tweet.html?dnt=true&amp;id={_ID}&amp;lang=en"
_BOX = (
    '<blockquote class="twitter-tweet"><p lang="en" dir="ltr">Ukrainian soldiers in Izyum '
    f'<a href="https://t.co/uOWxLTTvGP">{_CODE}</a></p>&mdash; Anonymous (@AnonymousUK2022) '
    f'<a href="https://twitter.com/AnonymousUK2022/status/{_ID}?ref_src=twsrc%5Etfw">September 10, 2022</a></blockquote>'
)
_ESCAPED = _BOX.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")
_IN_JSON = _BOX.replace('"', '\\"').replace("<", "\\u003c").replace("/", "\\/")


def _box(opening: str, content: str) -> str:
    return f"<blockquote {opening}>{content}</blockquote>"


_DATED = f'<a href="{_URL}">May 1, 2022</a>'
_ELSEWHERE = f'<a href="https://twitter.com/jo/status/{_QUOTED}">this</a>'
_UNCLOSED = '<blockquote class="twitter-tweet"><p>Hello</p>— M (@mira_k)'
_CODES = (
    Example(_BOX, (_ID,), (_CODE,)),
    Example(f"<figure class='wp-block-embed is-provider-twitter'><div>{_BOX}</div></figure>", (_ID,), (_CODE,)),
    # The same post shown twice is two appearances.
    Example(f"{_BOX}<p>And once more:</p>{_BOX}", (_ID, _ID), (_CODE,)),
    # Unquoted attributes, smart quotation marks, a <div> for the <p>, the attribution in a paragraph of its own.
    Example(_box("class=twitter-tweet data-lang=en", f"<p>Hello</p>&mdash; M (@mira_k) <a href={_URL}>May 1, 2022</a>"), (_ID,)),
    Example(_box("class=”twitter-tweet tw-align-center”", f"<p>Hello</p>— M (@mira_k) <a href=”{_URL}”>1 May 2022</a>"), (_ID,)),
    Example(_box('class="twitter-video"', f'<div>Hi</div><p>— M (@mira_k)</p><p>\n<a\nhref="{_URL}">1. Mai</a></p>'), (_ID,)),
    Example(_box('class="twitter-tweet"', f'<a href="{_URL}"></a>'), (_ID,)),
    Example(_box('consent-original-class-_="twitter-tweet"', f"<p>Hello</p>{_DATED}"), (_ID,)),
    Example(_box('class="lazy-content" data-twitter="twitter-tweet"', f"<p>Hello</p>{_DATED}"), (_ID,)),
    # The post that is quoted or mentioned is a link; the box's own link comes last.
    Example(
        _box('class="twitter-tweet"', f'<p><a href="https://twitter.com/jo/status/{_QUOTED}">it</a></p>— M (@mira_k) {_DATED}'),
        (_ID,),
        links=(_QUOTED,),
    ),
    # A reply's link behind the date; a box that nobody closed, with the links of the words that follow it.
    Example(_box('class="twitter-tweet"', f"<p>Hello</p>— M (@mira_k) {_DATED} {_ELSEWHERE}"), (_ID,), links=(_QUOTED,)),
    Example(f"{_UNCLOSED} {_DATED}<p>Then he wrote {_ELSEWHERE}.</p>", (_ID,), links=(_QUOTED,)),
    Example(
        f'{_UNCLOSED} {_DATED}<script src="https://platform.twitter.com/widgets.js"></script><p>— Jo (@jo) {_ELSEWHERE}</p>',
        (_ID,),
        links=(_QUOTED,),
    ),
    # Cut off before the attribution: the code alone tells which post it is.
    Example(f'<blockquote class="twitter-tweet"><a href="https://t.co/AbCdEf1234">{_OTHER_CODE}</a>', (None,), (_OTHER_CODE,)),
)
_FRAMES = (
    Example(f'<iframe id="twitter-widget-0" class="twitter-tweet-rendered" data-tweet-id="{_ID}"></iframe>', (_ID,)),
    Example(f'<div class="twitter-tweet"><iframe src="saved_files/Tweet.html" data-tweet-id="{_ID}"></iframe></div>', (_ID,)),
    Example(f'<iframe src="{_WIDGET}"></iframe>', (_ID,)),
    Example(f'<iframe src="{_WIDGET.replace("twitter.com", "x.com")}"></iframe>', (_ID,)),
    Example(f'<iframe src="https://publish.x.com/oembed?url={_ENCODED_URL}"></iframe>', (_ID,)),
    Example(f'<iframe src="https://twitframe.com/show?url={_ENCODED_URL}"></iframe>', (_ID,)),
    Example(f'<iframe src="https://cdn.embedly.com/widgets/media.html?url={_ENCODED_URL}&amp;key=1"></iframe>', (_ID,)),
    Example(f'<iframe data-src="https://twitter.com/i/videos/tweet/{_ID}"></iframe>', (_ID,)),
    Example(f'<amp-twitter width="300" data-tweetid="{_ID}"></amp-twitter>', (_ID,)),
    Example(f'<amp-twitter data-tweetid="{_URL}"><blockquote placeholder>Loading</blockquote></amp-twitter>', (_ID,)),
    *(
        Example(markup, (_ID,))
        for markup in (
            f'<iframe data-s9e-mediaembed="twitter" src="https://s9e.github.io/iframe/2/twitter.min.html#{_ID}#theme=light"></iframe>',
            f'<embetty-tweet status="{_ID}"></embetty-tweet>',
            f'<div class="tweet-embed" data-tweet="{_ID}"></div>',
            f'<div id="bbpBox_{_ID}" class="bbp"><p>Hello</p></div>',
            f"<script>window.twttr.ready(() => {{ twttr.widgets.createTweet('{_ID}', box) }})</script>",
            f'<script>twttr.widgets.createTweetEmbed( "{_ID}", box)</script>',
            f"<p>[blackbirdpie url={_URL}]</p>",
            f'<p>[blackbirdpie id="{_ID}"]</p>',
        )
    ),
    # The quoted post within the rendered one.
    Example(
        f'<div class="EmbeddedTweet" data-tweet-id="{_ID}"><blockquote class="Tweet"><p class="Tweet-text">Hello</p>'
        f'<article class="QuoteTweet" data-tweet-id="{_QUOTED}">{_ELSEWHERE}</article></blockquote></div>',
        (_ID,),
        links=(_QUOTED,),
    ),
    Example(f'<twitterwidget class="twitter-tweet" data-tweet-id="{_ID}"></twitterwidget>', (_ID,)),
)
_PLACEHOLDERS = (
    Example(f'<div class="consent" data-resourceurl="{_URL}">Click to load</div>', (_ID,)),
    Example(f'<div data-social-embedded="twitter" data-href=" {_URL}?mx=2"></div>', (_ID,)),
    Example(f'<div class="lazy" data-oembed-url="{_URL}"><noscript>{_BOX}</noscript></div>', (_ID,), (_CODE,)),
    Example(f'<iframe data-lazy-src="{_WIDGET}"></iframe><noscript><iframe src="{_WIDGET}"></iframe></noscript>', (_ID,)),
    Example(f"<template>{_BOX}</template>", (_ID,), (_CODE,)),
    Example(f"<textarea readonly>{_ESCAPED}</textarea>", (_ID,), (_CODE,)),
    Example(f'<div data-embed="{_ESCAPED}"></div>', (_ID,), (_CODE,)),
    Example(f"<p>{_ESCAPED}</p>", (_ID,), (_CODE,)),
    Example(f"<p>{_ESCAPED.replace('&', '&amp;')}</p>", (_ID,), (_CODE,)),
    Example(
        f'<div class="tweet" data-attrs="{{&quot;url&quot;:&quot;{_URL}&quot;,&quot;full_text&quot;:&quot;Hello&quot;,'
        f'&quot;username&quot;:&quot;mira_k&quot;,&quot;name&quot;:&quot;Mira&quot;,&quot;date&quot;:&quot;2022-05-01&quot;}}"></div>',
        (_ID,),
    ),
    Example(f'<script type="application/json">{{"body": "{_IN_JSON}"}}</script>', (_ID,), (_CODE,)),
    Example(f'<script>window.page = {{"blocks": [{{"type": "tweet", "url": "{_URL}"}}]}}</script>', (_ID,)),
    *(
        Example(f'<script type="application/json">{{"items": [{told}]}}</script>', (_ID,))
        for told in (
            f'{{"id": "12345678", "type": "tweet-embed", "data": {{"tweetId": "{_ID}"}}}}',
            f'{{"__typename": "TwitterEmbed", "tweetUrl": "{_URL}"}}',
            f'{{"type": "twitter", "attributes": {{"id": "{_ID}"}}}}',
        )
    ),
    Example(
        f'<!-- wp:embed {{"url":"{_URL}","providerNameSlug":"twitter"}} -->'
        f'<figure class="wp-block-embed"><div>\n{_URL}\n</div></figure>',
        (_ID,),
    ),
    Example(f"<p>Before</p>\n<p>{_URL}</p>\n<p>After</p>", (_ID,)),
    Example(f'<p><a href="{_URL}">{_URL}</a></p>', (_ID,)),
)
_WORDS = (
    Example(f"<p>… in Izyum {_CODE} — Anonymous (@AnonymousUK2022) September 10, 2022</p>", (None,), (_CODE,)),
    Example(f"<pre>… в Ізюмі {_CODE} — Анонім (@AnonymousUK2022) 10 вересня 2022 р.</pre>", (None,), (_CODE,)),
    Example("<p>Hallo zusammen<br>— Mira (@mira_k) 1. Mai 2022 und mehr Text</p>", (None,)),
    # A style sheet that names the box opens none.
    Example("<style>.twitter-tweet { margin: auto }</style><p>Hello<br>— Mira (@mira_k) May 1, 2022</p>", (None,)),
    Example(f"<blockquote><p>Hello</p>— Mira (@mira_k) {_DATED}</blockquote>", (_ID,)),
)
# An article is the post that it hangs on; `/i/article/` is followed by a number that is no post's.
_ARTICLE = f"https://x.com/mira_k/article/{_ID}"
_ARTICLE_IN_JSON = _ARTICLE.replace("/", "\\/")
_ARTICLES = (
    Example(f'<blockquote class="twitter-tweet"><a href="{_ARTICLE}"></a></blockquote>', (_ID,)),
    Example(f"<p>Before</p>\n<p>{_ARTICLE}</p>\n<p>After</p>", (_ID,)),
    Example(f'<div class="consent" data-resourceurl="{_ARTICLE}">Click to load</div>', (_ID,)),
    Example(f'<script type="application/json">{{"type": "tweet", "url": "{_ARTICLE_IN_JSON}"}}</script>', (_ID,)),
    Example(f'<p>As <a href="{_ARTICLE}">she wrote</a>, it was late.</p>', links=(_ID,)),
    Example(f'<p><a href="https://x.com/i/article/{_ID}">One</a> <a href="https://blog.example/article/{_ID}">two</a></p>'),
)
# Frames that a page has of its share and follow buttons, at both hosts, with the address of what is to be shared.
_BUTTONS = tuple(
    Example(markup)
    for host in ("platform.x.com", "platform.twitter.com")
    for markup in (
        f'<iframe src="https://{host}/widgets/tweet_button.html?url={_ENCODED_URL}&amp;text=Look"></iframe>',
        f'<iframe src="//{host}/widgets/tweet_button.1404859412.en.html#count=none&amp;url={_ENCODED_URL}"></iframe>',
        f'<iframe src="https://{host}/widgets/tweet_button.html?type=mention&amp;url={_URL}"></iframe>',
        f'<iframe src="https://{host}/widgets/tweet_button.html?button_hashtag=quay&amp;url={_ENCODED_URL}"></iframe>',
        f'<iframe src="https://{host}/widgets/follow_button.html?screen_name=mira_k&amp;original_referer={_ENCODED_URL}"></iframe>',
        f'<iframe data-src="https://{host}/widgets/widget_iframe.abc.html?origin={_ENCODED_URL}"></iframe>',
        f'<div data-src="https://{host}/widgets/tweet_button.html?url={_ENCODED_URL}"></div>',
        f'<script async src="https://{host}/widgets.js" charset="utf-8"></script>',
    )
)
_NOT_EMBEDDED = (
    Example(f'<p>As <a href="{_URL}">she wrote</a>, it was late.</p>', links=(_ID,)),
    Example(f'<p>Read <a href="https://web.archive.org/web/20220901000000/{_URL}">this</a>.</p>', links=(_ID,)),
    Example(f'<p>Read <a href="https://nitter.net/jo/status/{_QUOTED}#m">that</a>.</p>', links=(_QUOTED,)),
    Example(f'<p><a href="{_URL}">{_URL}</a> was where we read it.</p>', links=(_ID,)),
    Example(f'<p>Read <a href="https://l.facebook.com/l.php?u={_ENCODED_URL}&amp;h=AT0">this</a>.</p>', links=(_ID,)),
    Example(f'<map><area shape="rect" coords="0,0,9,9" href="{_URL}"></map>', links=(_ID,)),
    Example(f'<p>Read <a href=\\"{_URL}\\">this</a>.</p>', links=(_ID,)),
    Example(f'<a class="twitter-tweet" href="https://twitter.com/share?text={_OTHER_CODE}">Tweet</a>', (), (_OTHER_CODE,)),
    Example(
        f'<a href="https://twitter.com/intent/tweet?in_reply_to={_ID}">Reply</a> <a href="https://twitter.com/mira_k">Follow</a>'
    ),
    # A content system's own number.
    Example('<script>{"items":[{"id":48213999,"type":"tweet","status":"published"}]}</script>'),
    # A timeline that the widget rendered.
    Example(
        f'<ol><li class="timeline-TweetList-tweet" data-tweet-id="{_ID}"><div class="timeline-Tweet" data-tweet-id="{_ID}">'
        f'<p class="timeline-Tweet-text">Hello</p></div></li></ol>'
    ),
    # Buttons that share a post's address, and the source of a quotation in plain words.
    *(
        Example(f'<div class="share-box"><{opening}="{_URL}">Share</{opening.split()[0]}></div>')
        for opening in (
            'div class="share" data-url',
            'div class="a2a_kit" data-a2a-url',
            'div class="addthis_toolbox" data-url',
            'div class="addthis" data-url',
            'span class="st_twitter" st_url',
            'li class="social-share" data-href',
            'div class="fb-like" data-href',
            "blockquote cite",
        )
    ),
    Example('<a class="twitter-timeline" href="https://twitter.com/mira_k">Tweets by Mira</a>'),
    Example("<style>.twitter-tweet { margin: auto }</style><script>document.querySelector('.twitter-tweet')</script>"),
    Example(f"<p>The picture was at {_OTHER_CODE} until May.</p>", (), (_OTHER_CODE,)),
    Example("<p>Ask our editor Mira Kovalenko (@mira_k) — she knows. Published May 1, 2022.</p>"),
)

EXAMPLES: tuple[Example, ...] = (*_CODES, *_FRAMES, *_PLACEHOLDERS, *_ARTICLES, *_WORDS, *_BUTTONS, *_NOT_EMBEDDED)
