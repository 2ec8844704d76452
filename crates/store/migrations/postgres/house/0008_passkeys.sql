-- Passkeys (WebAuthn), by keyed hashes of the ids that authenticators give them: whoever signs in shows such an id, and says nothing
-- else of who they are.
CREATE TABLE passkeys (
    organisation BYTEA NOT NULL,
    mark BYTEA NOT NULL,
    passkey BYTEA NOT NULL,
    account BYTEA NOT NULL,
    created BIGINT NOT NULL,
    used BIGINT,
    copied BIGINT,
    credential BYTEA NOT NULL,
    name BYTEA NOT NULL,
    PRIMARY KEY (organisation, mark),
    FOREIGN KEY (organisation, account) REFERENCES accounts
);
CREATE UNIQUE INDEX passkeys_of_account ON passkeys (organisation, account, passkey);

-- What somebody was asked who has to answer from the outside. It is gone once they do.
CREATE TABLE challenges (
    organisation BYTEA NOT NULL REFERENCES organisations,
    hash BYTEA NOT NULL,
    kind TEXT COLLATE "C" NOT NULL,
    expires BIGINT NOT NULL,
    state BYTEA NOT NULL,
    PRIMARY KEY (organisation, hash)
);
CREATE INDEX challenges_by_end ON challenges (organisation, expires);

SELECT confine_to_organisation('passkeys');
SELECT confine_to_organisation('challenges');
