// How far a document has come. `pending`: pictures that are asked for and not there; `empty`: nothing to be seen in it yet.
() => {
  const images = [...imagesOf(document)].slice(0, 5000);
  const near = 2 * window.innerHeight;
  const pending = images.filter((image) => {
    if (image.complete) return false;
    const box = boxOf(image);
    return seen(image) && (image.loading !== "lazy" || (box.top < near && box.bottom > -near));
  }).length;
  const body = bodyOf(document);
  const busy = all('[aria-busy="true"]').slice(0, 200).filter(seen).length;
  const texts = body ? Document.prototype.createTreeWalker.call(document, body, NodeFilter.SHOW_TEXT) : null;
  let speaks = false;  // the first words decide: to lay out those of the whole page, again and again, takes too long
  for (let count = 0; texts && !speaks && count < 5000 && texts.nextNode(); count += 1) {
    speaks = texts.currentNode.data.trim() !== "" && rendered(parentOf(texts.currentNode));
  }
  const drawn = speaks || images.length > 0 || all("svg, canvas, video, iframe, object, embed, input").length > 0;
  let fonts = 0;
  try { fonts = fontsOf(document).status === "loading" ? 1 : 0; } catch (_) { /* a document without fonts */ }
  return { ready: stateOf(document), pending, fonts, busy, empty: drawn ? 0 : 1, height: pageHeight(), view: window.innerHeight };
}
