// Runs in the page's own world before any of its scripts: what opens windows or waits for a person does nothing.
(() => {
  const put = (object, name, value) => {
    try {
      Object.defineProperty(object, name, { value, writable: false, configurable: false });
    } catch (_) { /* nothing of the page's was here before us, but the browser may forbid it */ }
  };
  const nothing = (value) => function () { return value; };
  for (const [name, value] of [["open", null], ["alert", undefined], ["confirm", false], ["prompt", null], ["print", undefined]]) {
    put(window, name, nothing(value));
  }
  // A link that a script presses, a form that it sends, in the document or not: nobody sees the window that they would open.
  const HERE = ["", "_self", "_top", "_parent"];
  const attribute = Element.prototype.getAttribute;
  const opensOther = (element) => !HERE.includes((attribute.call(element, "target") || "").toLowerCase());
  const unlessElsewhere = (act) => function (...given) {
    if (!opensOther(this)) act.apply(this, given);
  };
  put(HTMLAnchorElement.prototype, "click", unlessElsewhere(HTMLElement.prototype.click));
  put(HTMLFormElement.prototype, "submit", unlessElsewhere(HTMLFormElement.prototype.submit));
  put(HTMLFormElement.prototype, "requestSubmit", unlessElsewhere(HTMLFormElement.prototype.requestSubmit));
  addEventListener("click", (event) => {
    const link = event.isTrusted ? null : event.composedPath().find((one) => one instanceof HTMLAnchorElement);
    if (link && opensOther(link)) event.preventDefault();
  }, true);
})();
