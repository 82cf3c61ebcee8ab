-- The latest failed handshakes with each key of the certificates for devices, in milliseconds since 1970, or 0. A device whose
-- latest failure was with an EC key gets RSA.

ALTER TABLE device ADD COLUMN ec_failed_at BIGINT NOT NULL DEFAULT 0;
ALTER TABLE device ADD COLUMN rsa_failed_at BIGINT NOT NULL DEFAULT 0;
