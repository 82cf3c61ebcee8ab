-- The device inventory, for SQLite and PostgreSQL alike. Times are milliseconds since 1970, and 0 for never; versions
-- are the numbers on the wire. ${text} compares by bytes in both databases.

CREATE TABLE device (
  address          ${text} NOT NULL PRIMARY KEY,
  -- 32 hexadecimal digits, IPv4 mapped into IPv6: the order of addresses, and a block of them is a range.
  address_key      ${text} NOT NULL,
  name             ${text} NOT NULL DEFAULT '',
  first_seen       BIGINT NOT NULL,
  last_seen        BIGINT NOT NULL,
  sessions         BIGINT NOT NULL,
  bytes_up         BIGINT NOT NULL,
  bytes_down       BIGINT NOT NULL,
  -- Completed handshakes below TLS 1.2, those from TLS 1.2 up, sessions without TLS, and what failed.
  legacy           BIGINT NOT NULL,
  modern           BIGINT NOT NULL,
  plaintext        BIGINT NOT NULL,
  failures         BIGINT NOT NULL,
  ssl2_hellos      BIGINT NOT NULL,
  worst_version    BIGINT NOT NULL,
  agreed_at        BIGINT NOT NULL,
  agreed_suite     ${text} NOT NULL,
  agreed_version   BIGINT NOT NULL,
  hello_at         BIGINT NOT NULL,
  ja4              ${text} NOT NULL,
  server_name      ${text} NOT NULL,
  offered_version  BIGINT NOT NULL,
  introduced_at    BIGINT NOT NULL,
  introduction     ${text} NOT NULL,
  failed_at        BIGINT NOT NULL,
  failure          ${text} NOT NULL,
  -- When it last completed a handshake with a certificate of ours, and last refused one.
  trusted_at       BIGINT NOT NULL,
  distrusted_at    BIGINT NOT NULL,
  -- When it last showed each thing that a verdict follows from, and any of them.
  too_old_at       BIGINT NOT NULL,
  too_old_version  BIGINT NOT NULL,
  plaintext_at     BIGINT NOT NULL,
  only_rsa_at      BIGINT NOT NULL,
  no_suite_at      BIGINT NOT NULL,
  ready_at         BIGINT NOT NULL,
  shown_at         BIGINT NOT NULL
);
CREATE INDEX device_by_address ON device (address_key);
CREATE INDEX device_by_last_seen ON device (last_seen, address_key);
CREATE INDEX device_by_name ON device (name, address_key);

CREATE TABLE device_fact (
  address          ${text} NOT NULL,
  kind             ${text} NOT NULL,
  value            ${text} NOT NULL,
  first_seen       BIGINT NOT NULL,
  last_seen        BIGINT NOT NULL,
  times            BIGINT NOT NULL,
  PRIMARY KEY (address, kind, value)
);
CREATE INDEX device_fact_by_value ON device_fact (kind, value, address);

CREATE TABLE device_day (
  address          ${text} NOT NULL,
  day              BIGINT NOT NULL,
  sessions         BIGINT NOT NULL,
  legacy           BIGINT NOT NULL,
  modern           BIGINT NOT NULL,
  plaintext        BIGINT NOT NULL,
  failures         BIGINT NOT NULL,
  worst_version    BIGINT NOT NULL,
  PRIMARY KEY (address, day)
);
CREATE INDEX device_day_by_day ON device_day (day);

-- Totals of a listener: stretches of 5 minutes, kept for days, and whole days of UTC. Both in seconds.
CREATE TABLE listener_slot (
  listener         ${text} NOT NULL,
  width            BIGINT NOT NULL,
  start            BIGINT NOT NULL,
  sessions         BIGINT NOT NULL,
  legacy           BIGINT NOT NULL,
  modern           BIGINT NOT NULL,
  plaintext        BIGINT NOT NULL,
  failures         BIGINT NOT NULL,
  bytes_up         BIGINT NOT NULL,
  bytes_down       BIGINT NOT NULL,
  PRIMARY KEY (listener, width, start)
);
CREATE INDEX listener_slot_by_start ON listener_slot (width, start);

-- The last batch of each run of each instance: a batch whose commit was not heard of is not written twice.
CREATE TABLE inventory_writer (
  run              ${text} NOT NULL PRIMARY KEY,
  batch            BIGINT NOT NULL,
  written_at       BIGINT NOT NULL
);
