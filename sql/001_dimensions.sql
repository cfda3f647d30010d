-- What the warehouse is about: assets, timeframes, periods. Small tables, read by every component.

create table dim_assets (
  id            int primary key check (id >= 1),
  symbol        text,
  name          text,
  asset_class   text not null default 'crypto',
  active        boolean not null default true,
  registered_at timestamptz not null default now()
);
comment on table dim_assets is 'One row per asset. id is the CoinMarketCap id; inactive assets are in no "all".';

-- An enum: four bytes in every key, readable in every query, a constant for the planner.
create type bar_alignment as enum ('multi_tf', 'cal_us', 'cal_iso', 'cal_anchor_us', 'cal_anchor_iso', 'v2');

create table dim_timeframe (
  alignment bar_alignment not null,
  tf        text collate "C" not null,
  tf_days   int not null generated always as (
    substring(tf from '^[0-9]+')::int
    * case substring(tf from '^[0-9]+([DWMY])') when 'D' then 1 when 'W' then 7 when 'M' then 30 else 365 end
  ) stored,
  primary key (alignment, tf),
  constraint tf_fits_alignment check (
    case alignment
      when 'multi_tf'       then tf ~ '^[1-9][0-9]{0,4}D$'
      when 'v2'             then tf ~ '^[1-9][0-9]{0,4}D$'
      when 'cal_us'         then tf ~ '^[1-9][0-9]{0,2}(W_CAL_US|M_CAL|Y_CAL)$'
      when 'cal_iso'        then tf ~ '^[1-9][0-9]{0,2}(W_CAL_ISO|M_CAL|Y_CAL)$'
      when 'cal_anchor_us'  then tf ~ '^[1-9][0-9]{0,2}(W_CAL_ANCHOR_US|M_CAL_ANCHOR|Y_CAL_ANCHOR)$'
      when 'cal_anchor_iso' then tf ~ '^[1-9][0-9]{0,2}(W_CAL_ANCHOR_ISO|M_CAL_ANCHOR|Y_CAL_ANCHOR)$'
    end)
);
comment on table dim_timeframe is 'Which series exist. Adding a row builds its history on the next run. multi_tf 1D has EMAs only: its bars are cmc_price_bars_1d.';
comment on column dim_timeframe.tf_days is 'Nominal length in days: D n, W 7n, M 30n, Y 365n.';

create table dim_period (
  period int primary key check (period between 1 and 10000)
);
comment on table dim_period is 'EMA lengths in bars.';

insert into dim_period
select unnest(array[6, 9, 10, 12, 14, 17, 20, 21, 26, 30, 50, 52, 77, 100, 200, 252, 365]);

insert into dim_timeframe (alignment, tf)
select a::bar_alignment, n || 'D'
from unnest(array['multi_tf', 'v2']) a,
     unnest(array[1, 2, 3, 4, 5, 7, 10, 14, 15, 20, 21, 25, 28, 30, 40, 42, 45, 50, 56, 60, 63, 70, 84, 90, 100,
       105, 140, 147, 150, 180, 200, 210, 250, 270, 280, 294, 300, 315, 350, 360, 365, 400, 441, 500, 525, 560,
       588, 600, 630, 700, 720, 730, 750, 800, 882, 900, 945, 1000, 1080, 1095, 1440, 1460, 1825, 2160, 2520,
       2555, 2880, 2920, 3240, 3285, 3650, 3960, 4015, 4320, 4380, 4680, 4745, 5040, 5110, 5400, 5475, 5760,
       5840, 6120, 6205, 6480, 6570, 6840, 6935, 7200, 7300]) n;

insert into dim_timeframe (alignment, tf)
select a::bar_alignment, n || replace(unit, '?', case when a like '%us' then 'US' else 'ISO' end)
from unnest(array['cal_us', 'cal_iso', 'cal_anchor_us', 'cal_anchor_iso']) a,
     lateral (
       select n, case when a like 'cal_anchor%' then 'W_CAL_ANCHOR_?' else 'W_CAL_?' end
       from unnest(array[1, 2, 3, 4, 6, 8, 10]) n
       union all
       select n, case when a like 'cal_anchor%' then 'M_CAL_ANCHOR' else 'M_CAL' end
       from unnest(array[1, 2, 3, 6, 9, 12]) n
       union all
       select n, case when a like 'cal_anchor%' then 'Y_CAL_ANCHOR' else 'Y_CAL' end
       from generate_series(1, 20) n
     ) as u (n, unit);
