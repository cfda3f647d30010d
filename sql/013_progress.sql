-- How far a run has come, for whoever looks on: the process that runs it notes it about once a second.

alter table refresh_run add column progress jsonb;
comment on column refresh_run.progress is 'While it runs, or where it was when it died: assets done and failed by component. NULL: it was over within a second.';
