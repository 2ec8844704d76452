-- The key ring: keys, each wrapped by the one above it, and the keyed marks by which a person is found.

CREATE TABLE organisation_keys (
    organisation BYTEA NOT NULL,
    version BIGINT NOT NULL,
    created BIGINT NOT NULL,
    wrapped BYTEA NOT NULL,
    PRIMARY KEY (organisation, version)
);

-- A secret of nothing, wrapped by the root key: by it a root key is told from another where there is no organisation yet.
CREATE TABLE root_sentinel (
    name TEXT COLLATE "C" NOT NULL,
    wrapped BYTEA NOT NULL,
    PRIMARY KEY (name)
);

CREATE TABLE organisation_secrets (
    organisation BYTEA NOT NULL,
    name TEXT COLLATE "C" NOT NULL,
    version BIGINT NOT NULL,
    wrapped BYTEA NOT NULL,
    PRIMARY KEY (organisation, name)
);

CREATE TABLE subject_keys (
    organisation BYTEA NOT NULL,
    subject BYTEA NOT NULL,
    kind TEXT COLLATE "C" NOT NULL,
    reference BYTEA,
    version BIGINT NOT NULL,
    wrapped BYTEA NOT NULL,
    PRIMARY KEY (organisation, subject, kind)
);
CREATE UNIQUE INDEX subjects_by_reference ON subject_keys (organisation, reference) WHERE reference IS NOT NULL;
CREATE INDEX subjects_by_version ON subject_keys (organisation, version);

-- How often keys of data subjects were destroyed, by which other processes see that they have to forget theirs.
CREATE TABLE key_removals (
    organisation BYTEA NOT NULL,
    removals BIGINT NOT NULL,
    PRIMARY KEY (organisation)
);

CREATE TABLE identities (
    organisation BYTEA NOT NULL,
    kind TEXT COLLATE "C" NOT NULL,
    mark BYTEA NOT NULL,
    subject BYTEA NOT NULL,
    PRIMARY KEY (organisation, kind, mark)
);
CREATE INDEX identities_of_subject ON identities (organisation, subject);

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

SELECT confine_to_organisation('organisation_keys');
SELECT confine_to_organisation('organisation_secrets');
SELECT confine_to_organisation('subject_keys');
SELECT confine_to_organisation('key_removals');
SELECT confine_to_organisation('identities');

-- Whoever sees one organisation sees nothing of it.
DO $$
DECLARE
    system TEXT := role_of('every_organisation', 'system');
BEGIN
    ALTER TABLE root_sentinel ENABLE ROW LEVEL SECURITY;
    ALTER TABLE root_sentinel FORCE ROW LEVEL SECURITY;
    EXECUTE format('GRANT SELECT, INSERT, UPDATE ON root_sentinel TO %I', system);
    EXECUTE format('CREATE POLICY every_organisation ON root_sentinel TO %I USING (current_user = %L) WITH CHECK (current_user = %L)',
        system, system, system);
END
$$;
