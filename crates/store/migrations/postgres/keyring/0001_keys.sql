-- The key ring: keys, each wrapped by the one above it, and the keyed marks by which a person is found.

CREATE TABLE organisation_keys (
    organisation BYTEA NOT NULL,
    version BIGINT NOT NULL,
    created BIGINT NOT NULL,
    wrapped BYTEA NOT NULL,
    PRIMARY KEY (organisation, version)
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

CREATE TABLE identities (
    organisation BYTEA NOT NULL,
    kind TEXT COLLATE "C" NOT NULL,
    mark BYTEA NOT NULL,
    subject BYTEA NOT NULL,
    PRIMARY KEY (organisation, kind, mark)
);
CREATE INDEX identities_of_subject ON identities (organisation, subject);

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

ALTER TABLE organisation_keys ENABLE ROW LEVEL SECURITY;
ALTER TABLE organisation_keys FORCE ROW LEVEL SECURITY;
GRANT SELECT, INSERT, UPDATE, DELETE ON organisation_keys TO tacita_member, tacita_system;
CREATE POLICY one_organisation ON organisation_keys TO tacita_member
    USING (current_user = 'tacita_member' AND organisation = decode(current_setting('tacita.organisation', true), 'hex'))
    WITH CHECK (current_user = 'tacita_member' AND organisation = decode(current_setting('tacita.organisation', true), 'hex'));
CREATE POLICY every_organisation ON organisation_keys TO tacita_system
    USING (current_user = 'tacita_system') WITH CHECK (current_user = 'tacita_system');
ALTER TABLE organisation_secrets ENABLE ROW LEVEL SECURITY;
ALTER TABLE organisation_secrets FORCE ROW LEVEL SECURITY;
GRANT SELECT, INSERT, UPDATE, DELETE ON organisation_secrets TO tacita_member, tacita_system;
CREATE POLICY one_organisation ON organisation_secrets TO tacita_member
    USING (current_user = 'tacita_member' AND organisation = decode(current_setting('tacita.organisation', true), 'hex'))
    WITH CHECK (current_user = 'tacita_member' AND organisation = decode(current_setting('tacita.organisation', true), 'hex'));
CREATE POLICY every_organisation ON organisation_secrets TO tacita_system
    USING (current_user = 'tacita_system') WITH CHECK (current_user = 'tacita_system');
ALTER TABLE subject_keys ENABLE ROW LEVEL SECURITY;
ALTER TABLE subject_keys FORCE ROW LEVEL SECURITY;
GRANT SELECT, INSERT, UPDATE, DELETE ON subject_keys TO tacita_member, tacita_system;
CREATE POLICY one_organisation ON subject_keys TO tacita_member
    USING (current_user = 'tacita_member' AND organisation = decode(current_setting('tacita.organisation', true), 'hex'))
    WITH CHECK (current_user = 'tacita_member' AND organisation = decode(current_setting('tacita.organisation', true), 'hex'));
CREATE POLICY every_organisation ON subject_keys TO tacita_system
    USING (current_user = 'tacita_system') WITH CHECK (current_user = 'tacita_system');
ALTER TABLE identities ENABLE ROW LEVEL SECURITY;
ALTER TABLE identities FORCE ROW LEVEL SECURITY;
GRANT SELECT, INSERT, UPDATE, DELETE ON identities TO tacita_member, tacita_system;
CREATE POLICY one_organisation ON identities TO tacita_member
    USING (current_user = 'tacita_member' AND organisation = decode(current_setting('tacita.organisation', true), 'hex'))
    WITH CHECK (current_user = 'tacita_member' AND organisation = decode(current_setting('tacita.organisation', true), 'hex'));
CREATE POLICY every_organisation ON identities TO tacita_system
    USING (current_user = 'tacita_system') WITH CHECK (current_user = 'tacita_system');
