-- 1D bars, their state and their rejects; closed bars of every other timeframe and the state of each series.
-- NaN passes CHECK (x > 0) in PostgreSQL; "< 'Infinity'" refuses both NaN and Infinity.

create table cmc_price_bars_1d (
  id                int not null,
  bar_seq           int not null check (bar_seq >= 1),
  timestamp         timestamptz not null,
  time_open         timestamptz not null,
  time_close        timestamptz not null,
  time_high         timestamptz not null,
  time_low          timestamptz not null,
  open              double precision not null check (open > 0 and open < 'Infinity'),
  high              double precision not null check (high > 0 and high < 'Infinity'),
  low               double precision not null check (low > 0 and low < 'Infinity'),
  close             double precision not null check (close > 0 and close < 'Infinity'),
  volume            double precision check (volume > '-Infinity' and volume < 'Infinity'),
  market_cap        double precision check (market_cap > '-Infinity' and market_cap < 'Infinity'),
  src_load_ts       timestamptz,
  is_partial_start  boolean not null default false,
  is_partial_end    boolean not null default false,
  is_missing_days   boolean not null default false,
  repaired_timehigh boolean not null default false,
  repaired_timelow  boolean not null default false,
  repaired_high     boolean not null default false,
  repaired_low      boolean not null default false,
  tf                text collate "C" not null default '1D' check (tf = '1D'),
  src_name          text,
  src_file          text,
  primary key (id, bar_seq),
  unique (id, timestamp),
  check (time_open <= time_close),
  check (low <= least(open, close) and high >= greatest(open, close))
);
comment on table cmc_price_bars_1d is 'One row per accepted day. timestamp is the source''s; bar_seq is dense.';

create table cmc_price_bars_1d_state (
  id                     int primary key,
  last_src_ts            timestamptz,
  daily_min_seen         timestamptz,
  last_run_ts            timestamptz,
  last_upserted          int not null default 0,
  last_repaired_timehigh int not null default 0,
  last_repaired_timelow  int not null default 0,
  last_rejected          int not null default 0,
  first_day              date,
  last_day               date,
  bar_seq                int not null default 0,
  src_rows               bigint not null default 0,
  src_hash               bigint not null default 0
);
comment on column cmc_price_bars_1d_state.last_src_ts is 'Newest source timestamp read, rejected or not: the watermark.';
comment on column cmc_price_bars_1d_state.src_hash is 'With src_rows: fingerprint of the source rows up to the watermark.';

create table cmc_price_bars_1d_rejects (
  id         int not null,
  timestamp  timestamptz not null,
  reason     text collate "C" not null,
  action     text collate "C" not null check (action in ('repaired', 'rejected')),
  time_open  timestamptz,
  time_close timestamptz,
  time_high  timestamptz,
  time_low   timestamptz,
  open       double precision,
  high       double precision,
  low        double precision,
  close      double precision,
  volume     double precision,
  market_cap double precision,
  src_name   text,
  src_file   text,
  primary key (id, timestamp, reason)
);
comment on table cmc_price_bars_1d_rejects is 'Source rows that were refused, and fields that were repaired, with the values as given.';

create table price_bars (
  id                   int not null,
  alignment            bar_alignment not null,
  bar_seq              int not null check (bar_seq >= 1),
  first_day            date not null,
  last_day             date not null,
  tf_days              int not null,
  count_days           int not null check (count_days >= 1),
  count_missing_days   int not null check (count_missing_days >= 0),
  count_days_remaining int not null,
  first_missing_day    date,
  last_missing_day     date,
  is_partial_start     boolean not null,
  time_open            timestamptz not null,
  time_close           timestamptz not null,
  time_high            timestamptz not null,
  time_low             timestamptz not null,
  open                 double precision not null check (open > 0 and open < 'Infinity'),
  high                 double precision not null check (high > 0 and high < 'Infinity'),
  low                  double precision not null check (low > 0 and low < 'Infinity'),
  close                double precision not null check (close > 0 and close < 'Infinity'),
  volume               double precision not null check (volume > '-Infinity' and volume < 'Infinity'),
  market_cap           double precision check (market_cap > '-Infinity' and market_cap < 'Infinity'),
  tf                   text collate "C" not null,
  primary key (id, alignment, tf, bar_seq)
);
comment on table price_bars is 'Closed bars. The daily snapshots of every bar are views over this table and the 1D bars.';

create table price_bars_state (
  id                   int not null,
  alignment            bar_alignment not null,
  watermark_day        date not null,
  closed_seq           int not null,
  is_closed            boolean,
  bar_seq              int,
  first_day            date,
  last_day             date,
  tf_days              int,
  count_days           int,
  count_missing_days   int,
  count_days_remaining int,
  first_missing_day    date,
  last_missing_day     date,
  is_partial_start     boolean,
  time_open            timestamptz,
  time_close           timestamptz,
  time_high            timestamptz,
  time_low             timestamptz,
  open                 double precision,
  high                 double precision check (high < 'Infinity'),
  low                  double precision,
  close                double precision,
  volume               double precision check (volume > '-Infinity' and volume < 'Infinity'),
  market_cap           double precision,
  tf                   text collate "C" not null,
  primary key (id, alignment, tf)
) with (fillfactor = 45);
comment on table price_bars_state is 'One row per series: the newest bar as of watermark_day (open, or closed on that day); its columns are NULL before the first window.';
comment on column price_bars_state.watermark_day is 'Newest 1D day that this series has taken in.';
comment on column price_bars_state.closed_seq is 'bar_seq of the newest closed bar, 0 when there is none.';
