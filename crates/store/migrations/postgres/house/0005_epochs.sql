-- Where a log goes on under another name, since the database of a backup was put back.

CREATE TABLE ledger_epochs (
    organisation BYTEA NOT NULL REFERENCES organisations,
    epoch BIGINT NOT NULL,
    start BIGINT NOT NULL,
    entry BYTEA NOT NULL,
    begun BIGINT NOT NULL,
    PRIMARY KEY (organisation, epoch)
);

SELECT confine_to_organisation('ledger_epochs');
