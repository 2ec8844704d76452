-- What an organisation forbids beyond what is forbidden anyway, in versions.

CREATE TABLE organisation_policies (
    organisation BYTEA NOT NULL REFERENCES organisations,
    version BIGINT NOT NULL,
    since BIGINT NOT NULL,
    text TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (organisation, version)
);

SELECT confine_to_organisation('organisation_policies');

-- Administration leaves accounts, too, and so needs a purpose. Whoever has one of that name already gets a new version of it.
-- The owner of the tables sees nothing in them: this is done as the role that sees every organisation.
DO $$
BEGIN
    EXECUTE format('SET LOCAL ROLE %I', role_of('every_organisation', 'system'));
    INSERT INTO purposes (organisation, purpose, version, basis, class, enabled, since)
    SELECT o.organisation, 'administration',
        1 + coalesce((SELECT max(p.version) FROM purposes p
            WHERE p.organisation = o.organisation AND p.purpose = 'administration'), 0),
        'legal-obligation', 'operational', 1, (extract(epoch FROM now()) * 1000000)::int8
    FROM organisations o;
    SET LOCAL ROLE NONE;
END
$$;
