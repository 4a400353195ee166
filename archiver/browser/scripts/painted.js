// Answers once the document has been painted twice since it was asked: frames out of view are not, until they come into view.
() => new Promise((resolve) => window.requestAnimationFrame(() => window.requestAnimationFrame(() => resolve({ painted: 1 }))))
