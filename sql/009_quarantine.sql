-- Assets that failed in their last runs. One that fails run after run is quarantined: it is skipped until something about
-- it changes or a person releases it. Empty when all is well.

create table asset_quarantine (
  id             int not null,
  component      text not null,
  -- Runs in a row in which it was tried and failed by its own fault.
  failures       int not null check (failures > 0),
  last_run       uuid not null,
  last_failed_at timestamptz not null default clock_timestamp(),
  -- Of the newest failure.
  reason         text not null,
  -- The source rows that the newest try could see: newest time, number, fingerprint. NULL: not looked at, or none.
  src_ts         timestamptz,
  src_rows       bigint,
  src_hash       bigint,
  -- NULL: not failed often enough.
  quarantined_at timestamptz,
  primary key (id, component)
);
comment on table asset_quarantine is 'Assets that failed in their last runs, and those that are skipped for it.';
