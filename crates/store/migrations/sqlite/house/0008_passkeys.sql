-- Passkeys (WebAuthn), by keyed hashes of the ids that authenticators give them: whoever signs in shows such an id, and says nothing
-- else of who they are.
CREATE TABLE passkeys (
    organisation BLOB NOT NULL,
    mark BLOB NOT NULL,
    passkey BLOB NOT NULL,
    account BLOB NOT NULL,
    created BIGINT NOT NULL,
    used BIGINT,
    copied BIGINT,
    credential BLOB NOT NULL,
    name BLOB NOT NULL,
    PRIMARY KEY (organisation, mark),
    FOREIGN KEY (organisation, account) REFERENCES accounts
);
CREATE UNIQUE INDEX passkeys_of_account ON passkeys (organisation, account, passkey);

-- What somebody was asked who has to answer from the outside. It is gone once they do.
CREATE TABLE challenges (
    organisation BLOB NOT NULL REFERENCES organisations,
    hash BLOB NOT NULL,
    kind TEXT NOT NULL,
    expires BIGINT NOT NULL,
    state BLOB NOT NULL,
    PRIMARY KEY (organisation, hash)
);
CREATE INDEX challenges_by_end ON challenges (organisation, expires);
