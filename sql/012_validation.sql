-- What refresh --validate found in stored bars and EMAs. A run replaces the findings of the assets that it validated, so
-- whatever has been mended is gone. No number depends on this table.

create table ema_rejects (
  id        int not null,
  alignment bar_alignment not null,
  tf        text collate "C" not null,
  period    int not null check (period >= 0),
  ts        timestamptz not null,
  violation text collate "C" not null,
  bar_seq   int,
  detail    text not null,
  found_at  timestamptz not null default now(),
  primary key (id, alignment, tf, period, ts, violation)
);
comment on table ema_rejects is 'Findings of the validation: stored bars and EMAs that break a rule. Empty when all is well.';
comment on column ema_rejects.tf is '* stands for all timeframes of the alignment.';
comment on column ema_rejects.period is '0: the finding is about bars or a whole series, not about one EMA period.';
comment on column ema_rejects.ts is 'Close of the row that it is about.';
comment on column ema_rejects.found_at is 'When it was found first; later validations leave it.';
