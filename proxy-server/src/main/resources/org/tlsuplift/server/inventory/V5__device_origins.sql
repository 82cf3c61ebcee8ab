-- The latest time of each problem and each success of a device at an origin. Times are milliseconds since 1970.

CREATE TABLE device_origin (
  address          ${text} NOT NULL,
  -- The host and port, or empty if the device named none or an earlier version did not record it.
  origin           ${text} NOT NULL,
  -- failure, reply or success.
  kind             ${text} NOT NULL,
  value            ${text} NOT NULL,
  last_seen        BIGINT NOT NULL,
  PRIMARY KEY (address, origin, kind, value)
);
CREATE INDEX device_origin_by_problem ON device_origin (last_seen) WHERE kind <> 'success';

-- The problems that are known, and the later successes that ended them.
INSERT INTO device_origin (address, origin, kind, value, last_seen)
SELECT address, '', kind, value, last_seen FROM device_fact WHERE kind IN ('failure', 'reply')
UNION ALL
SELECT address, '', 'success', 'handshake', agreed_at FROM device WHERE agreed_at > 0
UNION ALL
SELECT address, '', 'success', 'message', max(accepted_at) FROM message_day WHERE accepted_at > 0 GROUP BY address;
