-- What each device needs where, and since when this is watched: the answer to "can it be switched off?". Times are
-- milliseconds since 1970.

CREATE TABLE device_need (
  address          ${text} NOT NULL,
  listener         ${text} NOT NULL,
  need             ${text} NOT NULL,
  address_key      ${text} NOT NULL,
  first_seen       BIGINT NOT NULL,
  last_seen        BIGINT NOT NULL,
  times            BIGINT NOT NULL,
  PRIMARY KEY (address, listener, need)
);
CREATE INDEX device_need_by_last_seen ON device_need (last_seen);

-- A day of a listener, of UTC and counted from 1970: from when to when it was watched, and what was dropped.
CREATE TABLE listener_watch (
  listener         ${text} NOT NULL,
  day              BIGINT NOT NULL,
  watched_from     BIGINT NOT NULL,
  watched_to       BIGINT NOT NULL,
  dropped          BIGINT NOT NULL,
  PRIMARY KEY (listener, day)
);

-- Of what was seen earlier it is not known which listener each need was shown at: it may have been each of those where
-- the device came in, and not later than when it last came in there.
INSERT INTO device_need (address, listener, need, address_key, first_seen, last_seen, times)
SELECT device.address, fact.value, shown.need, device.address_key, fact.first_seen,
  CASE WHEN shown.at < fact.last_seen THEN shown.at ELSE fact.last_seen END, 1
FROM device
JOIN device_fact fact ON fact.address = device.address AND fact.kind = 'listener'
JOIN (
  SELECT address, 'no_encryption' AS need, plaintext_at AS at FROM device
  UNION ALL SELECT address, 'too_old', too_old_at FROM device
  UNION ALL SELECT address, 'only_tls_rsa', only_rsa_at FROM device
  UNION ALL SELECT address, 'no_accepted_suite', no_suite_at FROM device
) shown ON shown.address = device.address
WHERE shown.at > 0;

DELETE FROM device_fact WHERE kind = 'legacy_listener';
