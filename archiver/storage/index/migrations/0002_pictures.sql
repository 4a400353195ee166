-- What a picture is recognised by. Files that an older version indexed have none of it until `archiver reindex`.
ALTER TABLE media ADD COLUMN pdq TEXT;           -- perceptual hash, 64 hex digits; null: no picture, or nothing to be told by
ALTER TABLE media ADD COLUMN pdq_trimmed TEXT;   -- the same without the border of one colour that it has
ALTER TABLE media ADD COLUMN exif TEXT;          -- JSON object of chosen fields

-- Each hash in 16 bands of 16 bits: two hashes that differ in 31 bits at most have a band in which they differ in one at most.
CREATE TABLE picture_bands (
  band INTEGER NOT NULL,                         -- which one, times 65536, plus its bits
  media INTEGER NOT NULL REFERENCES media,
  PRIMARY KEY (band, media)
) STRICT, WITHOUT ROWID;

-- One row. Files of which an older version made rows keep those, until `archiver reindex`.
CREATE TABLE made_by (
  extractor TEXT NOT NULL                        -- version of the code that read all that is in here; a newer one may have read some
) STRICT;
INSERT INTO made_by VALUES ('2');                -- what made the index that is migrated; a new one has its own version put here

-- By the digest of a platform's reply: `find` went through all statements for it (2 s where there are a million).
CREATE INDEX statements_by_capture ON statements (capture) WHERE source <> 'embed';
