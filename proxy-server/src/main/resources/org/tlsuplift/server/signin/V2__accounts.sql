-- The accounts file that the instances share, encrypted with database.keyFile.
CREATE TABLE uplift_accounts (
  only_row BOOLEAN PRIMARY KEY DEFAULT TRUE CHECK (only_row),
  version BIGINT NOT NULL,
  key_id VARCHAR(40) NOT NULL,
  content BYTEA NOT NULL,
  changed TIMESTAMPTZ NOT NULL
);
