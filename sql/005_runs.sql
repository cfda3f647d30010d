-- Who ran what, with which result; who may write now. These tables are bookkeeping: no number depends on them.

create table refresh_run (
  run         uuid primary key,
  command     text not null,
  options     jsonb not null default '{}',
  started_at  timestamptz not null default clock_timestamp(),
  finished_at timestamptz,
  as_of       timestamptz not null,
  status      text not null check (status in ('running', 'ok', 'failed', 'skipped', 'interrupted')),
  exit_code   int,
  host        text not null,
  pid         int not null,
  version     text not null,
  report      jsonb
);

create table refresh_stage (
  run          uuid not null references refresh_run on delete cascade,
  component    text not null,
  status       text not null check (status in ('ok', 'failed', 'skipped', 'not_run')),
  duration_sec double precision not null,
  return_code  int,
  ok           int not null,
  failed       int not null,
  skipped      int not null,
  rows_needed  bigint not null,
  rows_written bigint not null,
  error        text,
  primary key (run, component)
);

create table refresh_asset (
  run          uuid not null references refresh_run on delete cascade,
  component    text not null,
  id           int not null,
  status       text not null check (status in ('ok', 'failed', 'skipped')),
  action       text not null,
  reason       text not null,
  rows_needed  bigint not null,
  rows_written bigint not null,
  error        text,
  primary key (run, component, id)
);
create index refresh_asset_by_id on refresh_asset (id, run);

create table refresh_lease (
  name     text primary key,
  owner    uuid not null,
  token    bigint not null,
  acquired timestamptz not null,
  expires  timestamptz not null,
  info     jsonb not null default '{}',
  -- A takeover changes the token, which is a key: it waits for writers that hold the fence. A heartbeat does not.
  unique (name, token)
);
