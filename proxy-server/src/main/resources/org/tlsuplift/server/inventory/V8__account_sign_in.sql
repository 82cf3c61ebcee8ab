-- The latest sign-in of each account that the origin accepted.

CREATE TABLE account_sign_in (
  -- The login or, without one, the addresses of the account.
  account          ${text} NOT NULL PRIMARY KEY,
  -- In milliseconds since 1970.
  at               BIGINT NOT NULL,
  -- The device.
  address          ${text} NOT NULL
);
