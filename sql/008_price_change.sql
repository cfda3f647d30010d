-- Notes of change: "asset id was written from this day on". Statement triggers on the price table file them; a run
-- reads them in one snapshot with the prices and deletes exactly those that it read.
--
-- Append only, under a random key: a note with a unique meaning (one per asset, say) would let a late writer rely on a
-- note that a run is just consuming. No note is filtered by a watermark here: a loader that commits after the run's
-- read would leave none.

create table price_change (
  id       int not null,
  note     uuid not null default gen_random_uuid(),
  from_day date not null,
  to_day   date not null,
  op       "char" not null,
  rows     bigint not null,
  filed_at timestamptz not null default clock_timestamp(),
  primary key (id, note)
);
comment on table price_change is 'Changes of the price table that no run has taken in yet.';
comment on column price_change.op is 'I insert, U update, D delete, T truncate, F filed for every asset when its table began to be followed.';

create function price_change_note_insert() returns trigger language plpgsql as $$
begin
  insert into price_change (id, from_day, to_day, op, rows)
  select id, (min(timestamp) at time zone 'UTC')::date, (max(timestamp) at time zone 'UTC')::date, 'I', count(*)
  from new_rows where isfinite(timestamp) group by id;
  return null;
end
$$;

-- An upsert of rows that are there already in the same form is no change.
create function price_change_note_update() returns trigger language plpgsql as $$
begin
  insert into price_change (id, from_day, to_day, op, rows)
  select id, (min(ts) at time zone 'UTC')::date, (max(ts) at time zone 'UTC')::date, 'U', count(*)
  from (
    select coalesce(n.id, o.id) as id, coalesce(n.timestamp, o.timestamp) as ts
    from new_rows n full join old_rows o on o.id = n.id and o.timestamp = n.timestamp
    where (n.timestamp, n.timeopen, n.timeclose, n.timehigh, n.timelow, n.open, n.high, n.low, n.close, n.volume,
           n.marketcap, n.name, n.source_file, n.load_ts)
      is distinct from
          (o.timestamp, o.timeopen, o.timeclose, o.timehigh, o.timelow, o.open, o.high, o.low, o.close, o.volume,
           o.marketcap, o.name, o.source_file, o.load_ts)
  ) changed
  where isfinite(ts) group by id;
  return null;
end
$$;

create function price_change_note_delete() returns trigger language plpgsql as $$
begin
  insert into price_change (id, from_day, to_day, op, rows)
  select id, (min(timestamp) at time zone 'UTC')::date, (max(timestamp) at time zone 'UTC')::date, 'D', count(*)
  from old_rows where isfinite(timestamp) group by id;
  return null;
end
$$;

-- TRUNCATE has no transition table: every asset that was ever read has lost everything.
create function price_change_note_truncate() returns trigger language plpgsql as $$
begin
  insert into price_change (id, from_day, to_day, op, rows)
  select id, coalesce(first_day, '-infinity'), coalesce(last_day, 'infinity'), 'T', src_rows
  from cmc_price_bars_1d_state;
  return null;
end
$$;

-- Whoever may write prices may file notes: the functions run with their owner's rights, and look nowhere but here.
do $$
declare
  event text;
begin
  foreach event in array array['insert', 'update', 'delete', 'truncate'] loop
    execute format('alter function price_change_note_%s() security definer set search_path = %I, pg_temp',
                   event, current_schema());
  end loop;
  -- A table of the user's own is followed only when asked for (init --track-changes).
  if obj_description(to_regclass('cmc_price_histories7'), 'pg_class') like '%made by barwright%' then
    create trigger price_change_insert after insert on cmc_price_histories7
      referencing new table as new_rows for each statement execute function price_change_note_insert();
    create trigger price_change_update after update on cmc_price_histories7
      referencing new table as new_rows old table as old_rows for each statement execute function price_change_note_update();
    create trigger price_change_delete after delete on cmc_price_histories7
      referencing old table as old_rows for each statement execute function price_change_note_delete();
    create trigger price_change_truncate after truncate on cmc_price_histories7
      for each statement execute function price_change_note_truncate();
  end if;
end
$$;
