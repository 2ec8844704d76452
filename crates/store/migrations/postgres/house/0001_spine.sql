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
CREATE INDEX records_of_subject ON records (organisation, subject, record);

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

CREATE TABLE ledger_entries (
    organisation BYTEA NOT NULL REFERENCES organisations,
    entry BYTEA NOT NULL,
    data BYTEA NOT NULL,
    position BIGINT,
    PRIMARY KEY (organisation, entry)
);
CREATE INDEX ledger_waiting ON ledger_entries (organisation, entry) WHERE position IS NULL;
CREATE UNIQUE INDEX ledger_positions ON ledger_entries (organisation, position) WHERE position IS NOT NULL;

CREATE TABLE ledger_bodies (
    organisation BYTEA NOT NULL,
    entry BYTEA NOT NULL,
    reference BYTEA,
    salt BYTEA NOT NULL,
    sealed BYTEA NOT NULL,
    PRIMARY KEY (organisation, entry)
);
CREATE INDEX ledger_references ON ledger_bodies (organisation, reference, entry) WHERE reference IS NOT NULL;

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
    organisation BYTEA NOT NULL REFERENCES organisations,
    operation BYTEA NOT NULL,
    trace BYTEA NOT NULL,
    reference BYTEA,
    sealed BYTEA NOT NULL,
    PRIMARY KEY (organisation, operation)
);
CREATE INDEX lineage_of_trace ON lineage (organisation, trace, operation);

CREATE TABLE processing (
    organisation BYTEA NOT NULL REFERENCES organisations,
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
    organisation BYTEA NOT NULL REFERENCES organisations,
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

-- Two roles: one that sees a single organisation, one for the named work across all of them. The owner itself sees nothing: it
-- is a member of both, so that it may become them, and each policy asks which of them it has become.
DO $$
DECLARE
    name TEXT;
BEGIN
    FOREACH name IN ARRAY ARRAY['tacita_member', 'tacita_system'] LOOP
        BEGIN
            EXECUTE format('CREATE ROLE %I NOLOGIN', name);
        EXCEPTION WHEN duplicate_object OR unique_violation THEN
            -- Roles belong to the server: another database of Tacita has made them.
            NULL;
        END;
        EXECUTE format('GRANT %I TO CURRENT_USER', name);
        EXECUTE format('GRANT USAGE ON SCHEMA %I TO %I', current_schema(), name);
    END LOOP;
END
$$;

ALTER TABLE organisations ENABLE ROW LEVEL SECURITY;
ALTER TABLE organisations FORCE ROW LEVEL SECURITY;
GRANT SELECT, INSERT, UPDATE, DELETE ON organisations TO tacita_member, tacita_system;
CREATE POLICY one_organisation ON organisations TO tacita_member
    USING (current_user = 'tacita_member' AND organisation = decode(current_setting('tacita.organisation', true), 'hex'))
    WITH CHECK (current_user = 'tacita_member' AND organisation = decode(current_setting('tacita.organisation', true), 'hex'));
CREATE POLICY every_organisation ON organisations TO tacita_system
    USING (current_user = 'tacita_system') WITH CHECK (current_user = 'tacita_system');
ALTER TABLE purposes ENABLE ROW LEVEL SECURITY;
ALTER TABLE purposes FORCE ROW LEVEL SECURITY;
GRANT SELECT, INSERT, UPDATE, DELETE ON purposes TO tacita_member, tacita_system;
CREATE POLICY one_organisation ON purposes TO tacita_member
    USING (current_user = 'tacita_member' AND organisation = decode(current_setting('tacita.organisation', true), 'hex'))
    WITH CHECK (current_user = 'tacita_member' AND organisation = decode(current_setting('tacita.organisation', true), 'hex'));
CREATE POLICY every_organisation ON purposes TO tacita_system
    USING (current_user = 'tacita_system') WITH CHECK (current_user = 'tacita_system');
ALTER TABLE subjects ENABLE ROW LEVEL SECURITY;
ALTER TABLE subjects FORCE ROW LEVEL SECURITY;
GRANT SELECT, INSERT, UPDATE, DELETE ON subjects TO tacita_member, tacita_system;
CREATE POLICY one_organisation ON subjects TO tacita_member
    USING (current_user = 'tacita_member' AND organisation = decode(current_setting('tacita.organisation', true), 'hex'))
    WITH CHECK (current_user = 'tacita_member' AND organisation = decode(current_setting('tacita.organisation', true), 'hex'));
CREATE POLICY every_organisation ON subjects TO tacita_system
    USING (current_user = 'tacita_system') WITH CHECK (current_user = 'tacita_system');
ALTER TABLE records ENABLE ROW LEVEL SECURITY;
ALTER TABLE records FORCE ROW LEVEL SECURITY;
GRANT SELECT, INSERT, UPDATE, DELETE ON records TO tacita_member, tacita_system;
CREATE POLICY one_organisation ON records TO tacita_member
    USING (current_user = 'tacita_member' AND organisation = decode(current_setting('tacita.organisation', true), 'hex'))
    WITH CHECK (current_user = 'tacita_member' AND organisation = decode(current_setting('tacita.organisation', true), 'hex'));
CREATE POLICY every_organisation ON records TO tacita_system
    USING (current_user = 'tacita_system') WITH CHECK (current_user = 'tacita_system');
ALTER TABLE record_versions ENABLE ROW LEVEL SECURITY;
ALTER TABLE record_versions FORCE ROW LEVEL SECURITY;
GRANT SELECT, INSERT, UPDATE, DELETE ON record_versions TO tacita_member, tacita_system;
CREATE POLICY one_organisation ON record_versions TO tacita_member
    USING (current_user = 'tacita_member' AND organisation = decode(current_setting('tacita.organisation', true), 'hex'))
    WITH CHECK (current_user = 'tacita_member' AND organisation = decode(current_setting('tacita.organisation', true), 'hex'));
CREATE POLICY every_organisation ON record_versions TO tacita_system
    USING (current_user = 'tacita_system') WITH CHECK (current_user = 'tacita_system');
ALTER TABLE record_relations ENABLE ROW LEVEL SECURITY;
ALTER TABLE record_relations FORCE ROW LEVEL SECURITY;
GRANT SELECT, INSERT, UPDATE, DELETE ON record_relations TO tacita_member, tacita_system;
CREATE POLICY one_organisation ON record_relations TO tacita_member
    USING (current_user = 'tacita_member' AND organisation = decode(current_setting('tacita.organisation', true), 'hex'))
    WITH CHECK (current_user = 'tacita_member' AND organisation = decode(current_setting('tacita.organisation', true), 'hex'));
CREATE POLICY every_organisation ON record_relations TO tacita_system
    USING (current_user = 'tacita_system') WITH CHECK (current_user = 'tacita_system');
ALTER TABLE attachments ENABLE ROW LEVEL SECURITY;
ALTER TABLE attachments FORCE ROW LEVEL SECURITY;
GRANT SELECT, INSERT, UPDATE, DELETE ON attachments TO tacita_member, tacita_system;
CREATE POLICY one_organisation ON attachments TO tacita_member
    USING (current_user = 'tacita_member' AND organisation = decode(current_setting('tacita.organisation', true), 'hex'))
    WITH CHECK (current_user = 'tacita_member' AND organisation = decode(current_setting('tacita.organisation', true), 'hex'));
CREATE POLICY every_organisation ON attachments TO tacita_system
    USING (current_user = 'tacita_system') WITH CHECK (current_user = 'tacita_system');
ALTER TABLE ledger_entries ENABLE ROW LEVEL SECURITY;
ALTER TABLE ledger_entries FORCE ROW LEVEL SECURITY;
GRANT SELECT, INSERT, UPDATE, DELETE ON ledger_entries TO tacita_member, tacita_system;
CREATE POLICY one_organisation ON ledger_entries TO tacita_member
    USING (current_user = 'tacita_member' AND organisation = decode(current_setting('tacita.organisation', true), 'hex'))
    WITH CHECK (current_user = 'tacita_member' AND organisation = decode(current_setting('tacita.organisation', true), 'hex'));
CREATE POLICY every_organisation ON ledger_entries TO tacita_system
    USING (current_user = 'tacita_system') WITH CHECK (current_user = 'tacita_system');
ALTER TABLE ledger_bodies ENABLE ROW LEVEL SECURITY;
ALTER TABLE ledger_bodies FORCE ROW LEVEL SECURITY;
GRANT SELECT, INSERT, UPDATE, DELETE ON ledger_bodies TO tacita_member, tacita_system;
CREATE POLICY one_organisation ON ledger_bodies TO tacita_member
    USING (current_user = 'tacita_member' AND organisation = decode(current_setting('tacita.organisation', true), 'hex'))
    WITH CHECK (current_user = 'tacita_member' AND organisation = decode(current_setting('tacita.organisation', true), 'hex'));
CREATE POLICY every_organisation ON ledger_bodies TO tacita_system
    USING (current_user = 'tacita_system') WITH CHECK (current_user = 'tacita_system');
ALTER TABLE ledger_tiles ENABLE ROW LEVEL SECURITY;
ALTER TABLE ledger_tiles FORCE ROW LEVEL SECURITY;
GRANT SELECT, INSERT, UPDATE, DELETE ON ledger_tiles TO tacita_member, tacita_system;
CREATE POLICY one_organisation ON ledger_tiles TO tacita_member
    USING (current_user = 'tacita_member' AND organisation = decode(current_setting('tacita.organisation', true), 'hex'))
    WITH CHECK (current_user = 'tacita_member' AND organisation = decode(current_setting('tacita.organisation', true), 'hex'));
CREATE POLICY every_organisation ON ledger_tiles TO tacita_system
    USING (current_user = 'tacita_system') WITH CHECK (current_user = 'tacita_system');
ALTER TABLE ledger_checkpoints ENABLE ROW LEVEL SECURITY;
ALTER TABLE ledger_checkpoints FORCE ROW LEVEL SECURITY;
GRANT SELECT, INSERT, UPDATE, DELETE ON ledger_checkpoints TO tacita_member, tacita_system;
CREATE POLICY one_organisation ON ledger_checkpoints TO tacita_member
    USING (current_user = 'tacita_member' AND organisation = decode(current_setting('tacita.organisation', true), 'hex'))
    WITH CHECK (current_user = 'tacita_member' AND organisation = decode(current_setting('tacita.organisation', true), 'hex'));
CREATE POLICY every_organisation ON ledger_checkpoints TO tacita_system
    USING (current_user = 'tacita_system') WITH CHECK (current_user = 'tacita_system');
ALTER TABLE ledger_leases ENABLE ROW LEVEL SECURITY;
ALTER TABLE ledger_leases FORCE ROW LEVEL SECURITY;
GRANT SELECT, INSERT, UPDATE, DELETE ON ledger_leases TO tacita_member, tacita_system;
CREATE POLICY one_organisation ON ledger_leases TO tacita_member
    USING (current_user = 'tacita_member' AND organisation = decode(current_setting('tacita.organisation', true), 'hex'))
    WITH CHECK (current_user = 'tacita_member' AND organisation = decode(current_setting('tacita.organisation', true), 'hex'));
CREATE POLICY every_organisation ON ledger_leases TO tacita_system
    USING (current_user = 'tacita_system') WITH CHECK (current_user = 'tacita_system');
ALTER TABLE lineage ENABLE ROW LEVEL SECURITY;
ALTER TABLE lineage FORCE ROW LEVEL SECURITY;
GRANT SELECT, INSERT, UPDATE, DELETE ON lineage TO tacita_member, tacita_system;
CREATE POLICY one_organisation ON lineage TO tacita_member
    USING (current_user = 'tacita_member' AND organisation = decode(current_setting('tacita.organisation', true), 'hex'))
    WITH CHECK (current_user = 'tacita_member' AND organisation = decode(current_setting('tacita.organisation', true), 'hex'));
CREATE POLICY every_organisation ON lineage TO tacita_system
    USING (current_user = 'tacita_system') WITH CHECK (current_user = 'tacita_system');
ALTER TABLE processing ENABLE ROW LEVEL SECURITY;
ALTER TABLE processing FORCE ROW LEVEL SECURITY;
GRANT SELECT, INSERT, UPDATE, DELETE ON processing TO tacita_member, tacita_system;
CREATE POLICY one_organisation ON processing TO tacita_member
    USING (current_user = 'tacita_member' AND organisation = decode(current_setting('tacita.organisation', true), 'hex'))
    WITH CHECK (current_user = 'tacita_member' AND organisation = decode(current_setting('tacita.organisation', true), 'hex'));
CREATE POLICY every_organisation ON processing TO tacita_system
    USING (current_user = 'tacita_system') WITH CHECK (current_user = 'tacita_system');
ALTER TABLE processing_counts ENABLE ROW LEVEL SECURITY;
ALTER TABLE processing_counts FORCE ROW LEVEL SECURITY;
GRANT SELECT, INSERT, UPDATE, DELETE ON processing_counts TO tacita_member, tacita_system;
CREATE POLICY one_organisation ON processing_counts TO tacita_member
    USING (current_user = 'tacita_member' AND organisation = decode(current_setting('tacita.organisation', true), 'hex'))
    WITH CHECK (current_user = 'tacita_member' AND organisation = decode(current_setting('tacita.organisation', true), 'hex'));
CREATE POLICY every_organisation ON processing_counts TO tacita_system
    USING (current_user = 'tacita_system') WITH CHECK (current_user = 'tacita_system');
ALTER TABLE outbox ENABLE ROW LEVEL SECURITY;
ALTER TABLE outbox FORCE ROW LEVEL SECURITY;
GRANT SELECT, INSERT, UPDATE, DELETE ON outbox TO tacita_member, tacita_system;
CREATE POLICY one_organisation ON outbox TO tacita_member
    USING (current_user = 'tacita_member' AND organisation = decode(current_setting('tacita.organisation', true), 'hex'))
    WITH CHECK (current_user = 'tacita_member' AND organisation = decode(current_setting('tacita.organisation', true), 'hex'));
CREATE POLICY every_organisation ON outbox TO tacita_system
    USING (current_user = 'tacita_system') WITH CHECK (current_user = 'tacita_system');
ALTER TABLE tokens ENABLE ROW LEVEL SECURITY;
ALTER TABLE tokens FORCE ROW LEVEL SECURITY;
GRANT SELECT, INSERT, UPDATE, DELETE ON tokens TO tacita_member, tacita_system;
CREATE POLICY one_organisation ON tokens TO tacita_member
    USING (current_user = 'tacita_member' AND organisation = decode(current_setting('tacita.organisation', true), 'hex'))
    WITH CHECK (current_user = 'tacita_member' AND organisation = decode(current_setting('tacita.organisation', true), 'hex'));
CREATE POLICY every_organisation ON tokens TO tacita_system
    USING (current_user = 'tacita_system') WITH CHECK (current_user = 'tacita_system');
