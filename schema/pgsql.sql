-- The store of dspam on PostgreSQL and what speaks its protocol.
--
-- Tables, columns and types are those of the original. Each is made only where it is not there yet: so this file
-- makes a new database, and adds to one of the original what is missing; the original goes on working with it.
-- On Citus: SELECT create_distributed_table(TABLE, 'uid') for each but dspam_virtual_uids and dspam_schema.

CREATE TABLE IF NOT EXISTS dspam_virtual_uids (
	uid serial PRIMARY KEY,
	username varchar(128) NOT NULL UNIQUE
);

-- Tokens are unsigned 64-bit numbers, kept as signed ones of the same bits.
CREATE TABLE IF NOT EXISTS dspam_token_data (
	uid integer NOT NULL,
	token bigint NOT NULL,
	spam_hits integer NOT NULL,
	innocent_hits integer NOT NULL,
	last_hit date NOT NULL,
	PRIMARY KEY (uid, token)
);

-- Ours. What the adaptive classifier has learned about a feature; NULL in rows of tokens. Whoever waits for the lock of a
-- table keeps all others waiting, so that it is tried for two seconds at a time.
SET lock_timeout = '2s';
ALTER TABLE dspam_token_data ADD COLUMN weight integer, ADD COLUMN gradient bigint;
RESET lock_timeout;

CREATE TABLE IF NOT EXISTS dspam_stats (
	uid integer PRIMARY KEY,
	spam_learned integer NOT NULL,
	innocent_learned integer NOT NULL,
	spam_misclassified integer NOT NULL,
	innocent_misclassified integer NOT NULL,
	spam_corpusfed integer NOT NULL,
	innocent_corpusfed integer NOT NULL,
	spam_classified integer NOT NULL,
	innocent_classified integer NOT NULL
);

CREATE TABLE IF NOT EXISTS dspam_signature_data (
	uid integer NOT NULL,
	signature varchar(128) NOT NULL,
	data bytea NOT NULL,
	length integer NOT NULL,
	created_on date NOT NULL,
	PRIMARY KEY (uid, signature)
);

-- For dspam_clean, which looks for the old ones of each user. Mail goes on while it is made.
CREATE INDEX CONCURRENTLY IF NOT EXISTS dspam_signature_age ON dspam_signature_data (uid, created_on);

CREATE TABLE IF NOT EXISTS dspam_preferences (
	uid integer NOT NULL,
	preference varchar(128) NOT NULL,
	value varchar(4096) NOT NULL,
	PRIMARY KEY (uid, preference)
);

-- Ours. How often a user's rows have changed: what the daemons remember of them belongs to one generation.
CREATE TABLE IF NOT EXISTS dspam_generation (
	uid integer PRIMARY KEY,
	generation bigint NOT NULL
);

-- Ours. `version` says what this schema is; `oldest` the oldest version of the program's schema that can work with it.
CREATE TABLE IF NOT EXISTS dspam_schema (
	version integer NOT NULL,
	oldest integer NOT NULL
);
INSERT INTO dspam_schema (version, oldest) SELECT 1, 1 WHERE NOT EXISTS (SELECT 1 FROM dspam_schema);
