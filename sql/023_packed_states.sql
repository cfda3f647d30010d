-- What continuing takes, one row for each asset and alignment: header columns, then arrays over its series. A new day of
-- an asset moves some 500 series, and writes eleven rows for it.
--
-- The header holds what a plan asks for; a plan never reads the arrays. The arrays of a row have one element for each
-- series, all in the same order: that of their timeframes' names. Views with the names of the tables before show a row
-- for each series: price_bars_state, ema_asset_state, ema_state, ema_series_lag.

create table bar_carry (
  id          int not null,
  alignment   bar_alignment not null,
  series      int not null,
  series_hash bigint not null,
  closed      int not null,
  closed_hash bigint not null,
  oldest_day  date,
  newest_day  date,
  closed_bars bigint not null,
  tf text[] collate "C" not null,
  watermark_day date[] not null,
  closed_seq int[] not null,
  is_closed boolean[] not null,
  bar_seq int[] not null,
  first_day date[] not null,
  last_day date[] not null,
  tf_days int[] not null,
  count_days int[] not null,
  count_missing_days int[] not null,
  count_days_remaining int[] not null,
  first_missing_day date[] not null,
  last_missing_day date[] not null,
  is_partial_start boolean[] not null,
  time_open timestamptz[] not null,
  time_close timestamptz[] not null,
  time_high timestamptz[] not null,
  time_low timestamptz[] not null,
  open double precision[] not null,
  high double precision[] not null check ('Infinity' > all (high)),
  low double precision[] not null,
  close double precision[] not null,
  volume double precision[] not null check ('Infinity' > all (volume) and '-Infinity' < all (volume)),
  market_cap double precision[] not null,
  primary key (id, alignment)
);
comment on table bar_carry is 'What the bars of an asset and alignment go on from: the newest bar of each series as of its watermark_day (open, or closed on that day). Arrays have one element for each series, in the order of tf.';
comment on column bar_carry.series is 'Number of series; series_hash is the exclusive-or of the hashes of their timeframes.';
comment on column bar_carry.closed is 'Number of series that have a closed bar; closed_hash as series_hash.';
comment on column bar_carry.oldest_day is 'Watermark of the slowest series; newest_day of the fastest.';
comment on column bar_carry.closed_bars is 'Closed bars of all series together.';
comment on column bar_carry.watermark_day is 'Newest 1D day that each series has taken in.';
comment on column bar_carry.closed_seq is 'bar_seq of the newest closed bar, 0 when there is none. The columns after it are NULL before the first window.';

create table ema_carry (
  id             int not null,
  alignment      bar_alignment not null,
  series         int not null,
  series_hash    bigint not null,
  taken_bars     bigint not null,
  watermark_day  date,
  watermark_ts   timestamptz,
  row_count      int,
  last_close     double precision,
  close_sum      double precision check (close_sum < 'Infinity'),
  kernel_version int,
  periods        int[],
  repair_from    date,
  lag_tf         text[] collate "C" not null,
  lag_day        date[] not null,
  lag_ts         timestamptz[] not null,
  lag_rows       int[] not null,
  lag_close      double precision[] not null,
  lag_sum        double precision[] not null check (('Infinity' > all (lag_sum)) is true),
  tf             text[] collate "C" not null,
  input_count    int[] not null check ((1 <= all (input_count)) is true),
  bar_seq        int[] not null,
  last_close_day date[] not null,
  input_sum      double precision[] not null check (('Infinity' > all (input_sum)) is true),
  seeded         int[] not null,
  ema            double precision[] not null check (('Infinity' > all (ema)) is true),
  ema_bar        double precision[] not null check (('Infinity' > all (ema_bar)) is true),
  primary key (id, alignment)
);
comment on table ema_carry is 'What the EMAs of an asset and alignment go on from. The EMA views show nothing beyond watermark_day; NULL: they show nothing. Arrays have one element for each series, in the order of tf.';
comment on column ema_carry.series is 'Number of series; series_hash is the exclusive-or of the hashes of their timeframes.';
comment on column ema_carry.taken_bars is 'Closed bars that the series with bars have taken in.';
comment on column ema_carry.row_count is 'Number of 1D bars taken in: 1D bar_seq of watermark_day.';
comment on column ema_carry.close_sum is 'Left-to-right sum of the closes of all those 1D bars.';
comment on column ema_carry.periods is 'The periods, ascending, that the values of this asset and alignment have.';
comment on column ema_carry.repair_from is 'Bars changed from this day on and watermark_day was lowered below it: the EMAs are to be compared and repaired. NULL: nothing is known to be wrong.';
comment on column ema_carry.lag_tf is 'Series that have not come as far as watermark_day, because a run left them out (--tfs) or their bars lag; normally empty. The other lag arrays say how far each has come.';
comment on column ema_carry.input_count is 'Inputs so far: closed bars; for v2 daily closes.';
comment on column ema_carry.bar_seq is 'bar_seq of the newest input bar; for v2 of the newest checkpoint.';
comment on column ema_carry.input_sum is 'Left-to-right sum of the inputs; for v2 0.';
comment on column ema_carry.seeded is 'Periods of each series that have a value: so many elements of ema and ema_bar are its own, series after series.';
comment on column ema_carry.ema is 'Daily ema of watermark_day, ascending by period within a series.';
comment on column ema_carry.ema_bar is 'ema_bar of the newest closing day, as ema; for v2 empty.';

insert into bar_carry
select id, alignment, count(*), bit_xor(hashtextextended(tf, 0)), count(*) filter (where closed_seq > 0),
  coalesce(bit_xor(hashtextextended(tf, 0)) filter (where closed_seq > 0), 0), min(watermark_day), max(watermark_day),
  sum(closed_seq),
  array_agg(tf order by tf), array_agg(watermark_day order by tf), array_agg(closed_seq order by tf),
  array_agg(is_closed order by tf), array_agg(bar_seq order by tf), array_agg(first_day order by tf),
  array_agg(last_day order by tf), array_agg(tf_days order by tf), array_agg(count_days order by tf),
  array_agg(count_missing_days order by tf), array_agg(count_days_remaining order by tf),
  array_agg(first_missing_day order by tf), array_agg(last_missing_day order by tf),
  array_agg(is_partial_start order by tf), array_agg(time_open order by tf), array_agg(time_close order by tf),
  array_agg(time_high order by tf), array_agg(time_low order by tf), array_agg(open order by tf),
  array_agg(high order by tf), array_agg(low order by tf), array_agg(close order by tf),
  array_agg(volume order by tf), array_agg(market_cap order by tf)
from price_bars_state group by id, alignment;

insert into ema_carry
select k.id, k.alignment, coalesce(s.series, 0), coalesce(s.series_hash, 0), coalesce(s.taken_bars, 0),
  a.watermark_day, a.watermark_ts, a.row_count, a.last_close, a.close_sum, a.kernel_version, a.periods, a.repair_from,
  coalesce(l.tf, '{}'), coalesce(l.day, '{}'), coalesce(l.ts, '{}'), coalesce(l.rows, '{}'), coalesce(l.close, '{}'),
  coalesce(l.sum, '{}'),
  coalesce(s.tf, '{}'), coalesce(s.input_count, '{}'), coalesce(s.bar_seq, '{}'), coalesce(s.last_close_day, '{}'),
  coalesce(s.input_sum, '{}'), coalesce(s.seeded, '{}'), coalesce(v.ema, '{}'), coalesce(v.ema_bar, '{}')
from (
  select id, alignment from ema_asset_state
  union select id, alignment from ema_state
  union select id, alignment from ema_series_lag
) k
left join ema_asset_state a on a.id = k.id and a.alignment = k.alignment
left join lateral (
  select count(*) as series, bit_xor(hashtextextended(tf, 0)) as series_hash,
    coalesce(sum(bar_seq) filter (where alignment <> 'v2' and tf <> '1D'), 0) as taken_bars,
    array_agg(tf order by tf) as tf, array_agg(input_count order by tf) as input_count,
    array_agg(bar_seq order by tf) as bar_seq, array_agg(last_close_day order by tf) as last_close_day,
    array_agg(close_sum order by tf) as input_sum, array_agg(cardinality(ema) order by tf) as seeded
  from ema_state where id = k.id and alignment = k.alignment having count(*) > 0
) s on true
left join lateral (
  select array_agg(e.value order by tf, e.n) as ema,
    array_agg(e.bar order by tf, e.n) filter (where e.n <= cardinality(ema_bar)) as ema_bar
  from ema_state, unnest(ema, ema_bar) with ordinality e (value, bar, n)
  where id = k.id and alignment = k.alignment
) v on true
left join lateral (
  select array_agg(tf order by tf) as tf, array_agg(watermark_day order by tf) as day,
    array_agg(watermark_ts order by tf) as ts, array_agg(row_count order by tf) as rows,
    array_agg(last_close order by tf) as close, array_agg(close_sum order by tf) as sum
  from ema_series_lag where id = k.id and alignment = k.alignment
) l on true;

-- Who had rights on the tables before has them on these.
do $$
declare
  given record;
begin
  for given in
    select distinct case c.relname when 'price_bars_state' then 'bar_carry' else 'ema_carry' end as carry,
      case when a.grantee = 0 then 'public' else quote_ident(pg_get_userbyid(a.grantee)) end as grantee, a.privilege_type
    from pg_class c cross join lateral aclexplode(c.relacl) a
    where c.relnamespace = (select oid from pg_namespace where nspname = current_schema())
      and c.relname in ('price_bars_state', 'ema_state')
      and a.grantee <> c.relowner
  loop
    execute format('grant %s on %I to %s', given.privilege_type, given.carry, given.grantee);
  end loop;
end
$$;

create or replace view price_bar_snapshots as
select
  c.id,
  c.alignment,
  b.tf,
  b.tf_days,
  b.bar_seq,
  -- Bar 1 of an anchored series always exists: its window holds the asset's first day.
  case
    when c.alignment not in ('cal_anchor_us', 'cal_anchor_iso') then null
    when b.bar_seq = 1 then 0
    else (b.last_day + b.count_days_remaining - b.tf_days) - (f.last_day + f.count_days_remaining - f.tf_days)
  end as bar_anchor_offset,
  b.time_open,
  d.time_close,
  to_timestamp(d.high[3]) as time_high,
  to_timestamp(d.low[3]) as time_low,
  b.open,
  d.high[1] as high,
  d.low[1] as low,
  d.close,
  coalesce(d.volume, 0) as volume,
  d.market_cap[2] as market_cap,
  b.is_partial_start,
  not b.is_closed or d.day < b.last_day as is_partial_end,
  d.count_days,
  case
    when c.alignment = 'multi_tf' then b.count_days + b.count_days_remaining - d.count_days
    else b.last_day + b.count_days_remaining - d.day
  end as count_days_remaining,
  m.missing as count_missing_days,
  m.missing_start as count_missing_days_start,
  m.missing - m.missing_start as count_missing_days_interior,
  case
    when m.missing = 0 then null
    when m.missing_start = 0 then 'interior'
    when m.missing_start = m.missing then 'start'
    else 'start,interior'
  end as missing_days_where,
  case when b.first_missing_day < d.day then b.first_missing_day end as first_missing_day,
  case when -d.stretch[2] > s.day - date '1970-01-01' then date '1970-01-01' - d.stretch[2] - 1 end as last_missing_day,
  d.day,
  b.first_day as bar_first_day,
  b.last_day as bar_last_day
from bar_carry c
cross join lateral (
  select tf, tf_days, bar_seq, first_day, last_day, count_days, count_missing_days, count_days_remaining, first_missing_day,
    is_partial_start, time_open, open, true as is_closed, false as is_shown_twice
  from price_bars p where p.id = c.id and p.alignment = c.alignment
  union all
  select u.*, u.is_closed
  from unnest(
    c.tf, c.tf_days, c.bar_seq, c.first_day, c.last_day, c.count_days, c.count_missing_days, c.count_days_remaining,
    c.first_missing_day, c.is_partial_start, c.time_open, c.open, c.is_closed) u (
    tf, tf_days, bar_seq, first_day, last_day, count_days, count_missing_days, count_days_remaining,
    first_missing_day, is_partial_start, time_open, open, is_closed)
) b
left join price_bars f on f.id = c.id and f.alignment = c.alignment and f.tf = b.tf and f.bar_seq = 1
-- The first day that counts for the bar.
cross join lateral (select b.last_day - b.count_days - b.count_missing_days + 1 as day) s
cross join lateral (
  select
    (p.timestamp at time zone 'UTC')::date as day,
    p.time_close,
    p.close,
    (row_number() over w)::int as count_days,
    -- An extreme with the time of the first day that reached it: arrays compare element by element. Seconds since 1970
    -- as a double hold every microsecond until the year 2106.
    max(array[p.high, -p.bar_seq, date_part('epoch', p.time_high)]) over w as high,
    min(array[p.low, p.bar_seq, date_part('epoch', p.time_low)]) over w as low,
    sum(p.volume) over w as volume,
    max(case when p.market_cap is not null then array[p.bar_seq, p.market_cap] end) over w as market_cap,
    -- Day minus 1D bar_seq is constant over a stretch of days without a gap and greater after each gap, so this is
    -- (it, minus the first day) of the stretch that the day belongs to. NULL for a bar without gaps.
    max(case when b.count_missing_days > 0 then array[
      (p.timestamp at time zone 'UTC')::date - date '1970-01-01' - p.bar_seq,
      date '1970-01-01' - (p.timestamp at time zone 'UTC')::date] end) over w as stretch
  from cmc_price_bars_1d p
  where p.id = c.id
    and p.timestamp >= b.first_day::timestamp at time zone 'UTC'
    and p.timestamp < (b.last_day + 1)::timestamp at time zone 'UTC'
  window w as (order by p.timestamp rows unbounded preceding)
  -- All of them. Said as a limit, because the planner then expects few rows and does not compile the query (JIT).
  limit b.count_days
) d
cross join lateral (
  select d.day - s.day + 1 - d.count_days as missing, b.first_day - s.day as missing_start
) m
where not b.is_shown_twice;

create or replace view bars_latest as
select c.id, c.alignment::text as alignment, b.tf, b.tf_days, b.bar_seq, b.time_open, b.time_close, b.time_high, b.time_low,
  b.open, b.high, b.low, b.close, b.volume, b.market_cap, b.time_close as timestamp,
  b.time_close + interval '1 millisecond' as last_ts_half_open, b.count_days as pos_in_bar, b.is_partial_start,
  not b.is_closed as is_partial_end, b.count_days, b.count_days_remaining, b.count_missing_days > 0 as is_missing_days,
  b.count_missing_days, m.missing_start as count_missing_days_start, 0 as count_missing_days_end,
  b.count_missing_days - m.missing_start as count_missing_days_interior,
  case
    when b.count_missing_days = 0 then null
    when m.missing_start = 0 then 'interior'
    when m.missing_start = b.count_missing_days then 'start'
    else 'start,interior'
  end as missing_days_where,
  b.first_missing_day, b.last_missing_day, b.watermark_day
from bar_carry c
cross join lateral unnest(
  c.tf, c.watermark_day, c.is_closed, c.bar_seq, c.first_day, c.last_day, c.tf_days, c.count_days,
  c.count_missing_days, c.count_days_remaining, c.first_missing_day, c.last_missing_day, c.is_partial_start,
  c.time_open, c.time_close, c.time_high, c.time_low, c.open, c.high, c.low, c.close, c.volume, c.market_cap) b (
  tf, watermark_day, is_closed, bar_seq, first_day, last_day, tf_days, count_days, count_missing_days,
  count_days_remaining, first_missing_day, last_missing_day, is_partial_start, time_open, time_close, time_high,
  time_low, open, high, low, close, volume, market_cap)
cross join lateral (
  select b.first_day - (b.last_day - b.count_days - b.count_missing_days + 1) as missing_start
) m
where b.bar_seq is not null;

-- The EMA views as in sql/007, over the packed rows.
do $do$
declare
  grid constant text := $grid$
select
  id, tf, ts, period, tf_days,
  case when <alignment> = 'v2' then mod(row_seq, tf_days) <> 0 else m > 0 end as roll,
  case when <alignment> = 'v2' then mod(row_seq, tf_days) <> 0 else m > 0 end as roll_bar,
  ema,
  case when <alignment> <> 'v2' then d1 when mod(row_seq, tf_days) = 0 then ema - tf_1 end as d1,
  case when <alignment> <> 'v2' then d2 when mod(row_seq, tf_days) = 0 then (ema - tf_1) - (tf_1 - tf_2) end as d2,
  ema - row_1 as d1_roll,
  (ema - row_1) - (row_1 - row_2) as d2_roll,
  ema_bar, d1_bar, d2_bar,
  ema_bar - bar_1 as d1_roll_bar,
  (ema_bar - bar_1) - (bar_1 - bar_2) as d2_roll_bar
from (
  select
    valued.*,
    lag(ema) over w as row_1,
    lag(ema, 2) over w as row_2,
    lag(ema, tf_days) over w as tf_1,
    lag(ema, 2 * tf_days) over w as tf_2,
    lag(ema_bar) over w as bar_1,
    lag(ema_bar, 2) over w as bar_2
  from (
    select
      p.id, p.alignment, p.tf, k.period, t.tf_days, p.bar_seq, d.row_seq, d.m, d.day, d.ts,
      case when d.m = 0 then v.ema_0 else coalesce(power(v.rest, d.m) * (v.ema_0 + d.inflow), d.close) end as ema,
      case when d.m = 0 then v.bar_0 else v.bar_alpha * d.close + (1 - v.bar_alpha) * v.bar_0 end as ema_bar,
      case when d.m = 0 then v.ema_0 - v.ema_1 end as d1,
      case when d.m = 0 then (v.ema_0 - v.ema_1) - (v.ema_1 - v.ema_2) end as d2,
      case when d.m = 0 then v.bar_0 - v.bar_1 end as d1_bar,
      case when d.m = 0 then (v.bar_0 - v.bar_1) - (v.bar_1 - v.bar_2) end as d2_bar
    from (
      select
        id, alignment, tf, bar_seq, day,
        lead(day) over w as next_day,
        ema as ema_0, lag(ema) over w as ema_1, lag(ema, 2) over w as ema_2,
        bar as bar_0, lag(bar) over w as bar_1, lag(bar, 2) over w as bar_2
      from (
        select
          id, alignment, tf, bar_seq, day, ema,
          case when alignment <> 'v2' then coalesce(ema_bar, ema) end as bar
        from ema_points
        where <points>
      ) points
      window w as (partition by id, alignment, tf order by bar_seq)
    ) p
    join ema_carry s on s.id = p.id and s.alignment = p.alignment
    left join lateral unnest(s.lag_tf, s.lag_day) l (tf, watermark_day) on l.tf = p.tf
    join dim_timeframe t on t.alignment = p.alignment and t.tf = p.tf
    cross join lateral unnest(s.periods) with ordinality as k (period, n)
    cross join lateral (
      select
        p.ema_0[k.n] as ema_0, p.ema_1[k.n] as ema_1, p.ema_2[k.n] as ema_2,
        p.bar_0[k.n] as bar_0, p.bar_1[k.n] as bar_1, p.bar_2[k.n] as bar_2,
        2::double precision / (k.period + 1) as bar_alpha,
        2 / (t.tf_days::double precision * k.period + 1) as day_alpha,
        nullif(1 - 2 / (t.tf_days::double precision * k.period + 1), 0) as rest
      offset 0
    ) v
    cross join lateral (
      select
        day, ts, row_seq, close, m,
        sum(case when m > 0 then v.day_alpha * close * power(v.rest, -m) else 0 end) over (
          order by timestamp rows unbounded preceding) as inflow
      from (
        select
          timestamp, (timestamp at time zone 'UTC')::date as day, time_close as ts, bar_seq as row_seq, close,
          row_number() over (order by timestamp) - 1 as m
        from cmc_price_bars_1d
        where id = p.id
          and timestamp >= p.day::timestamp at time zone 'UTC'
          and timestamp < <end>::timestamp at time zone 'UTC'
      ) days
      offset 0
    ) d
    where p.alignment = <constant> and k.n <= cardinality(p.ema_0) and s.watermark_day is not null
  ) valued
  window w as (partition by id, alignment, tf, period order by bar_seq, row_seq)
) grid
$grid$;
  filled text;
  alignment bar_alignment;
begin
  foreach alignment in array enum_range(null::bar_alignment) loop
    filled := replace(grid, '<constant>', quote_literal(alignment));
    filled := replace(filled, '<alignment>', quote_literal(alignment));
    filled := replace(filled, '<points>', 'true');
    filled := replace(filled, '<end>', 'least(p.next_day, s.watermark_day + 1, l.watermark_day + 1)');
    execute format('create or replace view %I as %s',
      'cmc_ema_multi_tf' || case when alignment <> 'multi_tf' then '_' || alignment else '' end, filled);
  end loop;

  -- The points begin two before the one that covers the first day. Each of these two is followed by its successor, so
  -- they hold at least two rows, two closing days and, in v2, 2 * tf_days rows: all that differences refer to.
  filled := replace(grid, '<constant>', 'ema_alignment(ema_series.tf, ema_series.alignment)');
  filled := replace(filled, '<alignment>', 'alignment');
  filled := replace(filled, '<end>', 'least(p.next_day, s.watermark_day + 1, l.watermark_day + 1, to_day + 1)');
  filled := replace(filled, '<points>', $points$
          (to_day is null or day <= to_day)
          and bar_seq >= coalesce((
            select bar_seq from ema_points
            where id = ema_series.id and alignment = ema_alignment(ema_series.tf, ema_series.alignment)
              and tf = ema_series.tf and day <= from_day
            order by bar_seq desc offset 2 limit 1), 0)$points$);
  -- SET keeps the function from being inlined: so its arguments are constants to the planner also in a lateral join.
  execute format($function$
    create or replace function ema_series(
      id int, tf text, period int, from_day date default null, to_day date default null, alignment text default null)
    returns setof cmc_ema_multi_tf
    language sql stable set jit = off
    begin atomic
      %s
      where grid.id = ema_series.id
        and grid.tf = ema_series.tf
        and grid.period = ema_series.period
        and (from_day is null or grid.day >= from_day)
      order by row_seq;
    end $function$, filled);
end $do$;


create or replace function ema_asof(as_of date)
returns setof ema_latest
language sql stable parallel safe
begin atomic
  select
    s.id, s.alignment, e.tf, k.period, last.time_close,
    case when s.alignment = 'v2' then mod(last.bar_seq, t.tf_days) <> 0 else d.m > 0 end,
    case when d.m = 0 then p.ema[k.n] else power(1 - a.day, d.m) * p.ema[k.n] + d.inflow end,
    case when d.m = 0 then p.bar[k.n] else a.bar * last.close + (1 - a.bar) * p.bar[k.n] end
  from ema_carry s
  cross join lateral unnest(s.tf) e (tf)
  join dim_timeframe t on t.alignment = s.alignment and t.tf = e.tf
  left join lateral unnest(s.lag_tf, s.lag_day) l (tf, watermark_day) on l.tf = e.tf
  cross join lateral (
    select timestamp, time_close, close, bar_seq
    from cmc_price_bars_1d
    where id = s.id
      and timestamp < (least(as_of, s.watermark_day, l.watermark_day) + 1)::timestamp at time zone 'UTC'
    order by timestamp desc
    limit 1
  ) last
  cross join lateral (
    select day, ema, case when alignment <> 'v2' then coalesce(ema_bar, ema) end as bar
    from ema_points
    where id = s.id and alignment = s.alignment and tf = e.tf and day <= least(as_of, s.watermark_day, l.watermark_day)
    order by bar_seq desc
    limit 1
  ) p
  cross join lateral unnest(s.periods) with ordinality as k (period, n)
  cross join lateral (
    select 2::double precision / (k.period + 1) as bar, 2 / (t.tf_days::double precision * k.period + 1) as day
  ) a
  cross join lateral (
    select
      count(*) as m,
      sum(a.day * close * power(1 - a.day, last.bar_seq - bar_seq)) as inflow
    from cmc_price_bars_1d
    where id = s.id
      and timestamp >= (p.day + 1)::timestamp at time zone 'UTC'
      and timestamp <= last.timestamp
  ) d
  where k.n <= cardinality(p.ema) and s.watermark_day is not null;
end;

create or replace view ema_latest as
select
  s.id, s.alignment, e.tf, k.period, e.ts, e.roll,
  v.ema[e.before + k.n] as ema,
  case
    when e.roll then k.alpha * e.last_close + k.rest * v.ema_bar[e.before + k.n]
    else v.ema_bar[e.before + k.n]
  end as ema_bar
from ema_carry s
cross join lateral (
  select s.ema || '{}'::double precision[] as ema, s.ema_bar || '{}'::double precision[] as ema_bar offset 0) v
cross join lateral (
  select
    u.tf, u.seeded, (sum(u.seeded) over (order by u.n) - u.seeded)::int as before,
    coalesce(l.watermark_ts, s.watermark_ts) as ts, coalesce(l.last_close, s.last_close) as last_close,
    case
      when s.alignment = 'v2'
        then mod(coalesce(l.row_count, s.row_count), substring(u.tf from '^[0-9]+')::int) <> 0
      else u.last_close_day < coalesce(l.watermark_day, s.watermark_day)
    end as roll
  from unnest(s.tf, s.last_close_day, s.seeded) with ordinality u (tf, last_close_day, seeded, n)
  left join unnest(s.lag_tf, s.lag_day, s.lag_ts, s.lag_rows, s.lag_close)
    l (tf, watermark_day, watermark_ts, row_count, last_close) on l.tf = u.tf
  offset 0
) e
cross join lateral (
  select
    p.period, p.n::int as n,
    2::double precision / (p.period + 1) as alpha, 1 - 2::double precision / (p.period + 1) as rest
  from unnest(s.periods) with ordinality as p (period, n)
  where p.n <= e.seeded
  offset 0
) k
-- What waits for its repair is not known to be right.
where s.watermark_day is not null and s.repair_from is null;


drop table price_bars_sum, ema_sum, series_epoch, price_bars_state, ema_state, ema_asset_state, ema_series_lag;
drop function series_sums_void();

create view price_bars_state as
select c.id, c.alignment,
  b.watermark_day, b.closed_seq, b.is_closed, b.bar_seq, b.first_day, b.last_day, b.tf_days, b.count_days,
  b.count_missing_days, b.count_days_remaining, b.first_missing_day, b.last_missing_day, b.is_partial_start,
  b.time_open, b.time_close, b.time_high, b.time_low, b.open, b.high, b.low, b.close, b.volume, b.market_cap, b.tf
from bar_carry c
cross join lateral unnest(
  c.tf, c.watermark_day, c.closed_seq, c.is_closed, c.bar_seq, c.first_day, c.last_day, c.tf_days, c.count_days,
  c.count_missing_days, c.count_days_remaining, c.first_missing_day, c.last_missing_day, c.is_partial_start,
  c.time_open, c.time_close, c.time_high, c.time_low, c.open, c.high, c.low, c.close, c.volume, c.market_cap) b (
  tf, watermark_day, closed_seq, is_closed, bar_seq, first_day, last_day, tf_days, count_days,
  count_missing_days, count_days_remaining, first_missing_day, last_missing_day, is_partial_start, time_open,
  time_close, time_high, time_low, open, high, low, close, volume, market_cap);
comment on view price_bars_state is 'bar_carry, a row for each series.';

create view ema_asset_state as
select id, alignment, watermark_day, watermark_ts, row_count, last_close, close_sum, kernel_version, periods, repair_from
from ema_carry where watermark_day is not null;
comment on view ema_asset_state is 'The header of ema_carry: how far the EMAs of an asset and alignment have come.';

-- Adding an empty array unpacks the values once for all series of the row.
create view ema_state as
select c.id, c.alignment, s.input_count, s.bar_seq, s.last_close_day, s.input_sum as close_sum,
  v.ema[s.upto - s.seeded + 1 : s.upto] as ema, v.ema_bar[s.upto - s.seeded + 1 : s.upto] as ema_bar, s.tf
from ema_carry c
cross join lateral (
  select c.ema || '{}'::double precision[] as ema, c.ema_bar || '{}'::double precision[] as ema_bar offset 0) v
cross join lateral (
  select u.*, sum(u.seeded) over (order by u.n)::int as upto
  from unnest(c.tf, c.input_count, c.bar_seq, c.last_close_day, c.input_sum, c.seeded)
    with ordinality u (tf, input_count, bar_seq, last_close_day, input_sum, seeded, n)) s;
comment on view ema_state is 'The series of ema_carry, a row for each.';

create view ema_series_lag as
select c.id, c.alignment, l.tf, l.watermark_day, l.watermark_ts, l.row_count, l.last_close, l.close_sum
from ema_carry c
cross join lateral unnest(c.lag_tf, c.lag_day, c.lag_ts, c.lag_rows, c.lag_close, c.lag_sum)
  l (tf, watermark_day, watermark_ts, row_count, last_close, close_sum);
comment on view ema_series_lag is 'Series of ema_carry that have not come as far as their alignment.';

