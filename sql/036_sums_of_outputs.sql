-- What a view makes of two stored values is not stored: indicator_carry says how.

alter table indicator_carry
  add column output_of   int[],
  add column output_plus int[];
-- Until their indicators are built again, rows show what they store.
update indicator_carry set
  output_of = array(select n from generate_series(1, cardinality(output)) n order by n),
  output_plus = array_fill(0, array[cardinality(output)]);
alter table indicator_carry
  alter column output_of set not null,
  alter column output_plus set not null;
comment on column indicator_carry.output is 'Names of the outputs.';
comment on column indicator_carry.output_of is 'For each of them its place in arrays of values, from 1. Whose first bar comes first stands first there.';
comment on column indicator_carry.output_plus is 'Place of the value that is added to it; negative: that is subtracted from it; 0: none is.';
comment on column indicator_carry.valued is 'How many values each series has at the newest close: so many elements of value are its own, series after series.';
comment on table indicator_points is 'Values of all indicators of a series at its closes; indicator_carry.output_of and output_plus say which output is made of which. An array ends with the last one that there is by then; a bar without any has no row.';

create or replace view indicators as
select
  p.id, p.alignment, p.tf, p.day,
  (
    select d.time_close from cmc_price_bars_1d d
    where d.id = p.id
      and d.timestamp >= p.day::timestamp at time zone 'UTC' and d.timestamp < (p.day + 1)::timestamp at time zone 'UTC'
  ) as ts,
  o.name,
  case
    when o.plus = 0 then p.value[o.n]
    when o.plus > 0 then p.value[o.n] + p.value[o.plus]
    else p.value[o.n] - p.value[-o.plus]
  end as value
from indicator_points p
join indicator_carry c on c.id = p.id and c.alignment = p.alignment
cross join lateral unnest(c.output, c.output_of, c.output_plus) o (name, n, plus)
where p.day <= c.watermark_day
  and p.value[o.n] is not null and (o.plus = 0 or p.value[abs(o.plus)] is not null);

create or replace view indicators_latest as
select
  c.id, c.alignment, s.tf, o.name,
  s.close_day as day,
  case
    when greatest(o.n, abs(o.plus)) > s.valued then null
    when o.plus = 0 then v.value[s.value_before + o.n]
    when o.plus > 0 then v.value[s.value_before + o.n] + v.value[s.value_before + o.plus]
    else v.value[s.value_before + o.n] - v.value[s.value_before - o.plus]
  end as value,
  s.taken_day as preview_day,
  case
    when o.plus = 0 then v.preview[s.preview_before + o.n]
    when o.plus > 0 then v.preview[s.preview_before + o.n] + v.preview[s.preview_before + o.plus]
    else v.preview[s.preview_before + o.n] - v.preview[s.preview_before - o.plus]
  end as preview
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
cross join lateral unnest(c.output, c.output_of, c.output_plus) o (name, n, plus)
where greatest(o.n, abs(o.plus)) <= s.previewed
  -- What waits for its repair is not known to be right.
  and c.watermark_day is not null and c.repair_from is null;
