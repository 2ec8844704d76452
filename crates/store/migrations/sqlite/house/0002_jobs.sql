-- Jobs: what is to be done later, by whoever has time for it. Each is an organisation's, and names what it is about by ids.
-- A job is `ready` from a time on: one that waits when it is due, one that runs when its lease has run out.

CREATE TABLE jobs (
    organisation BLOB NOT NULL REFERENCES organisations,
    job BLOB NOT NULL,
    kind TEXT NOT NULL,
    once TEXT,
    arguments TEXT NOT NULL,
    state TEXT NOT NULL,
    attempts BIGINT NOT NULL,
    ready BIGINT NOT NULL,
    holder BLOB,
    fence BIGINT NOT NULL,
    failure TEXT,
    created BIGINT NOT NULL,
    ended BIGINT,
    PRIMARY KEY (organisation, job)
) WITHOUT ROWID;
CREATE UNIQUE INDEX jobs_once ON jobs (organisation, kind, once) WHERE ended IS NULL;
CREATE INDEX jobs_open ON jobs (organisation, ready) WHERE ended IS NULL;
CREATE INDEX jobs_ended ON jobs (organisation, state, ended) WHERE ended IS NOT NULL;

CREATE TABLE job_schedules (
    organisation BLOB NOT NULL REFERENCES organisations,
    schedule TEXT NOT NULL,
    next BIGINT NOT NULL,
    PRIMARY KEY (organisation, schedule)
) WITHOUT ROWID;

-- Of whom nothing is kept, and whose keys are therefore destroyed. Nobody by this id is kept any more.
CREATE TABLE subject_removals (
    organisation BLOB NOT NULL REFERENCES organisations,
    subject BLOB NOT NULL,
    since BIGINT NOT NULL,
    PRIMARY KEY (organisation, subject)
) WITHOUT ROWID;
