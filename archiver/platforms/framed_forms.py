"""The frames that are worth their render: maps, charts, documents and players, each known by the shape of its address.

The shapes are those of the services' own embed codes, as they stand in saved pages and in public code (seen until 2026); where an
oEmbed endpoint is given, it is the one of the providers' list at https://oembed.com/providers.json; Apple's, which that list
lacks, has stood in public programs since 2026-03.
"""

from dataclasses import dataclass

_LANDS = (
    "com ae al am at az ba be bg by ca cat cd ch ci cl cm cz de dk dz ee es fi fr ge gr hn hr hu ie iq is it jo kg kz la lk lt"
    " lu lv ma md me mk mn mu mv ne nl no pl ps pt ro rs ru se si sk sn so tm tn tt ws co.id co.il co.in co.jp co.ke co.kr co.ma"
    " co.nz co.th co.uk co.uz co.ve co.za com.af com.ar com.au com.bd com.bh com.bo com.br com.by com.co com.cu com.cy com.do"
    " com.ec com.eg com.et com.gh com.gt com.hk com.jm com.kh com.kw com.lb com.ly com.mt com.mx com.my com.na com.ng com.ni"
    " com.np com.om com.pa com.pe com.ph com.pk com.pr com.py com.qa com.sa com.sg com.sv com.tj com.tr com.tw com.ua com.uy"
    " com.vn"
)
_GOOGLE = tuple(f"google.{land}" for land in _LANDS.split())
# The pages that show a map of the older kind, with their parameters behind them.
_MAPS = r"(?:maps\.google\.[a-z.]{2,6}/(?:maps(?:/ms|/place)?/?)?|google\.[a-z.]{2,6}/maps(?:/ms|/place)?/?)(?=\?)"
_APPLE = "https://podcasts.apple.com/api/oembed?url=https%3A%2F%2Fpodcasts.apple.com%2Fus%2Fpodcast%2F{id}"
_FRAMED = r"(?=[^#]*[?&]output=(?:sv)?embed)"
_MAPS_API = r"google\.[a-z.]{2,6}/maps/embed/v1/\w+"


@dataclass(frozen=True, slots=True)
class Form:
    """One kind of frame. Its posts' ids are `kind/` and what `made_of` makes of the groups of the shape that matched."""

    kind: str
    domains: tuple[str, ...]
    canonical: str
    """The embed's URL, `{id}` being what stands behind the kind."""
    shapes: tuple[str, ...]
    """Regular expressions, matched from the start of what `address_of` gives."""
    made_of: str = "{id}"
    oembed: str | None = None
    """The oEmbed request, `{id}` being quoted once more."""
    page: str | None = None
    """The page for readers, where that says more."""


def _form(
    kind: str,
    domains: str,
    canonical: str,
    *shapes: str,
    made_of: str = "{id}",
    oembed: str | None = None,
    page: str | None = None,
) -> Form:
    places = _GOOGLE if domains == "google" else tuple(domains.split())
    return Form(kind, places, canonical, shapes, made_of, oembed, page)


def _value(name: str, group: str = "id") -> str:
    """A parameter of a query, wherever it stands there."""
    return rf"(?=[^#]*?[?&](?:{name})=(?P<{group}>[^&#]+))"


FORMS = (
    # --- maps ---------------------------------------------------------------------------------------------------
    _form(
        "liveuamap", "liveuamap.com", "https://{id}",
        r"(?P<host>(?:[\w-]+\.)?liveuamap\.com)(?P<path>/(?:[a-z]{2}/)?\d{4}/[\w%.,'-]+|/(?:frame|embed)\b)",
        r"(?P<host>(?:[\w-]+\.)?liveuamap\.com)(?P<path>)/?(?:$|[?#])",
        made_of="{host}{path}",
    ),
    # What "share, embed a map" gives: place, view and language lie in `pb`, which nobody has documented.
    _form("googlemaps", "google", "https://www.google.com/maps/embed?pb={id}",
          r"(?:maps\.)?google\.[a-z.]{2,6}/maps/embed/?(?=\?)" + _value("pb")),
    _form("mymaps", "google", "https://www.google.com/maps/d/embed?mid={id}",
          r"(?:mapsengine\.|maps\.)?google\.[a-z.]{2,6}/maps?/(?:d/)?(?:u/\d+/)?(?:embed|viewer|view)/?(?=\?)" + _value("mid")),
    _form("mymaps2007", "google", "https://maps.google.com/maps/ms?msid={id}&output=embed", _MAPS + _value("msid")),
    # Maps of the older kind, and of the documented Embed API, whose key belongs to the page and is left out.
    _form("googleroute", "google", "https://maps.google.com/maps?{id}&output=embed",
          _MAPS + _FRAMED + _value("saddr", "a") + _value("daddr", "b"),
          _MAPS_API + _value("origin", "a") + _value("destination", "b"), made_of="saddr={a}&daddr={b}"),
    _form("googleplace", "google", "https://maps.google.com/maps?q={id}&output=embed",
          _MAPS + _FRAMED + _value("q"), _MAPS_API + _value("q")),
    _form("googleview", "google", "https://maps.google.com/maps?ll={id}&output=embed",
          _MAPS + _FRAMED + _value("cbll|ll"), _MAPS_API + _value("center|location")),
    _form("openstreetmap", "openstreetmap.org", "https://www.openstreetmap.org/export/embed.html?bbox={id}",
          r"openstreetmap\.org/export/embed\.html" + _value("bbox")),
    _form("umap", "umap.openstreetmap.fr", "https://umap.openstreetmap.fr/map/x_{id}",
          r"umap\.openstreetmap\.fr/(?:\w+/)?map/(?:[^/?#]*_)?(?P<id>\d+)"),
    _form("storymaps", "arcgis.com", "https://storymaps.arcgis.com/stories/{id}",
          r"storymaps\.arcgis\.com/(?:stories|collections)/(?P<id>[0-9a-f]{32})"),
    _form("arcgis", "arcgis.com", "https://www.arcgis.com/apps/{id}",
          r"(?:[\w-]+\.)*arcgis\.com/apps/(?P<app>[\w/.-]+)(?=\?(?:[^#]*&)?(?P<name>appid|webmap|id)=(?P<item>[0-9a-f]{32}))",
          made_of="{app}?{name}={item}"),
    _form("dashboards", "arcgis.com", "https://www.arcgis.com/apps/dashboards/{id}",
          r"(?:[\w-]+\.)*arcgis\.com/apps/(?:opsdashboard/index\.html#/|dashboards/)(?P<id>[0-9a-f]{32})"),
    # --- charts -------------------------------------------------------------------------------------------------
    _form("datawrapper", "datawrapper.de dwcdn.net", "https://datawrapper.dwcdn.net/{id}/",
          r"(?:datawrapper\.dwcdn\.(?:net|de)|cf\.datawrapper\.de|datawrapper\.de/(?:_|chart))/(?P<id>\w{5})(?:/|$|[?#])",
          oembed="https://api.datawrapper.de/v3/oembed/?format=json&url=https%3A%2F%2Fdatawrapper.dwcdn.net%2F{id}%2F"),
    # Older ones are called by a slug; outside of e.infogram.com those look like the service's own pages.
    _form("infogram", "infogram.com infogr.am", "https://e.infogram.com/{id}",
          r"e\.infogr(?:am\.com|\.am)/(?!js/|api/|embed)(?P<id>(?:_/)?[\w-]{5,})",
          r"infogr(?:am\.com|\.am)/(?P<id>[0-9a-f]{8}-[0-9a-f-]{27}|(?:_/)?[\w-]*-1[a-z0-9]{10,})",
          oembed="https://infogram.com/oembed/?format=json&url=https%3A%2F%2Finfogram.com%2F{id}"),
    _form("flourish", "flourish.studio flo.uri.sh", "https://flo.uri.sh/{id}/embed",
          r"(?:flo\.uri\.sh|(?:public|app)\.flourish\.studio)/(?P<id>(?:visualisation|story)/\d+)",
          oembed="https://app.flourish.studio/api/v1/oembed?format=json&url=https%3A%2F%2Fpublic.flourish.studio%2F{id}%2F"),
    _form("tableau", "public.tableau.com", "https://public.tableau.com/views/{id}?:embed=y&:showVizHome=no",
          r"public\.tableau\.com/(?:views|static/images/\w\w)/(?P<id>[\w.-]+/[\w.-]+)",
          r"public\.tableau\.com/(?:app/)?profile/[^/?#]+(?:/?#!)?/viz(?:home)?/(?P<id>[\w.-]+/[\w.-]+)"),
    _form("plotly", "plot.ly plotly.com", "https://chart-studio.plotly.com/~{id}.embed",
          r"(?:plot\.ly|(?:chart-studio\.)?plotly\.com)/~(?P<id>[\w.-]+/\d+)"),
    _form("carto", "carto.com cartodb.com", "https://{id}",
          r"(?P<id>[\w-]+\.carto(?:db)?\.com/(?:u/[\w-]+/)?(?:builder|viz)/[0-9a-f-]{36}/(?:embed_map|embed|public_map))"),
    _form("ourworldindata", "ourworldindata.org", "https://ourworldindata.org/grapher/{id}",
          r"ourworldindata\.org/grapher/(?:embed/)?(?P<id>[\w-]+)"),
    _form("observable", "observablehq.com", "https://observablehq.com/embed/{id}",
          r"observablehq\.com/embed/(?P<id>@[\w-]+/[\w-]+|[0-9a-f]{16})"),
    # --- timelines, and pictures that tell a story --------------------------------------------------------------
    _form("timeline", "cdn.knightlab.com s3.amazonaws.com",
          "https://cdn.knightlab.com/libs/timeline3/latest/embed/index.html?source={id}",
          r"(?:s3\.amazonaws\.com/)?cdn\.knightlab\.com/libs/timeline3?/[\w.-]+/embed/(?:index\.html)?" + _value("source")),
    _form("timeline2012", "embed.verite.co", "https://embed.verite.co/timeline/?source={id}",
          r"embed\.verite\.co/timeline/?" + _value("source")),
    _form("storymap", "knightlab.com s3.amazonaws.com", "https://uploads.knightlab.com/storymapjs/{id}/index.html",
          r"(?:s3\.amazonaws\.com/)?uploads\.knightlab\.com/storymapjs/(?P<id>[0-9a-f]{32}/[\w-]+)/",
          r"cdn\.knightlab\.com/libs/storymapjs/[^#]*?(?:/|%2F)storymapjs(?:/|%2F)(?P<id>[0-9a-f]{32}(?:/|%2F)[\w-]+)(?:/|%2F)"),
    _form("juxtapose", "cdn.knightlab.com s3.amazonaws.com",
          "https://cdn.knightlab.com/libs/juxtapose/latest/embed/index.html?uid={id}",
          r"(?:s3\.amazonaws\.com/)?cdn\.knightlab\.com/libs/juxtapose/\w+/embed/(?:index\.html)?" + _value("uid")),
    _form("genially", "genial.ly genially.com", "https://view.genially.com/{id}",
          r"view\.genial(?:\.ly|ly\.com)/(?P<id>[0-9a-f]{24})"),
    _form("thinglink", "thinglink.com", "https://www.thinglink.com/card/{id}",
          r"thinglink\.com/(?:card|channelcard|scene|view/scene)/(?P<id>\d+)"),
    # Closed in May 2018; its stories are left in other archives.
    _form("storify", "storify.com", "https://storify.com/{id}/embed",
          r"storify\.com/(?!(?:public|services|api|embed|search|browse|topics)/)(?P<id>[\w-]+/[\w%-]+)"),
    # --- documents and slides -----------------------------------------------------------------------------------
    # Slugs are left out: the number alone leads there, whatever the document is called today.
    _form("documentcloudnote", "documentcloud.org", "https://embed.documentcloud.org/documents/{id}/",
          r"(?:embed\.|beta\.)?documentcloud\.org/documents/(?P<document>\d+)[^/?#]*/annotations/(?P<note>\d+)",
          r"(?:embed\.|beta\.)?documentcloud\.org/documents/(?P<document>\d+)[^#]*#document/p\d+/a(?P<note>\d+)",
          made_of="{document}/annotations/{note}"),
    _form("documentcloudpage", "documentcloud.org", "https://embed.documentcloud.org/documents/{id}/",
          r"(?:embed\.|beta\.)?documentcloud\.org/documents/(?P<document>\d+)[^/?#]*/pages/(?:[\w%-]*-p)?(?P<page>\d+)",
          made_of="{document}/pages/{page}"),
    _form("documentcloud", "documentcloud.org", "https://embed.documentcloud.org/documents/{id}/",
          r"(?:embed\.|beta\.)?documentcloud\.org/documents/(?P<id>\d+)",
          oembed="https://api.www.documentcloud.org/api/oembed/?format=json&url=https%3A%2F%2Fwww.documentcloud.org%2Fdocuments%2F{id}"),
    _form("scribd", "scribd.com", "https://www.scribd.com/embeds/{id}/content",
          r"(?:[a-z]{2,3}\.)?scribd\.com/(?:embeds|doc|document|presentation|mobile/documents?|fullscreen)/(?P<id>\d+)",
          oembed="https://www.scribd.com/services/oembed?format=json&url=https%3A%2F%2Fwww.scribd.com%2Fdoc%2F{id}"),
    _form("issuu", "issuu.com", "https://issuu.com/{id}",
          r"e\.issuu\.com/[\w.-]+\.html" + _value("u", "user") + _value("d", "name"),
          r"issuu\.com/(?P<user>[\w.-]+)/docs/(?P<name>[\w.-]+)", made_of="{user}/docs/{name}",
          oembed="https://issuu.com/oembed?format=json&url=https%3A%2F%2Fissuu.com%2F{id}"),
    _form("issuu2013", "issuu.com", "https://e.issuu.com/embed.html#{id}", r"e\.issuu\.com/[\w.-]+\.html[^#]*#(?P<id>\d+/\d+)"),
    _form("slideshare", "slideshare.net", "https://www.slideshare.net/slideshow/embed_code/{id}",
          r"slideshare\.net/(?:mobile/)?slideshow/embed_code/(?P<id>\d+|key/\w+)",
          r"slideshare\.net/slideshow/[\w%-]{2,300}/(?P<id>\d{5,12})(?=$|[/?#])"),
    _form("speakerdeck", "speakerdeck.com", "https://speakerdeck.com/player/{id}",
          r"speakerdeck\.com/(?:player|embed)/(?P<id>[0-9a-f]{24,32})"),
    _form("prezi", "prezi.com", "https://prezi.com/embed/{id}/",
          r"prezi\.com/(?:embed|(?:p|v|i|view)/embed|p|v|i)/(?P<id>[\w-]{8,})",
          r"prezi\.com/(?P<id>(?=[a-z]*[\d_-])[a-z0-9_-]{12})(?:/|$|[?#])"),
    _form("googledocs", "docs.google.com", "https://docs.google.com/{id}",
          r"docs\.google\.com/(?:a/[\w.-]+/)?(?P<id>(?:document|spreadsheets|presentation|drawings)/d/(?:e/)?[\w-]{20,}"
          r"/(?:pubhtml|pubchart\?oid=\d+|pub|embed|preview|htmlembed))"),
    _form("googleforms", "docs.google.com", "https://docs.google.com/forms/{id}/viewform?embedded=true",
          r"docs\.google\.com/(?:a/[\w.-]+/)?forms/(?:u/\d/)?(?P<id>d/(?:e/)?[\w-]{20,})/viewform"),
    # Google's older spreadsheets, forms and slides were called by a key (until 2014).
    _form("googlesheet2009", "docs.google.com spreadsheets.google.com", "https://docs.google.com/spreadsheet/pub?key={id}&output=html",
          r"(?:docs|spreadsheets\d?)\.google\.com/(?:a/[\w.-]+/)?(?:spreadsheet/)?(?:pub|ccc|oimg)(?=\?)" + _value("key")),
    _form("googleform2009", "docs.google.com spreadsheets.google.com", "https://docs.google.com/spreadsheet/embeddedform?formkey={id}",
          r"(?:docs|spreadsheets\d?)\.google\.com/(?:a/[\w.-]+/)?(?:spreadsheet/)?(?:embeddedform|viewform)(?=\?)"
          + _value("formkey")),
    _form("googleslides2009", "docs.google.com", "https://docs.google.com/present/embed?id={id}",
          r"docs\.google\.com/(?:a/[\w.-]+/)?present(?:ation)?/(?:embed|view)(?=\?)" + _value("id")),
    _form("googledrive", "drive.google.com docs.google.com", "https://drive.google.com/file/d/{id}/preview",
          r"(?:drive|docs)\.google\.com/(?:a/[\w.-]+/)?file/d/(?P<id>[\w-]{20,})"),
    _form("lookerstudio", "lookerstudio.google.com datastudio.google.com", "https://lookerstudio.google.com/embed/reporting/{id}",
          r"(?:lookerstudio|datastudio)\.google\.com/(?:u/\d/)?embed/(?:u/\d/)?reporting/(?P<id>[\w-]+(?:/page/\w+)?)"),
    _form("calameo", "calameo.com", "https://v.calameo.com/?bkcode={id}",
          r"v\.calameo\.com/" + _value("bkcode"), r"calameo\.com/(?:books|read)/(?P<id>[0-9a-f]{21})"),
    # --- players that have no file of their own -----------------------------------------------------------------
    _form("archiveorg", "archive.org", "https://archive.org/embed/{id}", r"archive\.org/(?:embed|details)/(?P<id>[\w.-]+)"),
    _form("ted", "ted.com", "https://embed.ted.com/talks/{id}",
          r"(?:embed(?:-ssl)?\.)?ted\.com/talks/(?:lang/[\w-]+/)?(?P<id>\w+?)(?:\.html)?(?:$|[?#/])"),
    _form("bandcamp", "bandcamp.com", "https://bandcamp.com/EmbeddedPlayer/{id}/",
          r"bandcamp\.com/EmbeddedPlayer[^?#]*?/(?P<id>track=\d+)", r"bandcamp\.com/EmbeddedPlayer[^?#]*?/(?P<id>album=\d+)"),
    _form("okru", "ok.ru odnoklassniki.ru", "https://ok.ru/videoembed/{id}",
          r"(?:ok|odnoklassniki)\.ru/(?:videoembed|video|live)/(?P<id>\d+)"),
    _form("rutube", "rutube.ru", "https://rutube.ru/play/embed/{id}",
          r"rutube\.ru/(?:play/embed|video/embed|embed|video|shorts)/(?:private/)?(?P<id>[0-9a-f]{32}|\d{5,})"),
    _form("bitchute", "bitchute.com", "https://www.bitchute.com/embed/{id}/",
          r"(?:old\.)?bitchute\.com/(?:embed|video)/(?P<id>\w{8,14})"),
    _form("mixcloud", "mixcloud.com", "https://www.mixcloud.com/widget/iframe/?feed=/{id}/",
          r"(?:(?:player-)?widget\.)?mixcloud\.com/[\w./-]*(?=\?(?:[^#]*&)?feed="
          r"(?:https?(?::|%3A)(?:/|%2F){2}(?:[\w-]+\.)?mixcloud\.com)?(?:/|%2F)(?P<id>[^&#/%]+(?:/|%2F)[^&#/%]+))",
          r"mixcloud\.com/(?!(?:genres|discover|upload|widget|categories|tag|dashboard|media|help|pro|select|live)/)"
          r"(?P<id>[\w-]{2,60}/(?!(?:uploads|favorites|listens|playlists|followers|following|stream|about)(?:/|$))[\w%-]{2,200})/?(?=$|[?#])"),
    _form("libsyn", "libsyn.com", "https://html5-player.libsyn.com/embed/episode/id/{id}/",
          r"(?:html5-player|play|oembed)\.libsyn\.com/embed/(?:episode/)?(?:id/)?(?P<id>\d{4,12})"),
    _form("simplecast", "simplecast.com", "https://player.simplecast.com/{id}",
          r"(?:player|embed)\.simplecast\.com/(?P<id>[0-9a-f]{8}-[0-9a-f-]{27}|[0-9a-f]{8})(?=$|[/?#])"),
    _form("megaphone", "megaphone.fm", "https://playlist.megaphone.fm/?e={id}",
          r"(?:playlist|player)\.megaphone\.fm/?(?=\?)" + _value("e"), r"player\.megaphone\.fm/(?P<id>[A-Z]{2,6}\d{6,12})"),
    _form("acast", "acast.com", "https://embed.acast.com/{id}",
          r"embed\.acast\.com/(?:\$/)?(?P<id>[\w-]{3,100}/[\w.-]{1,200})(?=$|[/?#])"),
    _form("blogger", "blogger.com",
          "https://www.blogger.com/video.g?token={id}", r"blogger\.com/video\.g(?=\?)" + _value("token")),
    _form("applemusic", "music.apple.com", "https://embed.music.apple.com/us/{id}",
          r"embed\.music\.apple\.com/(?:[a-z]{2}/)?(?P<kind>album|playlist|song|music-video)/(?:[^/?#]+/)?(?P<item>\d{5,12}|pl\.[\w-]+)",
          made_of="{kind}/{item}"),
    _form("deezer", "deezer.com", "https://widget.deezer.com/widget/auto/{id}",
          r"widget\.deezer\.com/widget/\w+/(?P<id>(?:track|album|playlist|episode|show)/\d+)"),
    _form("coub", "coub.com", "https://coub.com/embed/{id}", r"coub\.com/(?:embed|view)/(?P<id>[a-z0-9]{4,8})(?=$|[/?#])"),
    _form("tenor", "tenor.com", "https://tenor.com/embed/{id}", r"tenor\.com/embed/(?P<id>\d{5,20})"),
    _form("yandexmap", "yandex.ru yandex.com", "https://yandex.ru/map-widget/v1/?um={id}",
          r"(?:api-maps\.)?yandex\.(?:ru|com|by|kz|ua)/map-widget/v1/?(?:[-\w]+/?)?(?=\?)" + _value("um")),
    _form("applepodcast", "podcasts.apple.com", "https://embed.podcasts.apple.com/podcast/{id}",
          r"(?:embed\.)?podcasts\.apple\.com/(?:[a-z]{2}/)?podcast/(?:[^/?#]+/)?(?P<show>id\d+)" + _value("i", "episode"),
          made_of="{show}?i={episode}", oembed=_APPLE, page="https://podcasts.apple.com/us/podcast/{id}"),
    _form("applepodcasts", "podcasts.apple.com", "https://embed.podcasts.apple.com/podcast/{id}",
          r"(?:embed\.)?podcasts\.apple\.com/(?:[a-z]{2}/)?podcast/(?:[^/?#]+/)?(?P<id>id\d+)", oembed=_APPLE),
)  # fmt: skip
