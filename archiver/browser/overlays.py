"""Overlays: consent dialogs are hidden, never answered, before a page is captured; what sticks to the window is released."""

from archiver.browser.page import LivePage, ScriptResult

# What consent managers call their dialogs, from their documentation and from pages of the corpus: one manager a line.
MANAGERS = (
    "#onetrust-consent-sdk, #onetrust-banner-sdk",  # OneTrust
    "#CybotCookiebotDialog, #CybotCookiebotDialogBodyUnderlay",  # Cookiebot
    "#didomi-host, #didomi-popup, #didomi-notice",  # Didomi
    "#qc-cmp2-container, .qc-cmp-ui-container",  # Quantcast
    "#usercentrics-root, #usercentrics-cmp-ui, #uc-banner-modal",  # Usercentrics
    "[id^='sp_message_container']",  # Sourcepoint
    "#truste-consent-track, .truste_overlay, .truste_box_overlay, #consent_blackbar",  # TrustArc
    "#cmplz-cookiebanner-container, .cmplz-cookiebanner",  # Complianz
    ".cky-consent-container, .cky-overlay, #cookie-law-info-bar",  # CookieYes
    "#BorlabsCookieBox, #BorlabsCookieBoxWidget",  # Borlabs
    ".osano-cm-window",  # Osano
    "#cmpbox, #cmpbox2, #cmpwrapper",  # consentmanager
    ".fc-consent-root",  # Funding Choices
    "#iubenda-cs-banner",  # Iubenda
    ".klaro .cookie-modal, .klaro .cookie-notice",  # Klaro
    "#tarteaucitronRoot",  # tarteaucitron
    "#axeptio_overlay",  # Axeptio
    ".cc-window.cc-banner, .cc-window.cc-floating",  # Insites' Cookie Consent
    "#cookie-notice",  # Cookie Notice
    "#cookiescript_injected",  # Cookie-Script
    "#moove_gdpr_cookie_info_bar",  # Moove
    ".cookiefirst-root",  # CookieFirst
    "#ez-cookie-dialog-wrapper",  # Ezoic
    "#gdpr-consent-tool-wrapper",  # seen on a page, of whatever manager
)
KNOWN = ", ".join(MANAGERS)
# A word in an id or a class of something that sticks to the window. `cmp` by itself also begins the names of all components
# that Adobe's editor makes, so it counts only where more follows that speaks of consent.
GUESSED = (
    r"cookie|consent|gdpr|dsgvo|ccpa|privacy-?(?:banner|notice|wall|overlay|popup)"
    r"|(?:^|[\s_-])cmp-?(?:banner|box|ui|wrapper|modal|overlay)"
)


async def hide_overlays(page: LivePage) -> ScriptResult:
    """Hides consent dialogs. Returns counts: `hidden` dialogs, other things that stick to the window (`sticks`), and the page's
    `height` in pixels."""
    return await page.ask("tidy", KNOWN, GUESSED)


async def release_sticky(page: LivePage) -> ScriptResult:
    """Releases what sticks to the window. Returns how many things that were (`moved`), the page's `height` in pixels afterwards,
    and the numbers of the `frames` that can be seen."""
    return await page.ask("unstick")
