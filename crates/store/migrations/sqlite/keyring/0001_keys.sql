-- The key ring: keys, each wrapped by the one above it, and the keyed marks by which a person is found.

CREATE TABLE organisation_keys (
    organisation BLOB NOT NULL,
    version BIGINT NOT NULL,
    created BIGINT NOT NULL,
    wrapped BLOB NOT NULL,
    PRIMARY KEY (organisation, version)
) WITHOUT ROWID;

-- A secret of nothing, wrapped by the root key: by it a root key is told from another where there is no organisation yet.
CREATE TABLE root_sentinel (
    name TEXT NOT NULL,
    wrapped BLOB NOT NULL,
    PRIMARY KEY (name)
) WITHOUT ROWID;

CREATE TABLE organisation_secrets (
    organisation BLOB NOT NULL,
    name TEXT NOT NULL,
    version BIGINT NOT NULL,
    wrapped BLOB NOT NULL,
    PRIMARY KEY (organisation, name)
) WITHOUT ROWID;

CREATE TABLE subject_keys (
    organisation BLOB NOT NULL,
    subject BLOB NOT NULL,
    kind TEXT NOT NULL,
    reference BLOB,
    version BIGINT NOT NULL,
    wrapped BLOB NOT NULL,
    PRIMARY KEY (organisation, subject, kind)
) WITHOUT ROWID;
CREATE UNIQUE INDEX subjects_by_reference ON subject_keys (organisation, reference) WHERE reference IS NOT NULL;
CREATE INDEX subjects_by_version ON subject_keys (organisation, version);

-- How often keys of data subjects were destroyed, by which other processes see that they have to forget theirs.
CREATE TABLE key_removals (
    organisation BLOB NOT NULL,
    removals BIGINT NOT NULL,
    PRIMARY KEY (organisation)
) WITHOUT ROWID;

CREATE TABLE identities (
    organisation BLOB NOT NULL,
    kind TEXT NOT NULL,
    mark BLOB NOT NULL,
    subject BLOB NOT NULL,
    PRIMARY KEY (organisation, kind, mark)
) WITHOUT ROWID;
CREATE INDEX identities_of_subject ON identities (organisation, subject);
