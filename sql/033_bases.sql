-- Bases: what the 1D state and the packed rows of an asset were some days ago. A change of later days only is computed from
-- there, and not from the first day. An asset has two of each, in slots 0 and 1: each is renewed every two weeks, in the
-- transaction of an append, a week after the other. A base that is missing, damaged or too young is no error: the whole history is read.

create table daily_base (
  id             int not null,
  slot           smallint not null check (slot in (0, 1)),
  hash           bigint not null,
  last_src_ts    timestamptz not null,
  daily_min_seen timestamptz not null,
  first_day      date not null,
  last_day       date not null,
  bar_seq        int not null,
  src_rows       bigint not null,
  src_hash       bigint not null,
  source         text collate "C",
  splits         text collate "C" not null,
  rules          int not null,
  primary key (id, slot)
);
comment on table daily_base is 'cmc_price_bars_1d_state as it was at last_day: what a change of later days is computed from.';
comment on column daily_base.hash is 'Hash of the columns after it: a row that has another one is not used.';
comment on column daily_base.src_hash is 'Fingerprint of the source rows up to last_src_ts, always in the form 2 of src_form.';

create table bar_base (
  slot smallint not null check (slot in (0, 1)),
  hash bigint not null,
  like bar_carry,
  primary key (id, alignment, slot)
);
comment on table bar_base is 'bar_carry as it was at newest_day, the last_day of daily_base in the same slot.';
comment on column bar_base.hash is 'Hash of the columns after it: a row that has another one is not used.';

create table ema_base (
  slot smallint not null check (slot in (0, 1)),
  hash bigint not null,
  like ema_carry,
  primary key (id, alignment, slot)
);
comment on table ema_base is 'ema_carry as it was at watermark_day. A change of bars at or before that day deletes it.';
comment on column ema_base.hash is 'Hash of the columns after it: a row that has another one is not used.';

comment on column cmc_price_bars_1d_state.plausible_seq is 'Up to this bar_seq the 1D bars were judged for price_finding; NULL: never; below 0: once more from the bar of this number without its sign.';
