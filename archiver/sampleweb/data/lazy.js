/* What lazy loaders do: pictures and frames get their address when a reader comes near. */
(function () {
  "use strict";
  function load(node) {
    node.src = node.dataset.src;
    node.removeAttribute("data-src");
    node.classList.add("lazyloaded");
  }
  function run() {
    var seen = new IntersectionObserver(function (entries) {
      entries.forEach(function (entry) {
        if (!entry.isIntersecting) return;
        seen.unobserve(entry.target);
        load(entry.target);
      });
    }, { rootMargin: "150px" });
    document.querySelectorAll("img[data-src], iframe[data-src]").forEach(function (node) { seen.observe(node); });
  }
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", run);
  else run();
})();
