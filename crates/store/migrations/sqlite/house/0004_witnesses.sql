-- Who else remembers what was signed: what each witness of a log has been shown, and what it cosigned.

CREATE TABLE ledger_witnesses (
    organisation BLOB NOT NULL REFERENCES organisations,
    witness TEXT NOT NULL,
    size BIGINT NOT NULL,
    published BIGINT,
    failures BIGINT NOT NULL,
    tried BIGINT NOT NULL,
    trouble TEXT,
    PRIMARY KEY (organisation, witness)
) WITHOUT ROWID;

CREATE TABLE ledger_cosignatures (
    organisation BLOB NOT NULL REFERENCES organisations,
    size BIGINT NOT NULL,
    cosigner TEXT NOT NULL,
    line TEXT NOT NULL,
    PRIMARY KEY (organisation, size, cosigner)
) WITHOUT ROWID;

-- Below which place the bodies of a log were pruned.
CREATE TABLE ledger_pruned (
    organisation BLOB PRIMARY KEY REFERENCES organisations,
    minimum BIGINT NOT NULL,
    pruned BIGINT NOT NULL
) WITHOUT ROWID;
