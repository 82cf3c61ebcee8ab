-- The tokens of users, encrypted with database.keyFile; owner and mailbox are authenticated with them. While an instance holds a
-- row, the others do not use its refresh token. All times are those of the database server.
CREATE TABLE uplift_user_token (
  owner TEXT NOT NULL,
  mailbox VARCHAR(320) NOT NULL,
  key_id VARCHAR(40) NOT NULL,
  content BYTEA NOT NULL,
  version UUID NOT NULL,
  changed TIMESTAMPTZ NOT NULL,
  holder UUID,
  held_until TIMESTAMPTZ,
  PRIMARY KEY (owner, mailbox)
);
