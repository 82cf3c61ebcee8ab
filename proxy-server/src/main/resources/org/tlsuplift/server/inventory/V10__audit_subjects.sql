-- The issuer and the subject of a user of OpenID Connect; otherwise empty.
ALTER TABLE audit ADD COLUMN subject ${text} NOT NULL DEFAULT '';
-- Such as "12 of 340", if an action changed several objects; otherwise empty.
ALTER TABLE audit ADD COLUMN part ${text} NOT NULL DEFAULT '';
-- The daemon that wrote the row; empty in rows of earlier versions.
ALTER TABLE audit ADD COLUMN instance ${text} NOT NULL DEFAULT '';
