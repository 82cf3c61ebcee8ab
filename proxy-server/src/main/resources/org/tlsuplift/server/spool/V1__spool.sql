-- The messages that wait. Times are in milliseconds since 1970. The envelope has a line for each of: listener, device, account, sender,
-- SMTPUTF8, and each recipient. The data is encrypted with a key that comes from the key key_id, the id and the envelope. A claimed
-- message belongs to its owner until lease_until. Messages of one queue (an account, or a listener) leave one after the other.
CREATE TABLE spool_message (
  id ${text} NOT NULL PRIMARY KEY,
  queue ${text} NOT NULL,
  device ${text} NOT NULL,
  account ${text} NOT NULL,
  envelope ${text} NOT NULL,
  open_recipients ${text} NOT NULL,
  size BIGINT NOT NULL,
  accepted BIGINT NOT NULL,
  expires BIGINT NOT NULL,
  attempts INTEGER NOT NULL,
  next_attempt BIGINT NOT NULL,
  last_reply ${text} NOT NULL,
  held INTEGER NOT NULL,
  owner ${text} NOT NULL,
  lease_until BIGINT NOT NULL,
  key_id ${text} NOT NULL
);
CREATE INDEX spool_message_due ON spool_message (queue, held, next_attempt, id, key_id);
CREATE INDEX spool_message_lease ON spool_message (lease_until, queue);

-- The data of messages, in encrypted parts. Parts without a message are of one that is still arriving, or never arrived as a whole.
CREATE TABLE spool_part (
  id ${text} NOT NULL,
  number INTEGER NOT NULL,
  data ${blob} NOT NULL,
  PRIMARY KEY (id, number)
);
