-- Commands that are run on servers at times that a cron expression names.

-- `job`: JSON, what is asked for each time, with the variables. `next_at`: when it is due next; absent while
-- it is paused, and where the expression names no more time. `revision` counts the changes: a job of the
-- engine that was enqueued for an earlier one does nothing.
CREATE TABLE schedules (
    id TEXT PRIMARY KEY,
    organization_id TEXT NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    cron TEXT NOT NULL,
    time_zone TEXT NOT NULL,
    job TEXT NOT NULL,
    enabled BIGINT NOT NULL,
    missed TEXT NOT NULL,
    overlap TEXT NOT NULL,
    revision BIGINT NOT NULL,
    next_at BIGINT,
    last_at BIGINT,
    last_outcome TEXT,
    last_job_id TEXT,
    created_by TEXT NOT NULL,
    created_by_name TEXT NOT NULL,
    created_at BIGINT NOT NULL
);
CREATE INDEX schedules_by_organization ON schedules (organization_id, id);

-- Which schedule has made a job, and (JSON) which rules of the command policy ask about it.
ALTER TABLE node_jobs ADD COLUMN schedule_id TEXT;
ALTER TABLE node_jobs ADD COLUMN findings TEXT NOT NULL DEFAULT '[]';
CREATE INDEX node_jobs_by_schedule ON node_jobs (schedule_id, id) WHERE schedule_id IS NOT NULL;
