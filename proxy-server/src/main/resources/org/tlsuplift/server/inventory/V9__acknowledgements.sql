-- What operators know about: one row for each silent sender and each item that expires.

CREATE TABLE acknowledgement (
  -- silent-sender or expiry.
  kind             ${text} NOT NULL,
  -- The address of the device, or what expires.
  item             ${text} NOT NULL,
  -- The time of the latest mail, or of the expiry, in milliseconds since 1970. With another time the row counts no longer.
  state            BIGINT NOT NULL,
  who              ${text} NOT NULL,
  -- In milliseconds since 1970.
  at               BIGINT NOT NULL,
  note             ${text} NOT NULL,
  PRIMARY KEY (kind, item)
);
