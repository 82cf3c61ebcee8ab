-- What people know about each device. Recorded sessions never change it. Spaces separate tags.

ALTER TABLE device ADD COLUMN owner ${text} NOT NULL DEFAULT '';
ALTER TABLE device ADD COLUMN place ${text} NOT NULL DEFAULT '';
ALTER TABLE device ADD COLUMN tags ${text} NOT NULL DEFAULT '';
ALTER TABLE device ADD COLUMN note ${text} NOT NULL DEFAULT '';

-- When each regular report is due, in milliseconds since 1970. The instance that moves the time sends the report.
CREATE TABLE report_due (
  report           ${text} NOT NULL PRIMARY KEY,
  due              BIGINT NOT NULL
);
