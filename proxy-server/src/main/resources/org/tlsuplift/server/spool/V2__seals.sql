-- Proves with the key that a message waits for its open recipients. It leaves with its message. Messages of earlier versions, which have
-- shorter IDs, have none.
CREATE TABLE spool_seal (
  id ${text} NOT NULL PRIMARY KEY,
  seal ${blob} NOT NULL
);
