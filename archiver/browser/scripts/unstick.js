// Before the whole page is drawn: what sticks to the window goes back to where it stands, or out of the way.
() => {
  const body = bodyOf(document);
  if (!body) return { moved: 0 };
  const words = spokenBy(body).length;
  const PLAYERS = "video, canvas, iframe, frame, object, embed";
  // A dialog over a page says little beside it, and plays nothing. All else that fills the window is the page, or its ground.
  const isPage = (element, box) => {
    const said = spokenBy(element).length;
    if (said * 2 > words) return true;
    const covers = box.width * box.height * 2 > window.innerWidth * window.innerHeight;
    return covers && (said === 0 || said * 5 > words || has(element, PLAYERS) || Element.prototype.matches.call(element, PLAYERS));
  };
  let moved = 0;
  for (const element of within(body, "*").slice(0, 50000)) {
    const position = looksOf(element).position;
    if (position === "sticky") {
      const stuck = boxOf(element).top;
      set(element, "position", "relative");
      for (const side of ["top", "bottom", "left", "right"]) set(element, side, "auto");
      const down = stuck - boxOf(element).top;  // as it stood before anybody scrolled: below a header, not at the window's end
      if (down > 0 && down < window.innerHeight / 2) set(element, "top", down + "px");
      moved += 1;
    } else if (position === "fixed") {
      const box = boxOf(element);
      if (isPage(element, box)) continue;
      if (box.width === 0 || box.height === 0 || !seen(element)) continue;
      const header = box.top >= -1 && box.top < 60 && box.height < window.innerHeight / 4 && box.width > window.innerWidth / 2;
      if (header) {
        set(element, "position", "absolute");
        const after = boxOf(element);
        if (Math.abs(after.top - box.top) < 2 && Math.abs(after.left - box.left) < 2) {
          moved += 1;
          continue;
        }
      }
      set(element, "visibility", "hidden");
      moved += 1;
    }
  }
  for (const animation of document.getAnimations ? Document.prototype.getAnimations.call(document).slice(0, 2000) : []) {
    try { animation.finish(); } catch (_) { animation.pause(); }  // one without an end cannot be finished
  }
  const visible = all("iframe, frame, object, embed").slice(0, 500).filter((one) => seen(one) && boxOf(one).width >= 16 && boxOf(one).height >= 16);
  const frames = visible.map(numberOf).filter((number) => number >= 0);
  const rows = within(body, "*").slice(0, 20000).map((element) => [element, boxOf(element).height]);
  globalThis.heights = rows.filter(([element, height]) => height >= window.innerHeight / 4 && element instanceof HTMLElement);
  return { moved, height: pageHeight(), frames };
}
