-- Sums over the states of an asset's series, kept beside them, so that a run with nothing new reads a row for each
-- asset and alignment in place of one for each series.
--
-- Who refreshes bars or EMAs writes them in the same transaction as the states. Whoever else touches the states (a
-- restored backup, a hand at the console) makes them void by a new epoch: sums of another epoch are not believed, and
-- are made from the states until the next refresh of the asset writes them anew.

create table series_epoch (
  states text collate "C" primary key check (states in ('price_bars_state', 'ema_state')),
  epoch  uuid not null default gen_random_uuid()
) with (fillfactor = 45);
comment on table series_epoch is 'Sums are believed when they were written in the epoch of the table that they are about. A write to the states that does not keep the sums begins a new one.';
comment on column series_epoch.epoch is 'Random: no epoch ever comes again, whatever is restored or truncated.';
insert into series_epoch (states) values ('price_bars_state'), ('ema_state');

create table price_bars_sum (
  id          int not null,
  alignment   bar_alignment not null,
  epoch       uuid not null,
  series      int not null,
  series_hash bigint not null,
  closed      int not null,
  closed_hash bigint not null,
  oldest_day  date,
  newest_day  date,
  closed_bars bigint not null,
  primary key (id, alignment)
) with (fillfactor = 45);
comment on table price_bars_sum is 'Sums over price_bars_state of one asset and alignment.';
comment on column price_bars_sum.series is 'Number of series; series_hash is the exclusive-or of the hashes of their timeframes.';
comment on column price_bars_sum.closed is 'Number of series that have a closed bar; closed_hash as series_hash.';
comment on column price_bars_sum.oldest_day is 'Watermark of the slowest series; newest_day of the fastest.';
comment on column price_bars_sum.closed_bars is 'Closed bars of all series together.';

create table ema_sum (
  id          int not null,
  alignment   bar_alignment not null,
  epoch       uuid not null,
  series      int not null,
  series_hash bigint not null,
  taken_bars  bigint not null,
  primary key (id, alignment)
) with (fillfactor = 45);
comment on table ema_sum is 'Sums over ema_state of one asset and alignment.';
comment on column ema_sum.series is 'Number of carries; series_hash is the exclusive-or of the hashes of their timeframes.';
comment on column ema_sum.taken_bars is 'Closed bars that the carries of series with bars have taken in.';

create function series_sums_void() returns trigger language plpgsql as $$
begin
  if current_setting('barwright.sums', true) is distinct from 'kept' then
    insert into series_epoch (states) values (tg_table_name)
    on conflict (states) do update set epoch = excluded.epoch;
  end if;
  return null;
end
$$;

-- Whoever may write states may begin an epoch: the function runs with its owner's rights, and looks nowhere but here.
do $$
begin
  execute format('alter function series_sums_void() security definer set search_path = %I, pg_temp', current_schema());
end
$$;

-- For each statement, not for each row: the daily writes of a refresh pay a look at one setting.
create trigger series_sums_void after insert or update or delete or truncate on price_bars_state
  for each statement execute function series_sums_void();
create trigger series_sums_void after insert or update or delete or truncate on ema_state
  for each statement execute function series_sums_void();
