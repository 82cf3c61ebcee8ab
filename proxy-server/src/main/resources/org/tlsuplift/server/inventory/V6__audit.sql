-- One row for each change, and for each minute with refused sign-ins. Rows are added, and deleted when they are too old.

CREATE TABLE audit (
  -- Begins with the time in hexadecimal digits, so that the order of ids is the order of time.
  id               ${text} NOT NULL PRIMARY KEY,
  -- In milliseconds since 1970.
  at               BIGINT NOT NULL,
  who              ${text} NOT NULL,
  role             ${text} NOT NULL,
  -- The address; empty for a command.
  origin           ${text} NOT NULL,
  -- pages, api or command.
  via              ${text} NOT NULL,
  action           ${text} NOT NULL,
  object           ${text} NOT NULL,
  before           ${text} NOT NULL,
  after            ${text} NOT NULL,
  -- done, refused or failed.
  result           ${text} NOT NULL
);
