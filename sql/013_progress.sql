-- What people who look on are told: how far a run has come, noted by its process about once a second, and what took long.

alter table refresh_run add column progress jsonb;
comment on column refresh_run.progress is 'While it runs, or where it was when it died: assets done and failed by component. NULL: it was over within a second.';

alter table refresh_asset add column duration_ms double precision;
comment on column refresh_asset.duration_ms is 'How long it took; of assets that shared a transaction, its share. NULL: recorded by a version that did not keep it.';
