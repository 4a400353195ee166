-- Foreign keys name the column that they refer to: Datasette takes none for granted, and answered 500 on five tables (2026-11).
-- SQLite changes no foreign key in place: each table is made anew, filled and renamed (www.sqlite.org/lang_altertable.html, 7).
-- The program sets foreign_keys off around this; that they hold afterwards is for tests (a check took 10 to 31 s of 200,000 posts). Columns, rows and indexes are what they were.
-- `INSERT INTO … SELECT *` copies whole pages of a table where both are declared alike but for their foreign keys.

PRAGMA application_id = 1164796489;  -- "EmbI": this program's index, and no other program's index.db

DROP VIEW latest_statements;

CREATE TABLE new_warcs (
  id INTEGER PRIMARY KEY,
  path TEXT NOT NULL UNIQUE,      -- relative to the data folder
  crawl INTEGER REFERENCES crawls (id),
  indexed_to INTEGER NOT NULL     -- bytes; what lies behind is not in the index yet
) STRICT;
INSERT INTO new_warcs SELECT * FROM warcs;
DROP TABLE warcs;
ALTER TABLE new_warcs RENAME TO warcs;

CREATE TABLE new_captures (
  id INTEGER PRIMARY KEY,
  record_id TEXT NOT NULL,
  record_type TEXT NOT NULL,      -- response, revisit, resource
  url TEXT NOT NULL,
  url_key TEXT NOT NULL,
  media_key TEXT,                 -- the same for all addresses of one picture
  captured_at TEXT NOT NULL,
  status INTEGER,
  mime TEXT,
  payload_digest TEXT,            -- of the payload; of the one referred to, for a revisit
  resource_type TEXT,
  page_visit TEXT,                -- WARC-Page-ID
  etag TEXT,
  last_modified TEXT,
  truncated TEXT,
  refers_to TEXT,                 -- record id, for a revisit
  warc INTEGER NOT NULL REFERENCES warcs (id),
  offset INTEGER NOT NULL,
  length INTEGER NOT NULL,
  crawl INTEGER REFERENCES crawls (id),
  with_cookies INTEGER NOT NULL DEFAULT 0  -- 1: the user's own cookies were sent, so it may show what the public does not see
) STRICT;
INSERT INTO new_captures SELECT * FROM captures;
DROP TABLE captures;
ALTER TABLE new_captures RENAME TO captures;
CREATE INDEX captures_by_url ON captures (url_key, captured_at);
CREATE INDEX captures_by_payload ON captures (payload_digest);
CREATE INDEX captures_by_media ON captures (media_key) WHERE media_key IS NOT NULL;

CREATE TABLE new_failures (
  id INTEGER PRIMARY KEY,
  url TEXT NOT NULL,
  url_key TEXT NOT NULL,
  failed_at TEXT NOT NULL,
  error TEXT NOT NULL,
  reason TEXT NOT NULL,
  crawl INTEGER REFERENCES crawls (id)
) STRICT;
INSERT INTO new_failures SELECT * FROM failures;
DROP TABLE failures;
ALTER TABLE new_failures RENAME TO failures;
CREATE INDEX failures_by_url ON failures (url_key, failed_at);

CREATE TABLE new_page_versions (
  id INTEGER PRIMARY KEY,
  page INTEGER NOT NULL REFERENCES pages (id) DEFERRABLE INITIALLY DEFERRED,
  capture INTEGER NOT NULL REFERENCES captures (id),   -- the first with this payload
  captured_at TEXT NOT NULL,
  payload_digest TEXT NOT NULL,
  url TEXT NOT NULL,
  canonical_url TEXT,
  title TEXT,
  author TEXT,
  published_at TEXT,
  modified_at TEXT,
  language TEXT,
  site_name TEXT,
  description TEXT,
  tags TEXT NOT NULL,             -- JSON array
  comments TEXT NOT NULL,         -- JSON array of {author, posted_at, text}
  is_listing INTEGER NOT NULL,
  text TEXT NOT NULL,             -- main text
  extractor TEXT NOT NULL         -- version of the code that read it
) STRICT;
INSERT INTO new_page_versions SELECT * FROM page_versions;
DROP TABLE page_versions;
ALTER TABLE new_page_versions RENAME TO page_versions;
CREATE INDEX page_versions_by_page ON page_versions (page, captured_at);

CREATE TABLE new_pages (
  id INTEGER PRIMARY KEY,
  url_key TEXT NOT NULL UNIQUE,
  host TEXT NOT NULL,
  -- from the newest version:
  version INTEGER NOT NULL REFERENCES page_versions (id) DEFERRABLE INITIALLY DEFERRED,
  url TEXT NOT NULL,
  title TEXT,
  author TEXT,
  published_at TEXT,
  modified_at TEXT,
  language TEXT,
  site_name TEXT,
  captured_at TEXT NOT NULL
) STRICT;
INSERT INTO new_pages SELECT * FROM pages;
DROP TABLE pages;
ALTER TABLE new_pages RENAME TO pages;
CREATE INDEX pages_by_host ON pages (host);

CREATE TABLE new_page_pictures (
  version INTEGER NOT NULL REFERENCES page_versions (id),
  position INTEGER NOT NULL,
  media_key TEXT NOT NULL,
  url TEXT NOT NULL,
  alt TEXT,
  caption TEXT,
  smaller INTEGER NOT NULL,       -- 1: what the page shows of a picture that has a larger address
  PRIMARY KEY (version, position)
) STRICT, WITHOUT ROWID;
INSERT INTO new_page_pictures SELECT * FROM page_pictures;
DROP TABLE page_pictures;
ALTER TABLE new_page_pictures RENAME TO page_pictures;
CREATE INDEX page_pictures_by_media ON page_pictures (media_key);

CREATE TABLE new_statements (
  id INTEGER PRIMARY KEY,
  post INTEGER NOT NULL REFERENCES posts (id),
  source TEXT NOT NULL,
  capture INTEGER NOT NULL REFERENCES captures (id),
  said_at TEXT NOT NULL,
  position INTEGER NOT NULL,
  state TEXT,
  author TEXT,
  author_name TEXT,
  text TEXT,
  posted_at TEXT,
  language TEXT,
  short_links TEXT NOT NULL,      -- JSON array
  media TEXT NOT NULL,            -- JSON array of {url, key, kind, alt, width, height}
  quotes INTEGER REFERENCES posts (id),
  replies_to INTEGER REFERENCES posts (id)
) STRICT;
INSERT INTO new_statements SELECT * FROM statements;
DROP TABLE statements;
ALTER TABLE new_statements RENAME TO statements;
CREATE INDEX statements_by_post ON statements (post, said_at);
CREATE INDEX statements_by_capture ON statements (capture) WHERE source <> 'embed';

CREATE TABLE new_embeds (
  id INTEGER PRIMARY KEY,
  version INTEGER NOT NULL REFERENCES page_versions (id),
  position INTEGER NOT NULL,
  platform TEXT NOT NULL,
  post INTEGER REFERENCES posts (id),  -- null: text only, the page does not tell which post
  kind TEXT NOT NULL,
  author TEXT,
  author_name TEXT,
  posted_at TEXT,
  text TEXT,
  short_links TEXT NOT NULL,      -- JSON array
  media TEXT NOT NULL,            -- JSON array of URLs
  html TEXT NOT NULL,
  context TEXT NOT NULL,
  UNIQUE (version, position)
) STRICT;
INSERT INTO new_embeds SELECT * FROM embeds;
DROP TABLE embeds;
ALTER TABLE new_embeds RENAME TO embeds;
CREATE INDEX embeds_by_post ON embeds (post) WHERE post IS NOT NULL;
CREATE INDEX embeds_by_author ON embeds (author COLLATE NOCASE) WHERE post IS NULL AND author IS NOT NULL;

CREATE TABLE new_linked_posts (
  version INTEGER NOT NULL REFERENCES page_versions (id),
  post INTEGER NOT NULL REFERENCES posts (id),
  PRIMARY KEY (version, post)
) STRICT, WITHOUT ROWID;
INSERT INTO new_linked_posts SELECT * FROM linked_posts;
DROP TABLE linked_posts;
ALTER TABLE new_linked_posts RENAME TO linked_posts;
CREATE INDEX linked_posts_by_post ON linked_posts (post);

CREATE TABLE new_post_media (
  post INTEGER NOT NULL REFERENCES posts (id),
  media_key TEXT NOT NULL,
  position INTEGER NOT NULL,
  url TEXT NOT NULL,
  kind TEXT NOT NULL,
  alt TEXT,
  PRIMARY KEY (post, media_key)
) STRICT, WITHOUT ROWID;
INSERT INTO new_post_media SELECT * FROM post_media;
DROP TABLE post_media;
ALTER TABLE new_post_media RENAME TO post_media;
CREATE INDEX post_media_by_key ON post_media (media_key);

CREATE TABLE new_relations (
  post INTEGER NOT NULL REFERENCES posts (id),
  relation TEXT NOT NULL,         -- quotes, replies_to
  other INTEGER NOT NULL REFERENCES posts (id),
  PRIMARY KEY (post, relation, other)
) STRICT, WITHOUT ROWID;
INSERT INTO new_relations SELECT * FROM relations;
DROP TABLE relations;
ALTER TABLE new_relations RENAME TO relations;
CREATE INDEX relations_by_other ON relations (other);

CREATE TABLE new_media_payloads (
  payload_digest TEXT PRIMARY KEY,
  media INTEGER NOT NULL REFERENCES media (id)
) STRICT, WITHOUT ROWID;
INSERT INTO new_media_payloads SELECT * FROM media_payloads;
DROP TABLE media_payloads;
ALTER TABLE new_media_payloads RENAME TO media_payloads;
CREATE INDEX media_payloads_by_media ON media_payloads (media);

CREATE TABLE new_picture_bands (
  band INTEGER NOT NULL,                         -- which one, times 65536, plus its bits
  media INTEGER NOT NULL REFERENCES media (id),
  PRIMARY KEY (band, media)
) STRICT, WITHOUT ROWID;
INSERT INTO new_picture_bands SELECT * FROM picture_bands;
DROP TABLE picture_bands;
ALTER TABLE new_picture_bands RENAME TO picture_bands;

CREATE TABLE new_links (
  key TEXT NOT NULL,              -- t.co/CODE, pbs.twimg.com/media/KEY
  target INTEGER NOT NULL,        -- id of a post, or of an embed without one
  capture INTEGER NOT NULL REFERENCES captures (id),
  target_kind TEXT NOT NULL,      -- post, embed
  -- These columns stand first: integrity_check of SQLite 3.40 finds NULLs where there are none in a table without rowids else.
  PRIMARY KEY (key, target, capture)
) STRICT, WITHOUT ROWID;
INSERT INTO new_links SELECT * FROM links;
DROP TABLE links;
ALTER TABLE new_links RENAME TO links;

CREATE TABLE new_screenshots (
  id INTEGER PRIMARY KEY,
  capture INTEGER NOT NULL REFERENCES captures (id),
  kind TEXT NOT NULL,             -- view, fullPage, embed
  url TEXT NOT NULL,              -- of the page that was drawn
  url_key TEXT NOT NULL,
  taken_at TEXT NOT NULL,
  post INTEGER REFERENCES posts (id),  -- the post that is shown; null: a page, or an embed whose post is not known
  position INTEGER,               -- of the embed in its page; null: a page, or a post by itself
  width INTEGER NOT NULL,
  height INTEGER NOT NULL,
  quality TEXT NOT NULL,
  reason TEXT,
  path TEXT,                      -- of the WebP, relative to the data folder
  sha256 TEXT                     -- of the WebP, hex
) STRICT;
INSERT INTO new_screenshots SELECT * FROM screenshots;
DROP TABLE screenshots;
ALTER TABLE new_screenshots RENAME TO screenshots;
CREATE INDEX screenshots_by_post ON screenshots (post, taken_at) WHERE post IS NOT NULL;
CREATE INDEX screenshots_by_url ON screenshots (url_key, taken_at);
CREATE INDEX screenshots_by_capture ON screenshots (capture);
CREATE INDEX screenshots_by_sha256 ON screenshots (sha256) WHERE sha256 IS NOT NULL;
CREATE INDEX screenshots_by_path ON screenshots (path) WHERE path IS NOT NULL;

CREATE TABLE new_renders (
  id INTEGER PRIMARY KEY,
  url TEXT NOT NULL,
  url_key TEXT NOT NULL,
  rendered_at TEXT NOT NULL,
  post INTEGER REFERENCES posts (id),  -- the post that is shown by itself; null: a page
  ended TEXT NOT NULL,            -- whole, partial, failed
  reason TEXT,
  notes TEXT NOT NULL,            -- JSON object of counts
  crawl INTEGER REFERENCES crawls (id)
) STRICT;
INSERT INTO new_renders SELECT * FROM renders;
DROP TABLE renders;
ALTER TABLE new_renders RENAME TO renders;
CREATE INDEX renders_by_url ON renders (url_key, rendered_at);
CREATE INDEX renders_by_post ON renders (post, rendered_at) WHERE post IS NOT NULL;

CREATE VIEW latest_statements AS
SELECT p.platform, p.post_id, s.source, s.said_at, s.state, s.text, c.url AS asked, c.status
FROM statements s JOIN posts p ON p.id = s.post JOIN captures c ON c.id = s.capture
WHERE s.said_at = (SELECT max(said_at) FROM statements WHERE post = s.post AND source = s.source);
