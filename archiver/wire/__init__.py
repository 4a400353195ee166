"""HTTP/1.x as bytes: messages, content codings, large bodies."""
