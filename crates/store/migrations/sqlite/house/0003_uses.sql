-- How often each reason to work across organisations was used in each hour. It belongs to no organisation.

CREATE TABLE system_uses (
    scope TEXT NOT NULL,
    hour BIGINT NOT NULL,
    uses BIGINT NOT NULL,
    PRIMARY KEY (scope, hour)
) WITHOUT ROWID;
