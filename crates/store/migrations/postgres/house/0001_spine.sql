-- The spine: organisations and their purposes, data subjects, records, the ledger, what is told of each operation, tokens.
-- Times are microseconds since 1970 in UTC, ids 16 bytes, what is called sealed is encrypted with the key of whom it is about.

CREATE TABLE organisations (
    organisation BYTEA PRIMARY KEY,
    name TEXT COLLATE "C" NOT NULL,
    created BIGINT NOT NULL
);

CREATE TABLE purposes (
    organisation BYTEA NOT NULL REFERENCES organisations,
    purpose TEXT COLLATE "C" NOT NULL,
    version BIGINT NOT NULL,
    basis TEXT COLLATE "C" NOT NULL,
    class TEXT COLLATE "C" NOT NULL,
    enabled BIGINT NOT NULL,
    since BIGINT NOT NULL,
    PRIMARY KEY (organisation, purpose, version)
);

CREATE TABLE subjects (
    organisation BYTEA NOT NULL REFERENCES organisations,
    subject BYTEA NOT NULL,
    created BIGINT NOT NULL,
    restricted BIGINT,
    PRIMARY KEY (organisation, subject)
);

CREATE TABLE records (
    organisation BYTEA NOT NULL,
    record BYTEA NOT NULL,
    subject BYTEA NOT NULL,
    kind TEXT COLLATE "C" NOT NULL,
    purpose TEXT COLLATE "C" NOT NULL,
    version BIGINT NOT NULL,
    created BIGINT NOT NULL,
    changed BIGINT NOT NULL,
    restricted BIGINT,
    sealed BYTEA NOT NULL,
    PRIMARY KEY (organisation, record),
    FOREIGN KEY (organisation, subject) REFERENCES subjects
);

-- Which records are about whom. New ones lie in the order in which they came and are sorted in many at a time: an index that each
-- operation keeps in the order of chance costs it a page.
CREATE TABLE holdings (
    organisation BYTEA NOT NULL,
    subject BYTEA NOT NULL,
    record BYTEA NOT NULL,
    PRIMARY KEY (organisation, subject, record)
);

CREATE TABLE new_holdings (
    organisation BYTEA NOT NULL,
    record BYTEA NOT NULL,
    subject BYTEA NOT NULL,
    PRIMARY KEY (organisation, record)
);

CREATE TABLE record_versions (
    organisation BYTEA NOT NULL,
    record BYTEA NOT NULL,
    version BIGINT NOT NULL,
    changed BIGINT NOT NULL,
    sealed BYTEA NOT NULL,
    PRIMARY KEY (organisation, record, version),
    FOREIGN KEY (organisation, record) REFERENCES records
);

CREATE TABLE record_relations (
    organisation BYTEA NOT NULL,
    subject BYTEA NOT NULL,
    record BYTEA NOT NULL,
    PRIMARY KEY (organisation, subject, record),
    FOREIGN KEY (organisation, record) REFERENCES records,
    FOREIGN KEY (organisation, subject) REFERENCES subjects
);
CREATE INDEX relations_of_record ON record_relations (organisation, record);

CREATE TABLE attachments (
    organisation BYTEA NOT NULL,
    attachment BYTEA NOT NULL,
    record BYTEA NOT NULL,
    created BIGINT NOT NULL,
    size BIGINT NOT NULL,
    sealed BYTEA NOT NULL,
    PRIMARY KEY (organisation, attachment),
    FOREIGN KEY (organisation, record) REFERENCES records
);
CREATE INDEX attachments_of_record ON attachments (organisation, record);

-- Entries that have no place in the log yet, and those that have one.
CREATE TABLE ledger_waiting (
    organisation BYTEA NOT NULL,
    entry BYTEA NOT NULL,
    data BYTEA NOT NULL,
    reference BYTEA,
    PRIMARY KEY (organisation, entry)
);

CREATE TABLE ledger_entries (
    organisation BYTEA NOT NULL,
    position BIGINT NOT NULL,
    entry BYTEA NOT NULL,
    data BYTEA NOT NULL,
    PRIMARY KEY (organisation, position)
);
CREATE UNIQUE INDEX ledger_places ON ledger_entries (organisation, entry);

-- Which entries refer to whom, in runs of places in the log: whoever looks for somebody looks into each run, and whoever gives
-- places writes into the last one alone.
CREATE TABLE ledger_references (
    organisation BYTEA NOT NULL,
    run BIGINT NOT NULL,
    reference BYTEA NOT NULL,
    entry BYTEA NOT NULL,
    PRIMARY KEY (organisation, run, reference, entry)
);

CREATE TABLE ledger_bodies (
    organisation BYTEA NOT NULL,
    entry BYTEA NOT NULL,
    reference BYTEA,
    salt BYTEA NOT NULL,
    sealed BYTEA NOT NULL,
    PRIMARY KEY (organisation, entry)
);

CREATE TABLE ledger_tiles (
    organisation BYTEA NOT NULL REFERENCES organisations,
    level BIGINT NOT NULL,
    tile BIGINT NOT NULL,
    hashes BYTEA NOT NULL,
    PRIMARY KEY (organisation, level, tile)
);

CREATE TABLE ledger_checkpoints (
    organisation BYTEA NOT NULL REFERENCES organisations,
    size BIGINT NOT NULL,
    signed BIGINT NOT NULL,
    note TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (organisation, size)
);

CREATE TABLE ledger_leases (
    organisation BYTEA PRIMARY KEY REFERENCES organisations,
    fence BIGINT NOT NULL,
    holder BYTEA NOT NULL,
    until BIGINT NOT NULL
);

CREATE TABLE lineage (
    organisation BYTEA NOT NULL,
    operation BYTEA NOT NULL,
    trace BYTEA NOT NULL,
    reference BYTEA,
    sealed BYTEA NOT NULL,
    PRIMARY KEY (organisation, operation)
);
CREATE INDEX lineage_of_trace ON lineage (organisation, trace, operation);

CREATE TABLE processing (
    organisation BYTEA NOT NULL,
    operation BYTEA NOT NULL,
    at BIGINT NOT NULL,
    purpose TEXT COLLATE "C" NOT NULL,
    version BIGINT,
    basis TEXT COLLATE "C",
    action TEXT COLLATE "C" NOT NULL,
    outcome TEXT COLLATE "C" NOT NULL,
    findings TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (organisation, operation)
);

CREATE TABLE processing_counts (
    organisation BYTEA NOT NULL REFERENCES organisations,
    day BIGINT NOT NULL,
    purpose TEXT COLLATE "C" NOT NULL,
    action TEXT COLLATE "C" NOT NULL,
    outcome TEXT COLLATE "C" NOT NULL,
    count BIGINT NOT NULL,
    PRIMARY KEY (organisation, day, purpose, action, outcome)
);

CREATE TABLE outbox (
    organisation BYTEA NOT NULL,
    operation BYTEA NOT NULL,
    topic TEXT COLLATE "C" NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (organisation, operation)
);

CREATE TABLE tokens (
    organisation BYTEA NOT NULL REFERENCES organisations,
    token BYTEA NOT NULL,
    hash BYTEA NOT NULL UNIQUE,
    name TEXT COLLATE "C" NOT NULL,
    role TEXT COLLATE "C" NOT NULL,
    created BIGINT NOT NULL,
    expires BIGINT,
    revoked BIGINT,
    PRIMARY KEY (organisation, token)
);

-- Two roles: one that sees a single organisation, one for the named work across all of them. Roles belong to the whole server, so
-- that their names hold the number of the database: another deployment has others. The owner itself sees nothing: it is a member
-- of both, so that it may become them, and each policy asks which of them it has become.
CREATE FUNCTION role_of(policy TEXT, word TEXT) RETURNS TEXT LANGUAGE sql STABLE SET search_path FROM CURRENT AS $$
    -- A database that was put back from a dump keeps the roles that it was dumped with.
    SELECT coalesce(
        (SELECT roles[1] FROM pg_policies WHERE schemaname = current_schema() AND policyname = policy LIMIT 1),
        (SELECT format('tacita_%s_%s', word, oid) FROM pg_database WHERE datname = current_database()))
$$;

DO $$
DECLARE
    name TEXT;
BEGIN
    FOREACH name IN ARRAY ARRAY[role_of('one_organisation', 'member'), role_of('every_organisation', 'system')] LOOP
        EXECUTE format('CREATE ROLE %I NOLOGIN', name);
        EXECUTE format('GRANT %I TO CURRENT_USER', name);
        EXECUTE format('GRANT USAGE ON SCHEMA %I TO %I', current_schema(), name);
    END LOOP;
END
$$;

-- Confines a table to one organisation, or to the named work across all.
CREATE FUNCTION confine_to_organisation(confined REGCLASS) RETURNS VOID LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
DECLARE
    member TEXT := role_of('one_organisation', 'member');
    system TEXT := role_of('every_organisation', 'system');
    is_member TEXT := format(
        'current_user = %L AND organisation = decode(current_setting(''tacita.organisation'', true), ''hex'')', member);
    is_system TEXT := format('current_user = %L', system);
BEGIN
    EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', confined);
    EXECUTE format('ALTER TABLE %s FORCE ROW LEVEL SECURITY', confined);
    EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %s TO %I, %I', confined, member, system);
    EXECUTE format('CREATE POLICY one_organisation ON %s TO %I USING (%s) WITH CHECK (%s)',
        confined, member, is_member, is_member);
    EXECUTE format('CREATE POLICY every_organisation ON %s TO %I USING (%s) WITH CHECK (%s)',
        confined, system, is_system, is_system);
END
$$;

SELECT confine_to_organisation('organisations');
SELECT confine_to_organisation('purposes');
SELECT confine_to_organisation('subjects');
SELECT confine_to_organisation('records');
SELECT confine_to_organisation('holdings');
SELECT confine_to_organisation('new_holdings');
SELECT confine_to_organisation('record_versions');
SELECT confine_to_organisation('record_relations');
SELECT confine_to_organisation('attachments');
SELECT confine_to_organisation('ledger_waiting');
SELECT confine_to_organisation('ledger_entries');
SELECT confine_to_organisation('ledger_references');
SELECT confine_to_organisation('ledger_bodies');
SELECT confine_to_organisation('ledger_tiles');
SELECT confine_to_organisation('ledger_checkpoints');
SELECT confine_to_organisation('ledger_leases');
SELECT confine_to_organisation('lineage');
SELECT confine_to_organisation('processing');
SELECT confine_to_organisation('processing_counts');
SELECT confine_to_organisation('outbox');
SELECT confine_to_organisation('tokens');
