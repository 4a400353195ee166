-- Whether the user's own cookies were sent: then it may show what the public does not see.
ALTER TABLE captures ADD COLUMN with_cookies INTEGER NOT NULL DEFAULT 0;
