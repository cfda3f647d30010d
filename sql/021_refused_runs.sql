-- Every run has a row, also one that could not begin: refused is one that found the lease held by another.

alter table refresh_run
  drop constraint refresh_run_status_check,
  add constraint refresh_run_status_check
    check (status in ('running', 'ok', 'failed', 'skipped', 'interrupted', 'refused', 'died'));
