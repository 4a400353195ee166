// Where labelled elements are to be seen, in pixels of the page; what stands in them; which frames are theirs. `hosts`: for each
// label the domains of the frames that its platform makes.
(labels, hosts) => {
  const FRAMES = "iframe, frame, object, embed";
  const LEAST = 16;  // pixels: below that it is a tracking pixel or a placeholder's dot
  const frames = all(FRAMES);
  const shows = (element) => {
    const box = boxOf(element);
    return box.width >= LEAST && box.height >= LEAST && seen(element) && box.right + window.scrollX > 0 && box.bottom + window.scrollY > 0;
  };
  const taken = new Set(labels.map((label) => (globalThis.labelled || [])[label]));
  const isFrame = (element) => element instanceof HTMLIFrameElement;
  const hostOf = (frame) => { try { return new URL(sourceOf(frame)).hostname; } catch (_) { return ""; } };
  const isOf = (frame, domains) => domains.some((one) => ("." + hostOf(frame)).endsWith("." + one));
  // A script or an emptied box whose frame was put beside it, or in the place of its neighbour. Other frames are advertisements.
  const neighbour = (element, domains) => {
    const beside = [];
    for (const step of ["nextElementSibling", "previousElementSibling"]) {
      let other = element[step];
      for (let count = 0; other instanceof Element && count < 3; count += 1, other = other[step]) {
        if (taken.has(other) || within(other, "*").slice(0, 50).some((one) => taken.has(one))) break;
        if (!isFrame(other) && spokenBy(other)) break;  // here the page goes on
        beside.push(...(isFrame(other) ? [other] : within(other, "iframe").slice(0, 50)));
      }
    }
    const free = beside.filter((frame) => !taken.has(frame) && shows(frame));
    const found = free.find((frame) => isOf(frame, domains)) || free.find((frame) => frame === element.nextElementSibling) || null;
    if (found) taken.add(found);
    return found;
  };
  const shown = (element, domains) => {
    if (!element) return null;
    const bare = element instanceof HTMLScriptElement || !shows(element) || (!spokenBy(element) && !isFrame(element)
      && !has(element, "iframe, img, svg, video, canvas, object, embed"));
    if (!bare) return element;
    const inside = within(element, "*").slice(0, 500).find(shows);
    return inside || neighbour(element, domains) || (shows(element) ? element : null);
  };
  return labels.map((label, number) => {
    const element = shown((globalThis.labelled || [])[label], (hosts || [])[number] || []);
    if (!element) return null;
    const box = boxOf(element);
    const inside = frames.filter((frame) => frame === element || holds(element, frame)).map(numberOf).filter((number) => number >= 0);
    const pictures = isFrame(element) ? [] : within(element, "img");
    return {
      x: box.left + window.scrollX, y: box.top + window.scrollY, width: box.width, height: box.height,
      text: element instanceof HTMLElement && !isFrame(element) ? linesOf(element).slice(0, 20000) : "",
      frames: inside.slice(0, 20),
      pending: pictures.filter((image) => !image.complete).length,
    };
  });
}
