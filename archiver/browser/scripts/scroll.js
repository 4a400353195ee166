// Brings a height of the page, in pixels, to the top of the window.
(top) => {
  window.scrollTo({ top, left: 0, behavior: "instant" });
  return { height: pageHeight(), at: window.scrollY };
}
