"""Flags: what Chromium is started with, so that it asks us and nobody else."""

# Chromium takes the last --disable-features that it is given, so this list holds Playwright's (1.65) as well.
_PLAYWRIGHTS = (
    "AvoidCorsURLLoaderRestartOnRedirect",  # else redirects after a preflight are aborted while requests are held (Chromium 155)
    "AvoidUnnecessaryBeforeUnloadCheckSync",
    "DestroyProfileOnBrowserClose",
    "HttpsFirstBalancedModeAutoEnable",
    "HttpsUpgrades",  # a page's http: address is asked for as it is written
    "LensOverlay",
    "MediaRouter",
    "NetworkTimeServiceQuerying",
    "OptimizationHints",
    "PaintHolding",
    "PreconnectToSearch",
    "ThirdPartyStoragePartitioning",
)
_OURS = (
    "IsolateOrigins",  # frames of other sites stay in the page's process: a render has one, however many widgets it holds
    "site-per-process",
    "AutofillServerCommunication",
    "CertificateTransparencyComponentUpdater",
    "DialMediaRouteProvider",  # looks for televisions by multicast
    "DnsOverHttps",
    "InterestFeedContentSuggestions",
    "MediaEngagementBypassAutoplayPolicies",
    "NetworkErrorLogging",  # sends reports past whoever holds the requests
    "OptimizationGuideModelDownloading",
    "OptimizationHintsFetching",
    "Prerender2",  # a page drawn that nobody looks at
    "Reporting",
    "SafeBrowsingRealTimeUrlLookupAPI",
    "SpareRendererForSitePerProcess",
    "SpeculationRulesPrefetchFuture",
    "Translate",
    "TranslateUI",
    "WebRtcHideLocalIpsWithMdns",  # answers multicast DNS on every interface as soon as a page asks for a connection
    "WebTransport",
)

FLAGS = (
    "--host-resolver-rules=MAP * ~NOTFOUND",  # names and addresses alike lead nowhere
    f"--disable-features={','.join((*_PLAYWRIGHTS, *_OURS))}",
    "--disable-site-isolation-trials",
    "--disable-quic",
    "--force-webrtc-ip-handling-policy=disable_non_proxied_udp",  # and there is no proxy, so: no UDP
    "--no-proxy-server",  # neither the environment's nor one that it looks for by WPAD
    "--disable-background-networking",
    "--disable-client-side-phishing-detection",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-domain-reliability",
    "--disable-sync",
    "--dns-prefetch-disable",
    "--no-pings",
    "--no-first-run",
    "--no-default-browser-check",
    "--disable-notifications",
    "--disable-remote-playback-api",
    "--disable-presentation-api",
    "--disable-print-preview",
    "--deny-permission-prompts",
    "--hide-scrollbars",
    "--mute-audio",
    "--autoplay-policy=user-gesture-required",
)
