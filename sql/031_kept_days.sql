-- Days whose bars stay though the source does not prove them any more: a rebuild is made of the source and of these.

create table price_kept (
  id          int not null check (id >= 1),
  timestamp   timestamptz not null,
  reason      text collate "C" not null check (reason in ('gone', 'refused')),
  time_open   timestamptz not null,
  time_close  timestamptz not null,
  time_high   timestamptz,
  time_low    timestamptz,
  open        double precision not null,
  high        double precision,
  low         double precision,
  close       double precision not null,
  volume      double precision,
  market_cap  double precision,
  src_name    text,
  src_file    text,
  src_load_ts timestamptz,
  kept_at     timestamptz not null default now(),
  named_at    timestamptz,
  primary key (id, timestamp)
);
create index price_kept_unnamed on price_kept (id) where named_at is null;
comment on table price_kept is 'Days that the source had once and that stay, as the source had them: a rebuild is made of the source and of these. A row goes when the source has an accepted row of its day, and with --accept-deletions.';
comment on column price_kept.reason is 'gone: the source lost its oldest days. refused: the rules of today refuse the row that an older barwright took.';
comment on column price_kept.named_at is 'When a run named it; NULL: the next run does.';
