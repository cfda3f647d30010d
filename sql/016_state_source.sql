-- Which table or view the source rows of an asset were read from: notes of change tell of one table, not of a switch to another.

alter table cmc_price_bars_1d_state add column source text collate "C";
comment on column cmc_price_bars_1d_state.source is 'Schema and name of the table or view that the 1D bars were last read from. NULL: not known.';
