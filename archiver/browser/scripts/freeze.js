// The window has been made as tall as the page, so that frames far down are painted. What was tall by the window's height, and
// grew with it, gets back the height that it had.
() => {
  let frozen = 0;
  for (const [element, height] of globalThis.heights || []) {
    if (Math.abs(boxOf(element).height - height) < 2) continue;
    for (const name of ["height", "min-height", "max-height"]) set(element, name, height + "px");
    frozen += 1;
  }
  return { frozen, height: pageHeight() };
}
