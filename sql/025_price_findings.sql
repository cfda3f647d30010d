-- Accepted days that are not plausible: named once, never refused. No number depends on them.

create table price_finding (
  id          int not null check (id >= 1),
  day         date not null,
  kind        text collate "C" not null check (kind in ('jump', 'spike', 'frozen', 'volume_unit', 'huge_price')),
  factor      double precision not null,
  is_old      boolean not null,
  found_at    timestamptz not null default now(),
  named_at    timestamptz,
  accepted_at timestamptz,
  primary key (id, day, kind)
);
create index price_finding_unnamed on price_finding (id) where named_at is null;
comment on table price_finding is 'Accepted days whose prices or volume are not plausible. A correction of the source takes a finding away; "barwright asset accept" says that it is right.';
comment on column price_finding.factor is 'How many times what was expected: the close before (jump, spike), the volumes before (volume_unit), 1e15 (huge_price); for frozen the number of equal days.';
comment on column price_finding.is_old is 'The day was more than 30 days past when its asset was judged first: counted, and not alerted.';
comment on column price_finding.named_at is 'When a run named it; NULL: the next run does.';
comment on column price_finding.accepted_at is 'When somebody said that it is right.';

alter table cmc_price_bars_1d_state add column plausible_seq int;
comment on column cmc_price_bars_1d_state.plausible_seq is 'Up to this bar_seq the 1D bars were judged for price_finding; NULL: never; -1: once more from the first.';

-- What is told once and has no end of its own.
alter table alert_log drop constraint alert_log_kind_check;
alter table alert_log add constraint alert_log_kind_check
  check (kind in ('failure', 'warning', 'quarantine', 'death', 'finding'));
