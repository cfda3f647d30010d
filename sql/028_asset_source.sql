-- Several tables of prices in one warehouse: which one counts for an asset that is in more than one.

alter table dim_assets add column source text collate "C";
comment on column dim_assets.source is 'The source whose rows count, by its name in "sources" (our own table: cmc_price_histories7). NULL: the one that has the id.';

-- A day may be accepted and remarkable all the same: its row was loaded before it was over, and not again after that.
alter table cmc_price_bars_1d_rejects drop constraint cmc_price_bars_1d_rejects_action_check;
alter table cmc_price_bars_1d_rejects add constraint cmc_price_bars_1d_rejects_action_check
  check (action in ('repaired', 'rejected', 'accepted'));
comment on table cmc_price_bars_1d_rejects is 'Source rows that were refused, fields that were repaired, and accepted rows that are remarkable, with the values as given.';
