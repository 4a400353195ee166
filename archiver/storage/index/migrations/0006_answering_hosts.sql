-- A bare 404 of a platform's host is "not found", and "gone" only where the host answered for a live post in the same crawl: a host
-- that was retired says it of every post (2026-12). What earlier versions called gone stays so; a reindex reads it anew.
CREATE TABLE answering_hosts (
  crawl INTEGER NOT NULL,         -- 0 for captures without a crawl
  host TEXT NOT NULL,             -- as a URL key begins
  PRIMARY KEY (crawl, host)
) STRICT, WITHOUT ROWID;
INSERT OR IGNORE INTO answering_hosts
SELECT coalesce(c.crawl, 0), substr(c.url_key, 1, instr(replace(c.url_key, '?', '/') || '/', '/') - 1)
FROM statements s JOIN captures c ON c.id = s.capture
WHERE s.state = 'live' AND s.source NOT IN ('embed', 'short_link');
CREATE INDEX statements_not_found ON statements (capture) WHERE state = 'not_found';
