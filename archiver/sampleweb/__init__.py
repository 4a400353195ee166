"""The sample web: a small web of made-up and real host names on loopback, for the demo, for trying things, and for the tests.

    async with SampleWeb(scratch) as web:              # or: with running_sample_web() as web, in a thread of its own
        web.connect_to                                 # (":443:127.0.0.1:PORT", ":80:127.0.0.1:PORT") for --connect-to
        web.cacert                                     # the throw-away CA's certificate, for --cacert
        web.day = 3                                    # time passes
        web.broken["publish.x.com"] = Broken.FIREWALL  # a host breaks, whole, in one of many ways
        web.tweet("izyum").state_on(web.day)           # State.DELETED: what a recheck should find
        web.embeddings()                               # which page shows which tweet, in which form of markup
        web.other("boats"), web.other_pages()          # the same for posts of other networks
        web.seen("t.co")                               # what was asked of a host, when, with which headers

Hosts: `kharkiv-notebook.example`, shaped like WordPress (feed, sitemap, robots.txt, archive and tag pages, comments, AMP);
`harbour-diary.example`, pages by hand with nothing but links; `tideline.example`, a magazine with a feed
whose pages embed posts of other networks; the platform hosts of Twitter and of the other networks; maps;
`trouble.example`, pages made to hurt a browser, to which nothing leads.
SAMPLE_POST is the address of the post that embeds the tweet behind `pic.twitter.com/uOWxLTTvGP`.

The ages. `SampleWeb(…, age=2022)`: the platforms as they answered in 2022. `age=2026`: as in late 2026, with hosts that moved and
redirect, doors that closed, players that want a Referer, new shapes of replies, and networks that came since. The same posts and
pages are there, and some more of 2026 (`data/*_2026.toml`). What each host does then, since when, and who says so, stands at the
top of its file; a guess is called one.

The calendar. Day 1: all is up. Day 2: several tweets are deleted, three suspended with their author, three protected, one
age-restricted, one edited; the notebook has one post more. Day 3: the tweet of 10 September 2022 is gone from syndication and
oEmbed, and its picture with it; one post of the notebook is edited. Day 4: one protected tweet is back. Short links always work.
Of other networks on day 2: one post each of Bluesky, Mastodon, Telegram and TikTok is gone, one YouTube video is private;
Instagram wants strangers to log in, on that day alone. In 2026 two accounts of Bluesky are gone as well, one taken down, one
deactivated, and one post of Instagram is gated; a tweet waits for an estimate of its readers' age, one is deleted.

Drawn by a browser: each network's script makes frames of its boxes, each frame shows author, words, pictures and date, or what
that network says of a post that is gone. Twitter's script empties the box of a tweet that is gone, as it did in the spring of
2022: a page rendered on day 2 has lost what its bytes still say. The notebook's header stays in sight; three of its posts have a
banner before them that asks for consent; one (`bridge-at-the-oskil`) has pictures far below that come when a reader comes near.
What goes wrong on purpose (429, 503, slow, cut off, malformed) stands in `troubles.py`, how whole hosts break in
`broken_hosts.py`.

Where things lie: `data/*.toml` the tables of posts and tweets, read by `tweets.py` and `posts.py`; `markup.py` the forms of
embeds; `notebook*.py`, `harbour.py`, `magazine.py` the blogs; `syndication.py`, `twitter_hosts.py`, `media.py` the hosts of
Twitter. Of other networks: `others.py` the tables (`data/others*.toml`), `other_hosts.py` who answers, `embeds.py` what their
frames show and the scripts; what takes more than a table in `bluesky.py`, `mastodon.py`, and, since 2026, `reddit.py`,
`meta.py`, `players.py`, `publishers.py`, `public_pages.py`, put together in `other_hosts.py`. `frames.py` maps and AMP;
`hostile.py` (with `data/trouble.toml`) the pages that hurt; `hosts.py` who answers what; `exchanges.py`, `certificates.py`,
`server.py` HTTP, TLS and sockets. Every reply is a function of day, age, address and count of requests; pictures and videos are
made from their names.
"""

from archiver.sampleweb.broken_hosts import Broken
from archiver.sampleweb.hosts import DIARY_URL, MAGAZINE_URL, NOTEBOOK_URL, SAMPLE_POST, Embedding
from archiver.sampleweb.notebook import DISALLOWED
from archiver.sampleweb.others import OtherPost
from archiver.sampleweb.server import SampleWeb, SeenRequest, running_sample_web
from archiver.sampleweb.tweets import AGES, Denial, State, Tweet

__all__ = [
    "AGES",
    "DIARY_URL",
    "DISALLOWED",
    "MAGAZINE_URL",
    "NOTEBOOK_URL",
    "SAMPLE_POST",
    "Broken",
    "Denial",
    "Embedding",
    "OtherPost",
    "SampleWeb",
    "SeenRequest",
    "State",
    "Tweet",
    "running_sample_web",
]
