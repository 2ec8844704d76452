-- Who else remembers what was signed: what each witness of a log has been shown, and what it cosigned.

CREATE TABLE ledger_witnesses (
    organisation BYTEA NOT NULL REFERENCES organisations,
    witness TEXT COLLATE "C" NOT NULL,
    size BIGINT NOT NULL,
    published BIGINT,
    failures BIGINT NOT NULL,
    tried BIGINT NOT NULL,
    trouble TEXT COLLATE "C",
    PRIMARY KEY (organisation, witness)
);

CREATE TABLE ledger_cosignatures (
    organisation BYTEA NOT NULL REFERENCES organisations,
    size BIGINT NOT NULL,
    cosigner TEXT COLLATE "C" NOT NULL,
    line TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (organisation, size, cosigner)
);

-- Below which place the bodies of a log were pruned.
CREATE TABLE ledger_pruned (
    organisation BYTEA PRIMARY KEY REFERENCES organisations,
    minimum BIGINT NOT NULL,
    pruned BIGINT NOT NULL
);

SELECT confine_to_organisation('ledger_witnesses');
SELECT confine_to_organisation('ledger_cosignatures');
SELECT confine_to_organisation('ledger_pruned');
