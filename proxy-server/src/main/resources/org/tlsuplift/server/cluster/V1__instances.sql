-- The instances that share this database, and what they hold of the limits of each mailbox. All times are those of the
-- database server.
CREATE TABLE uplift_instance (
  id UUID PRIMARY KEY,
  name VARCHAR(255) NOT NULL,
  version VARCHAR(100) NOT NULL,
  generation BIGINT NOT NULL,
  sessions INTEGER NOT NULL,
  ca VARCHAR(95) NOT NULL,
  staged_ca VARCHAR(95),
  started TIMESTAMPTZ NOT NULL,
  seen TIMESTAMPTZ NOT NULL
);

CREATE TABLE uplift_mailbox_session (
  id UUID PRIMARY KEY,
  mailbox VARCHAR(320) NOT NULL,
  instance UUID NOT NULL REFERENCES uplift_instance ON DELETE CASCADE
);

CREATE INDEX uplift_mailbox_session_mailbox ON uplift_mailbox_session (mailbox);

CREATE TABLE uplift_mailbox_message (
  mailbox VARCHAR(320) NOT NULL,
  sent TIMESTAMPTZ NOT NULL
);

CREATE INDEX uplift_mailbox_message_mailbox ON uplift_mailbox_message (mailbox, sent);
