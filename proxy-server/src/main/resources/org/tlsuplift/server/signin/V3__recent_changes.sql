-- The ids of the latest changes. An instance that did not get the answer to its commit finds here whether it was made.
ALTER TABLE uplift_accounts ADD COLUMN recent TEXT NOT NULL DEFAULT '';
