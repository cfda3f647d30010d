-- Indicators of closed bars: which there are, their values at closes, and what they continue from. None is active at first.

create table dim_indicator (
  name   text collate "C" primary key check (name ~ '^[a-z]+(_[a-z0-9.]+)*$'),
  active boolean not null default true
);
comment on table dim_indicator is 'The indicators that runs compute, by name with parameters, such as rsi_14. A new row builds its history in the next run, a removed one goes.';
comment on column dim_indicator.active is 'false: as if the row were not there.';

create table indicator_points (
  id        int not null,
  alignment bar_alignment not null,
  bar_seq   int not null check (bar_seq >= 1),
  day       date not null,
  tf        text collate "C" not null,
  value     double precision[] not null check ('Infinity' > all (value) and '-Infinity' < all (value)),
  primary key (id, alignment, tf, bar_seq)
);
comment on table indicator_points is 'Values of all indicators of a series at its closes, in the order of indicator_carry.output. An array ends with the last output that has a value by then; a bar without any has no row.';
comment on column indicator_points.bar_seq is 'The closed bar; of 1D the 1D bar.';
comment on column indicator_points.day is 'Its last day, UTC.';

create table indicator_carry (
  id            int not null,
  alignment     bar_alignment not null,
  series        int not null,
  series_hash   bigint not null,
  taken_bars    bigint not null,
  day_sum       bigint not null,
  watermark_day date,
  repair_from   date,
  indicators    text[] collate "C" not null,
  output        text[] collate "C" not null,
  tf            text[] collate "C" not null,
  bar_seq       int[] not null,
  bars          int[] not null,
  taken_day     date[] not null,
  close_day     date[] not null,
  valued        int[] not null,
  value         double precision[] not null,
  previewed     int[] not null,
  preview       double precision[] not null check ('Infinity' > all (preview) and '-Infinity' < all (preview)),
  state         bytea not null,
  primary key (id, alignment)
);
-- Prices do not compress: trying costs more than it saves.
alter table indicator_carry alter column state set storage external;
comment on table indicator_carry is 'What the indicators of an asset and alignment continue from, with their newest values. The views show nothing beyond watermark_day; NULL: they show nothing. Arrays have one element for each series, in the order of tf.';
comment on column indicator_carry.series is 'Number of series; series_hash is the exclusive-or of the hashes of their timeframes.';
comment on column indicator_carry.taken_bars is 'Sum of bar_seq over the series.';
comment on column indicator_carry.day_sum is 'Sum of taken_day over the series, as days since 1970: with series and taken_bars it says whether all have come as far as their bars.';
comment on column indicator_carry.watermark_day is 'The newest taken_day.';
comment on column indicator_carry.repair_from is 'Bars changed from this day on and watermark_day was lowered below it: the indicators are to be compared and repaired. NULL: nothing is known to be wrong.';
comment on column indicator_carry.indicators is 'Name and version of each indicator that the row and its points were written for.';
comment on column indicator_carry.output is 'Names of the outputs in the order of all values: whose first bar comes first stands first.';
comment on column indicator_carry.bar_seq is 'bar_seq of the newest closed bar taken in, 0 when there is none.';
comment on column indicator_carry.bars is 'Closed bars taken in. Fewer than bar_seq where a window had no day, and so no bar.';
comment on column indicator_carry.taken_day is 'Newest 1D day that the series has taken in: preview is as of it.';
comment on column indicator_carry.close_day is 'Day of the newest closed bar; NULL when there is none.';
comment on column indicator_carry.valued is 'Outputs of each series that have a value at the newest close: so many elements of value are its own, series after series.';
comment on column indicator_carry.previewed is 'The same of preview, the values as if the open bar closed now; without an open bar those of the newest close.';
comment on column indicator_carry.state is 'For each series the numbers that its indicators carry, then open, high, low, close and volume of the bars that they look back at: doubles, little-endian.';

create view indicators as
select
  p.id, p.alignment, p.tf, p.day,
  (
    select d.time_close from cmc_price_bars_1d d
    where d.id = p.id
      and d.timestamp >= p.day::timestamp at time zone 'UTC' and d.timestamp < (p.day + 1)::timestamp at time zone 'UTC'
  ) as ts,
  o.name, p.value[o.n] as value
from indicator_points p
join indicator_carry c on c.id = p.id and c.alignment = p.alignment
cross join lateral unnest(c.output) with ordinality o (name, n)
where p.day <= c.watermark_day and p.value[o.n] is not null;
comment on view indicators is 'Values of indicators at closes: a row for each closed bar and output that has a value. day is the last day of the bar (UTC), ts its close.';

create view indicators_latest as
select
  c.id, c.alignment, s.tf, o.name,
  s.close_day as day, case when o.n <= s.valued then v.value[s.value_before + o.n] end as value,
  s.taken_day as preview_day, v.preview[s.preview_before + o.n] as preview
from indicator_carry c
-- Adding an empty array unpacks the values once for all series of the row.
cross join lateral (
  select c.value || '{}'::double precision[] as value, c.preview || '{}'::double precision[] as preview offset 0) v
cross join lateral (
  select
    u.tf, u.taken_day, u.close_day, u.valued, u.previewed,
    (sum(u.valued) over (order by u.n) - u.valued)::int as value_before,
    (sum(u.previewed) over (order by u.n) - u.previewed)::int as preview_before
  from unnest(c.tf, c.taken_day, c.close_day, c.valued, c.previewed)
    with ordinality u (tf, taken_day, close_day, valued, previewed, n)
  offset 0
) s
cross join lateral unnest(c.output) with ordinality o (name, n)
where o.n <= s.previewed
  -- What waits for its repair is not known to be right.
  and c.watermark_day is not null and c.repair_from is null;
comment on view indicators_latest is 'The newest value of every indicator: at the last close (day), and as if the open bar closed now (preview, as of preview_day). From the states alone.';

-- Values of one series from one day to another, both included; NULL: from the first, to the newest. Without an alignment
-- it is the first one that has this tf, in the order multi_tf, cal_us, cal_iso, cal_anchor_us, cal_anchor_iso.
create function indicator_series(
  id int, tf text, name text, from_day date default null, to_day date default null, alignment text default null)
returns setof indicators
language sql stable parallel safe
begin atomic
  select i.*
  from indicators i
  where i.id = indicator_series.id
    and i.tf = indicator_series.tf
    and i.name = indicator_series.name
    and i.alignment = coalesce(indicator_series.alignment::bar_alignment, (
      select min(t.alignment) from dim_timeframe t where t.tf = indicator_series.tf and t.alignment <> 'v2'))
    and (from_day is null or i.day >= from_day)
    and (to_day is null or i.day <= to_day)
  order by i.day;
end;
