-- The store of dspam on MariaDB, MySQL and what speaks their protocol.
--
-- Each table is made only where it is not there yet: so this file makes a new database, and adds to one of the original
-- what is missing; the original goes on working with it. Texts are compared byte by byte, and kept as they come.

CREATE TABLE IF NOT EXISTS dspam_virtual_uids (
	uid int unsigned NOT NULL AUTO_INCREMENT PRIMARY KEY,
	username varchar(128) NOT NULL,
	UNIQUE KEY (username)
) ENGINE=InnoDB DEFAULT CHARACTER SET latin1 COLLATE latin1_bin;

CREATE TABLE IF NOT EXISTS dspam_token_data (
	uid int unsigned NOT NULL,
	token bigint unsigned NOT NULL,
	spam_hits int NOT NULL,
	innocent_hits int NOT NULL,
	last_hit date NOT NULL,
	PRIMARY KEY (uid, token)
) ENGINE=InnoDB DEFAULT CHARACTER SET latin1 COLLATE latin1_bin;

-- Ours. What the adaptive classifier has learned about a feature; NULL in rows of tokens. Whoever waits for the lock of a
-- table keeps all others waiting, so that it is tried for two seconds at a time.
SET lock_wait_timeout = 2;
ALTER TABLE dspam_token_data ADD COLUMN weight int, ADD COLUMN gradient bigint;
SET lock_wait_timeout = DEFAULT;

CREATE TABLE IF NOT EXISTS dspam_stats (
	uid int unsigned NOT NULL PRIMARY KEY,
	spam_learned bigint NOT NULL,
	innocent_learned bigint NOT NULL,
	spam_misclassified bigint NOT NULL,
	innocent_misclassified bigint NOT NULL,
	spam_corpusfed bigint NOT NULL,
	innocent_corpusfed bigint NOT NULL,
	spam_classified bigint NOT NULL,
	innocent_classified bigint NOT NULL
) ENGINE=InnoDB DEFAULT CHARACTER SET latin1 COLLATE latin1_bin;

-- The second key is for dspam_clean, which looks for the old ones of each user.
CREATE TABLE IF NOT EXISTS dspam_signature_data (
	uid int unsigned NOT NULL,
	signature varchar(128) NOT NULL,
	data longblob NOT NULL,
	length int unsigned NOT NULL,
	created_on date NOT NULL,
	PRIMARY KEY (uid, signature),
	KEY dspam_signature_age (uid, created_on)
) ENGINE=InnoDB DEFAULT CHARACTER SET latin1 COLLATE latin1_bin;

CREATE TABLE IF NOT EXISTS dspam_preferences (
	uid int unsigned NOT NULL,
	preference varchar(128) NOT NULL,
	value varchar(4096) NOT NULL,
	PRIMARY KEY (uid, preference)
) ENGINE=InnoDB DEFAULT CHARACTER SET latin1 COLLATE latin1_bin;

-- Ours. How often a user's rows have changed: what the daemons remember of them belongs to one generation.
CREATE TABLE IF NOT EXISTS dspam_generation (
	uid int unsigned NOT NULL PRIMARY KEY,
	generation bigint NOT NULL
) ENGINE=InnoDB DEFAULT CHARACTER SET latin1 COLLATE latin1_bin;

-- Ours. `version` says what this schema is; `oldest` the oldest version of the program's schema that can work with it.
CREATE TABLE IF NOT EXISTS dspam_schema (
	version int NOT NULL PRIMARY KEY,
	oldest int NOT NULL
) ENGINE=InnoDB DEFAULT CHARACTER SET latin1 COLLATE latin1_bin;
INSERT IGNORE INTO dspam_schema (version, oldest) VALUES (1, 1);
