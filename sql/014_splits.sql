-- Splits and redenominations: from a day on an asset is counted in another unit.

create table dim_asset_split (
  id              int not null check (id >= 1),
  day             date not null check (day between '0001-01-01' and '9999-12-31'),
  -- Whole numbers, so that factors of several splits are multiplied without rounding; below 2^53.
  new_units       bigint not null check (new_units between 1 and 1000000000000000),
  old_units       bigint not null check (old_units between 1 and 1000000000000000),
  volume_in_units boolean not null default false,
  note            text,
  primary key (id, day),
  check (new_units <> old_units)
);
comment on table dim_asset_split is 'On this day old_units units of the asset became new_units: a split 4:1 is (4, 1), 1,000 old tokens for a new one (1, 1000).';
comment on column dim_asset_split.day is 'First day (UTC) whose prices are of the new unit. Bars of earlier days are built from prices times old_units / new_units, once the source has a row of this day or a later one.';
comment on column dim_asset_split.volume_in_units is 'The source counts volume in units, not in money: volumes of earlier days are multiplied by new_units / old_units.';

alter table cmc_price_bars_1d_state add column splits text collate "C" not null default '';
comment on column cmc_price_bars_1d_state.splits is 'The splits that the 1D bars were built with, as "2020-08-31 4:1"; empty: none.';

alter table asset_quarantine add column splits text collate "C" not null default '';
comment on column asset_quarantine.splits is 'The splits that were recorded when it failed.';
