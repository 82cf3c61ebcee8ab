-- One row for each message, without subject and content. Times are milliseconds since 1970.

CREATE TABLE message (
  -- Begins with the time in hexadecimal digits, so that the order of ids is the order of time.
  id               ${text} NOT NULL PRIMARY KEY,
  ended_at         BIGINT NOT NULL,
  address          ${text} NOT NULL,
  address_key      ${text} NOT NULL,
  session          ${text} NOT NULL,
  listener         ${text} NOT NULL,
  account          ${text} NOT NULL,
  sender           ${text} NOT NULL,
  -- One on each line: addresses, or domains as @contoso.com.
  recipients       ${text} NOT NULL,
  recipient_count  BIGINT NOT NULL,
  accepted_count   BIGINT NOT NULL,
  size             BIGINT NOT NULL,
  millis           BIGINT NOT NULL,
  outcome          ${text} NOT NULL,
  refusal          ${text} NOT NULL,
  reply            ${text} NOT NULL,
  device_tls       ${text} NOT NULL,
  origin_tls       ${text} NOT NULL
);
CREATE INDEX message_by_address ON message (address, id);

-- The messages of a device on one UTC day, by outcome, counted from 1970. It shows which devices send regularly.
CREATE TABLE message_day (
  address          ${text} NOT NULL,
  day              BIGINT NOT NULL,
  accepted         BIGINT NOT NULL,
  deferred         BIGINT NOT NULL,
  rejected         BIGINT NOT NULL,
  refused          BIGINT NOT NULL,
  abandoned        BIGINT NOT NULL,
  bytes            BIGINT NOT NULL,
  -- The latest accepted message, or 0.
  accepted_at      BIGINT NOT NULL,
  PRIMARY KEY (address, day)
);
CREATE INDEX message_day_by_day ON message_day (day);
