-- What an organisation forbids beyond what is forbidden anyway, in versions.

CREATE TABLE organisation_policies (
    organisation BLOB NOT NULL REFERENCES organisations,
    version BIGINT NOT NULL,
    since BIGINT NOT NULL,
    text TEXT NOT NULL,
    PRIMARY KEY (organisation, version)
);

-- Administration leaves accounts, too, and so needs a purpose. Whoever has one of that name already gets a new version of it.
INSERT INTO purposes (organisation, purpose, version, basis, class, enabled, since)
SELECT o.organisation, 'administration',
    1 + coalesce((SELECT max(p.version) FROM purposes p
        WHERE p.organisation = o.organisation AND p.purpose = 'administration'), 0),
    'legal-obligation', 'operational', 1, CAST(strftime('%s', 'now') AS INTEGER) * 1000000
FROM organisations o;
