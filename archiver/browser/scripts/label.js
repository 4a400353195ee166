// The page's markup with a label on each element: written on a copy, so that the page cannot know. The elements are kept in
// our own world, for `boxes.js`.
(attribute, most) => {
  const root = rootOf(document);
  if (!root) return { html: "" };
  const copy = document.implementation.createHTMLDocument("").importNode(root, true);
  const live = [root, ...within(root, "*")], copied = [copy, ...within(copy, "*")];
  const count = Math.min(live.length, copied.length, 100000);
  for (let number = 0; number < count; number += 1) Element.prototype.setAttribute.call(copied[number], attribute, "e" + number);
  globalThis.labelled = live.slice(0, count);
  const write = () => getter(Element, "outerHTML")(copy);
  let html = write();
  for (const heavy of ["style, svg", "script"]) {
    if (html.length <= most) break;
    for (const element of within(copy, heavy)) element.textContent = "";
    html = write();
  }
  return { html: html.slice(0, most), elements: live.length };
}
