// What the other scripts stand on. A page may name its forms and pictures so that `document.body` or `form.children` are
// something else ("DOM clobbering"), in our own world as well: so everything is asked of the prototypes.
const getter = (type, name) => {
  const read = Object.getOwnPropertyDescriptor(type.prototype, name).get;
  return (object) => read.call(object);
};
const bodyOf = getter(Document, "body");
const rootOf = getter(Document, "documentElement");
const imagesOf = getter(Document, "images");
const stateOf = getter(Document, "readyState");
const fontsOf = getter(Document, "fonts");
const scrollerOf = getter(Document, "scrollingElement");
const parentOf = getter(Node, "parentElement");
const wordsOf = getter(Node, "textContent");
const styleOf = getter(HTMLElement, "style");
const sourceOf = getter(HTMLIFrameElement, "src");
const linesOf = getter(HTMLElement, "innerText");
const classOf = (element) => Element.prototype.getAttribute.call(element, "class") || "";
const idOf = (element) => Element.prototype.getAttribute.call(element, "id") || "";
const boxOf = (element) => Element.prototype.getBoundingClientRect.call(element);
const seen = (element) => Element.prototype.checkVisibility.call(element, { opacityProperty: true, visibilityProperty: true });
const rendered = (element) => Element.prototype.checkVisibility.call(element) || looksOf(element).display === "contents";
// What a reader can read of it: neither scripts and styles nor what is hidden, as `textContent` has them.
const spokenBy = (element) => (!rendered(element) ? "" : element instanceof HTMLElement ? linesOf(element) : wordsOf(element)).trim();
const all = (selector) => [...Document.prototype.querySelectorAll.call(document, selector)];
const within = (element, selector) => [...Element.prototype.querySelectorAll.call(element, selector)];
const holds = (element, other) => Node.prototype.contains.call(element, other);
const has = (element, selector) => Element.prototype.querySelector.call(element, selector) !== null;
const looksOf = (element) => window.getComputedStyle(element);
const set = (element, name, value) => {
  if (element instanceof HTMLElement) styleOf(element).setProperty(name, value, "important");
};
const pageHeight = () => {
  const root = rootOf(document), body = bodyOf(document);
  return Math.max(root ? root.scrollHeight : 0, body ? body.scrollHeight : 0);
};
// Which of `window[0]`, `window[1]`, … a frame's element holds; -1 for none.
const numberOf = (frame) => {
  for (let number = 0; number < Math.min(window.length, 200); number += 1) {
    if (window[number] === frame.contentWindow) return number;
  }
  return -1;
};
