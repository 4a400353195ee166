-- The index: a projection of the WARC files. Ids are hashes of natural keys, so a reindex gives them again.
-- A column named after a table (post, page, capture …) holds that table's id; `post_id` is the platform's own.

CREATE TABLE crawls (
  id INTEGER PRIMARY KEY,
  uuid TEXT NOT NULL UNIQUE,
  job TEXT NOT NULL,
  started_at TEXT,
  finished_at TEXT,
  software TEXT,
  settings TEXT,           -- JSON
  outcome TEXT             -- JSON; null while the crawl runs, or where it was killed
) STRICT;

CREATE TABLE warcs (
  id INTEGER PRIMARY KEY,
  path TEXT NOT NULL UNIQUE,      -- relative to the data folder
  crawl INTEGER REFERENCES crawls,
  indexed_to INTEGER NOT NULL     -- bytes; what lies behind is not in the index yet
) STRICT;

-- One WARC record of one URL at one time: a superset of CDX.
CREATE TABLE captures (
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
  warc INTEGER NOT NULL REFERENCES warcs,
  offset INTEGER NOT NULL,
  length INTEGER NOT NULL,
  crawl INTEGER REFERENCES crawls
) STRICT;
CREATE INDEX captures_by_url ON captures (url_key, captured_at);
CREATE INDEX captures_by_payload ON captures (payload_digest);
CREATE INDEX captures_by_media ON captures (media_key) WHERE media_key IS NOT NULL;

-- Requests that got no response, and responses that this program could not read. Never evidence that something is gone.
CREATE TABLE failures (
  id INTEGER PRIMARY KEY,
  url TEXT NOT NULL,
  url_key TEXT NOT NULL,
  failed_at TEXT NOT NULL,
  error TEXT NOT NULL,
  reason TEXT NOT NULL,
  crawl INTEGER REFERENCES crawls
) STRICT;
CREATE INDEX failures_by_url ON failures (url_key, failed_at);

CREATE TABLE pages (
  id INTEGER PRIMARY KEY,
  url_key TEXT NOT NULL UNIQUE,
  host TEXT NOT NULL,
  -- from the newest version:
  version INTEGER NOT NULL REFERENCES page_versions DEFERRABLE INITIALLY DEFERRED,
  url TEXT NOT NULL,
  title TEXT,
  author TEXT,
  published_at TEXT,
  modified_at TEXT,
  language TEXT,
  site_name TEXT,
  captured_at TEXT NOT NULL
) STRICT;
CREATE INDEX pages_by_host ON pages (host);

-- One for each different payload of a page. A revisit adds a capture and no version.
CREATE TABLE page_versions (
  id INTEGER PRIMARY KEY,
  page INTEGER NOT NULL REFERENCES pages DEFERRABLE INITIALLY DEFERRED,
  capture INTEGER NOT NULL REFERENCES captures,   -- the first with this payload
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
CREATE INDEX page_versions_by_page ON page_versions (page, captured_at);

CREATE TABLE page_pictures (
  version INTEGER NOT NULL REFERENCES page_versions,
  position INTEGER NOT NULL,
  media_key TEXT NOT NULL,
  url TEXT NOT NULL,
  alt TEXT,
  caption TEXT,
  smaller INTEGER NOT NULL,       -- 1: what the page shows of a picture that has a larger address
  PRIMARY KEY (version, position)
) STRICT, WITHOUT ROWID;
CREATE INDEX page_pictures_by_media ON page_pictures (media_key);

CREATE TABLE posts (
  id INTEGER PRIMARY KEY,
  platform TEXT NOT NULL,
  post_id TEXT NOT NULL,
  url TEXT NOT NULL,
  -- merged from the statements, best source first:
  author TEXT,
  author_name TEXT,
  posted_at TEXT,
  text TEXT,
  language TEXT,
  UNIQUE (platform, post_id)
) STRICT;
CREATE INDEX posts_by_id ON posts (post_id);
CREATE INDEX posts_by_author ON posts (author COLLATE NOCASE) WHERE author IS NOT NULL;

-- What one source said of a post at one time. Append-only.
CREATE TABLE statements (
  id INTEGER PRIMARY KEY,
  post INTEGER NOT NULL REFERENCES posts,
  source TEXT NOT NULL,
  capture INTEGER NOT NULL REFERENCES captures,
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
  quotes INTEGER REFERENCES posts,
  replies_to INTEGER REFERENCES posts
) STRICT;
CREATE INDEX statements_by_post ON statements (post, said_at);

-- One appearance of a post in one version of a page.
CREATE TABLE embeds (
  id INTEGER PRIMARY KEY,
  version INTEGER NOT NULL REFERENCES page_versions,
  position INTEGER NOT NULL,
  platform TEXT NOT NULL,
  post INTEGER REFERENCES posts,  -- null: text only, the page does not tell which post
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
CREATE INDEX embeds_by_post ON embeds (post) WHERE post IS NOT NULL;
CREATE INDEX embeds_by_author ON embeds (author COLLATE NOCASE) WHERE post IS NULL AND author IS NOT NULL;

-- Posts that a page links to and does not embed.
CREATE TABLE linked_posts (
  version INTEGER NOT NULL REFERENCES page_versions,
  post INTEGER NOT NULL REFERENCES posts,
  PRIMARY KEY (version, post)
) STRICT, WITHOUT ROWID;
CREATE INDEX linked_posts_by_post ON linked_posts (post);

-- Merged from the statements, like the columns of posts.
CREATE TABLE post_media (
  post INTEGER NOT NULL REFERENCES posts,
  media_key TEXT NOT NULL,
  position INTEGER NOT NULL,
  url TEXT NOT NULL,
  kind TEXT NOT NULL,
  alt TEXT,
  PRIMARY KEY (post, media_key)
) STRICT, WITHOUT ROWID;
CREATE INDEX post_media_by_key ON post_media (media_key);

CREATE TABLE relations (
  post INTEGER NOT NULL REFERENCES posts,
  relation TEXT NOT NULL,         -- quotes, replies_to
  other INTEGER NOT NULL REFERENCES posts,
  PRIMARY KEY (post, relation, other)
) STRICT, WITHOUT ROWID;
CREATE INDEX relations_by_other ON relations (other);

-- Files. Which URLs they were seen under: captures with the same payload digest.
CREATE TABLE media (
  id INTEGER PRIMARY KEY,
  sha256 TEXT NOT NULL UNIQUE,    -- hex, over the decoded file
  mime TEXT NOT NULL,
  size INTEGER NOT NULL,
  width INTEGER,
  height INTEGER
) STRICT;

CREATE TABLE media_payloads (
  payload_digest TEXT PRIMARY KEY,
  media INTEGER NOT NULL REFERENCES media
) STRICT, WITHOUT ROWID;
CREATE INDEX media_payloads_by_media ON media_payloads (media);

-- Every string that a person may hold, under its normalised key, with who says so.
CREATE TABLE links (
  key TEXT NOT NULL,              -- t.co/CODE, pbs.twimg.com/media/KEY
  target INTEGER NOT NULL,        -- id of a post, or of an embed without one
  capture INTEGER NOT NULL REFERENCES captures,
  target_kind TEXT NOT NULL,      -- post, embed
  -- These columns stand first: integrity_check of SQLite 3.40 finds NULLs where there are none in a table without rowids else.
  PRIMARY KEY (key, target, capture)
) STRICT, WITHOUT ROWID;

-- Full text, folded (see archiver/storage/index/normalize.py). Rowids are those of posts, pages, and embeds without a post.
CREATE VIRTUAL TABLE posts_text USING fts5 (text, author, tokenize = 'unicode61 remove_diacritics 2');
CREATE VIRTUAL TABLE pages_text USING fts5 (title, text, tokenize = 'unicode61 remove_diacritics 2');
CREATE VIRTUAL TABLE embeds_text USING fts5 (text, author, tokenize = 'unicode61 remove_diacritics 2');

CREATE VIEW latest_statements AS
SELECT p.platform, p.post_id, s.source, s.said_at, s.state, s.text, c.url AS asked, c.status
FROM statements s JOIN posts p ON p.id = s.post JOIN captures c ON c.id = s.capture
WHERE s.said_at = (SELECT max(said_at) FROM statements WHERE post = s.post AND source = s.source);
