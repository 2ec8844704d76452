-- How often each reason to work across organisations was used in each hour. It belongs to no organisation.

CREATE TABLE system_uses (
    scope TEXT COLLATE "C" NOT NULL,
    hour BIGINT NOT NULL,
    uses BIGINT NOT NULL,
    PRIMARY KEY (scope, hour)
);

-- Whoever sees one organisation sees nothing of it.
DO $$
DECLARE
    system TEXT := role_of('every_organisation', 'system');
BEGIN
    ALTER TABLE system_uses ENABLE ROW LEVEL SECURITY;
    ALTER TABLE system_uses FORCE ROW LEVEL SECURITY;
    EXECUTE format('GRANT SELECT, INSERT, UPDATE ON system_uses TO %I', system);
    EXECUTE format('CREATE POLICY every_organisation ON system_uses TO %I USING (current_user = %L) WITH CHECK (current_user = %L)',
        system, system, system);
END
$$;
