-- A final row on every path: a run that died without a word is closed by the next one, and what it left can be resumed.

alter table refresh_run
  add column seen_at   timestamptz,
  add column closed_by uuid,
  add column resumes   uuid,
  drop constraint refresh_run_status_check,
  add constraint refresh_run_status_check
    check (status in ('running', 'ok', 'failed', 'skipped', 'interrupted', 'died'));

comment on column refresh_run.seen_at is 'Its last heartbeat. A run that died ended some time after it.';
comment on column refresh_run.closed_by is 'The run that found this one dead and closed its row.';
comment on column refresh_run.resumes is 'The run whose as-of time and unfinished assets this one took over.';

create index refresh_run_by_start on refresh_run (started_at);
