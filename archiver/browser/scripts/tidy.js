// Hides consent dialogs and lets the page scroll again. Nothing is clicked: neither yes nor no is said to anything.
(known, guessed) => {
  const GUESS = new RegExp(guessed, "i");
  const MOST_WORDS = 6000;  // characters: the longest dialog seen lists purposes and partners; an article is longer
  const SPEAKS_OF_IT = 300;  // characters for each word of consent
  const body = bodyOf(document), root = rootOf(document);
  if (!body || !root) return {};
  const floats = (element) => ["fixed", "sticky"].includes(looksOf(element).position);
  const words = spokenBy(body).length;
  const CONSENT = /cookie|consent|gdpr|dsgvo|privacy|куки|файл/gi;
  // What holds most of the page's words is the page, unless it is a dialog over a page that says little.
  const isPage = (element, named) => {
    const said = spokenBy(element);
    return said.length * 2 > words && !(named && (said.match(CONSENT) || []).length * SPEAKS_OF_IT > said.length);
  };
  const holdsContent = (element, named) => element === body || element === root || has(element, "main, article, h1")
    || spokenBy(element).length > MOST_WORDS || isPage(element, named);
  // An application's root holds a link to its cookies somewhere; a dialog without a name of its own is filled by one that has.
  const filled = (element) => {
    const box = boxOf(element), said = spokenBy(element).length;
    return within(element, "[id], [class]").slice(0, 30).filter((one) => GUESS.test(idOf(one) + " " + classOf(one))).some((one) => {
      const inner = boxOf(one);
      return inner.width * inner.height * 2 > box.width * box.height || (said > 0 && spokenBy(one).length * 2 > said);
    });
  };
  const hide = (element) => set(element, "display", "none");
  let hidden = 0;
  for (const element of all(known).slice(0, 200).filter(seen)) {
    const box = boxOf(element);
    const inFlow = !floats(element) && looksOf(element).position !== "absolute" && !within(element, "*").slice(0, 50).some(floats);
    if (element === body || element === root || has(element, "main, article") || (inFlow && box.height > 0)) continue;
    hide(element);
    hidden += 1;
  }
  const floating = within(body, "*").slice(0, 30000).filter(
    (element) => floats(element) || (element instanceof HTMLDialogElement && element.open && GUESS.test(idOf(element) + " " + classOf(element))));
  for (const element of floating.filter(seen)) {
    const names = idOf(element) + " " + classOf(element) + " " + (Element.prototype.getAttribute.call(element, "aria-label") || "");
    const named = GUESS.test(names);
    if (!(named || (boxOf(element).height > 0 && filled(element))) || holdsContent(element, named)) continue;
    if (!named && !/cookie|consent|gdpr|dsgvo|куки|файл/i.test(spokenBy(element))) continue;
    hide(element);
    hidden += 1;
  }
  if (hidden) {
    // What dims the page behind the dialog: as large as the window, and nothing in it.
    for (const element of floating) {
      const box = boxOf(element);
      const covers = box.width >= 0.9 * window.innerWidth && box.height >= 0.9 * window.innerHeight;
      if (covers && !spokenBy(element) && !has(element, "img, iframe, video, canvas, svg")) hide(element);
    }
    for (const element of [root, body]) {
      const looks = looksOf(element);
      if (looks.overflowY === "hidden" || looks.overflowY === "clip") set(element, "overflow", "visible");
      if (looks.position === "fixed") set(element, "position", "static");
      if (looks.filter !== "none") set(element, "filter", "none");
    }
  }
  const sticks = floating.filter((element) => boxOf(element).height > 0).length;
  return { hidden, sticks, height: pageHeight() };
}
