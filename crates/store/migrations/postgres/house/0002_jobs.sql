-- Jobs: what is to be done later, by whoever has time for it. Each is an organisation's, and names what it is about by ids.
-- A job is `ready` from a time on: one that waits when it is due, one that runs when its lease has run out.

CREATE TABLE jobs (
    organisation BYTEA NOT NULL REFERENCES organisations,
    job BYTEA NOT NULL,
    kind TEXT COLLATE "C" NOT NULL,
    once TEXT COLLATE "C",
    arguments TEXT COLLATE "C" NOT NULL,
    state TEXT COLLATE "C" NOT NULL,
    attempts BIGINT NOT NULL,
    ready BIGINT NOT NULL,
    holder BYTEA,
    fence BIGINT NOT NULL,
    failure TEXT COLLATE "C",
    created BIGINT NOT NULL,
    ended BIGINT,
    PRIMARY KEY (organisation, job)
);
CREATE UNIQUE INDEX jobs_once ON jobs (organisation, kind, once) WHERE ended IS NULL;
CREATE INDEX jobs_open ON jobs (organisation, ready) WHERE ended IS NULL;
CREATE INDEX jobs_ended ON jobs (organisation, state, ended) WHERE ended IS NOT NULL;

CREATE TABLE job_schedules (
    organisation BYTEA NOT NULL REFERENCES organisations,
    schedule TEXT COLLATE "C" NOT NULL,
    next BIGINT NOT NULL,
    PRIMARY KEY (organisation, schedule)
);

-- Of whom nothing is kept, and whose keys are therefore destroyed. Nobody by this id is kept any more.
CREATE TABLE subject_removals (
    organisation BYTEA NOT NULL REFERENCES organisations,
    subject BYTEA NOT NULL,
    since BIGINT NOT NULL,
    PRIMARY KEY (organisation, subject)
);

SELECT confine_to_organisation('jobs');
SELECT confine_to_organisation('job_schedules');
SELECT confine_to_organisation('subject_removals');
