// What a reader sees of a document as text, and what else tells how it is: fields for passwords, pictures that did not come, parts
// that are busy. `order`: the numbers of the frames in it, in document order.
(most) => {
  const body = bodyOf(document);
  const passwords = all('input[type="password"]').slice(0, 100).filter(seen).length;
  const busy = all('[aria-busy="true"]').slice(0, 200).filter(seen).length;
  const pending = [...imagesOf(document)].slice(0, 5000).filter((image) => !image.complete && image.loading !== "lazy" && seen(image)).length;
  const frames = all("iframe, frame, object, embed").slice(0, 500);
  const order = frames.map(numberOf).filter((number) => number >= 0);
  return { text: body ? linesOf(body).slice(0, most) : "", passwords, busy, pending, order };
}
