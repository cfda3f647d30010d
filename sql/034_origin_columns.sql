-- What code of the system that barwright replaces asks for and ours had not: columns of dim_timeframe, ema_alpha_lookup,
-- the rejects and the daily views, and the views all_emas and cmc_price_with_emas. All of it is derived.

-- The name tells everything, so all rows of a timeframe say the same, whichever their alignment. Bounds of months and
-- years are those of any such stretch of the calendar from 1901 to 2099; anchored windows may begin with the asset.
alter table dim_timeframe
  add column label text not null generated always as (
    substring(tf from '^[0-9]+')
    || case substring(tf from '[DWMY]') when 'D' then ' day' when 'W' then ' week' when 'M' then ' month' else ' year' end
    || case when substring(tf from '^[0-9]+') = '1' then '' else 's' end
    || case when tf like '%ANCHOR%' then ', anchored' when tf like '%CAL%' then ', calendar' else '' end
    || case when tf like '%US' then ', US' when tf like '%ISO' then ', ISO' else '' end) stored,
  add column base_unit text not null generated always as (substring(tf from '[DWMY]')) stored,
  add column tf_qty int not null generated always as (substring(tf from '^[0-9]+')::int) stored,
  add column tf_days_nominal int not null generated always as (
    substring(tf from '^[0-9]+')::int
    * case substring(tf from '[DWMY]') when 'D' then 1 when 'W' then 7 when 'M' then 30 else 365 end) stored,
  add column alignment_type text not null generated always as (
    case when tf like '%CAL%' then 'calendar' else 'tf_day' end) stored,
  add column calendar_anchor text generated always as (
    case
      when tf like '%US' then 'WEEK_END'
      when tf like '%ISO' then 'ISO-WEEK'
      when tf like '%Y\_CAL%' or substring(tf from '^([0-9]+)M')::int % 12 = 0 then 'EOY'
      when substring(tf from '^([0-9]+)M')::int % 3 = 0 then 'EOQ'
      when tf like '%M\_CAL%' then 'EOM'
    end) stored,
  add column roll_policy text not null generated always as (
    case when tf like '%CAL%' then 'calendar_anchor' else 'multiple_of_tf' end) stored,
  add column has_roll_flag boolean not null generated always as (true) stored,
  add column is_intraday boolean not null generated always as (false) stored,
  add column sort_order int not null generated always as (
    case substring(tf from '[DWMY]') when 'D' then 0 when 'W' then 100000 when 'M' then 200000 else 300000 end
    + case when tf like '%ANCHOR%' then 50000 else 0 end
    + case when tf like '%ISO' then 10000 else 0 end
    + substring(tf from '^[0-9]+')::int) stored,
  add column is_canonical boolean not null generated always as (true) stored,
  add column calendar_scheme text generated always as (substring(tf from '(US|ISO)$')) stored,
  add column allow_partial_start boolean not null generated always as (tf like '%ANCHOR%') stored,
  add column allow_partial_end boolean not null generated always as (tf like '%ANCHOR%') stored,
  add column tf_days_min int not null generated always as (
    case
      when tf like '%ANCHOR%' then 1
      when tf like '%D' then substring(tf from '^[0-9]+')::int
      when tf like '%W%' then 7 * substring(tf from '^[0-9]+')::int
      when tf like '%M%' then
        (array[0, 28, 59, 89, 120, 150, 181, 212, 242, 273, 303, 334])[substring(tf from '^[0-9]+')::int % 12 + 1]
        + 365 * (substring(tf from '^[0-9]+')::int / 12) + substring(tf from '^[0-9]+')::int / 48
      else 365 * substring(tf from '^[0-9]+')::int + substring(tf from '^[0-9]+')::int / 4
    end) stored,
  add column tf_days_max int not null generated always as (
    case substring(tf from '[DWMY]')
      when 'D' then substring(tf from '^[0-9]+')::int
      when 'W' then 7 * substring(tf from '^[0-9]+')::int
      when 'M' then
        (array[0, 31, 62, 92, 123, 153, 184, 215, 245, 276, 306, 337])[substring(tf from '^[0-9]+')::int % 12 + 1]
        + 365 * (substring(tf from '^[0-9]+')::int / 12) + (substring(tf from '^[0-9]+')::int / 12 + 3) / 4
      else 365 * substring(tf from '^[0-9]+')::int + (substring(tf from '^[0-9]+')::int + 3) / 4
    end) stored;
comment on column dim_timeframe.label is 'This and the columns after it are made from tf, for code of the replaced system.';

create or replace view ema_alpha_lookup as
select distinct
  t.tf, p.period, t.tf_days as tf_days_nominal,
  2::double precision / (p.period + 1) as alpha_bar,
  2 / (t.tf_days::double precision * p.period + 1) as alpha_ema_dailyspace,
  1 - power(1 - 2::double precision / (p.period + 1), 1 / t.tf_days::double precision) as alpha_bar_preview_daily
from dim_timeframe t
cross join dim_period p;
comment on column ema_alpha_lookup.alpha_bar_preview_daily is 'The weight of a day that comes to alpha_bar over the days of a bar. No EMA here uses it.';

-- The table takes another name, so that its old one can be a view with the columns that follow from others.
create table price_rejects (like cmc_price_bars_1d_rejects including all);
insert into price_rejects select * from cmc_price_bars_1d_rejects;
drop table cmc_price_bars_1d_rejects;
create view cmc_price_bars_1d_rejects as
select r.*, '1D'::text as tf,
  1 + coalesce((
    select b.bar_seq from cmc_price_bars_1d b
    where b.id = r.id and b.timestamp < r.timestamp order by b.timestamp desc limit 1), 0) as bar_seq
from price_rejects r;
comment on table price_rejects is 'What cmc_price_bars_1d_rejects shows.';
comment on view cmc_price_bars_1d_rejects is 'Source rows that were refused, fields that were repaired, and accepted rows that are remarkable, with the values as given.';
comment on column cmc_price_bars_1d_rejects.bar_seq is 'The number that the row has as a 1D bar, or would have.';

-- When a run last took in days of the asset: no later change of its rows is older.
do $do$
declare
  given text;
  -- A function that returns rows of a view has to return the new column too.
  series text := pg_get_function_sqlbody('ema_series'::regproc);
  ingested constant text := '(select s.last_run_ts from cmc_price_bars_1d_state s where s.id = v.id) as ingested_at';
begin
  foreach given in array array[
    'cmc_price_bars_multi_tf', 'cmc_price_bars_multi_tf_cal_us', 'cmc_price_bars_multi_tf_cal_iso',
    'cmc_price_bars_multi_tf_cal_anchor_us', 'cmc_price_bars_multi_tf_cal_anchor_iso', 'cmc_ema_multi_tf',
    'cmc_ema_multi_tf_v2', 'cmc_ema_multi_tf_cal_us', 'cmc_ema_multi_tf_cal_iso', 'cmc_ema_multi_tf_cal_anchor_us',
    'cmc_ema_multi_tf_cal_anchor_iso', 'cmc_ema_multi_tf_u'
  ] loop
    execute format('create or replace view %I as select v.*, %s from (%s) v',
      given, ingested, rtrim(pg_get_viewdef(given::regclass), ';'));
  end loop;
  execute format($function$
    create or replace function ema_series(
      id int, tf text, period int, from_day date default null, to_day date default null, alignment text default null)
    returns setof cmc_ema_multi_tf
    language sql stable set jit = off
    begin atomic
      select v.*, %s from (%s) v;
    end $function$, ingested, regexp_replace(series, '^\s*BEGIN ATOMIC(.*);\s*END\s*$', '\1'));
end $do$;

create view all_emas as
select id, ts, tf, tf_days, period, ema, d1_roll as d1, d2_roll as d2, d1 as d1_close, d2 as d2_close, roll
from cmc_ema_multi_tf;
comment on view all_emas is 'cmc_ema_multi_tf by the names of the replaced system''s view.';

create view cmc_price_with_emas as
select b.id, b.src_name as name, b.time_open as timeopen, b.time_close as timeclose, b.time_high as timehigh,
  b.time_low as timelow, b.timestamp, b.open, b.high, b.low, b.close, b.volume, b.market_cap as marketcap,
  b.src_file as source_file, b.src_load_ts as load_ts, b.time_close as bar_ts,
  e.tf, e.tf_days, e.ts as ema_ts, e.period, e.ema, e.d1, e.d2, e.d1_close, e.d2_close, e.roll
from cmc_price_bars_1d b
left join all_emas e on e.id = b.id and e.ts = b.time_close;
comment on view cmc_price_with_emas is 'Every 1D bar with every EMA of multi_tf on its day; a day without EMAs once.';
