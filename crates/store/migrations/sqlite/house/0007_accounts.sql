-- People who sign in. Their accounts are rows of an organisation of its own, the platform, whose data subjects they are: so an
-- address leads to an account before anybody knows which organisations it belongs to.

CREATE TABLE accounts (
    organisation BLOB NOT NULL REFERENCES organisations,
    account BLOB NOT NULL,
    created BIGINT NOT NULL,
    failures BIGINT NOT NULL,
    locked BIGINT,
    step BIGINT,
    profile BLOB NOT NULL,
    password BLOB,
    totp BLOB,
    recovery BLOB,
    PRIMARY KEY (organisation, account),
    FOREIGN KEY (organisation, account) REFERENCES subjects
);

-- Where somebody is signed in. `former` is the hash before the last turn, which counts a moment longer.
CREATE TABLE sessions (
    organisation BLOB NOT NULL,
    session BLOB NOT NULL,
    account BLOB NOT NULL,
    hash BLOB NOT NULL,
    former BLOB,
    turned BIGINT NOT NULL,
    member_of BLOB,
    method TEXT NOT NULL,
    created BIGINT NOT NULL,
    seen BIGINT NOT NULL,
    expires BIGINT NOT NULL,
    ended BIGINT,
    device BLOB,
    PRIMARY KEY (organisation, session),
    FOREIGN KEY (organisation, account) REFERENCES accounts
);
CREATE UNIQUE INDEX sessions_by_hash ON sessions (organisation, hash);
CREATE INDEX sessions_by_former ON sessions (organisation, former) WHERE former IS NOT NULL;
CREATE INDEX sessions_of_account ON sessions (organisation, account);

-- What a program exchanges for access tokens of its session. Each is used once; whoever uses one again has stolen it, or was stolen
-- from.
CREATE TABLE refresh_tokens (
    organisation BLOB NOT NULL,
    hash BLOB NOT NULL,
    session BLOB NOT NULL,
    created BIGINT NOT NULL,
    used BIGINT,
    PRIMARY KEY (organisation, hash),
    FOREIGN KEY (organisation, session) REFERENCES sessions
) WITHOUT ROWID;
CREATE INDEX refresh_tokens_of_session ON refresh_tokens (organisation, session);

-- Links that are used once: who has one may do one thing.
CREATE TABLE links (
    organisation BLOB NOT NULL REFERENCES organisations,
    hash BLOB NOT NULL,
    kind TEXT NOT NULL,
    account BLOB,
    member_of BLOB,
    role TEXT,
    created BIGINT NOT NULL,
    expires BIGINT NOT NULL,
    used BIGINT,
    PRIMARY KEY (organisation, hash)
) WITHOUT ROWID;

-- Who belongs to an organisation, as whom of its data subjects.
CREATE TABLE members (
    organisation BLOB NOT NULL REFERENCES organisations,
    account BLOB NOT NULL,
    subject BLOB NOT NULL,
    role TEXT NOT NULL,
    since BIGINT NOT NULL,
    profile BLOB NOT NULL,
    PRIMARY KEY (organisation, account),
    FOREIGN KEY (organisation, subject) REFERENCES subjects
);
CREATE INDEX members_by_account ON members (account, organisation);

-- What a token may be used for; everything that its role may, where it is not narrowed.
ALTER TABLE tokens ADD COLUMN scope TEXT;
