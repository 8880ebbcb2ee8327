-- The store of dspam on SQLite: one file for all users.
--
-- Tables and columns are those of the original's PostgreSQL schema, so that an existing
-- database keeps its value. Differences: days are counted from 1970-01-01, and tables whose
-- rows are found by their key are kept in its order (WITHOUT ROWID).
-- This file is built into the program, which runs it as one transaction on a new file.

-- One row. `version` says what this schema is; `oldest` the oldest version of the program's
-- schema that can work with it, so that an older and a newer program may run side by side.
CREATE TABLE dspam_schema (
	version INTEGER NOT NULL,
	oldest INTEGER NOT NULL
);
INSERT INTO dspam_schema (version, oldest) VALUES (2, 1);

-- Users get numbers from 1, which are never used again; 0 is the site.
CREATE TABLE dspam_virtual_uids (
	uid INTEGER PRIMARY KEY AUTOINCREMENT,
	username TEXT NOT NULL UNIQUE
);

-- Tokens are unsigned 64-bit numbers, kept as signed ones of the same bits. Weights are of features
-- (src/classify/adaptive.h), which are tokens, too: 0 in all others.
CREATE TABLE dspam_token_data (
	uid INTEGER NOT NULL,
	token INTEGER NOT NULL,
	spam_hits INTEGER NOT NULL,
	innocent_hits INTEGER NOT NULL,
	last_hit INTEGER NOT NULL,
	weight INTEGER NOT NULL DEFAULT 0,
	gradient INTEGER NOT NULL DEFAULT 0,
	PRIMARY KEY (uid, token)
) WITHOUT ROWID;

-- Lessons whose tokens are not in dspam_token_data yet (src/store/sqlite/pending.h). What a user's
-- token counts is the sum of both; reading all rows (dspam_dump) empties this table first. Not WITHOUT
-- ROWID: to find a key there SQLite reads the whole rows that it passes, and these can be long.
CREATE TABLE dspam_token_pending (
	uid INTEGER NOT NULL,
	number INTEGER NOT NULL,
	changes BLOB NOT NULL,
	UNIQUE (uid, number)
);

CREATE TABLE dspam_stats (
	uid INTEGER PRIMARY KEY,
	spam_learned INTEGER NOT NULL,
	innocent_learned INTEGER NOT NULL,
	spam_misclassified INTEGER NOT NULL,
	innocent_misclassified INTEGER NOT NULL,
	spam_corpusfed INTEGER NOT NULL,
	innocent_corpusfed INTEGER NOT NULL,
	spam_classified INTEGER NOT NULL,
	innocent_classified INTEGER NOT NULL
);

-- Signatures are long; with row numbers a new one goes to the end of the table.
CREATE TABLE dspam_signature_data (
	uid INTEGER NOT NULL,
	signature TEXT NOT NULL,
	data BLOB NOT NULL,
	length INTEGER NOT NULL,
	created_on INTEGER NOT NULL,
	UNIQUE (uid, signature)
);

-- For dspam_clean, which would otherwise read the data of all signatures to find the old ones.
CREATE INDEX dspam_signature_age ON dspam_signature_data (uid, created_on);

CREATE TABLE dspam_preferences (
	uid INTEGER NOT NULL,
	preference TEXT NOT NULL,
	value TEXT NOT NULL,
	PRIMARY KEY (uid, preference)
) WITHOUT ROWID;
