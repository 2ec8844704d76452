-- What was asked for under a key of the caller's, so that the same request, sent again, is carried out once. `mark` is a keyed hash
-- of who asks, where, and with which key; `claim` is of whoever carries it out, and `operation` is set in the transaction that does.

CREATE TABLE repeats (
    organisation BLOB NOT NULL REFERENCES organisations,
    mark BLOB NOT NULL,
    request BLOB NOT NULL,
    claim BLOB NOT NULL,
    claimed BIGINT NOT NULL,
    operation BLOB,
    subject BLOB,
    answer BLOB,
    PRIMARY KEY (organisation, mark)
);
CREATE UNIQUE INDEX repeats_by_claim ON repeats (organisation, claim);
