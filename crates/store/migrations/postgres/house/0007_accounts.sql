-- People who sign in. Their accounts are rows of an organisation of its own, the platform, whose data subjects they are: so an
-- address leads to an account before anybody knows which organisations it belongs to.

CREATE TABLE accounts (
    organisation BYTEA NOT NULL REFERENCES organisations,
    account BYTEA NOT NULL,
    created BIGINT NOT NULL,
    failures BIGINT NOT NULL,
    locked BIGINT,
    step BIGINT,
    profile BYTEA NOT NULL,
    password BYTEA,
    totp BYTEA,
    recovery BYTEA,
    PRIMARY KEY (organisation, account),
    FOREIGN KEY (organisation, account) REFERENCES subjects
);

-- Where somebody is signed in. `former` is the hash before the last turn, which counts a moment longer.
CREATE TABLE sessions (
    organisation BYTEA NOT NULL,
    session BYTEA NOT NULL,
    account BYTEA NOT NULL,
    hash BYTEA NOT NULL,
    former BYTEA,
    turned BIGINT NOT NULL,
    member_of BYTEA,
    method TEXT COLLATE "C" NOT NULL,
    created BIGINT NOT NULL,
    seen BIGINT NOT NULL,
    expires BIGINT NOT NULL,
    ended BIGINT,
    device BYTEA,
    PRIMARY KEY (organisation, session),
    FOREIGN KEY (organisation, account) REFERENCES accounts
);
CREATE UNIQUE INDEX sessions_by_hash ON sessions (organisation, hash);
CREATE INDEX sessions_by_former ON sessions (organisation, former) WHERE former IS NOT NULL;
CREATE INDEX sessions_of_account ON sessions (organisation, account);

-- What a program exchanges for access tokens of its session. Each is used once; whoever uses one again has stolen it, or was stolen
-- from.
CREATE TABLE refresh_tokens (
    organisation BYTEA NOT NULL,
    hash BYTEA NOT NULL,
    session BYTEA NOT NULL,
    created BIGINT NOT NULL,
    used BIGINT,
    PRIMARY KEY (organisation, hash),
    FOREIGN KEY (organisation, session) REFERENCES sessions
);
CREATE INDEX refresh_tokens_of_session ON refresh_tokens (organisation, session);

-- Links that are used once: who has one may do one thing.
CREATE TABLE links (
    organisation BYTEA NOT NULL REFERENCES organisations,
    hash BYTEA NOT NULL,
    kind TEXT COLLATE "C" NOT NULL,
    account BYTEA,
    member_of BYTEA,
    role TEXT COLLATE "C",
    created BIGINT NOT NULL,
    expires BIGINT NOT NULL,
    used BIGINT,
    PRIMARY KEY (organisation, hash)
);

-- Who belongs to an organisation, as whom of its data subjects.
CREATE TABLE members (
    organisation BYTEA NOT NULL REFERENCES organisations,
    account BYTEA NOT NULL,
    subject BYTEA NOT NULL,
    role TEXT COLLATE "C" NOT NULL,
    since BIGINT NOT NULL,
    profile BYTEA NOT NULL,
    PRIMARY KEY (organisation, account),
    FOREIGN KEY (organisation, subject) REFERENCES subjects
);
CREATE INDEX members_by_account ON members (account, organisation);

-- What a token may be used for; everything that its role may, where it is not narrowed.
ALTER TABLE tokens ADD COLUMN scope TEXT COLLATE "C";

SELECT confine_to_organisation('accounts');
SELECT confine_to_organisation('sessions');
SELECT confine_to_organisation('refresh_tokens');
SELECT confine_to_organisation('links');
SELECT confine_to_organisation('members');
