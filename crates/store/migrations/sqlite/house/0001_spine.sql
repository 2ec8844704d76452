-- The spine: organisations and their purposes, data subjects, records, the ledger, what is told of each operation, tokens.
-- Times are microseconds since 1970 in UTC, ids 16 bytes, what is called sealed is encrypted with the key of whom it is about.
-- Tables whose rows are long have a rowid: without one, SQLite keeps whole rows in the inner pages of the tree as well.

CREATE TABLE organisations (
    organisation BLOB PRIMARY KEY,
    name TEXT NOT NULL,
    created BIGINT NOT NULL
) WITHOUT ROWID;

CREATE TABLE purposes (
    organisation BLOB NOT NULL REFERENCES organisations,
    purpose TEXT NOT NULL,
    version BIGINT NOT NULL,
    basis TEXT NOT NULL,
    class TEXT NOT NULL,
    enabled BIGINT NOT NULL,
    since BIGINT NOT NULL,
    PRIMARY KEY (organisation, purpose, version)
) WITHOUT ROWID;

CREATE TABLE subjects (
    organisation BLOB NOT NULL REFERENCES organisations,
    subject BLOB NOT NULL,
    created BIGINT NOT NULL,
    restricted BIGINT,
    PRIMARY KEY (organisation, subject)
) WITHOUT ROWID;

CREATE TABLE records (
    organisation BLOB NOT NULL,
    record BLOB NOT NULL,
    subject BLOB NOT NULL,
    kind TEXT NOT NULL,
    purpose TEXT NOT NULL,
    version BIGINT NOT NULL,
    created BIGINT NOT NULL,
    changed BIGINT NOT NULL,
    restricted BIGINT,
    sealed BLOB NOT NULL,
    PRIMARY KEY (organisation, record),
    FOREIGN KEY (organisation, subject) REFERENCES subjects
);

-- Which records are about whom. New ones lie in the order in which they came and are sorted in many at a time: an index that each
-- operation keeps in the order of chance costs it a page.
CREATE TABLE holdings (
    organisation BLOB NOT NULL,
    subject BLOB NOT NULL,
    record BLOB NOT NULL,
    PRIMARY KEY (organisation, subject, record)
) WITHOUT ROWID;

CREATE TABLE new_holdings (
    organisation BLOB NOT NULL,
    record BLOB NOT NULL,
    subject BLOB NOT NULL,
    PRIMARY KEY (organisation, record)
) WITHOUT ROWID;

CREATE TABLE record_versions (
    organisation BLOB NOT NULL,
    record BLOB NOT NULL,
    version BIGINT NOT NULL,
    changed BIGINT NOT NULL,
    sealed BLOB NOT NULL,
    PRIMARY KEY (organisation, record, version),
    FOREIGN KEY (organisation, record) REFERENCES records
);

CREATE TABLE record_relations (
    organisation BLOB NOT NULL,
    subject BLOB NOT NULL,
    record BLOB NOT NULL,
    PRIMARY KEY (organisation, subject, record),
    FOREIGN KEY (organisation, record) REFERENCES records,
    FOREIGN KEY (organisation, subject) REFERENCES subjects
) WITHOUT ROWID;
CREATE INDEX relations_of_record ON record_relations (organisation, record);

CREATE TABLE attachments (
    organisation BLOB NOT NULL,
    attachment BLOB NOT NULL,
    record BLOB NOT NULL,
    created BIGINT NOT NULL,
    size BIGINT NOT NULL,
    sealed BLOB NOT NULL,
    PRIMARY KEY (organisation, attachment),
    FOREIGN KEY (organisation, record) REFERENCES records
);
CREATE INDEX attachments_of_record ON attachments (organisation, record);

-- Entries that have no place in the log yet, and those that have one.
CREATE TABLE ledger_waiting (
    organisation BLOB NOT NULL,
    entry BLOB NOT NULL,
    data BLOB NOT NULL,
    reference BLOB,
    PRIMARY KEY (organisation, entry)
) WITHOUT ROWID;

CREATE TABLE ledger_entries (
    organisation BLOB NOT NULL,
    position BIGINT NOT NULL,
    entry BLOB NOT NULL,
    data BLOB NOT NULL,
    PRIMARY KEY (organisation, position)
) WITHOUT ROWID;
CREATE UNIQUE INDEX ledger_places ON ledger_entries (organisation, entry);

-- Which entries refer to whom, in runs of places in the log: whoever looks for somebody looks into each run, and whoever gives
-- places writes into the last one alone.
CREATE TABLE ledger_references (
    organisation BLOB NOT NULL,
    run BIGINT NOT NULL,
    reference BLOB NOT NULL,
    entry BLOB NOT NULL,
    PRIMARY KEY (organisation, run, reference, entry)
) WITHOUT ROWID;

CREATE TABLE ledger_bodies (
    organisation BLOB NOT NULL,
    entry BLOB NOT NULL,
    reference BLOB,
    salt BLOB NOT NULL,
    sealed BLOB NOT NULL,
    PRIMARY KEY (organisation, entry)
);

CREATE TABLE ledger_tiles (
    organisation BLOB NOT NULL REFERENCES organisations,
    level BIGINT NOT NULL,
    tile BIGINT NOT NULL,
    hashes BLOB NOT NULL,
    PRIMARY KEY (organisation, level, tile)
) WITHOUT ROWID;

CREATE TABLE ledger_checkpoints (
    organisation BLOB NOT NULL REFERENCES organisations,
    size BIGINT NOT NULL,
    signed BIGINT NOT NULL,
    note TEXT NOT NULL,
    PRIMARY KEY (organisation, size)
) WITHOUT ROWID;

CREATE TABLE ledger_leases (
    organisation BLOB PRIMARY KEY REFERENCES organisations,
    fence BIGINT NOT NULL,
    holder BLOB NOT NULL,
    until BIGINT NOT NULL
) WITHOUT ROWID;

CREATE TABLE lineage (
    organisation BLOB NOT NULL,
    operation BLOB NOT NULL,
    trace BLOB NOT NULL,
    reference BLOB,
    sealed BLOB NOT NULL,
    PRIMARY KEY (organisation, operation)
);
CREATE INDEX lineage_of_trace ON lineage (organisation, trace, operation);

CREATE TABLE processing (
    organisation BLOB NOT NULL,
    operation BLOB NOT NULL,
    at BIGINT NOT NULL,
    purpose TEXT NOT NULL,
    version BIGINT,
    basis TEXT,
    action TEXT NOT NULL,
    outcome TEXT NOT NULL,
    findings TEXT NOT NULL,
    PRIMARY KEY (organisation, operation)
) WITHOUT ROWID;

CREATE TABLE processing_counts (
    organisation BLOB NOT NULL REFERENCES organisations,
    day BIGINT NOT NULL,
    purpose TEXT NOT NULL,
    action TEXT NOT NULL,
    outcome TEXT NOT NULL,
    count BIGINT NOT NULL,
    PRIMARY KEY (organisation, day, purpose, action, outcome)
) WITHOUT ROWID;

CREATE TABLE outbox (
    organisation BLOB NOT NULL,
    operation BLOB NOT NULL,
    topic TEXT NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (organisation, operation)
) WITHOUT ROWID;

CREATE TABLE tokens (
    organisation BLOB NOT NULL REFERENCES organisations,
    token BLOB NOT NULL,
    hash BLOB NOT NULL UNIQUE,
    name TEXT NOT NULL,
    role TEXT NOT NULL,
    created BIGINT NOT NULL,
    expires BIGINT,
    revoked BIGINT,
    PRIMARY KEY (organisation, token)
) WITHOUT ROWID;
