-- EMAs: stored at closing days only (v2: at checkpoints), everything in between is derived by views.

create table ema_asset_state (
  id             int not null,
  alignment      bar_alignment not null,
  watermark_day  date not null,
  watermark_ts   timestamptz not null,
  row_count      int not null,
  last_close     double precision not null,
  close_sum      double precision not null check (close_sum < 'Infinity'),
  kernel_version int not null,
  periods        int[] not null,
  repair_from    date,
  primary key (id, alignment)
) with (fillfactor = 45);
comment on table ema_asset_state is 'One row per asset and alignment: how far its EMAs have come. The EMA views show nothing beyond watermark_day.';
comment on column ema_asset_state.repair_from is 'Bars changed from this day on and watermark_day was lowered below it: the EMAs are to be compared and mended. NULL: nothing is known to be wrong.';
comment on column ema_asset_state.row_count is 'Number of 1D bars taken in: 1D bar_seq of watermark_day.';
comment on column ema_asset_state.close_sum is 'Left-to-right sum of the closes of all those 1D bars.';
comment on column ema_asset_state.periods is 'The periods, ascending, that the arrays of this asset and alignment hold.';

create table ema_state (
  id             int not null,
  alignment      bar_alignment not null,
  input_count    int not null check (input_count >= 1),
  bar_seq        int not null,
  last_close_day date not null,
  close_sum      double precision not null check (close_sum < 'Infinity'),
  ema            double precision[] not null check ('Infinity' > all (ema)),
  ema_bar        double precision[] not null check ('Infinity' > all (ema_bar)),
  tf             text collate "C" not null,
  primary key (id, alignment, tf)
) with (fillfactor = 45);
comment on table ema_state is 'The carry of a series; a series without a single input (v2: without a value) has no row.';
comment on column ema_state.input_count is 'Inputs so far: closed bars; for v2 daily closes.';
comment on column ema_state.bar_seq is 'bar_seq of the newest input bar; for v2 of the newest checkpoint.';
comment on column ema_state.ema is 'Daily ema of watermark_day, one element per seeded period, ascending.';
comment on column ema_state.ema_bar is 'ema_bar of the newest closing day; empty for v2.';

create table ema_points (
  id        int not null,
  alignment bar_alignment not null,
  bar_seq   int not null check (bar_seq >= 1),
  day       date not null,
  ema       double precision[] not null check ('Infinity' > all (ema)),
  ema_bar   double precision[] check ('Infinity' > all (ema_bar)),
  tf        text collate "C" not null,
  primary key (id, alignment, tf, bar_seq)
);
comment on table ema_points is 'EMAs on closing days, one array element per period that has a value. v2: at row numbers divisible by a multiple of tf_days of at least 28.';
comment on column ema_points.ema_bar is 'NULL where it equals ema element by element (multi_tf 1D) or does not exist (v2).';

create table ema_series_lag (
  id            int not null,
  alignment     bar_alignment not null,
  tf            text collate "C" not null,
  watermark_day date not null,
  watermark_ts  timestamptz not null,
  row_count     int not null,
  last_close    double precision not null,
  close_sum     double precision not null check (close_sum < 'Infinity'),
  primary key (id, alignment, tf)
);
comment on table ema_series_lag is 'Series that have not come as far as ema_asset_state says, because a run left them out (--tfs) or their bars lag: how far they have come. Normally empty.';
