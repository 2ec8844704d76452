-- What was asked for under a key of the caller's, so that the same request, sent again, is carried out once. `mark` is a keyed hash
-- of who asks, where, and with which key; `claim` is of whoever carries it out, and `operation` is set in the transaction that does.

CREATE TABLE repeats (
    organisation BYTEA NOT NULL REFERENCES organisations,
    mark BYTEA NOT NULL,
    request BYTEA NOT NULL,
    claim BYTEA NOT NULL,
    claimed BIGINT NOT NULL,
    operation BYTEA,
    subject BYTEA,
    answer BYTEA,
    PRIMARY KEY (organisation, mark)
);
CREATE UNIQUE INDEX repeats_by_claim ON repeats (organisation, claim);

SELECT confine_to_organisation('repeats');
