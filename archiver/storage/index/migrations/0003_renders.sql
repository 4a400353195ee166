-- What a browser drew. The PNG is a resource record; the WebP for people who browse folders is derived from it.
CREATE TABLE screenshots (
  id INTEGER PRIMARY KEY,
  capture INTEGER NOT NULL REFERENCES captures,
  kind TEXT NOT NULL,             -- view, fullPage, embed
  url TEXT NOT NULL,              -- of the page that was drawn
  url_key TEXT NOT NULL,
  taken_at TEXT NOT NULL,
  post INTEGER REFERENCES posts,  -- the post that is shown; null: a page, or an embed whose post is not known
  position INTEGER,               -- of the embed in its page; null: a page, or a post by itself
  width INTEGER NOT NULL,
  height INTEGER NOT NULL,
  quality TEXT NOT NULL,
  reason TEXT,
  path TEXT,                      -- of the WebP, relative to the data folder
  sha256 TEXT                     -- of the WebP, hex
) STRICT;
CREATE INDEX screenshots_by_post ON screenshots (post, taken_at) WHERE post IS NOT NULL;
CREATE INDEX screenshots_by_url ON screenshots (url_key, taken_at);
CREATE INDEX screenshots_by_capture ON screenshots (capture);
CREATE INDEX screenshots_by_sha256 ON screenshots (sha256) WHERE sha256 IS NOT NULL;
CREATE INDEX screenshots_by_path ON screenshots (path) WHERE path IS NOT NULL;

-- How each render ended, those without any screenshot included.
CREATE TABLE renders (
  id INTEGER PRIMARY KEY,
  url TEXT NOT NULL,
  url_key TEXT NOT NULL,
  rendered_at TEXT NOT NULL,
  post INTEGER REFERENCES posts,  -- the post that is shown by itself; null: a page
  ended TEXT NOT NULL,            -- whole, partial, failed
  reason TEXT,
  notes TEXT NOT NULL,            -- JSON object of counts
  crawl INTEGER REFERENCES crawls
) STRICT;
CREATE INDEX renders_by_url ON renders (url_key, rendered_at);
CREATE INDEX renders_by_post ON renders (post, rendered_at) WHERE post IS NOT NULL;
